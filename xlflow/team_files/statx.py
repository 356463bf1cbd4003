"""A file's attributes as the server has them now, not as the kernel has cached them.

On network shares and FUSE mounts the kernel answers ``stat`` from a cache that can
be a minute old. statx(2) can be told to ask the server (AT_STATX_FORCE_SYNC).
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from functools import cache

from xlflow.team_files.mounts import GONE

_AT_SYMLINK_NOFOLLOW, _AT_STATX_FORCE_SYNC = 0x100, 0x2000
_AT_EMPTY_PATH = 0x1000
_BASIC_STATS = 0x7FF
# struct statx: mode, inode, size, change and modification time (seconds, nanoseconds).
_STATX = struct.Struct("=28xH2xQQ48xqI4xqI132x")

FileState = tuple[int, int, int, int, int]


def file_states(
    folder: int, names: list[str], *, forced: bool = True
) -> dict[str, FileState] | None:
    """Return (mode, inode, size, modified, changed) of files in an open folder, times in ns.

    Without ``forced`` the kernel may answer from its cache. Files that don't exist are
    left out. None if the system has no statx.

    Raises:
        OSError: the share is away.
    """
    statx = _statx()
    if statx is None:
        return None
    states: dict[str, FileState] = {}
    buffer = ctypes.create_string_buffer(_STATX.size)
    flags = _AT_SYMLINK_NOFOLLOW | (_AT_STATX_FORCE_SYNC if forced else 0)
    for name in names:
        if statx(folder, os.fsencode(name), flags, _BASIC_STATS, buffer):
            code = ctypes.get_errno()
            if code == errno.ENOSYS:
                return None
            if code in GONE:
                raise OSError(code, os.strerror(code), name)
            if code != errno.ENOENT:  # listed as an ordinary file: reading it will give the reason
                states[name] = (0o100000, 0, 0, 0, 0)
            continue
        mode, inode, size, changed, changed_ns, modified, modified_ns = _STATX.unpack(buffer.raw)
        times = modified * 10**9 + modified_ns, changed * 10**9 + changed_ns
        states[name] = (mode, inode, size, *times)
    return states


def refresh(file: int) -> None:
    """Have the kernel ask the server for an open file's attributes, its size among them."""
    statx = _statx()
    if statx is not None:
        buffer = ctypes.create_string_buffer(_STATX.size)
        statx(file, b"", _AT_EMPTY_PATH | _AT_STATX_FORCE_SYNC, _BASIC_STATS, buffer)


@cache
def _statx() -> ctypes._NamedFuncPointer | None:
    if sys.platform != "linux":
        return None
    try:
        return ctypes.CDLL(None, use_errno=True).statx
    except AttributeError:
        return None
