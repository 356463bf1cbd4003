"""What lies in a folder, seen without opening anything, and what of it is already dealt with.

A file whose signature is the one it had when it was last read needn't be read
again, with two exceptions. A file that was changed just before it was read may
have been changed once more within the same tick of the file system's clock; so it
is read again a moment later. And because there are edits that leave size and time
as they were, each file is read again after a longer time, whatever its signature.
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
"""Seconds within which two changes may bear one time (the coarsest clocks, FAT's, tick so)."""

RECHECK_INTERVAL = 3600.0
"""Seconds after which a file is read again though nothing seems to have changed."""

FIRST_RETRY, LONGEST_RETRY = 5.0, 300.0


class Signature(NamedTuple):
    """What the file system says of a file; times in nanoseconds."""

    mode: int
    inode: int
    size: int
    modified: int
    changed: int


Listing = dict[str, Signature]


def list_folder_uncached(folder: Path) -> Listing:
    """Look past what the kernel remembers of a share, where the system lets us.

    Raises:
        OSError: the folder can't be listed.
    """
    if os.name == "nt":
        return list_folder(folder)
    handle = os.open(folder, os.O_RDONLY)
    try:
        found = statx.file_states(handle, os.listdir(handle))
    finally:
        os.close(handle)
    if found is None:
        return list_folder(folder)
    return {name: Signature(*state) for name, state in found.items()}


def list_folder(folder: Path) -> Listing:
    """Return the signature of everything in a folder, links themselves and not their targets.

    Raises:
        OSError: the folder can't be listed.
    """
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError:  # not to be seen: an ordinary file, whose reading will say why
                found[entry.name] = Signature(0o100000, 0, 0, 0, 0)
                continue
            found[entry.name] = Signature(
                seen.st_mode, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
            )
    return found


class FileIndex:
    """Which signature each workbook had when it was dealt with, and when to look again.

    ``monotonic`` gives the seconds by which waiting is measured, so that a clock
    that is set moves nothing; ``clock`` the real time, to which files' times are
    held.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic, self._clock = monotonic, clock
        self._dealt: Listing = {}
        self._read_anyway: dict[str, float] = {}
        self._soon: dict[str, float] = {}
        self._delay: dict[str, float] = {}
        self._written: dict[str, float] = {}

    def is_unchanged(self, name: str, signature: Signature) -> bool:
        """Whether nothing speaks for reading the file now."""
        now = self._monotonic()
        return (
            self._dealt.get(name) == signature
            and now < self._read_anyway[name]
            and now < self._soon.get(name, now + 1)
        )

    def mark_processed(self, name: str, signature: Signature, *, waits: bool) -> None:
        """Note that a file was read that had this signature before.

        ``waits`` says that it has to be tried again though it doesn't change:
        soon at first, then less and less often.
        """
        now = self._monotonic()
        self._dealt[name] = signature
        self._read_anyway[name] = now + RECHECK_INTERVAL * random.uniform(1, 1.25)
        if waits:
            delay = self._delay.get(name, FIRST_RETRY)
            self._delay[name] = min(2 * delay, LONGEST_RETRY)
            self._soon[name] = now + delay
            return
        self._delay.pop(name, None)
        age = self._clock() - max(signature.modified, signature.changed) / 1e9
        if abs(age) < TIMESTAMP_RESOLUTION:
            self._soon[name] = now + TIMESTAMP_RESOLUTION + 0.5
        else:
            self._soon.pop(name, None)

    def invalidate(self, name: str) -> None:
        """Let the file be read at the next pass, whatever its signature."""
        for remembered in (self._dealt, self._read_anyway, self._soon, self._delay):
            remembered.pop(name, None)

    def invalidate_all(self) -> None:
        """Let everything be read at the next pass."""
        for name in list(self._dealt):
            self.invalidate(name)

    def mark_written(self, name: str) -> None:
        """Note that xlflow has just written into a workbook."""
        self._written[name] = self._monotonic()

    def seconds_since_write(self, name: str) -> float:
        """Return how many seconds ago xlflow last wrote into a workbook."""
        return self._monotonic() - self._written.get(name, float("-inf"))

    def keep_only(self, names: Collection[str]) -> None:
        """Forget every file but these."""
        for name in self._dealt.keys() - set(names):
            self.invalidate(name)

    def changed_since(self, listing: Listing) -> set[str]:
        """Return the names of files dealt with that have changed since, or are gone."""
        return {name for name, dealt in self._dealt.items() if listing.get(name) != dealt}

    def next_check(self) -> float | None:
        """Return the moment (monotonic) at which a file is to be looked at again, if any is."""
        return min(self._soon.values(), default=None)

    def recheck_is_due(self) -> bool:
        """Whether a file hasn't been read for so long that it should be."""
        now = self._monotonic()
        return any(due <= now for due in self._read_anyway.values())
