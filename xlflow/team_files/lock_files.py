"""Who has a workbook open, according to the lock files that office programs put next to it.

Their absence proves nothing (many sync clients don't copy them) and one may be left
over from a crash, so each is judged by its age and, where it names this machine, by
whether such a program runs. None is ever deleted: they belong to those programs.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

STALE_AFTER = timedelta(hours=24)

_MAX_SIZE = 4096  # bytes; Excel's are 165, LibreOffice's rarely 300
_EXCEL_SIZE = 165
_EXCEL_NAME = 55  # offset of the length of the user's name, which follows in UTF-16

LIBREOFFICE = ("soffice", "oosplash")


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who has a workbook open: user and machine, each empty where the lock file has none."""

    user: str
    host: str
    file: Path


def holder_of(
    path: Path,
    now: datetime,
    host: str,
    running: Callable[[tuple[str, ...]], bool] | None = None,
) -> LockHolder | None:
    """Return who has a workbook open, by the first lock file that isn't stale.

    Args:
        path: the workbook.
        now: the real time, with its zone.
        host: this machine's name, as ``socket.gethostname`` returns it.
        running: returns whether a program of one of these names runs here; called
            only for a lock file that names this machine.
    """
    for name, parse in (
        (f"~${path.name}", _parse_excel),
        (f".~lock.{path.name}#", _parse_libreoffice),
        (f".~{path.name}", _parse_excel),  # WPS
        *((name, _parse_excel) for name in _shortened(path)),
    ):
        file = path.with_name(name)
        found = _read(file)
        if found is None:
            continue
        content, modified = found
        if now - datetime.fromtimestamp(modified, now.tzinfo) > STALE_AFTER:
            continue
        user, machine = parse(content)
        is_local = bool(machine) and machine.casefold() == host.casefold()
        if is_local and not (running or program_runs)(LIBREOFFICE):
            continue
        return LockHolder(user, machine, file)
    return None


def _shortened(path: Path) -> list[str]:
    """Return the names of lock files that lack the first characters of the workbook's name.

    Office programs put the sign in place of one or two of them. A name that is the whole
    name of another workbook in the folder is that one's.
    """
    return [
        f"{sign}{rest}"
        for sign in ("~$", ".~")
        for count in (1, 2)
        if len(path.stem) > count and not os.path.lexists(path.with_name(rest := path.name[count:]))
    ]


def _read(file: Path) -> tuple[bytes, float] | None:
    """Return a lock file's content and modification time; None where there is no such file."""
    try:
        found = os.lstat(file)
    except (OSError, ValueError):  # missing, or the name would be too long
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    try:
        with open(file, "rb") as stream:
            return stream.read(_MAX_SIZE), found.st_mtime
    except FileNotFoundError:  # just closed
        return None
    except OSError:  # Excel on Windows may deny reading
        return b"", found.st_mtime


def _parse_excel(content: bytes) -> tuple[str, str]:
    """Return (user, "") from Excel's format: a length, an ANSI name, a length, a UTF-16 name."""
    if len(content) < _EXCEL_SIZE:
        return "", ""
    start = _EXCEL_NAME + 2
    length = int.from_bytes(content[_EXCEL_NAME:start], "little")
    name = content[start : start + 2 * length].decode("utf-16-le", "replace")
    return name.strip("\0 "), ""


def _parse_libreoffice(content: bytes) -> tuple[str, str]:
    r"""Return (user, host) from ``name,login,host,date,profile;``, where ``\`` escapes."""
    fields = [""]
    characters = iter(content.decode("utf-8", "replace"))
    for character in characters:
        if character == ";":
            break
        if character == ",":
            fields.append("")
        else:
            fields[-1] += next(characters, "") if character == "\\" else character
    name, login, host, *_ = (*fields, "", "", "")
    return name or login, host


def program_runs(names: tuple[str, ...]) -> bool:
    """Return whether a program whose name starts so runs on this machine; True if unknown."""
    if sys.platform == "linux":
        return any(
            _process_name(process).startswith(names) for process in Path("/proc").glob("[0-9]*")
        )
    windows = sys.platform == "win32"
    listing = ("tasklist", "/fo", "csv", "/nh") if windows else ("ps", "-axco", "comm")
    try:
        found = subprocess.run(listing, capture_output=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return True
    lines = found.stdout.decode("utf-8", "replace").splitlines()
    return any(line.lstrip('"').startswith(names) for line in lines)


def _process_name(process: Path) -> str:
    """Return the name of a running process (proc(5), stat); empty for a zombie."""
    try:
        status = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # just ended
        return ""
    name, _, state = status.partition("(")[2].rpartition(")")
    return "" if state.split()[0] in ("Z", "X") else name
