"""What lies in teams/: which names are workbooks, which look like copies, which can't be read.

Only names and kinds of file are looked at here; whether a candidate really is a
conflict copy shows when its rows are known. Nothing is opened, no link is
followed and no folder entered.
"""

from __future__ import annotations

import os
import re
import stat
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from xlflow.errors import UnreadableError, WorkspaceError, XlflowError
from xlflow.sync.file_index import Listing, list_folder
from xlflow.workspace import IGNORED_PREFIXES, OTHER_SUFFIXES, WORKBOOK_SUFFIXES, shown


class FileKind(Enum):
    """What a folder entry is, the link itself and not what it points at."""

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
    """One file that people mean as a team's workbook.

    ``team`` is the stem, fit to be shown. ``error`` says why it isn't opened.
    ``extends`` are the file names of the workbooks of which its name looks like a
    copy's, the first original first: ``X - 副本 (2)`` extends ``X`` and ``X - 副本``.
    ``twin`` is that of the same team's workbook in the other format.
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
    """Return what lies in a folder of team workbooks, by name; nothing if there is no folder.

    Raises:
        WorkspaceError: the folder can't be listed.
    """
    return entries(teams, listing(teams))


def listing(teams: Path, look: Callable[[Path], Listing] = list_folder) -> Listing:
    """Return what lies in a folder of team workbooks; nothing if there is no folder.

    Raises:
        WorkspaceError: the folder can't be listed.
    """
    try:
        return look(teams)
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or str(error)
        raise WorkspaceError("teams_unavailable", path=shown(str(teams)), reason=reason) from error


def entries(teams: Path, found: Listing) -> list[TeamFile]:
    """Return an entry for everything in a listing that is somebody's workbook, or meant as one."""
    return classify(teams, {name: _kind(signature.mode) for name, signature in found.items()})


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
    """Return an entry for every name that is somebody's workbook, or meant as one."""
    stems: dict[str, list[str]] = defaultdict(list)
    meant = [name for name in sorted(kinds) if _is_meant(name, kinds[name])]
    for name in meant:
        stem, suffix = os.path.splitext(name)
        if kinds[name] is FileKind.FILE and suffix.lower() in WORKBOOK_SUFFIXES:
            stems[stem].append(name)
    entries = []
    for name in meant:
        stem, suffix = os.path.splitext(name)
        if error := _error(suffix.lower(), kinds[name]):
            entries.append(TeamFile(teams / name, shown(stem), error))
            continue
        entries.append(
            TeamFile(
                teams / name,
                shown(stem),
                extends=tuple(stems[base][0] for base in _originals(stem, stems)),
                twin=next((other for other in stems[stem] if other != name), None),
            )
        )
    return entries


def _originals(stem: str, stems: Collection[str]) -> list[str]:
    """Return what a name is a copy's of, what that one is a copy's of, and so on, last first."""
    found: list[str] = []
    base = copied_stem(stem, stems)
    while base is not None:
        found.insert(0, base)
        base = copied_stem(base, stems)
    return found


def _is_meant(name: str, kind: FileKind) -> bool:
    """Tell a team's table, in whatever form, from folders, temporary files and the rest."""
    suffix = os.path.splitext(name)[1].lower()
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


