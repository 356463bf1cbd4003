"""Each thing that can be wrong with a set-up is found, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.excel.test_install import machine
from xlflow.errors import WorkspaceError
from xlflow.excel import install
from xlflow.excel.diagnostics import examine
from xlflow.excel.machine import Machine
from xlflow.messages import doctor as sentences
from xlflow.templates.master_workbook import with_interpreter
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

EXCEL = r"HKCR\Excel.Application\CLSID"
OFFICE = r"HKCU\Software\Microsoft\Office\16.0\Excel"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
XLSM = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\.xlsm\UserChoice"
VERSION = version("xlwings")


class Desk:
    """A Windows machine on which all is well, until something is changed."""

    def __init__(self, folder: Path) -> None:
        self.keys: dict[str, Mapping[str, Any]] = {EXCEL: {}, CLICK_TO_RUN: {"Platform": "x64"}}
        self.zones: dict[Path, int] = {}
        self.environment = {"APPDATA": str(folder / "Roaming")}
        self.machine = machine(
            folder / "home",
            registry=self.keys.get,
            zone=self.zones.get,
            environment=self.environment,
        )
        self.machine.python.touch()
        for bits in (32, 64):
            self.dll(bits).touch()
        install.install(self.machine, lambda: b"add-in")
        self.space: Workspace | WorkspaceError = create_workspace(folder / "share", ["市场一部"])
        self.share = folder / "share"
        master = self.share / "master.xlsm"
        master.write_bytes(with_interpreter(master.read_bytes(), self.machine.python))

    def dll(self, bits: int) -> Path:
        return self.machine.prefix / f"xlwings{bits}-{VERSION}.dll"

    def faults(self, one: Machine | None = None) -> list[str]:
        checks = examine(one or self.machine, self.space)
        found = [(check.name, name, facts) for check in checks for name, facts in check.faults]
        for _, name, facts in found:
            shown = {**facts, "why": "…"}
            for kind in ("fault", "mend"):
                zh, en = sentences.CATALOGUE[f"{kind}.{name}"]
                assert zh.format(**shown)
                assert en.format(**shown)
        return [name for _, name, _ in found]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_sound_set_up_has_no_faults(desk: Desk) -> None:
    assert desk.faults() == []
    assert [check.name for check in examine(desk.machine, desk.space)] == [
        *("excel", "wps", "dll", "addin", "blocked", "macros", "interpreter"),
        *("workspace", "onedrive"),
    ]


def _no_excel(desk: Desk) -> None:
    del desk.keys[EXCEL]


def _wps(desk: Desk) -> None:
    desk.keys[XLSM] = {"ProgId": "KET.Sheet.12"}


def _wrong_bitness(desk: Desk) -> None:
    desk.keys[CLICK_TO_RUN] = {"Platform": "x86"}
    desk.dll(32).unlink()


def _other_dll(desk: Desk) -> None:
    desk.dll(64).rename(desk.machine.prefix / "xlwings64-0.30.0.dll")


def _no_dll(desk: Desk) -> None:
    for bits in (32, 64):
        desk.dll(bits).unlink()


def _addin_gone(desk: Desk) -> None:
    desk.machine.addin.unlink()


def _addin_of_another_version(desk: Desk) -> None:
    noted = desk.machine.conf.with_name(install.MANIFEST)
    noted.write_text(noted.read_text("utf-8").replace(VERSION, "0.30.0"), "utf-8")


def _disabled(desk: Desk) -> None:
    item = b"\x01\x00" + r"c:\users\z\xlstart\XLFLOW.xlam".encode("utf-16-le")
    desk.keys[rf"{OFFICE}\Resiliency\DisabledItems"] = {"1A2B": item}


def _marked(desk: Desk) -> None:
    desk.zones[desk.share / "master.xlsm"] = 3


def _policy(desk: Desk) -> None:
    desk.keys[rf"HKLM\{POLICY}"] = {"VBAWarnings": 4}


def _signed_only(desk: Desk) -> None:
    desk.keys[rf"HKCU\{POLICY}"] = {"VBAWarnings": 3}


def _macros_off(desk: Desk) -> None:
    desk.keys[rf"{OFFICE}\Security"] = {"VBAWarnings": 4}


def _interpreter_moved(desk: Desk) -> None:
    gone = desk.machine.python.with_name("gone.exe")
    master = desk.share / "master.xlsm"
    master.write_bytes(with_interpreter(master.read_bytes(), gone))


def _addins_interpreter_moved(desk: Desk) -> None:
    text = desk.machine.conf.read_bytes().replace(b"pythonw.exe", b"gone.exe")
    desk.machine.conf.write_bytes(text)


def _master_broken(desk: Desk) -> None:
    (desk.share / "master.xlsm").write_bytes(b"no workbook")


def _no_workspace(desk: Desk) -> None:
    desk.space = WorkspaceError("no_workspace", path="C:/")


def _teams_away(desk: Desk) -> None:
    for path in (desk.share / "teams").iterdir():
        path.unlink()
    (desk.share / "teams").rmdir()


def _address(desk: Desk) -> None:
    desk.environment["XLFLOW_WORKSPACE"] = "https://contoso.sharepoint.com/sites/市场"


WRONG: dict[str, tuple[Callable[[Desk], None], list[str]]] = {
    "no Excel": (_no_excel, ["no_excel"]),
    "WPS": (_wps, ["wps"]),
    "wrong bitness": (_wrong_bitness, ["bitness"]),
    "another version's library": (_other_dll, ["dll_version"]),
    "no library": (_no_dll, ["dll_missing"]),
    "add-in gone": (_addin_gone, ["addin_gone"]),
    "add-in of another version": (_addin_of_another_version, ["addin_version"]),
    "add-in disabled": (_disabled, ["disabled"]),
    "mark of the web": (_marked, ["marked"]),
    "macros forbidden": (_policy, ["macro_policy"]),
    "signed macros only": (_signed_only, ["macro_signed"]),
    "macros switched off": (_macros_off, ["macros_off"]),
    "interpreter moved": (_interpreter_moved, ["interpreter_moved"]),
    "add-in's interpreter moved": (_addins_interpreter_moved, ["interpreter_moved"]),
    "master broken": (_master_broken, ["master_unreadable"]),
    "no workspace": (_no_workspace, ["no_workspace"]),
    "teams away": (_teams_away, ["teams_unreachable"]),
    "an address for a path": (_address, ["address"]),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_exactly_the_fault_is_found(
    case: tuple[Callable[[Desk], None], list[str]], desk: Desk
) -> None:
    spoil, expected = case
    spoil(desk)
    assert desk.faults() == expected


def test_onedrive_without_its_environment_variable(tmp_path: Path, desk: Desk) -> None:
    desk.space = create_workspace(tmp_path / "OneDrive - 公司" / "流程")
    assert desk.faults() == ["onedrive"]
    desk.environment["OneDriveCommercial"] = str(tmp_path / "OneDrive - 公司")
    assert desk.faults() == []


def test_every_fault_has_a_case_and_a_remedy(desk: Desk) -> None:
    named = {key.partition(".")[2] for key in sentences.CATALOGUE if key.startswith("fault.")}
    mended = {key.partition(".")[2] for key in sentences.CATALOGUE if key.startswith("mend.")}
    tried = {name for _, expected in WRONG.values() for name in expected}
    assert named == mended
    assert named - tried == {"onedrive", "script_missing", "master_unreachable"}


def test_macos_checks_the_script(tmp_path: Path, desk: Desk) -> None:
    mac = machine(tmp_path / "mac", "darwin")
    install.install(mac, lambda: b"")
    before = desk.faults(mac)
    for script in mac.home.rglob("*.applescript"):
        script.unlink()
    assert set(desk.faults(mac)) - set(before) == {"script_missing"}


def test_other_systems_check_only_the_workspace(desk: Desk, tmp_path: Path) -> None:
    names = [check.name for check in examine(machine(tmp_path, "linux"), desk.space)]
    assert names == ["workspace"]
