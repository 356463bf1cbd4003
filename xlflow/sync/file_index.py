"""The signatures of a folder's files, without opening any, and which files are processed.

A file with the signature that it had when it was last read needn't be read again,
with two exceptions. A file that was changed just before it was read may have been
changed once more within the same tick of the file system's clock, so it is read
again a moment later. And because some edits leave size and time unchanged, each
file is read again after a longer interval, whatever its signature.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from xlflow.sync import statx

TIMESTAMP_RESOLUTION = 2.0
"""Seconds within which two changes may get the same time (FAT, the coarsest, has ticks of 2 s)."""

RECHECK_INTERVAL = 3600.0
"""Seconds after which a file is read again though nothing seems to have changed."""

FIRST_RETRY, LONGEST_RETRY = 5.0, 300.0


class Signature(NamedTuple):
    """The attributes by which a change of a file is noticed; times in nanoseconds."""

    mode: int
    inode: int
    size: int
    modified: int
    changed: int


Listing = dict[str, Signature]
"""The entries of a folder by name."""


def list_folder_uncached(folder: Path) -> Listing:
    """Return the listing of a folder, past the kernel's cache where the system allows it.

    Raises:
        OSError: the folder can't be listed.
    """
    if os.name == "nt":
        return list_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        states = statx.file_states(descriptor, os.listdir(descriptor))
    finally:
        os.close(descriptor)
    if states is None:
        return list_folder(folder)
    return {name: Signature(*state) for name, state in states.items()}


def list_folder(folder: Path) -> Listing:
    """Return the signature of each entry of a folder; of a link itself, not of its target.

    Raises:
        OSError: the folder can't be listed.
    """
    listing = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError:  # listed as an ordinary file: reading it will give the reason
                listing[entry.name] = Signature(0o100000, 0, 0, 0, 0)
                continue
            listing[entry.name] = Signature(
                status.st_mode,
                status.st_ino,
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
            )
    return listing


class FileIndex:
    """The signature that each file had when it was processed, and when to check it again.

    Waiting is measured by ``monotonic``, which doesn't change when the clock is set;
    files' timestamps are compared with ``clock``.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic, self._clock = monotonic, clock
        self._processed: Listing = {}
        self._recheck_at: dict[str, float] = {}
        self._check_at: dict[str, float] = {}
        self._retry_delay: dict[str, float] = {}
        self._written_at: dict[str, float] = {}

    def is_unchanged(self, name: str, signature: Signature) -> bool:
        """Whether there is no reason to read the file now."""
        now = self._monotonic()
        return (
            self._processed.get(name) == signature
            and now < self._recheck_at[name]
            and now < self._check_at.get(name, now + 1)
        )

    def mark_processed(self, name: str, signature: Signature, *, waits: bool) -> None:
        """Record that a file was processed, with the signature it had before it was read.

        ``waits``: it has to be tried again though it doesn't change, soon at first,
        then less and less often.
        """
        now = self._monotonic()
        self._processed[name] = signature
        self._recheck_at[name] = now + RECHECK_INTERVAL * random.uniform(1, 1.25)
        if waits:
            delay = self._retry_delay.get(name, FIRST_RETRY)
            self._retry_delay[name] = min(2 * delay, LONGEST_RETRY)
            self._check_at[name] = now + delay
            return
        self._retry_delay.pop(name, None)
        age = self._clock() - max(signature.modified, signature.changed) / 1e9
        if abs(age) < TIMESTAMP_RESOLUTION:
            self._check_at[name] = now + TIMESTAMP_RESOLUTION + 0.5
        else:
            self._check_at.pop(name, None)

    def invalidate(self, name: str) -> None:
        """Have a file read in the next pass, whatever its signature."""
        for entries in (self._processed, self._recheck_at, self._check_at, self._retry_delay):
            entries.pop(name, None)

    def mark_written(self, name: str) -> None:
        """Record that xlflow has just written into a workbook."""
        self._written_at[name] = self._monotonic()

    def seconds_since_write(self, name: str) -> float:
        """Return the seconds since xlflow last wrote into a workbook, infinity if it never did."""
        return self._monotonic() - self._written_at.get(name, float("-inf"))

    def keep_only(self, names: Collection[str]) -> None:
        """Forget all files except ``names``."""
        for name in self._processed.keys() - set(names):
            self.invalidate(name)

    def changed_since(self, listing: Listing) -> set[str]:
        """Return the names of processed files that have changed since, or are gone."""
        return {name for name, old in self._processed.items() if listing.get(name) != old}

    def next_check(self) -> float | None:
        """Return when (monotonic) the next file is to be checked again, None if none is."""
        return min(self._check_at.values(), default=None)

    def recheck_is_due(self) -> bool:
        """Whether a file is due to be read again though nothing seems to have changed."""
        now = self._monotonic()
        return any(moment <= now for moment in self._recheck_at.values())
