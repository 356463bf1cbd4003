"""Bytes that wait on disk until a pass comes to them, so that memory doesn't grow with them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple


class Slot(NamedTuple):
    """Where some bytes are in a spool."""

    offset: int
    length: int


class Spool:
    """A temporary file in ``folder`` that is written at its end and read anywhere."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._end = 0

    @cached_property
    def _file(self) -> IO[bytes]:
        return TemporaryFile(dir=self._folder)

    def put(self, data: bytes) -> Slot:
        """Store bytes and return where they are."""
        self._file.seek(self._end)
        self._file.write(data)
        slot = Slot(self._end, len(data))
        self._end += len(data)
        return slot

    def get(self, slot: Slot) -> bytes:
        """Return the bytes of a slot."""
        self._file.seek(slot.offset)
        return self._file.read(slot.length)

    def close(self) -> None:
        """Delete the file."""
        if self._end:
            self._file.close()
