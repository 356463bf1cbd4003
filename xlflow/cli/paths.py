"""Where a PATH of the command line leads."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from xlflow.cli.errors import CommandLineError
from xlflow.cli.session import Session
from xlflow.errors import WorkspaceError

if TYPE_CHECKING:
    from xlflow.store import Store
    from xlflow.workspace import Workspace


def find_path(text: str, session: Session) -> Path:
    """Return the absolute path that is meant: from the current folder, else from the workspace.

    Raises:
        Misuse: there is nothing at either place.
    """
    # Without «..»: the path is shown, and compared with the workspace's.
    here = Path(os.path.abspath(text))
    if exists(here):
        return here
    space = workspace_if_any(session)
    if space is None:
        raise CommandLineError("no_such_path", path=text)
    root = space.root
    there = Path(os.path.abspath(root / text))
    if exists(there):
        return there
    near = [p for p in (f"teams/{text}", f"teams/{text}.xlsx") if exists(root / p)]
    raise CommandLineError("no_such_path", path=text, near=near[0] if near else None)


def workspace_if_any(session: Session) -> Workspace | None:
    """Return the workspace of this run, None where there is none and none was named.

    Raises:
        WorkspaceError: one was named, and there is none; SettingsError: it can't be meant.
    """
    try:
        return session.workspace
    except WorkspaceError as error:
        if error.key != "no_workspace":
            raise
        return None


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
    raise CommandLineError("not_a_team_workbook", path=space.relative(find_path(text, session)))


def exists(path: Path) -> bool:
    """Whether something is there, a dangling link included; a name too long for the disk isn't."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True
