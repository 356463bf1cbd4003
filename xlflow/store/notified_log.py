"""What was notified, as a plain file in the state folder, since it can't be derived again.

One JSON line for each notice that reached an address, one (without address) once it
need not be sent anywhere else, one for each workbook that was renamed. Lines are only
appended, so a crash costs at most the last one, and a new database imports them all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from xlflow.errors import StoreError

FILE_NAME = "notified.jsonl"


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
        """Record that a workbook has another name; repeating it does no harm."""
        if any(entry.workbook == old for entry in self.all()):
            self._append([{"workbook": old, "renamed": new}])

    def size(self) -> int:
        """Return the file's size in bytes, by which a change of it is noticed."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def all(self) -> tuple[NotifiedEntry, ...]:
        """Return every entry, under the present names of the workbooks.

        Raises:
            StoreError: the file exists and can't be read; nothing may be sent then.
        """
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(
                "store.notified_unread", path=str(self._path), reason=reason
            ) from error
        entries: list[NotifiedEntry] = []
        for line in lines:
            try:
                fields = json.loads(line)
                if "renamed" in fields:
                    old, new = fields["workbook"], fields["renamed"]
                    entries = [
                        replace(e, workbook=new) if e.workbook == old else e for e in entries
                    ]
                    continue
                fields["address"] = fields.pop("to")
                entries.append(
                    NotifiedEntry(**{**fields, "at": datetime.fromisoformat(fields["at"])})
                )
            except (ValueError, TypeError, KeyError, AttributeError):
                continue  # one damaged line must not hide the others
        return tuple(entries)

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
