"""What is in teams/: which files are workbooks, which look like copies, which can't be read.

Only names and kinds of file are looked at here; whether a candidate really is a
copy is decided once its rows are known. Nothing is opened, no link is
followed and no folder entered.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from xlflow.errors import UnreadableError, WorkspaceError, XlflowError
from xlflow.sync.copy_names import copied_stem
from xlflow.sync.file_index import Listing, list_folder
from xlflow.workspace import (
    IGNORED_PREFIXES,
    OTHER_SUFFIXES,
    WORKBOOK_SUFFIXES,
    display_name,
)


class FileKind(Enum):
    """What a folder entry is; a link is a link, whatever it points at."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"
    FIFO = "fifo"
    SOCKET = "socket"
    DEVICE = "device"


_KINDS = {
    stat.S_IFREG: FileKind.FILE,
    stat.S_IFDIR: FileKind.FOLDER,
    stat.S_IFLNK: FileKind.SYMLINK,
    stat.S_IFIFO: FileKind.FIFO,
    stat.S_IFSOCK: FileKind.SOCKET,
}
_NEVER_OPENED = {
    FileKind.SYMLINK: "reading.is_symlink",
    FileKind.FIFO: "reading.is_fifo",
    FileKind.SOCKET: "reading.is_socket",
    FileKind.DEVICE: "reading.is_device",
}
# Windows and its servers can't open such a name, or take it for the one without.
_TRAILING = " .\u00a0\u3000"
_SUFFIXES = frozenset(WORKBOOK_SUFFIXES + OTHER_SUFFIXES)


class TeamFile(NamedTuple):
    """One file that is, or is meant to be, a team's workbook.

    ``name`` is the file name as it is on disk, ``team`` its stem, safe to display.
    ``error`` says why the file isn't opened. ``extends`` are the file names of the
    workbooks that its name says it is a copy of, the first original first:
    ``X - 副本 (2)`` extends ``X`` and ``X - 副本``.
    ``twin`` is the file name of the same team's workbook in the other format.
    """

    folder: Path
    name: str
    team: str
    error: XlflowError | None = None
    extends: tuple[str, ...] = ()
    twin: str | None = None

    @property
    def path(self) -> Path:
        """The file's path, made when it is needed: most files of a pass aren't opened."""
        return self.folder / self.name


def list_team_files(teams: Path) -> list[TeamFile]:
    """Return the team files in a folder, by name; none if there is no folder.

    Raises:
        WorkspaceError: the folder can't be listed.
    """
    return entries(teams, listing(teams))


def listing(teams: Path, lister: Callable[[Path], Listing] = list_folder) -> Listing:
    """Return the listing of a folder of team workbooks; an empty one if there is no folder.

    Raises:
        WorkspaceError: the folder can't be listed.
    """
    try:
        return lister(teams)
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or str(error)
        raise WorkspaceError(
            "teams_unavailable", path=display_name(str(teams)), reason=reason
        ) from error


def entries(teams: Path, listing: Listing) -> list[TeamFile]:
    """Return the team files in a listing."""
    return classify(teams, {name: _kind(signature.mode) for name, signature in listing.items()})


def _kind(mode: int) -> FileKind:
    return _KINDS.get(stat.S_IFMT(mode), FileKind.DEVICE)


def classify(teams: Path, kinds: Mapping[str, FileKind]) -> list[TeamFile]:
    """Return the team files among the entries of a folder, given by name and kind."""
    stems: dict[str, list[str]] = defaultdict(list)
    tables = []
    for name in sorted(kinds):
        kind = kinds[name]
        if kind is FileKind.FOLDER or name.startswith(IGNORED_PREFIXES):
            continue
        trimmed = name.rstrip(_TRAILING)
        stem, suffix = os.path.splitext(trimmed)
        suffix = suffix.lower()
        if suffix in _SUFFIXES:
            if name != trimmed:
                error: XlflowError | None = UnreadableError("reading.trailing_character")
                tables.append((name, name, error))
                continue
            error = _error(suffix, kind)
            tables.append((name, stem, error))
            if error is None:
                stems[stem].append(name)
    entries = []
    for name, stem, error in tables:
        if error is not None:
            entries.append(TeamFile(teams, name, display_name(stem), error))
            continue
        twins = stems[stem]
        extends = tuple([stems[base][0] for base in _originals(stem, stems)])
        twin = next(other for other in twins if other != name) if len(twins) > 1 else None
        entries.append(TeamFile(teams, name, display_name(stem), None, extends, twin))
    return entries


def _originals(stem: str, stems: Collection[str]) -> list[str]:
    """Return the chain of stems that a stem is a copy of, the first original first."""
    originals: list[str] = []
    base = copied_stem(stem, stems)
    while base is not None:
        originals.insert(0, base)
        base = copied_stem(base, stems)
    return originals


def _error(suffix: str, kind: FileKind) -> UnreadableError | None:
    if kind in _NEVER_OPENED:
        return UnreadableError(_NEVER_OPENED[kind])
    if suffix in OTHER_SUFFIXES:
        return UnreadableError("reading.other_format", suffix=suffix)
    return None
