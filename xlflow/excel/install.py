"""Putting the add-in into Excel, and taking it out again without a trace.

Files go into Excel's start-up folder, which Excel trusts by itself, and into the
user's own folder; nothing is written into the registry and no setting of Excel's
is changed. A list of what was made lies beside the settings, so that exactly that
can be taken away, whatever the program's version by then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from xlflow.atomic_write import write_atomically
from xlflow.errors import UsageError, WriteRefusedError
from xlflow.excel.machine import Machine
from xlflow.templates.master_workbook import MACOS, SETTINGS, WINDOWS, with_interpreter

LIST = "xlflow-installed.json"


class Installed(NamedTuple):
    """What was made: files with the digest of their content, folders, and for which xlwings."""

    files: Mapping[str, str]
    folders: tuple[str, ...]
    xlwings: str


class Removed(NamedTuple):
    """What uninstalling did: files taken away, and files left since somebody changed them."""

    files: tuple[str, ...]
    left: tuple[str, ...]


def install(machine: Machine, build: Callable[[], bytes]) -> list[Path]:
    """Put the add-in and its settings in place; returns the files.

    Args:
        build: makes the add-in for the installed xlwings.

    Raises:
        UsageError: the system has no Excel that add-ins work in, or a file of that
            name is somebody else's.
        WriteRefusedError: a file can't be written, mostly since Excel has it open.
    """
    _excels_system(machine)
    before = installed(machine)
    wanted = {machine.addin: build(), machine.conf: settings(machine)}
    if machine.platform == "darwin":
        wanted |= {_script(machine): _own_script().read_bytes()}
    foreign = [p for p in wanted if p.exists() and not (before and str(p) in before.files)]
    # Another program's AppleScript of the same name is the same script.
    foreign = [p for p in foreign if p.read_bytes() != wanted[p]]
    if foreign:
        raise UsageError("setup.foreign", path=str(foreign[0]))
    files = dict(before.files) if before else {}
    folders = list(before.folders) if before else []
    for path, content in wanted.items():
        if path.exists() and str(path) not in files:
            continue
        _make(path, content, folders)
        files[str(path)] = sha256(content).hexdigest()
    made = Installed(files, tuple(folders), version("xlwings"))
    write_atomically(
        _list(machine), json.dumps(made._asdict(), ensure_ascii=False, indent=1).encode()
    )
    return list(wanted)


def uninstall(machine: Machine) -> Removed:
    """Take away what :func:`install` made; nothing where nothing is installed.

    Raises:
        UsageError: the system has no Excel that add-ins work in.
        WriteRefusedError: a file can't be removed, mostly since Excel has it open.
    """
    _excels_system(machine)
    made = installed(machine)
    if made is None:
        return Removed((), ())
    gone, left = [], []
    for name, digest in made.files.items():
        path = Path(name)
        if not path.exists():
            continue
        if sha256(path.read_bytes()).hexdigest() != digest:
            left.append(name)
            continue
        try:
            path.unlink()
        except OSError as error:
            reason = error.strerror or str(error)
            raise WriteRefusedError("setup.not_removed", path=name, reason=reason) from error
        gone.append(name)
    _list(machine).unlink()
    for folder in sorted(made.folders, key=len, reverse=True):
        try:
            Path(folder).rmdir()
        except OSError:  # something else lies there by now
            continue
    return Removed(tuple(gone), tuple(left))


def installed(machine: Machine) -> Installed | None:
    """Return what is installed, None where nothing is."""
    try:
        noted: dict[str, Any] = json.loads(_list(machine).read_text(encoding="utf-8"))
        return Installed(dict(noted["files"]), tuple(noted["folders"]), str(noted["xlwings"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def settings(machine: Machine) -> bytes:
    """Return the add-in's settings, as VBA reads them: ``"name","value"`` a line.

    Raises:
        UsageError: the interpreter's path has characters that VBA can't read there.
    """
    python = {MACOS if machine.platform == "darwin" else WINDOWS: str(machine.python)}
    lines = [f'"{name}","{value}"\r\n' for name, value in {**SETTINGS, **python}.items()]
    try:
        return "".join(lines).encode(machine.encoding)
    except UnicodeEncodeError:
        raise UsageError("setup.unreadable_path", path=str(machine.python)) from None


def interpreter(machine: Machine) -> str | None:
    """Return the interpreter that the add-in's settings name, None where there are none."""
    try:
        text = machine.conf.read_text(encoding=machine.encoding, errors="replace")
    except OSError:
        return None
    name = MACOS if machine.platform == "darwin" else WINDOWS
    named = [line.split('","') for line in text.splitlines() if line.startswith(f'"{name}"')]
    return named[0][1].rstrip('"') if named and len(named[0]) == 2 else ""


def tell_master(path: Path, machine: Machine) -> bool:
    """Tell a workspace's master workbook which Python to use; whether that had to be said.

    Raises:
        UnreadableError: it is no workbook any more.
        WriteRefusedError: it can't be written, mostly since Excel has it open.
    """
    content = path.read_bytes()
    changed = with_interpreter(content, machine.python)
    if changed == content:
        return False
    try:
        write_atomically(path, changed)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("setup.not_written", path=str(path), reason=reason) from error
    return True


def _make(path: Path, content: bytes, folders: list[str]) -> None:
    try:
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir()
                folders.append(str(folder))
        write_atomically(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("setup.not_written", path=str(path), reason=reason) from error


def _excels_system(machine: Machine) -> None:
    if machine.platform not in ("win32", "darwin"):
        raise UsageError("setup.no_excel_here")


def _list(machine: Machine) -> Path:
    return machine.conf.with_name(LIST)


def _script(machine: Machine) -> Path:
    """Return where Excel on macOS looks for the script that runs Python."""
    scripts = machine.home / "Library/Application Scripts/com.microsoft.Excel"
    return scripts / _own_script().name


def _own_script() -> Path:
    import xlwings

    return Path(xlwings.__file__).with_name(f"xlwings-{version('xlwings')}.applescript")
