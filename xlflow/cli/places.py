"""Where a PATH of the command line leads."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from xlflow.cli.complaints import Misuse
from xlflow.cli.session import Session
from xlflow.errors import WorkspaceError

if TYPE_CHECKING:
    from xlflow.store import Store


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


def team_workbook(text: str, store: Store, session: Session) -> tuple[Path, str]:
    """Return the path and the name of the team workbook meant, which may be gone from the folder.

    Raises:
        Misuse: there is no such workbook, neither in the folder nor in the store.
    """
    space = session.workspace
    for start in (Path.cwd(), space.root):
        path = Path(os.path.normpath(start / text))
        workbook = space.relative(path)
        of_a_team = PurePosixPath(workbook).parent == PurePosixPath("teams")
        if store.versions(workbook) or (of_a_team and exists(path)):
            return path, workbook
    raise Misuse("not_a_team_workbook", path=space.relative(find_path(text, session)))


def exists(path: Path) -> bool:
    """Whether something is there, a dangling link included; a name too long for the disk isn't."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
