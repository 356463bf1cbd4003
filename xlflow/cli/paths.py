"""What a PATH on the command line refers to."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from xlflow.cli.errors import CommandLineError, closest_match
from xlflow.cli.session import Session
from xlflow.errors import WorkspaceError

if TYPE_CHECKING:
    from xlflow.store import Store
    from xlflow.workspace import Workspace


def find_path(text: str, session: Session) -> Path:
    """Return the absolute path, relative to the current folder, else to the workspace.

    Raises:
        CommandLineError: there is nothing at either place.
    """
    # Without "..": the path is displayed, and compared with the workspace's.
    here = Path(os.path.abspath(text))
    if exists(here):
        return here
    workspace = workspace_if_any(session)
    if workspace is None:
        raise CommandLineError("no_such_path", path=text)
    root = workspace.root
    there = Path(os.path.abspath(root / text))
    if exists(there):
        return there
    near = [p for p in (f"teams/{text}", f"teams/{text}.xlsx") if exists(root / p)]
    raise CommandLineError("no_such_path", path=text, near=near[0] if near else None)


def known_teams(names: Sequence[str], teams: Collection[str]) -> frozenset[str]:
    """Return the teams that were named on the command line.

    Raises:
        CommandLineError: there is no such team; the most similar name is suggested.
    """
    for name in names:
        if name not in teams:
            raise CommandLineError("no_such_team", team=name, near=closest_match(name, teams))
    return frozenset(names)


def workspace_if_any(session: Session) -> Workspace | None:
    """Return the workspace of this run, None if there is none and none was named.

    Raises:
        WorkspaceError: one was named, and there is none.
        SettingsError: its settings are invalid.
    """
    try:
        return session.workspace
    except WorkspaceError as error:
        if error.key != "no_workspace":
            raise
        return None


def team_workbook(text: str, store: Store, session: Session) -> tuple[Path, str]:
    """Return the path and the name of a team's workbook, which may be gone from the folder.

    Raises:
        CommandLineError: no team's workbook has this path, in the folder or in the store.
    """
    workspace = session.workspace
    for start in (Path.cwd(), workspace.root):
        path = Path(os.path.normpath(start / text))
        workbook = workspace.relative(path)
        in_teams = PurePosixPath(workbook).parent == PurePosixPath("teams")
        if store.version_count(workbook) or (in_teams and exists(path)):
            return path, workbook
    raise CommandLineError("not_a_team_workbook", path=workspace.relative(find_path(text, session)))


def exists(path: Path) -> bool:
    """Whether a file, folder or link, even a dangling one, has this path."""
    try:
        path.lstat()
    except (OSError, ValueError):  # a name too long, or with a null byte, included
        return False
    return True
