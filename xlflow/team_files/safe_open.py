"""Whether a file may be opened at all, and its bytes, read once.

A team's folder is a place where anything can lie: a link out of it, a FIFO that
never answers, an old binary workbook, one with a password, half an upload. Nothing
but an ordinary file is opened, and what it is not is said plainly, with the way to
mend it.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from xlflow.errors import UnavailableError, UnreadableError
from xlflow.ooxml.archive import LARGEST_EXPANDED, Archive
from xlflow.team_files.shared_open import open_shared

_OTHER_FORMATS = {".xls", ".xlsb", ".et", ".csv", ".tsv", ".ods", ".numbers"}
_OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
_READINGS = 3


def read_safely(path: Path) -> bytes:
    """Return the content of a workbook that is safe to read.

    The content is that of one moment: where the file changes while it is read, it is
    read again. Raises UnreadableError for what no waiting will mend (a link, a device,
    another format, a password, a damaged or monstrous archive), and UnavailableError
    for what may be different later (missing, no permission, I/O error, just changing).
    """
    try:
        _refuse_unless_file(os.lstat(path))
        if path.suffix.lower() in _OTHER_FORMATS:
            raise UnreadableError("other_format", suffix=path.suffix.lower())
        data = _settled(path)
    except FileNotFoundError:
        raise UnavailableError("file_missing") from None
    except PermissionError:
        raise UnavailableError("no_permission") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableError("is_symlink") from None
        raise UnavailableError("io_error", reason=error.strerror or str(error)) from None
    check(data)
    return data


def hard_linked(path: Path) -> bool:
    """Tell whether the file has a second name, which a replacement would cut off."""
    return os.lstat(path).st_nlink > 1


def check(data: bytes) -> None:
    """Raise UnreadableError unless the bytes are an archive that is safe to unpack."""
    if not data:
        raise UnreadableError("file_empty")
    if not data.strip(b"\0"):
        raise UnreadableError("file_zeros")
    if data.startswith(_OLE2):
        # An encrypted package is wrapped in an old compound file of two streams.
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise UnreadableError("password" if encrypted else "old_binary_content")
    if b"PK\3\4" not in data:
        raise UnreadableError("other_content")
    archive = Archive(data)
    if archive.spelling("mimetype") and b"opendocument" in archive.read("mimetype"):
        raise UnreadableError("other_format", suffix=".ods")


def _refuse_unless_file(status: os.stat_result) -> None:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        if status.st_size > LARGEST_EXPANDED:
            size, limit = status.st_size >> 20, LARGEST_EXPANDED >> 20
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


def _settled(path: Path) -> bytes:
    """Return bytes that the file held from the beginning of a reading to its end."""
    for _ in range(_READINGS):
        before, data, after = _reading(path)
        if before == after and len(data) == before[1]:
            return data
    raise UnavailableError("still_changing")


def _reading(path: Path) -> tuple[tuple[int, int, int], bytes, tuple[int, int, int]]:
    """Read the file once; return its state before, the bytes, its state after.

    Between looking at a name and opening it something else may take its place, so the
    opening itself neither follows a link nor waits for a FIFO's other end.
    """
    with open(open_shared(path), "rb") as file:
        status = os.fstat(file.fileno())
        _refuse_unless_file(status)
        data = file.read(LARGEST_EXPANDED + 1)
        return _state(status), data, _state(os.fstat(file.fileno()))


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
