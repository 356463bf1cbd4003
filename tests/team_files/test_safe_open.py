"""Only ordinary files that may be workbooks are opened."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.ooxml.packing import book
from xlflow.errors import UnavailableError, UnreadableError
from xlflow.team_files import safe_open

POSIX = sys.platform != "win32"


def refused(path: Path) -> str:
    with pytest.raises(UnreadableError) as caught:
        safe_open.read_safely(path)
    assert isinstance(caught.value, UnavailableError) == caught.value.retryable
    return caught.value.key


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "市场一部.xlsx"
    path.write_bytes(book())
    return path


def test_a_workbook_is_read_unchanged(workbook: Path) -> None:
    assert safe_open.read_safely(workbook) == book()
    assert not safe_open.hard_linked(workbook)


def test_links_folders_and_devices_are_never_opened(workbook: Path, tmp_path: Path) -> None:
    link = tmp_path / "链接.xlsx"
    link.symlink_to(workbook)
    assert refused(link) == "is_symlink"
    dangling = tmp_path / "x.xlsx"
    dangling.symlink_to(tmp_path / "nowhere")
    assert refused(dangling) == "is_symlink"
    folder = tmp_path / "folder.xlsx"
    folder.mkdir()
    assert refused(folder) == "is_folder"
    if POSIX:
        os.mkfifo(tmp_path / "fifo.xlsx")
        assert refused(tmp_path / "fifo.xlsx") == "is_fifo"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(tmp_path / "s.xlsx"))
            assert refused(tmp_path / "s.xlsx") == "is_socket"
        assert refused(Path("/dev/null")) == "is_device"


def test_a_file_replaced_by_a_link_or_fifo_before_opening(
    workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = os.lstat(workbook)
    monkeypatch.setattr("xlflow.team_files.safe_open.os.lstat", lambda _: status)
    link = tmp_path / "link.xlsx"
    link.symlink_to(workbook)
    assert refused(link) == "is_symlink"
    if POSIX:
        os.mkfifo(tmp_path / "fifo.xlsx")
        assert refused(tmp_path / "fifo.xlsx") == "is_fifo"


def test_a_hard_linked_workbook_is_read_and_detected(workbook: Path, tmp_path: Path) -> None:
    os.link(workbook, tmp_path / "second.xlsx")
    assert safe_open.read_safely(workbook) == book()
    assert safe_open.hard_linked(workbook)


@pytest.mark.parametrize("suffix", [".xls", ".ET", ".csv", ".ods", ".xlsb"])
def test_other_formats_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"市场部{suffix}"
    path.write_bytes(book())
    assert refused(path) == "other_format"


OLE2 = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "file_empty"),
        (bytes(5000), "file_zeros"),
        (b"<html>", "other_content"),
        ("环节,负责人".encode("gbk"), "other_content"),
        (b"%TSD-Header-###%" + b"PK\3\4" * 9, "company_encrypted"),
        (b"b\x14#e\1\0\0\0E-SafeNet\0\0LOCK" + b"PK\3\4" * 9, "company_encrypted"),
        (OLE2, "old_binary_content"),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), "password"),
    ],
)
def test_content_that_is_not_an_archive(tmp_path: Path, data: bytes, key: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    assert refused(path) == key


def test_a_missing_file_is_retryable(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.xlsx") == "file_missing"


def test_permission_and_io_errors_are_retryable(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, key in [
        (PermissionError(13, "denied"), "no_permission"),
        (OSError(5, "Input/output error"), "io_error"),
    ]:

        def fail(*_: object, error: OSError = error) -> int:
            raise error

        monkeypatch.setattr("xlflow.team_files.safe_open.os.open", fail)
        assert refused(workbook) == key


def test_a_file_too_large_is_refused_without_reading_it(workbook: Path) -> None:
    os.truncate(workbook, safe_open.MAX_EXPANDED + 1)
    assert refused(workbook) == "archive_too_large"


def test_a_file_that_changes_while_it_is_read_is_read_again(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second read is stable; a file that never is stable is retried later."""
    before, fstat = book(), os.fstat
    after = book('<row r="1"><c r="A1"><v>1</v></c></row>')
    writes = iter([before[:-30], after])

    def saving(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        content = next(writes, None)
        if content is not None:
            workbook.write_bytes(content)
        return status

    monkeypatch.setattr("xlflow.team_files.safe_open.os.fstat", saving)
    assert safe_open.read_safely(workbook) == after
    writes = iter([bytes([n]) * (500 + n) for n in range(1, 9)])
    assert refused(workbook) == "still_changing"
