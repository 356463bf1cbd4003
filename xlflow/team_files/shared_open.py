"""Opening a workbook for reading without blocking a program that saves it."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_GENERIC_READ = 0x8000_0000
_SHARE_READ_WRITE_DELETE = 0b111
_OPEN_EXISTING = 3
_INVALID_HANDLE = ctypes.c_void_p(-1).value


def open_shared(path: Path) -> int:
    """Return a file descriptor for reading; on POSIX without following links or blocking.

    Windows doesn't let a file be renamed or deleted while it is open in the ordinary
    way, so Excel would fail to save a workbook that xlflow is reading. Shared access
    allows both.

    Raises:
        OSError: the file is missing or may not be read.
    """
    if sys.platform != "win32":
        flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        return os.open(path, os.O_RDONLY | flags)

    import msvcrt
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = wintypes.HANDLE
    how = (_GENERIC_READ, _SHARE_READ_WRITE_DELETE, None, _OPEN_EXISTING, 0, None)
    handle = kernel.CreateFileW(str(path), *how)
    if handle == _INVALID_HANDLE:
        code = ctypes.get_last_error()
        raise OSError(0, ctypes.FormatError(code), str(path), code)
    return msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT)


def refresh_size(descriptor: int) -> None:
    """Have the kernel ask for an open file's size anew, where it can.

    On a network mount it reads no further than the size that it remembers, which may be
    that of before somebody else's save.
    """
    if sys.platform == "linux":
        from xlflow.team_files import statx

        statx.refresh(descriptor)
