"""What was notified, as a plain file in the state folder: it can't be worked out again.

One JSON line for each notice that reached an address, one more (without address)
once it needs to go nowhere else, one for each workbook that was renamed. Lines are
only ever added, so a crash costs at most the last one, and a database made anew
takes everything in again.
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
    """One item in one state that reached ``address``, or (blank) is done with altogether.

    ``item`` is a row's identity or a sheet's name; ``key`` digests what the row is
    known by to people, in case a lost store gives it another identity. ``at`` is
    the real time.
    """

    workbook: str
    item: str
    state: str
    key: str
    address: str
    at: datetime


class NotifiedLog:
    """The file of one workspace; it is made when the first notice was sent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, told: Iterable[NotifiedEntry]) -> None:
        """Add entries; when it returns they are on the disk for good.

        Raises:
            StoreError: they couldn't be written.
        """
        self._append(
            {
                "workbook": one.workbook,
                "item": one.item,
                "state": one.state,
                "key": one.key,
                "to": one.address,
                "at": one.at.isoformat(timespec="seconds"),
            }
            for one in told
        )

    def rename(self, old: str, new: str) -> None:
        """Let what was said of one workbook count for another; done twice it does no harm."""
        if any(told.workbook == old for told in self.all()):
            self._append([{"workbook": old, "renamed": new}])

    def size(self) -> int:
        """Return the file's size in bytes; as long as it is the same, so is the file."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def all(self) -> tuple[NotifiedEntry, ...]:
        """Return every entry, under the names that the workbooks have now.

        Raises:
            StoreError: the file is there and can't be read; nothing may then be sent.
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
                    # A crash may have left half a line, which must not spoil the next.
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
