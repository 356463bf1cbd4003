"""Who has a workbook open, as the small files say that office programs put beside it.

Their absence proves nothing (many sync clients don't carry them) and one may
lie about after a crash, so each is judged by its age and, where it names this
machine, by whether such a program runs. None is ever deleted: it isn't ours.
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

_LARGEST = 4096  # bytes; Excel's are 165, LibreOffice's rarely 300
_EXCEL_SIZE = 165
_EXCEL_NAME = 55  # where the length of the user's name stands, and then the name in UTF-16

LIBREOFFICE = ("soffice", "oosplash")


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who has a workbook open: their name and machine, each empty where the file doesn't say."""

    user: str
    host: str
    file: Path


def holder_of(
    path: Path,
    now: datetime,
    host: str,
    running: Callable[[tuple[str, ...]], bool] | None = None,
) -> LockHolder | None:
    """Return who has a workbook open, going by owner files that aren't stale.

    Args:
        path: the workbook.
        now: the real time, with its zone.
        host: this machine's name, as ``socket.gethostname`` gives it.
        running: whether a program of one of these names runs here; asked only
            about an owner file that names this machine.
    """
    for name, read in (
        (f"~${path.name}", _excel),
        (f".~lock.{path.name}#", _libreoffice),
        (f".~{path.name}", _excel),  # WPS
    ):
        file = path.with_name(name)
        found = _content(file)
        if found is None:
            continue
        content, saved = found
        if now - datetime.fromtimestamp(saved, now.tzinfo) > STALE_AFTER:
            continue
        user, its_host = read(content)
        here = bool(its_host) and its_host.casefold() == host.casefold()
        if here and not (running or program_runs)(LIBREOFFICE):
            continue
        return LockHolder(user, its_host, file)
    return None


def _content(file: Path) -> tuple[bytes, float] | None:
    """Return an owner file's content and time; None where there is none."""
    try:
        found = os.lstat(file)
    except (OSError, ValueError):  # none, or a name too long for one
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    try:
        with open(file, "rb") as stream:
            return stream.read(_LARGEST), found.st_mtime
    except FileNotFoundError:  # closed just now
        return None
    except OSError:  # Excel on Windows doesn't always let others read it
        return b"", found.st_mtime


def _excel(content: bytes) -> tuple[str, str]:
    """Return (user, "") from Excel's form: a length, an ANSI name, a length, a UTF-16 name."""
    if len(content) < _EXCEL_SIZE:
        return "", ""
    start = _EXCEL_NAME + 2
    length = int.from_bytes(content[_EXCEL_NAME:start], "little")
    name = content[start : start + 2 * length].decode("utf-16-le", "replace")
    return name.strip("\0 "), ""


def _libreoffice(content: bytes) -> tuple[str, str]:
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
    """Tell whether a program whose name begins so runs on this machine; True in doubt."""
    if sys.platform == "linux":
        return any(_name(process).startswith(names) for process in Path("/proc").glob("[0-9]*"))
    windows = sys.platform == "win32"
    listing = ("tasklist", "/fo", "csv", "/nh") if windows else ("ps", "-axco", "comm")
    try:
        found = subprocess.run(listing, capture_output=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return True
    lines = found.stdout.decode("utf-8", "replace").splitlines()
    return any(line.lstrip('"').startswith(names) for line in lines)


def _name(process: Path) -> str:
    """Return the name of a living process (proc(5), stat)."""
    try:
        status = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has just ended
        return ""
    name, _, state = status.partition("(")[2].rpartition(")")
    return "" if state.split()[0] in ("Z", "X") else name
