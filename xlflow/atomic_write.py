"""Writing xlflow's own files (never a team's) wholly or not at all.

A team's workbook goes through :mod:`xlflow.team_files.guarded_replace`, which also handles
others writing it at the same time.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

# Errors of file systems that can't sync a folder.
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def write_atomically(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write a file so that after a crash it has all of ``content`` or what it had before.

    Without ``sync`` that holds for a crash of the process; after one of the machine the
    file may be damaged, which is right only for what can be made again.

    Raises:
        OSError: it couldn't be written; the file is unchanged.
    """
    draft = write_draft(path, content, sync=sync)
    try:
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    if sync:
        sync_folder(path.parent)


def write_draft(path: Path, content: bytes, *, sync: bool = True) -> Path:
    """Write ``content`` to disk in the folder of ``path``, and return the draft's path.

    Raises:
        OSError: it couldn't be written; no draft is left.
    """
    draft = path.with_name(f".xlflow-{os.urandom(4).hex()}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            if sync:
                os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    return draft


def sync_folder(folder: Path) -> None:
    """Write a folder's entries to disk, if the system can."""
    if sys.platform == "win32":
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(opened)
