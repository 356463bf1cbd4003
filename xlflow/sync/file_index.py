"""The signatures of a folder's files, without opening any, and which files are processed.

A file with the signature that it had when it was last read needn't be read again,
with two exceptions. A file that was changed just before it was listed may have been
changed once more within the same tick of the file system's clock, so it is read
again a moment later. And because some edits leave size and time unchanged, each
file is read again after a longer interval, whatever its signature.

The daemon holds the index in memory. Commands keep it in the state folder between
their runs. It is only a cache there: an entry says which content a signature stood
for, so it is never wrong about a store that has changed or was lost meanwhile, and
whatever isn't certain isn't kept.
"""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from xlflow.atomic_write import write_atomically
from xlflow.team_files.mounts import GONE, keeps_inodes

FILE_NAME = "file-index.json"

TIMESTAMP_RESOLUTION = 2.0
"""Seconds within which two changes may get the same time (FAT, the coarsest, has ticks of 2 s)."""

RECHECK_INTERVAL = 3600.0
"""Seconds after which a file is read again though nothing seems to have changed."""

COMMAND_RECHECK_INTERVAL = math.inf
"""The same between runs of a command: never.

The daemon spreads reading everything over each hour, and nobody waits for it. A person
waits for a command, on a slow share for minutes. An edit that leaves the signature the
same is rare enough to be found by the daemon or by ``sync --all``.
"""

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


CACHED = 1.0
"""Seconds for which the kernel caches attributes of a FUSE mount, unless it is told otherwise."""


def list_folder_uncached(folder: Path, *, forced: bool = True) -> Listing:
    """Return the listing of a folder, past the kernel's cache where the system allows it.

    On a FUSE mount that costs two calls to the server for each file that the kernel has
    forgotten, and one without ``forced``, which is enough if nothing has looked at the
    files within the last CACHED seconds.

    Raises:
        OSError: the folder can't be listed.
    """
    if os.name == "nt":
        return list_folder(folder)
    from xlflow.team_files import statx  # which imports ctypes

    kernel_knows = keeps_inodes(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        names = os.listdir(descriptor)
        states = statx.file_states(descriptor, names, forced=forced or kernel_knows)
    finally:
        os.close(descriptor)
    if states is None:
        return list_folder(folder)
    listing = {name: Signature(*state) for name, state in states.items()}
    if not kernel_knows:
        listing = {name: signature._replace(inode=0) for name, signature in listing.items()}
    return listing


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
            except OSError as error:
                if error.errno in GONE:
                    raise
                # Listed as an ordinary file: reading it will give the reason.
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


class _Entry(NamedTuple):
    """What a file was when it was processed.

    ``sha256`` is the digest of the content that the store then held a state of.
    ``settled`` says that a later change can't have left the signature the same.
    """

    signature: Signature
    sha256: str | None
    settled: bool


class FileIndex:
    """The signature that each file had when it was processed, and when to check it again.

    Waiting is measured by ``monotonic``, which doesn't change when the clock is set;
    files' timestamps are compared with ``clock``.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
        recheck_interval: float = RECHECK_INTERVAL,
    ) -> None:
        self._monotonic, self._clock = monotonic, clock
        self._recheck_interval = recheck_interval
        self._processed: dict[str, _Entry] = {}
        self._recheck_at: dict[str, float] = {}
        self._check_at: dict[str, float] = {}
        self._retry_delay: dict[str, float] = {}
        self._written_at: dict[str, float] = {}
        self._listed_at: float | None = None
        self._modified = False

    def mark_listed(self) -> None:
        """Record that the folder is about to be listed for what is processed from now on."""
        self._listed_at = self._clock()

    def is_unchanged(self, name: str, signature: Signature, sha256: str | None = None) -> bool:
        """Whether there is no reason to read the file now; ``sha256`` is that of its state."""
        entry = self._processed.get(name)
        if entry is None or entry.signature != signature or entry.sha256 != sha256:
            return False
        now = self._monotonic()
        return now < self._recheck_at[name] and now < self._check_at.get(name, now + 1)

    def mark_processed(
        self, name: str, signature: Signature, sha256: str | None = None, *, waits: bool
    ) -> None:
        """Record that a file was processed, with the signature it had before it was read.

        ``sha256`` is what its state holds of its content. ``waits``: it has to be tried
        again though it doesn't change, soon at first, then less and less often.
        """
        now = self._monotonic()
        listed_at = self._clock() if self._listed_at is None else self._listed_at
        age = listed_at - max(signature.modified, signature.changed) / 1e9
        self._processed[name] = _Entry(signature, sha256, age >= TIMESTAMP_RESOLUTION)
        self._recheck_at[name] = now + self._recheck_interval * random.uniform(1, 1.25)
        self._modified = True
        if waits:
            delay = self._retry_delay.get(name, FIRST_RETRY)
            self._retry_delay[name] = min(2 * delay, LONGEST_RETRY)
            self._check_at[name] = now + delay
            return
        self._retry_delay.pop(name, None)
        if abs(age) < TIMESTAMP_RESOLUTION:
            self._check_at[name] = now + TIMESTAMP_RESOLUTION + 0.5
        else:
            self._check_at.pop(name, None)

    def invalidate(self, name: str) -> None:
        """Have a file read in the next pass, whatever its signature."""
        self._modified = self._modified or name in self._processed
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
        return {name for name, old in self._processed.items() if listing.get(name) != old.signature}

    def next_check(self) -> float | None:
        """Return when (monotonic) the next file is to be checked again, None if none is."""
        return min(self._check_at.values(), default=None)

    def recheck_is_due(self) -> bool:
        """Whether a file is due to be read again though nothing seems to have changed."""
        now = self._monotonic()
        return any(moment <= now for moment in self._recheck_at.values())

    def load(self, path: Path) -> None:
        """Take over the entries that :meth:`save` wrote; none of a file that can't be read."""
        with suppress(OSError, ValueError, TypeError, AttributeError):
            for name, (*signature, sha256) in json.loads(path.read_bytes()).items():
                self._processed[name] = _Entry(Signature(*signature), sha256, settled=True)
                self._recheck_at[name] = self._monotonic() + self._recheck_interval
            self._modified = False

    def save(self, path: Path) -> None:
        """Write what is certain to a file, if it has changed; a disk that refuses is ignored.

        The file's time is that of the last run, whether anything has changed or not.

        A file that is to be tried again, or that may have changed once more since it was
        listed, is left out, so that the next run reads it.
        """
        if not self._modified:
            with suppress(OSError):
                os.utime(path)
            return
        entries = {
            name: (*entry.signature, entry.sha256)
            for name, entry in self._processed.items()
            if entry.settled and name not in self._check_at
        }
        with suppress(OSError):
            write_atomically(path, json.dumps(entries).encode("ascii"), sync=False)
        self._modified = False
