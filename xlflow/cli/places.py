"""Where a PATH of the command line leads."""

from __future__ import annotations

from pathlib import Path

from xlflow.cli.complaints import Misuse
from xlflow.cli.session import Session
from xlflow.errors import WorkspaceError


def find_path(text: str, session: Session) -> Path:
    """Return the absolute path that is meant: from the current folder, else from the workspace.

    Raises:
        Misuse: there is nothing at either place.
    """
    given = Path(text)
    here = given.absolute()
    if exists(here):
        return here
    try:
        root = session.workspace.root
    except WorkspaceError:
        raise Misuse("no_such_path", path=text) from None
    there = root / given
    if exists(there):
        return there
    near = [p for p in (f"teams/{text}", f"teams/{text}.xlsx") if exists(root / p)]
    raise Misuse("no_such_path", path=text, near=near[0] if near else None)


def exists(path: Path) -> bool:
    """Whether something is there, a dangling link included; a name too long for the disk isn't."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
