"""A workspace, the teams' shared folder: its paths, and how it is found.

The folder has only files that people share. xlflow's own state is in the user's state
directory, because a cloud client that syncs a database would corrupt it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from xlflow.config import FILE_NAME, Settings, read_settings
from xlflow.errors import WorkspaceError
from xlflow.printable import printable

WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
OTHER_SUFFIXES = (".xls", ".xlsb", ".et", ".ods", ".csv")
"""Formats of tables that xlflow can't read; such a file in ``teams/`` is reported."""

IGNORED_PREFIXES = ("~$", ".")
"""The prefixes of files that are never team workbooks: owner, temporary and hidden files."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace and its settings."""

    root: Path
    settings: Settings

    @property
    def teams(self) -> Path:
        """The folder of the team workbooks."""
        return self.root / "teams"

    @property
    def summaries(self) -> Path:
        """The folder of the summaries."""
        return self.root / "summaries"

    @property
    def master(self) -> Path:
        """The coordinator's workbook."""
        return self.root / "master.xlsm"

    @property
    def state(self) -> Path:
        """The folder of the store and the kept versions, which need not exist.

        Raises:
            WorkspaceError: it would be inside the shared folder.
        """
        configured = os.environ.get("XLFLOW_STATE_DIR") or self.settings.state_dir
        if configured:
            base = self.root / Path(configured).expanduser()
        else:
            import platformdirs

            base = platformdirs.user_state_path("xlflow", appauthor=False)
        state = base.resolve() / self._id
        if state.is_relative_to(self.root.resolve()):
            raise WorkspaceError("state_in_workspace", path=display_name(str(state)))
        return state

    @property
    def _id(self) -> str:
        # Settings written by hand may have no id; the path then identifies the workspace.
        path = os.fsencode(self.root.resolve())
        return self.settings.id or hashlib.sha256(path).hexdigest()[:16]

    def relative(self, path: Path) -> str:
        """Return a path for messages: relative to the workspace and with ``/``.

        A path outside the workspace stays absolute.
        """
        absolute = Path(os.path.abspath(path))
        for root in (self.root, self.root.resolve()):
            if absolute.is_relative_to(root):
                return display_name(absolute.relative_to(root).as_posix())
        return display_name(absolute.as_posix())


def display_name(name: str) -> str:
    r"""Return a file name that can be displayed: bytes that aren't UTF-8 become ``\xff``."""
    return printable(name)


def find(start: Path | None = None) -> Workspace:
    """Return the workspace of a command.

    It is ``start`` (``-C``), else ``XLFLOW_WORKSPACE``, else the current folder or its
    nearest parent with xlflow.toml.

    Raises:
        WorkspaceError: there is no workspace.
        SettingsError: its settings are invalid.
    """
    configured = os.environ.get("XLFLOW_WORKSPACE")
    if start is not None:
        return _at(start, "no_workspace_here")
    if configured:
        return _at(Path(configured).expanduser(), "no_workspace_in_environment")
    found = nearest(Path.cwd())
    if found is None:
        raise WorkspaceError("no_workspace", path=display_name(str(Path.cwd())))
    return found


def nearest(path: Path) -> Workspace | None:
    """Return the workspace in a path or in its nearest parent with one, None without one."""
    absolute = Path(os.path.abspath(path))
    for folder in (absolute, *absolute.parents):
        if (folder / FILE_NAME).is_file():
            return Workspace(folder, read_settings(folder / FILE_NAME))
    return None


def _at(root: Path, missing: str) -> Workspace:
    """Return the workspace in a folder; ``missing`` is the error key if there is none."""
    root = Path(os.path.abspath(root))
    # A folder of that name is read, too, so that the error names the real problem.
    try:
        os.lstat(root / FILE_NAME)
    except (FileNotFoundError, NotADirectoryError):
        raise WorkspaceError(missing, path=display_name(str(root))) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise WorkspaceError(
            "workspace_unavailable", path=display_name(str(root)), reason=reason
        ) from error
    return Workspace(root, read_settings(root / FILE_NAME))