# How programs name a second copy, after or before the name of the first. Only a candidate:
# 市场部(2) may be a team, and is one if it has rows of its own.
_WORD = "(?:副本|複本|复本|拷贝|拷貝|copy)"
_NUMBER = r"(?:\d{1,3}|[(（]\d{1,3}[)）])"
_ENDINGS = (
    rf"[ _-]*{_WORD}[ _-]*{_NUMBER}?",  # Explorer, Finder, WPS: " - 副本 (2)", " copy 2"
    rf"[”」]?\s*的\s*{_WORD}[ _-]*{_NUMBER}?",  # Finder, Google Drive: "的副本"
    r"\s*[(（]\s*\d{1,3}\s*[)）]",  # browsers, chat programs: "(1)", "（1）"
    r" \d{1,3}",  # iCloud: " 2"
    r"-[a-z0-9][a-z0-9_-]*",  # OneDrive, the computer's name: "-PC01", "-DESKTOP-1A2B3C4-2"
    r"[-_ ].{1,40}?的(?:电脑|電腦|笔记本|macbook|imac)[a-z ]*",  # the same, of a Mac
    "[ ._(（【-].*(?:冲突|衝突|conflict).*",  # Dropbox, 坚果云, Syncthing, Nextcloud …
    "的?(?:冲突|衝突).*",  # "的冲突副本"
    "'s? conflicted copy.*",
)
_BEGINNINGS = (
    r"copy (?:\(\d{1,3}\) )?of ",
    rf"{_WORD}[ _-]*{_NUMBER}?[ _-]+",  # "副本 市场一部"
    "[“「]",  # “市场一部”的副本
)
# Two marks may follow each other: a copy of a copy. No more, so that matching stays quick.
_AFTER = re.compile(f"(?:{'|'.join(_ENDINGS)}){{1,2}}", re.IGNORECASE)
_BEFORE = re.compile("|".join(_BEGINNINGS), re.IGNORECASE)


def copied_stem(stem: str, stems: Collection[str]) -> str | None:
    """Return the longest of ``stems`` that ``stem`` extends as a copy's name does, if any.

    ``stems`` had better find a name at once, as sets and mappings do: a folder of
    many workbooks asks for each of them.
    """
    before = _BEFORE.match(stem)
    found = [stem[:end] for end in range(1, len(stem)) if stem[:end] in stems]
    found = [base for base in found if _AFTER.fullmatch(stem, len(base))]
    if before is not None:
        start = before.end()
        for end in range(start + 1, len(stem) + 1):
            copied = end == len(stem) or _AFTER.fullmatch(stem, end) is not None
            if stem[start:end] in stems and copied:
                found.append(stem[start:end])
    return max(found, key=len, default=None)


# Parts of a path by which a cloud client's folder is known, and files that mark its root.
_CLOUDS = (
    ("OneDrive", "onedrive(?: ?[-(].*)?", (".849C9593-D756-4E56-8D6E-42412F2A707B",)),
    ("坚果云", "(?:我的)?坚果云.*|nutstore.*", ()),
    ("Dropbox", r"dropbox(?: ?[-(].*)?", (".dropbox.cache",)),
    ("WPS网盘", "wps ?(?:网盘|云盘|云文档|drive|cloud ?files).*", ()),
    ("Google Drive", "google ?drive.*|my drive|我的云端硬盘", (".tmp.drivedownload",)),
    ("iCloud", "icloud ?drive|mobile documents", ()),
    ("百度网盘", "百度网盘(?:同步.*)?|baidusyncdisk.*|baidunetdisk(?:workspace)?", ()),
    ("阿里云盘", "阿里云盘.*|aliyundrive.*", ()),
    ("Synology Drive", "synologydrive.*", (".SynologyWorkingDirectory",)),
    ("Nextcloud", "nextcloud.*|owncloud.*", (".nextcloudsync.log", ".owncloudsync.log")),
    ("Syncthing", "syncthing", (".stfolder",)),
)
_ENVIRONMENT = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")


def cloud_client_of(path: Path, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return which cloud client syncs a folder, None where none is recognised.

    Known by the names of the folders above, by the files a client marks its own
    folder with, and on Windows by what OneDrive says of itself in the environment.
    """
    places = dict.fromkeys((path.absolute(), path.resolve()))
    for place in places:
        for variable in _ENVIRONMENT:
            root = environment.get(variable)
            if root and place.is_relative_to(root):
                return "OneDrive"
        for folder in (place, *place.parents):
            for cloud, name, marks in _CLOUDS:
                named = re.fullmatch(name, folder.name, re.IGNORECASE)
                if named or any(os.path.lexists(folder / mark) for mark in marks):
                    return cloud
    return None
