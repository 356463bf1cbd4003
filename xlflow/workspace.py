"""A workspace: the teams' shared folder, found, made and extended.

Only files that are shared lie in it; what xlflow remembers lies in the user's
state directory, since syncing a database would destroy it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xlflow.config import FILE_NAME, Settings, read_settings, settings_text
from xlflow.errors import WorkspaceError

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
OTHER_SUFFIXES = (".xls", ".xlsb", ".et", ".ods", ".csv")
"""Tables in a form that isn't read, but that people take for their team's workbook."""

IGNORED_PREFIXES = ("~$", ".")
"""Of names that are never a team's: owner files, temporary and hidden files."""

_LONGEST_NAME = 255  # bytes, on the file systems of Linux and most network shares
_FORBIDDEN = set('<>:"/\\|?*')
_RESERVED = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"
}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace and its settings."""

    root: Path
    settings: Settings

    @property
    def teams(self) -> Path:
        """The folder of the team workbooks, one each."""
        return self.root / "teams"

    @property
    def summaries(self) -> Path:
        """The folder of the months' summaries."""
        return self.root / "summaries"

    @property
    def master(self) -> Path:
        """The coordinator's workbook."""
        return self.root / "master.xlsm"

    @property
    def state(self) -> Path:
        """The folder of the store and the kept versions, which need not exist yet.

        Raises:
            WorkspaceError: it would lie inside the shared folder.
        """
        chosen = os.environ.get("XLFLOW_STATE_DIR") or self.settings.state_dir
        if chosen:
            base = self.root / Path(chosen).expanduser()
        else:
            import platformdirs

            base = platformdirs.user_state_path("xlflow", appauthor=False)
        state = base.resolve() / self._id
        if state.is_relative_to(self.root.resolve()):
            raise WorkspaceError("state_in_workspace", path=shown(str(state)))
        return state

    @property
    def _id(self) -> str:
        # A settings file written by hand may have none; its place then stands for it.
        place = os.fsencode(self.root.resolve())
        return self.settings.id or hashlib.sha256(place).hexdigest()[:16]

    def relative(self, path: Path) -> str:
        """Return how a path is named in reports: from the workspace, with ``/``.

        A path outside it is named absolutely.
        """
        absolute = Path(os.path.abspath(path))
        for root in (self.root, self.root.resolve()):
            if absolute.is_relative_to(root):
                return shown(absolute.relative_to(root).as_posix())
        return shown(absolute.as_posix())


