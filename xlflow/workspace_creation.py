"""Creates workspaces and adds teams to them.

Either everything is created or nothing: after a failure the new files and folders are
removed again, and nothing that existed is overwritten.
"""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from xlflow.config import FILE_NAME, Settings, settings_text
from xlflow.errors import WorkspaceError
from xlflow.workspace import (
    IGNORED_PREFIXES,
    OTHER_SUFFIXES,
    WORKBOOK_SUFFIXES,
    Workspace,
    display_name,
)

_MAX_FILE_NAME = 255  # bytes, on the file systems of Linux and most network shares
_FORBIDDEN = set('<>:"/\\|?*')
_RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"
}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def create_workspace(root: Path, teams: Iterable[str] = (), language: str = "zh") -> Workspace:
    """Create a workspace with its settings, master and team workbooks.

    Existing team workbooks stay unchanged. The settings are written last, so that an
    interrupted creation can be repeated.

    Raises:
        WorkspaceError: the folder is a workspace already, a team's name is invalid, or a
            file can't be written.
    """
    root = Path(os.path.abspath(root))
    settings_file = root / FILE_NAME
    if os.path.lexists(settings_file):
        raise WorkspaceError("workspace_exists", path=display_name(str(root)))
    workspace = Workspace(root, Settings(id=secrets.token_hex(8), language=language))
    names = _team_names(teams)
    created: list[Path] = []
    try:
        for folder in (root, workspace.teams, workspace.summaries):
            created += _create_folders(folder)
        existing = _workbook_names(workspace.teams)
        for name in names:
            if _comparison_key(name) not in existing:
                created.append(_create_team_workbook(workspace, name))
        if not os.path.lexists(workspace.master):
            created.append(_create_master(workspace))
        with open(settings_file, "x", encoding="utf-8", newline="\n") as stream:
            created.append(settings_file)
            stream.write(settings_text(workspace.settings, language))
    except BaseException as error:
        _remove(created)
        if isinstance(error, FileExistsError) and settings_file not in created:
            raise WorkspaceError("workspace_exists", path=display_name(str(root))) from None
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise WorkspaceError(
                "workspace_not_made", path=display_name(str(root)), reason=reason
            ) from error
        raise
    return workspace


def add_teams(workspace: Workspace, names: Iterable[str]) -> list[Path]:
    """Create the workbooks of new teams from the template; return their paths.

    Raises:
        WorkspaceError: a name is invalid or taken, or a file can't be written.
    """
    new_names = _team_names(names)
    created: list[Path] = []
    path = workspace.teams
    try:
        created += _create_folders(path)
        existing = _workbook_names(path)
        for name in new_names:
            if taken := existing.get(_comparison_key(name)):
                where = workspace.relative(workspace.teams / taken)
                raise WorkspaceError("team_exists", name=name, path=where)
        workbooks = []
        for name in new_names:
            path = workspace.teams / f"{name}.xlsx"
            workbooks.append(_create_team_workbook(workspace, name))
            created.append(path)
    except BaseException as error:
        _remove(created)
        if isinstance(error, OSError):
            where, reason = workspace.relative(path), error.strerror or str(error)
            raise WorkspaceError("team_not_made", path=where, reason=reason) from error
        raise
    return workbooks


def _team_names(names: Iterable[str]) -> list[str]:
    by_key: dict[str, str] = {}
    for name in map(team_name, names):
        if _comparison_key(name) in by_key:
            raise WorkspaceError("team_twice", name=name)
        by_key[_comparison_key(name)] = name
    return list(by_key.values())


def team_name(name: str) -> str:
    """Return a team's name in Unicode's composed form (NFC), as in its file's name.

    Raises:
        WorkspaceError: no file can have this name on one of the systems that use the
            share, or xlflow would ignore the file.
    """
    name = unicodedata.normalize("NFC", name)
    if not name.strip():
        raise WorkspaceError("team_name_blank")
    for character in name:
        if unicodedata.category(character) in _INVISIBLE:
            code = f"U+{ord(character):04X}"
            visible = name.replace(character, "�")
            raise WorkspaceError("team_name_invisible", name=visible, character=code)
        if character in _FORBIDDEN:
            raise WorkspaceError("team_name_character", name=name, character=character)
    for prefix in IGNORED_PREFIXES:
        if name.startswith(prefix):
            raise WorkspaceError("team_name_ignored", name=name, prefix=prefix)
    if name != name.strip() or name.endswith("."):
        raise WorkspaceError("team_name_edge", name=name)
    if name.partition(".")[0].rstrip().upper() in _RESERVED:
        raise WorkspaceError("team_name_reserved", name=name)
    length = len(f"{name}.xlsx".encode())
    if length > _MAX_FILE_NAME:
        raise WorkspaceError("team_name_long", name=name, length=length, limit=_MAX_FILE_NAME)
    return name


def _comparison_key(name: str) -> str:
    """Return a key that is equal for names that are equal on some file system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _workbook_names(folder: Path) -> dict[str, str]:
    """Return the file names of all tables in a folder, by the comparison key of their stems."""
    suffixes = WORKBOOK_SUFFIXES + OTHER_SUFFIXES
    names = {}
    for name in sorted(os.listdir(folder)):
        stem, suffix = os.path.splitext(name)
        if suffix.lower() in suffixes:
            names[_comparison_key(stem)] = name
    return names


def _create_folders(folder: Path) -> list[Path]:
    """Create a folder with its missing parents; return the created ones, outermost first."""
    missing = [f for f in (folder, *folder.parents) if not os.path.lexists(f)]
    created: list[Path] = []
    try:
        for path in reversed(missing):
            path.mkdir()
            created.append(path)
        os.listdir(folder)  # fails if there is a file in its place
    except OSError:
        _remove(created)
        raise
    return created


def _create_team_workbook(workspace: Workspace, name: str) -> Path:
    """Write one team's workbook, atomically."""
    from xlflow.team_files.file_operations import FILE_OPERATIONS
    from xlflow.templates import team_workbook

    path = workspace.teams / f"{name}.xlsx"
    temporary = workspace.teams / f".xlflow-new-{secrets.token_hex(4)}.tmp"
    try:
        settings = workspace.settings
        team_workbook.write(temporary, team=name, language=settings.language, settings=settings)
        FILE_OPERATIONS.move(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return path


def _create_master(workspace: Workspace) -> Path:
    """Write the coordinator's workbook with this machine's Python."""
    from xlflow.atomic_write import write_atomically
    from xlflow.templates.master_workbook import master_workbook

    write_atomically(workspace.master, master_workbook())
    return workspace.master


def _remove(created: list[Path]) -> None:
    for path in reversed(created):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
