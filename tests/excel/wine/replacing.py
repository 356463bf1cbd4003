"""Replacing workbooks that somebody has open or saves, with Windows' file locking."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from xlflow.errors import WriteRefusedError
from xlflow.team_files.file_operations import FILE_OPERATIONS
from xlflow.team_files.guarded_replace import finish_interrupted, replace
from xlflow.team_files.shared_open import open_shared

SAVES = 60
# Saves like Excel: writes a temporary file, deletes the workbook, renames the file.
USER = f"""
import os, random, sys, time
path = sys.argv[1]
temporary = os.path.join(os.path.dirname(path), "8F3A1B2C")
for number in range({SAVES}):
    time.sleep(random.random() * 0.01)
    with open(temporary, "wb") as stream:
        stream.write(b"save %d;" % number)
    while True:
        try:
            if os.path.exists(path):
                os.unlink(path)
            os.rename(temporary, path)
            break
        except (FileExistsError, FileNotFoundError):  # a write of the other process came between
            pass
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "市场一部.xlsx"
    path.write_bytes(b"old")
    return path


def must_not_keep(_: object) -> None:
    raise AssertionError("no content was displaced yet, so there is nothing to keep")


def test_an_open_workbook_is_refused_as_open(book: Path) -> None:
    for mode in ("rb", "r+b"):
        with open(book, mode):
            with pytest.raises(WriteRefusedError) as refused:
                replace(book, b"old", b"new", lambda _: None)
            assert refused.value.key == "workbook_open"
            assert refused.value.__cause__.winerror == 32
        assert os.listdir(book.parent) == [book.name]
        assert book.read_bytes() == b"old"
    assert replace(book, b"old", b"new", lambda _: None)
    assert os.listdir(book.parent) == [book.name]


def test_a_move_never_overwrites(book: Path) -> None:
    other = book.with_name("别的.xlsx")
    other.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        FILE_OPERATIONS.move(other, book)
    assert (book.read_bytes(), other.read_bytes()) == (b"old", b"theirs")


def save_by_renaming(book: Path) -> None:
    aside = book.with_name("8F3A1B2C")
    book.rename(aside)
    aside.rename(book)


def test_a_workbook_that_is_being_read_can_be_saved(book: Path) -> None:
    with open(open_shared(book), "rb") as stream:
        save_by_renaming(book)
        assert stream.read() == b"old"
    with open(book, "rb"), pytest.raises(PermissionError):
        save_by_renaming(book)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize(("displaced", "final"), [(b"old", b"new"), (b"save", b"save")])
def test_a_process_killed_within_the_exchange_loses_nothing(
    book: Path, monkeypatch: pytest.MonkeyPatch, displaced: bytes, final: bytes
) -> None:
    """The exchange is ReplaceFileW and a rename; in between the workbook is named .bak."""
    rename = os.rename

    def killed(source: Path, target: Path) -> None:
        if source.suffix == ".bak":
            raise Killed
        rename(source, target)
        book.write_bytes(displaced)  # just before the exchange

    monkeypatch.setattr(os, "rename", killed)
    with pytest.raises(Killed):
        replace(book, b"old", b"new", must_not_keep)
    monkeypatch.undo()
    assert sorted(path.suffix for path in book.parent.iterdir()) == [".bak", ".xlsx"]
    kept: list[bytes] = []
    assert (
        finish_interrupted(book.parent, lambda _, content: kept.append(content), [book.name]) == ()
    )
    assert kept == [displaced]
    assert os.listdir(book.parent) == [book.name]
    assert book.read_bytes() == final


def test_two_processes_lose_no_save(book: Path) -> None:
    written = 0
    for _ in range(3):
        command = [sys.executable, "-c", USER, str(book)]
        user = subprocess.Popen(command, stdin=subprocess.PIPE)
        while user.poll() is None:
            with suppress(FileNotFoundError, WriteRefusedError):
                read = FILE_OPERATIONS.read(book) or b""
                flagged = read.partition(b";")[0] + b";flags"
                written += replace(book, read, flagged, lambda _: None)
        user.communicate()
        assert user.returncode == 0
        assert finish_interrupted(book.parent, lambda *_: None, [book.name]) == ()
        assert book.read_bytes().startswith(b"save %d;" % (SAVES - 1))
        assert os.listdir(book.parent) == [book.name]
    assert written