def shown(name: str) -> str:
    r"""Return a name from the disk fit to be shown: bytes that are no UTF-8 become ``\xff``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def find(start: Path | None = None) -> Workspace:
    """Return the workspace that is meant.

    ``start`` (``-C``) names it, else ``XLFLOW_WORKSPACE`` does, else it is the
    current folder or the nearest parent that holds xlflow.toml.

    Raises:
        WorkspaceError: there is none.
        SettingsError: its settings can't be meant.
    """
    named = os.environ.get("XLFLOW_WORKSPACE")
    if start is not None:
        return _at(start, "no_workspace_here")
    if named:
        return _at(Path(named).expanduser(), "no_workspace_in_environment")
    found = nearest(Path.cwd())
    if found is None:
        raise WorkspaceError("no_workspace", path=shown(str(Path.cwd())))
    return found


def nearest(path: Path) -> Workspace | None:
    """Return the workspace that a path lies in: its own or the nearest above it, if any."""
    absolute = Path(os.path.abspath(path))
    for folder in (absolute, *absolute.parents):
        if (folder / FILE_NAME).is_file():
            return Workspace(folder, read_settings(folder / FILE_NAME))
    return None


def _at(root: Path, missing: str) -> Workspace:
    root = Path(os.path.abspath(root))
    # Something there that is no file is read all the same, so that its fault is named.
    if not os.path.lexists(root / FILE_NAME):
        raise WorkspaceError(missing, path=shown(str(root)))
    return Workspace(root, read_settings(root / FILE_NAME))


def init(root: Path, teams: Iterable[str] = (), language: str = "zh") -> Workspace:
    """Make a workspace: settings, the master and team workbooks; nothing is overwritten.

    The settings come last, so that an attempt which failed half-way can be
    repeated; a team workbook that is there already stays as it is.

    Raises:
        WorkspaceError: there is one already, a name can't be a team's, or the
            disk refuses, in which case what was made is taken away again.
    """
    root = Path(os.path.abspath(root))
    settings_file = root / FILE_NAME
    if os.path.lexists(settings_file):
        raise WorkspaceError("workspace_exists", path=shown(str(root)))
    workspace = Workspace(root, Settings(id=secrets.token_hex(8), language=language))
    names = _team_names(teams)
    made: list[Path] = []
    try:
        for folder in (root, workspace.teams, workspace.summaries):
            made += _new_folders(folder)
        present = _present(workspace.teams)
        for name in names:
            if _fold(name) not in present:
                made.append(_new_workbook(workspace, name))
        if not os.path.lexists(workspace.master):
            made.append(_new_master(workspace))
        with open(settings_file, "x", encoding="utf-8", newline="\n") as stream:
            made.append(settings_file)
            stream.write(settings_text(workspace.settings, language))
    except BaseException as error:
        _take_away(made)
        if isinstance(error, FileExistsError) and settings_file not in made:
            raise WorkspaceError("workspace_exists", path=shown(str(root))) from None
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise WorkspaceError(
                "workspace_not_made", path=shown(str(root)), reason=reason
            ) from error
        raise
    return workspace


def add_teams(workspace: Workspace, names: Iterable[str]) -> list[Path]:
    """Write the workbooks of new teams from the template: all of them or none.

    Raises:
        WorkspaceError: a name can't be a team's or is taken, or the disk refuses.
    """
    wanted = _team_names(names)
    made: list[Path] = []
    path = workspace.teams
    try:
        made += _new_folders(path)
        present = _present(path)
        for name in wanted:
            if taken := present.get(_fold(name)):
                where = workspace.relative(workspace.teams / taken)
                raise WorkspaceError("team_exists", name=name, path=where)
        workbooks = []
        for name in wanted:
            path = workspace.teams / f"{name}.xlsx"
            workbooks.append(_new_workbook(workspace, name))
            made.append(path)
    except BaseException as error:
        _take_away(made)
        if isinstance(error, OSError):
            where, reason = workspace.relative(path), error.strerror or str(error)
            raise WorkspaceError("team_not_made", path=where, reason=reason) from error
        raise
    return workbooks


def _team_names(names: Iterable[str]) -> list[str]:
    wanted: dict[str, str] = {}
    for name in map(team_name, names):
        if _fold(name) in wanted:
            raise WorkspaceError("team_twice", name=name)
        wanted[_fold(name)] = name
    return list(wanted.values())


def team_name(name: str) -> str:
    """Return a team's name as its file will bear it, in Unicode's composed form.

    Raises:
        WorkspaceError: no file could be called so on one of the systems that
            share the folder, or it would be ignored there.
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
    if length > _LONGEST_NAME:
        raise WorkspaceError("team_name_long", name=name, length=length, limit=_LONGEST_NAME)
    return name


def _fold(name: str) -> str:
    """Return what two names share that some file system takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _present(folder: Path) -> dict[str, str]:
    """Map the folded stem of every table in a folder, in whatever format, to its file name."""
    suffixes = WORKBOOK_SUFFIXES + OTHER_SUFFIXES
    present = {}
    for name in sorted(os.listdir(folder)):
        stem, suffix = os.path.splitext(name)
        if suffix.lower() in suffixes:
            present[_fold(stem)] = name
    return present


def _new_folders(folder: Path) -> list[Path]:
    """Make a folder and the parents it lacks; return those that were made, outermost first."""
    lacking = [f for f in (folder, *folder.parents) if not os.path.lexists(f)]
    made: list[Path] = []
    try:
        for each in reversed(lacking):
            each.mkdir()
            made.append(each)
        os.listdir(folder)  # a file in its place is an error too
    except OSError:
        _take_away(made)
        raise
    return made


def _new_workbook(workspace: Workspace, name: str) -> Path:
    """Write one team's workbook; it appears under its name whole, or not at all."""
    from xlflow.team_files.file_operations import FILE_OPERATIONS
    from xlflow.templates import team_workbook

    path = workspace.teams / f"{name}.xlsx"
    part = workspace.teams / f".xlflow-new-{secrets.token_hex(4)}.tmp"
    try:
        settings = workspace.settings
        team_workbook.write(part, team=name, language=settings.language, settings=settings)
        FILE_OPERATIONS.move(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    return path


def _new_master(workspace: Workspace) -> Path:
    """Put the coordinator's workbook for this machine's Python into the workspace."""
    from xlflow.atomic_write import write_atomically
    from xlflow.templates.master_workbook import master_workbook

    write_atomically(workspace.master, master_workbook())
    return workspace.master


def _take_away(made: list[Path]) -> None:
    for path in reversed(made):
        with suppress(OSError):
            path.rmdir() if path.is_dir() else path.unlink()
