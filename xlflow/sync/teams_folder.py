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
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

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


_NEVER_OPENED = {
    FileKind.SYMLINK: "reading.is_symlink",
    FileKind.FIFO: "reading.is_fifo",
    FileKind.SOCKET: "reading.is_socket",
    FileKind.DEVICE: "reading.is_device",
}


@dataclass(frozen=True, slots=True)
class TeamFile:
    """One file that is, or is meant to be, a team's workbook.

    ``team`` is the file's stem, safe to display. ``error`` says why the file isn't opened.
    ``extends`` are the file names of the workbooks that its name says it is a copy
    of, the first original first: ``X - 副本 (2)`` extends ``X`` and ``X - 副本``.
    ``twin`` is the file name of the same team's workbook in the other format.
    """

    path: Path
    team: str
    error: XlflowError | None = None
    extends: tuple[str, ...] = ()
    twin: str | None = None

    @property
    def name(self) -> str:
        """The file name as it is on disk."""
        return self.path.name


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
    for is_kind, kind in (
        (stat.S_ISREG, FileKind.FILE),
        (stat.S_ISDIR, FileKind.FOLDER),
        (stat.S_ISLNK, FileKind.SYMLINK),
        (stat.S_ISFIFO, FileKind.FIFO),
        (stat.S_ISSOCK, FileKind.SOCKET),
    ):
        if is_kind(mode):
            return kind
    return FileKind.DEVICE


def classify(teams: Path, kinds: Mapping[str, FileKind]) -> list[TeamFile]:
    """Return the team files among the entries of a folder, given by name and kind."""
    stems: dict[str, list[str]] = defaultdict(list)
    tables = [
        (name, stem, suffix.lower(), kinds[name])
        for name in sorted(kinds)
        for stem, suffix in [os.path.splitext(name)]
        if _is_team_table(name, suffix.lower(), kinds[name])
    ]
    for name, stem, suffix, kind in tables:
        if kind is FileKind.FILE and suffix in WORKBOOK_SUFFIXES:
            stems[stem].append(name)
    entries = []
    for name, stem, suffix, kind in tables:
        if error := _error(suffix, kind):
            entries.append(TeamFile(teams / name, display_name(stem), error))
            continue
        entries.append(
            TeamFile(
                teams / name,
                display_name(stem),
                extends=tuple(stems[base][0] for base in _originals(stem, stems)),
                twin=next((other for other in stems[stem] if other != name), None),
            )
        )
    return entries


def _originals(stem: str, stems: Collection[str]) -> list[str]:
    """Return the chain of stems that a stem is a copy of, the first original first."""
    originals: list[str] = []
    base = copied_stem(stem, stems)
    while base is not None:
        originals.insert(0, base)
        base = copied_stem(base, stems)
    return originals


def _is_team_table(name: str, suffix: str, kind: FileKind) -> bool:
    """Whether an entry is a table in any format, and neither a folder nor a temporary file."""
    return (
        kind is not FileKind.FOLDER
        and not name.startswith(IGNORED_PREFIXES)
        and suffix in WORKBOOK_SUFFIXES + OTHER_SUFFIXES
    )


def _error(suffix: str, kind: FileKind) -> UnreadableError | None:
    if kind in _NEVER_OPENED:
        return UnreadableError(_NEVER_OPENED[kind])
    if suffix in OTHER_SUFFIXES:
        return UnreadableError("reading.other_format", suffix=suffix)
    return None
