"""What is wrong with a machine's set-up, each thing with its mend.

A check is a small function of the machine (and the workspace, if any) that yields
what it finds wrong; it is named by its sentences ``doctor.<name>``. What a check
can't tell it doesn't report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from xlflow.errors import UnreadableError, XlflowError
from xlflow.excel import install
from xlflow.excel.machine import Machine
from xlflow.templates.master_workbook import interpreter_of
from xlflow.workspace import Workspace, shown

Fault = tuple[str, Mapping[str, Any]]
"""The name of a fault's sentence, and its facts."""

Space = Workspace | XlflowError
"""The workspace, or why there is none to be had."""

_OFFICE = r"Software\Microsoft\Office\16.0\Excel"
_POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
_NO_MACROS, _SIGNED_ONLY = 4, 3
_INTERNET = 3
_WPS = ("KET.", "ET.", "WPS.")


class Check(NamedTuple):
    """One thing looked at, and what is wrong with it (nothing: all is well)."""

    name: str
    faults: tuple[Fault, ...]


def examine(machine: Machine, space: Space) -> list[Check]:
    """Look at everything there is to look at on this system."""
    return [Check(name, tuple(check(machine, space))) for name, check in _checks(machine).items()]


def excel(machine: Machine, space: Space) -> Iterator[Fault]:
    """Excel itself."""
    if machine.platform == "darwin":
        if not Path("/Applications/Microsoft Excel.app").exists():
            yield "no_excel", {}
    elif machine.registry(r"HKCR\Excel.Application\CLSID") is None:
        yield "no_excel", {}


def wps(machine: Machine, space: Space) -> Iterator[Fault]:
    """Which program opens workbooks with macros."""
    extensions = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts"
    chosen = machine.registry(rf"{extensions}\.xlsm\UserChoice") or {}
    if str(chosen.get("ProgId", "")).upper().startswith(_WPS):
        yield "wps", {}


def dll(machine: Machine, space: Space) -> Iterator[Fault]:
    """The library by which Excel reaches Python, in the installed version and Excel's bitness."""
    bits = excels_bits(machine)
    wanted = f"xlwings{bits}-{version('xlwings')}.dll"
    folders = (machine.python.parent, machine.python.parent.parent, machine.prefix)
    present = sorted(p.name for folder in folders for p in folder.glob("xlwings*-*.dll"))
    if wanted in present:
        return
    if any(name.startswith(f"xlwings{bits}-") for name in present):
        yield "dll_version", {"wanted": wanted, "found": present[0]}
    elif present:
        yield "bitness", {"bits": bits, "found": present[0], "wanted": wanted}
    else:
        yield "dll_missing", {"wanted": wanted, "folder": str(machine.prefix)}


def addin(machine: Machine, space: Space) -> Iterator[Fault]:
    """The add-in in Excel's start-up folder."""
    made = install.installed(machine)
    if made is None:
        return
    if not machine.addin.exists():
        yield "addin_gone", {"path": str(machine.addin)}
    elif made.xlwings != version("xlwings"):
        yield "addin_version", {"built": made.xlwings, "installed": version("xlwings")}
    items = machine.registry(rf"HKCU\{_OFFICE}\Resiliency\DisabledItems") or {}
    texts = [v.decode("utf-16-le", "ignore") for v in items.values() if isinstance(v, bytes)]
    for name in (machine.addin.name, "master.xlsm"):
        if any(name in text.lower() for text in texts):
            yield "disabled", {"name": name}


def blocked(machine: Machine, space: Space) -> Iterator[Fault]:
    """Marks that files carry when they came from the web; Excel runs none of their macros."""
    files = [machine.addin, *([space.master] if isinstance(space, Workspace) else [])]
    for path in files:
        zone = machine.zone(path)
        if zone is not None and zone >= _INTERNET:
            yield "marked", {"path": shown(str(path))}


def macros(machine: Machine, space: Space) -> Iterator[Fault]:
    """Whether macros may run at all."""
    for key in (rf"HKCU\{_POLICY}", rf"HKLM\{_POLICY}"):
        warnings = (machine.registry(key) or {}).get("VBAWarnings")
        if warnings in (_NO_MACROS, _SIGNED_ONLY):
            yield ("macro_policy" if warnings == _NO_MACROS else "macro_signed"), {}
            return
    if (machine.registry(rf"HKCU\{_OFFICE}\Security") or {}).get("VBAWarnings") == _NO_MACROS:
        yield "macros_off", {}


def interpreter(machine: Machine, space: Space) -> Iterator[Fault]:
    """The Python that the add-in's settings and the master workbook name."""
    named = [(str(machine.conf), install.interpreter(machine))]
    if isinstance(space, Workspace) and space.master.exists():
        try:
            named.append((str(space.master), interpreter_of(space.master.read_bytes())))
        except UnreadableError as error:
            yield "master_unreadable", {"path": shown(str(space.master)), "error": error}
        except OSError as error:
            reason = error.strerror or str(error)
            yield "master_unreachable", {"path": shown(str(space.master)), "reason": reason}
    for where, python in named:
        if python and not Path(python).exists():
            yield "interpreter_moved", {"where": shown(where), "python": python}


def workspace(machine: Machine, space: Space) -> Iterator[Fault]:
    """Whether the workspace and its teams can be reached."""
    named = machine.environment.get("XLFLOW_WORKSPACE", "")
    if "://" in named:
        yield "address", {"address": named}
    elif isinstance(space, XlflowError):
        yield "no_workspace", {"error": space}
    else:
        try:
            next(space.teams.iterdir(), None)
        except OSError as error:
            reason = error.strerror or str(error)
            yield "teams_unreachable", {"path": shown(str(space.teams)), "reason": reason}


def onedrive(machine: Machine, space: Space) -> Iterator[Fault]:
    """A workspace in OneDrive whose local folder Excel can't be told apart from its address."""
    if not isinstance(space, Workspace):
        return
    names = ("OneDriveCommercial", "OneDriveConsumer", "OneDrive")
    roots = [machine.environment[name] for name in names if machine.environment.get(name)]
    synced = any("onedrive" in part.lower() for part in space.root.parts)
    if synced and not any(space.root.is_relative_to(root) for root in roots):
        yield "onedrive", {"path": shown(str(space.root))}


def script(machine: Machine, space: Space) -> Iterator[Fault]:
    """The script by which Excel on macOS runs Python."""
    name = f"xlwings-{version('xlwings')}.applescript"
    folder = machine.home / "Library/Application Scripts/com.microsoft.Excel"
    if install.installed(machine) is not None and not (folder / name).exists():
        yield "script_missing", {"name": name}


def excels_bits(machine: Machine) -> int:
    """Return whether Excel is a 64- or a 32-bit program; 64 where the registry doesn't say."""
    office = machine.registry(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration") or {}
    outlook = machine.registry(r"HKLM\SOFTWARE\Microsoft\Office\16.0\Outlook") or {}
    said = str(office.get("Platform") or outlook.get("Bitness") or "x64")
    return 32 if said.lower() == "x86" else 64


def _checks(machine: Machine) -> dict[str, Callable[[Machine, Space], Iterator[Fault]]]:
    everywhere = {"workspace": workspace, "onedrive": onedrive}
    if machine.platform == "win32":
        return {
            "excel": excel,
            "wps": wps,
            "dll": dll,
            "addin": addin,
            "blocked": blocked,
            "macros": macros,
            "interpreter": interpreter,
            **everywhere,
        }
    if machine.platform == "darwin":
        return {"excel": excel, "script": script, "interpreter": interpreter, **everywhere}
    return {"workspace": workspace}
