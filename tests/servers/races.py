"""Saves on a real share that race with a replace; what is lost is judged on the server."""

from __future__ import annotations

import dataclasses
import os
import random
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xlflow.errors import WriteRefusedError
from xlflow.team_files.file_operations import FileOperations
from xlflow.team_files.guarded_replace import (
    LINGER,
    Displaced,
    finish_interrupted,
    replace,
    settle,
)

BOOK = "市场一部.xlsx"


def _random_name(path: Path) -> Path:
    return path.with_name(secrets.token_hex(4).upper())


def save_as_excel(path: Path, content: bytes) -> None:
    """Save by a temporary file, with the workbook renamed away."""
    temporary, away = _random_name(path), _random_name(path).with_suffix(".tmp")
    temporary.write_bytes(content)
    os.rename(path, away)
    os.rename(temporary, path)
    os.unlink(away)


def save_by_renaming(path: Path, content: bytes) -> None:
    """Save by a temporary file that is renamed over the workbook."""
    temporary = _random_name(path)
    temporary.write_bytes(content)
    os.replace(temporary, path)


def save_in_place(path: Path, content: bytes) -> None:
    """Save by emptying the workbook and writing it again."""
    with open(path, "r+b", buffering=0) as file:
        file.truncate()
        file.write(content)


WAYS: Mapping[str, Callable[[Path, bytes], None]] = {
    "excel": save_as_excel,
    "rename": save_by_renaming,
    "in place": save_in_place,
}


@dataclass
class Tally:
    """How races went: all, saves that were lost, saves that failed, flags that were written."""

    races: int = 0
    lost: int = 0
    failed: int = 0
    flagged: int = 0


def play(
    served: Path,
    mounted: Path,
    saved_at: Path,
    disk: FileOperations,
    races: int,
    seed: int = 1,
) -> Tally:
    """Race saves at ``saved_at``, a path of the folder, with replaces at ``mounted``.

    A save is lost if it succeeded and is neither on the server nor kept. One that failed,
    because the workbook's name was missing for an instant, isn't.
    """
    chance = random.Random(seed)
    tally = Tally(races)
    took = 0.02
    for number in range(races):
        book = served / BOOK
        read = b"read %06d;" % number * chance.randint(1, 400)
        book.write_bytes(read)
        _seen(mounted / BOOK, read)
        save, content = chance.choice(list(WAYS.values())), b"saved %06d;" % number * 50
        after = chance.uniform(0, 1.2 * took)
        done: list[bool] = []
        person = threading.Thread(
            target=_save, args=(save, saved_at / BOOK, content, after, done), daemon=True
        )
        kept: list[bytes] = []
        displaced: list[Displaced] = []
        began = time.perf_counter()
        person.start()
        with suppress(WriteRefusedError):
            tally.flagged += replace(
                mounted / BOOK, read, read + b"flags", kept.append, disk, displaced.append
            )
        took = 0.8 * took + 0.2 * min(time.perf_counter() - began, 0.5)
        person.join(30)
        for file in displaced:  # which is done a second later in a pass, and at once here
            settle(dataclasses.replace(file, at=file.at - LINGER), disk)
        finish_interrupted(mounted, lambda _, data, kept=kept: kept.append(data), [BOOK], disk)
        tally.failed += not done
        current = book.read_bytes() if book.exists() else b""
        if done and content not in {current, *kept}:
            tally.lost += 1
        for left in os.listdir(served):
            if left != BOOK:
                (served / left).unlink()
    return tally


def _save(
    save: Callable[[Path, bytes], None], path: Path, content: bytes, after: float, done: list[bool]
) -> None:
    time.sleep(after)
    with suppress(OSError):
        save(path, content)
        done.append(True)


def _seen(path: Path, content: bytes) -> None:
    """Wait until a mount shows what is on the server."""
    disk = FileOperations()
    end = time.monotonic() + 40
    while time.monotonic() < end:
        with suppress(OSError):
            if disk.read(path) == content:
                return
        time.sleep(0.02)
    raise AssertionError("the mount never showed the change")
