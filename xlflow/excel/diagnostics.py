"""The checks of ``xlflow doctor``: what is wrong with the set-up of a machine.

A check is a function of the machine and the workspace that yields the faults it finds.
Its name is the key of its sentences (``doctor.<name>``). A check that can't decide
reports nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from xlflow.errors import UnreadableError, XlflowError
from xlflow.excel import install
from xlflow.excel.machine import Machine
from xlflow.sync import write_policy
from xlflow.templates.master_workbook import interpreter_of
from xlflow.workspace import Workspace, display_name

Fault = tuple[str, Mapping[str, Any]]
"""The key of a fault's sentences, and their parameters."""

MaybeWorkspace = Workspace | XlflowError
"""The workspace, or the error in finding it."""

_OFFICE = r"Software\Microsoft\Office\16.0\Excel"
_POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
_NO_MACROS, _SIGNED_ONLY = 4, 3
_INTERNET = 3
_WPS = ("KET.", "ET.", "WPS.")


class Check(NamedTuple):
    """One check with the faults that it found."""

    name: str
    faults: tuple[Fault, ...]


def examine(machine: Machine, workspace: MaybeWorkspace) -> list[Check]:
    """Run every check that applies to the machine's system."""
    found = isinstance(workspace, Workspace)
    return [
        Check(name, tuple(check(machine, workspace)))
        for name, check in _checks(machine).items()
        if found or name != "share"
    ]


def _excel(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether Excel is installed."""
    if machine.platform == "darwin":
        if not Path("/Applications/Microsoft Excel.app").exists():
            yield "no_excel", {}
    elif machine.registry(r"HKCR\Excel.Application\CLSID") is None:
        yield "no_excel", {}


def _wps(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether WPS instead of Excel opens workbooks with macros."""
    extensions = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts"
    chosen = machine.registry(rf"{extensions}\.xlsm\UserChoice") or {}
    if str(chosen.get("ProgId", "")).upper().startswith(_WPS):
        yield "wps", {}


def _dll(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether xlwings' DLL has the installed version and the bitness of Excel."""
    bits = excel_bits(machine)
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


def _addin(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether an installed add-in is there, up to date and not disabled by Excel."""
    installed = install.installed(machine)
    if installed is None:
        return
    if not machine.addin.exists():
        yield "addin_gone", {"path": str(machine.addin)}
    elif installed.xlwings != version("xlwings"):
        yield "addin_version", {"built": installed.xlwings, "installed": version("xlwings")}
    items = machine.registry(rf"HKCU\{_OFFICE}\Resiliency\DisabledItems") or {}
    texts = [v.decode("utf-16-le", "ignore") for v in items.values() if isinstance(v, bytes)]
    for name in (machine.addin.name, "master.xlsm"):
        if any(name in text.lower() for text in texts):
            yield "disabled", {"name": name}


def _blocked(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether a file has a mark of the web, with which Excel runs no macros."""
    files = [machine.addin, *([workspace.master] if isinstance(workspace, Workspace) else [])]
    for path in files:
        zone = machine.zone(path)
        if zone is not None and zone >= _INTERNET:
            yield "marked", {"path": display_name(str(path))}


def _macros(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether policies or settings block macros."""
    for key in (rf"HKCU\{_POLICY}", rf"HKLM\{_POLICY}"):
        warnings = (machine.registry(key) or {}).get("VBAWarnings")
        if warnings in (_NO_MACROS, _SIGNED_ONLY):
            yield ("macro_policy" if warnings == _NO_MACROS else "macro_signed"), {}
            return
    if (machine.registry(rf"HKCU\{_OFFICE}\Security") or {}).get("VBAWarnings") == _NO_MACROS:
        yield "macros_off", {}


def _interpreter(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether the interpreter of the add-in and of the master workbook exists."""
    interpreters = [(str(machine.conf), install.interpreter(machine))]
    if isinstance(workspace, Workspace) and workspace.master.exists():
        master = workspace.master
        try:
            interpreters.append((str(master), interpreter_of(master.read_bytes())))
        except UnreadableError as error:
            yield "master_unreadable", {"path": display_name(str(master)), "error": error}
        except OSError as error:
            reason = error.strerror or str(error)
            yield "master_unreachable", {"path": display_name(str(master)), "reason": reason}
    for where, python in interpreters:
        if python and not Path(python).exists():
            yield "interpreter_moved", {"where": display_name(where), "python": python}


def _workspace(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether the workspace and its ``teams/`` can be read."""
    configured = machine.environment.get("XLFLOW_WORKSPACE", "")
    if "://" in configured:
        yield "address", {"address": configured}
    elif isinstance(workspace, XlflowError):
        yield "no_workspace", {"error": workspace}
    else:
        try:
            next(workspace.teams.iterdir(), None)
        except OSError as error:
            reason = error.strerror or str(error)
            yield (
                "teams_unreachable",
                {"path": display_name(str(workspace.teams)), "reason": reason},
            )


def _onedrive(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether xlwings can map the cloud address of a workspace in OneDrive to its folder."""
    if not isinstance(workspace, Workspace):
        return
    names = ("OneDriveCommercial", "OneDriveConsumer", "OneDrive")
    roots = [machine.environment[name] for name in names if machine.environment.get(name)]
    in_onedrive = any("onedrive" in part.lower() for part in workspace.root.parts)
    if in_onedrive and not any(workspace.root.is_relative_to(root) for root in roots):
        yield "onedrive", {"path": display_name(str(workspace.root))}


def _share(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether the mount of the team workbooks is known to have no safe way to write."""
    if isinstance(workspace, Workspace):
        writable, reason = write_policy.share_reason(workspace)
        if writable is False and reason.key == "sync.no_safe_way":
            yield "no_safe_way", reason.params


def _script(machine: Machine, workspace: MaybeWorkspace) -> Iterator[Fault]:
    """Check whether the script with which Excel for macOS runs Python is installed."""
    path = install.script_path(machine)
    if install.installed(machine) is not None and not path.exists():
        yield "script_missing", {"name": path.name}


def excel_bits(machine: Machine) -> int:
    """Return 32 or 64, the bitness of Excel; 64 if the registry has no information."""
    office = machine.registry(r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration") or {}
    outlook = machine.registry(r"HKLM\SOFTWARE\Microsoft\Office\16.0\Outlook") or {}
    platform = str(office.get("Platform") or outlook.get("Bitness") or "x64")
    return 32 if platform.lower() == "x86" else 64


def _checks(machine: Machine) -> dict[str, Callable[[Machine, MaybeWorkspace], Iterator[Fault]]]:
    everywhere = {"workspace": _workspace, "share": _share, "onedrive": _onedrive}
    if machine.platform == "win32":
        return {
            "excel": _excel,
            "wps": _wps,
            "dll": _dll,
            "addin": _addin,
            "blocked": _blocked,
            "macros": _macros,
            "interpreter": _interpreter,
            **everywhere,
        }
    if machine.platform == "darwin":
        return {"excel": _excel, "script": _script, "interpreter": _interpreter, **everywhere}
    return {"workspace": _workspace, "share": _share}
