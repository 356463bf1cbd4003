"""Installs the add-in into Excel, and uninstalls it without a trace.

The files go into Excel's start-up folder, whose files Excel trusts, and into the user's
home folder. Neither the registry nor any setting of Excel is changed. A manifest beside
the settings lists what was created, so that another version of xlflow removes exactly
that.
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

MANIFEST = "xlflow-installed.json"


class Installed(NamedTuple):
    """What was installed: files with their SHA-256, created folders, the version of xlwings."""

    files: Mapping[str, str]
    folders: tuple[str, ...]
    xlwings: str


class Removed(NamedTuple):
    """The files that were removed, and those that stay because somebody changed them."""

    files: tuple[str, ...]
    kept: tuple[str, ...]


def install(machine: Machine, build: Callable[[], bytes]) -> list[Path]:
    """Write the add-in and its settings; return the paths.

    Args:
        build: builds the add-in for the installed version of xlwings.

    Raises:
        UsageError: the system has no Excel with add-ins, or there is a file of that name
            that xlflow didn't write.
        WriteRefusedError: a file can't be written, usually because Excel has it open.
    """
    _require_excel_system(machine)
    before = installed(machine)
    wanted = {machine.addin: build(), machine.conf: settings(machine)}
    if machine.platform == "darwin":
        script = script_path(machine)
        wanted[script] = _xlwings_folder().joinpath(script.name).read_bytes()
    foreign = [p for p in wanted if p.exists() and not (before and str(p) in before.files)]
    # Other programs with xlwings install the same AppleScript.
    foreign = [p for p in foreign if p.read_bytes() != wanted[p]]
    if foreign:
        raise UsageError("setup.foreign", path=str(foreign[0]))
    files = dict(before.files) if before else {}
    folders = list(before.folders) if before else []
    for path, content in wanted.items():
        if path.exists() and str(path) not in files:
            continue
        _write(path, content, folders)
        files[str(path)] = sha256(content).hexdigest()
    manifest = Installed(files, tuple(folders), version("xlwings"))
    write_atomically(
        _manifest_path(machine),
        json.dumps(manifest._asdict(), ensure_ascii=False, indent=1).encode(),
    )
    return list(wanted)


def uninstall(machine: Machine) -> Removed:
    """Remove what :func:`install` created, if anything.

    Raises:
        UsageError: the system has no Excel with add-ins.
        WriteRefusedError: a file can't be removed, usually because Excel has it open.
    """
    _require_excel_system(machine)
    manifest = installed(machine)
    if manifest is None:
        return Removed((), ())
    removed, kept = [], []
    for name, digest in manifest.files.items():
        path = Path(name)
        if not path.exists():
            continue
        if sha256(path.read_bytes()).hexdigest() != digest:
            kept.append(name)
            continue
        try:
            path.unlink()
        except OSError as error:
            reason = error.strerror or str(error)
            raise WriteRefusedError("setup.not_removed", path=name, reason=reason) from error
        removed.append(name)
    _manifest_path(machine).unlink()
    for folder in sorted(manifest.folders, key=len, reverse=True):
        try:
            Path(folder).rmdir()
        except OSError:  # it has other files by now
            continue
    return Removed(tuple(removed), tuple(kept))


def installed(machine: Machine) -> Installed | None:
    """Return what is installed, None if nothing is."""
    try:
        manifest: dict[str, Any] = json.loads(_manifest_path(machine).read_text(encoding="utf-8"))
        return Installed(
            dict(manifest["files"]), tuple(manifest["folders"]), str(manifest["xlwings"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def settings(machine: Machine) -> bytes:
    """Return the add-in's settings in the format that VBA reads: ``"name","value"`` a line.

    Raises:
        UsageError: the interpreter's path can't be encoded so that VBA could read it.
    """
    python = {MACOS if machine.platform == "darwin" else WINDOWS: str(machine.python)}
    lines = [f'"{name}","{value}"\r\n' for name, value in {**SETTINGS, **python}.items()]
    try:
        return "".join(lines).encode(machine.encoding)
    except UnicodeEncodeError:
        raise UsageError("setup.unreadable_path", path=str(machine.python)) from None


def interpreter(machine: Machine) -> str | None:
    """Return the interpreter in the add-in's settings, None if there are no settings."""
    try:
        text = machine.conf.read_text(encoding=machine.encoding, errors="replace")
    except OSError:
        return None
    name = MACOS if machine.platform == "darwin" else WINDOWS
    entries = [line.split('","') for line in text.splitlines() if line.startswith(f'"{name}"')]
    return entries[0][1].rstrip('"') if entries and len(entries[0]) == 2 else ""


def set_master_interpreter(path: Path, machine: Machine) -> bool:
    """Write the interpreter into a workspace's master workbook; return whether it changed.

    Raises:
        UnreadableError: the file isn't a workbook.
        WriteRefusedError: it can't be written, usually because Excel has it open.
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


def script_path(machine: Machine) -> Path:
    """Return the path at which Excel for macOS looks for the script that runs Python."""
    scripts = machine.home / "Library/Application Scripts/com.microsoft.Excel"
    return scripts / f"xlwings-{version('xlwings')}.applescript"


def _write(path: Path, content: bytes, folders: list[str]) -> None:
    try:
        for folder in reversed(path.parents):
            if not folder.exists():
                folder.mkdir()
                folders.append(str(folder))
        write_atomically(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("setup.not_written", path=str(path), reason=reason) from error


def _require_excel_system(machine: Machine) -> None:
    if machine.platform not in ("win32", "darwin"):
        raise UsageError("setup.no_excel_here")


def _manifest_path(machine: Machine) -> Path:
    return machine.conf.with_name(MANIFEST)


def _xlwings_folder() -> Path:
    import xlwings

    return Path(xlwings.__file__).parent
