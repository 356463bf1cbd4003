"""Opening a workbook in a team's folder, where anything may lie under its name.

A link out of the folder, a FIFO that never answers, an old binary workbook, one with a
password, half an upload: only an ordinary file is opened, and every refusal names what
was found and how to repair it. Whether the archive inside is sound is for whoever opens
it as a :class:`xlflow.ooxml.book.Book`.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from xlflow.errors import UnavailableError, UnreadableError
from xlflow.ooxml.archive import MAX_EXPANDED
from xlflow.team_files.shared_open import open_shared, refresh_size

_OTHER_FORMATS = {".xls", ".xlsb", ".et", ".csv", ".tsv", ".ods", ".numbers"}
# How the files of encryption that a company puts on its machines begin.
_COMPANY_ENCRYPTION = {"绿盾": b"%TSD-Header-###%", "亿赛通": b"E-SafeNet"}
_LONGEST_MARK = 64
_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_MAX_READS = 3


def read_safely(path: Path) -> bytes:
    """Return the content of a file that may be a workbook.

    All of it is from one moment: if the file changes while it is read, it is read
    again. Raises UnreadableError for what stays so until somebody changes the file (a
    link, a device, another format, a password, no archive), and UnavailableError for
    what may be different later (missing, no permission, I/O error, still changing).
    """
    try:
        _check_kind(os.lstat(path))
        if path.suffix.lower() in _OTHER_FORMATS:
            raise UnreadableError("other_format", suffix=path.suffix.lower())
        data = _read_stable(path)
    except FileNotFoundError:
        raise UnavailableError("file_missing") from None
    except PermissionError:
        raise UnavailableError("no_permission") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableError("is_symlink") from None
        raise UnavailableError("io_error", reason=error.strerror or str(error)) from error
    _check_content(data)
    return data


def hard_linked(path: Path) -> bool:
    """Return whether the file has a second name, which a replacement would cut off."""
    return os.lstat(path).st_nlink > 1


def _check_content(data: bytes) -> None:
    """Raise UnreadableError for bytes that aren't a zip archive."""
    if not data:
        raise UnreadableError("file_empty")
    if not data.strip(b"\0"):
        raise UnreadableError("file_zeros")
    if data.startswith(_OLE2):
        # An encrypted package is wrapped in an old compound file of two streams.
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise UnreadableError("password" if encrypted else "old_binary_content")
    for product, mark in _COMPANY_ENCRYPTION.items():
        if mark in data[:_LONGEST_MARK]:
            raise UnreadableError("company_encrypted", product=product)
    if b"PK\3\4" not in data:
        raise UnreadableError("other_content")


def _check_kind(status: os.stat_result) -> None:
    """Raise UnreadableError for anything but an ordinary file of acceptable size."""
    mode = status.st_mode
    if stat.S_ISREG(mode):
        if status.st_size > MAX_EXPANDED:
            size, limit = status.st_size >> 20, MAX_EXPANDED >> 20
            raise UnreadableError("archive_too_large", size=size, limit=limit)
        return
    for is_kind, key in (
        (stat.S_ISLNK, "is_symlink"),
        (stat.S_ISDIR, "is_folder"),
        (stat.S_ISFIFO, "is_fifo"),
        (stat.S_ISSOCK, "is_socket"),
    ):
        if is_kind(mode):
            raise UnreadableError(key)
    raise UnreadableError("is_device")


def _read_stable(path: Path) -> bytes:
    """Return the file's content, once it didn't change during a read."""
    for _ in range(_MAX_READS):
        before, data, after = _read_once(path)
        if before == after and len(data) == before[1]:
            return data
    raise UnavailableError("still_changing")


def _read_once(path: Path) -> tuple[tuple[int, int, int], bytes, tuple[int, int, int]]:
    """Read the file; return its inode, size and time before, the bytes, and the same after.

    Something else may take the file's place between lstat and open, so opening neither
    follows a link nor waits for the other end of a FIFO, and the kind is checked again.
    """
    with open(open_shared(path), "rb") as file:
        refresh_size(file.fileno())
        status = os.fstat(file.fileno())
        _check_kind(status)
        data = file.read(MAX_EXPANDED + 1)
        return _state(status), data, _state(os.fstat(file.fileno()))


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
