"""What was notified, as a plain file in the state folder, since it can't be derived again.

One JSON line for each notice that reached an address, one (without address) once it
need not be sent anywhere else, one for each workbook that was renamed. Lines are only
appended, so a crash costs at most the last one. A new database imports them all, one
that has a :class:`Position` only what was added since.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from xlflow.errors import StoreError

FILE_NAME = "notified.jsonl"

_TAIL = 256  # bytes before a position by which another file is noticed


@dataclass(frozen=True, slots=True)
class NotifiedEntry:
    """One item in one state that reached ``address``, or is finished if that is blank.

    ``item`` is a row's identity or a sheet's name; ``key`` digests the row's key
    columns, in case a lost store gives it another identity. ``at`` is the real time.
    """

    workbook: str
    item: str
    state: str
    key: str
    address: str
    at: datetime


class Renaming(NamedTuple):
    """A workbook has had another name from here on."""

    old: str
    new: str


class Position(NamedTuple):
    """How far the file was read: the bytes up to the end of a line, and a digest of the last."""

    size: int = 0
    tail: str = ""


class NotifiedLog:
    """The file of one workspace; it exists once a notice was sent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, entries: Iterable[NotifiedEntry]) -> None:
        """Append entries; when it returns they are on disk.

        Raises:
            StoreError: they couldn't be written.
        """
        self._append(
            {
                "workbook": entry.workbook,
                "item": entry.item,
                "state": entry.state,
                "key": entry.key,
                "to": entry.address,
                "at": entry.at.isoformat(timespec="seconds"),
            }
            for entry in entries
        )

    def rename(self, old: str, new: str) -> None:
        """Append that a workbook has another name."""
        self._append([{"workbook": old, "renamed": new}])

    def has_grown(self, since: Position) -> bool:
        """Whether there may be something to read after a position."""
        try:
            return self._path.stat().st_size != since.size
        except OSError:
            return False

    def all(self) -> tuple[NotifiedEntry, ...]:
        """Return every entry, under the present names of the workbooks.

        Raises:
            StoreError: the file exists and can't be read; nothing may be sent then.
        """
        entries: list[NotifiedEntry] = []
        lines, _ = self.read(Position())
        for line in lines:
            if isinstance(line, NotifiedEntry):
                entries.append(line)
            else:
                old, new = line
                entries = [replace(e, workbook=new) if e.workbook == old else e for e in entries]
        return tuple(entries)

    def read(self, since: Position) -> tuple[list[NotifiedEntry | Renaming], Position]:
        """Return what was appended since a position, and the position to go on from.

        Raises:
            StoreError: the file exists and can't be read; nothing may be sent then.
            ValueError: it isn't the file in which the position was taken.
        """
        try:
            with self._path.open("rb") as file:
                start = max(since.size - _TAIL, 0)
                file.seek(start)
                content = file.read()
        except FileNotFoundError:
            return [], Position()
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(
                "store.notified_unread", path=str(self._path), reason=reason
            ) from error
        known = since.size - start
        if len(content) < known or (known and _digest(content[:known]) != since.tail):
            raise ValueError("another file")
        # A last line without its end is read again, since it may be half a line.
        end = content.rfind(b"\n") + 1
        if end <= known:
            return list(_parsed(content[known:])), since
        tail = _digest(content[max(end - _TAIL, 0) : end])
        return list(_parsed(content[known:])), Position(start + end, tail)

    def _append(self, lines: Iterable[dict[str, str]]) -> None:
        text = "".join(f"{json.dumps(line)}\n" for line in lines)
        if not text:
            return
        try:
            with self._path.open("ab+") as file:
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    # A crash may have left half a line, which must not damage the next.
                    if file.read(1) != b"\n":
                        text = f"\n{text}"
                file.write(text.encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(
                "store.notified_not_kept", path=str(self._path), reason=reason
            ) from error


def _digest(tail: bytes) -> str:
    return sha256(tail).hexdigest()[:16]


def _parsed(content: bytes) -> Iterator[NotifiedEntry | Renaming]:
    for line in content.splitlines():
        try:
            fields = json.loads(line)
            if "renamed" in fields:
                yield Renaming(fields["workbook"], fields["renamed"])
                continue
            fields["address"] = fields.pop("to")
            yield NotifiedEntry(**{**fields, "at": datetime.fromisoformat(fields["at"])})
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # one damaged line must not hide the others
