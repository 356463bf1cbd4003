"""Files of xlflow's own (never a team's): put in place whole, or left as they were.

A team's workbook goes through :mod:`xlflow.team_files.guarded_replace`, which also looks
after whoever else may be writing it.
"""

from __future__ import annotations

import errno
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

# What a file system says that has no way to bring a folder down to the disk.
_UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def write_atomically(path: Path, content: bytes) -> None:
    """Let a file hold ``content``: after a crash at any moment all of it, or what it held before.

    Raises:
        OSError: the disk refuses; the file is what it was.
    """
    draft = write_draft(path, content)
    try:
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def write_draft(path: Path, content: bytes) -> Path:
    """Write ``content`` down to the disk beside ``path``, and return the draft's path.

    Raises:
        OSError: the disk refuses; nothing is left.
    """
    draft = path.with_name(f".xlflow-{secrets.token_hex(4)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    return draft


def sync_folder(folder: Path) -> None:
    """Bring a folder's names down to the disk, where the system can."""
    if sys.platform == "win32":
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
    finally:
        os.close(opened)
