"""``xlflow doctor`` finds each fault of a set-up, and none in a sound one."""

from __future__ import annotations

import dataclasses
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
from xlflow.team_files import mount_abilities
from xlflow.team_files.mount_abilities import try_out
from xlflow.templates.master_workbook import with_interpreter
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

EXCEL = r"HKCR\Excel.Application\CLSID"
OFFICE = r"HKCU\Software\Microsoft\Office\16.0\Excel"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
CLICK_TO_RUN = r"HKLM\SOFTWARE\Microsoft\Office\ClickToRun\Configuration"
XLSM = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Explorer\FileExts\.xlsm\UserChoice"
VERSION = version("xlwings")


class SetUp:
    """A Windows machine with a sound set-up, in which a test causes a fault."""

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
        self.workspace: Workspace | WorkspaceError = create_workspace(
            folder / "share", ["市场一部"]
        )
        self.share = folder / "share"
        master = self.share / "master.xlsm"
        master.write_bytes(with_interpreter(master.read_bytes(), self.machine.python))

    def dll(self, bits: int) -> Path:
        return self.machine.prefix / f"xlwings{bits}-{VERSION}.dll"

    def faults(self, machine: Machine | None = None) -> list[str]:
        checks = examine(machine or self.machine, self.workspace)
        found = [(check.name, name, facts) for check in checks for name, facts in check.faults]
        for _, name, facts in found:
            params = {**facts, "why": "…"}
            for kind in ("fault", "mend"):
                zh, en = sentences.CATALOGUE[f"{kind}.{name}"]
                assert zh.format(**params)
                assert en.format(**params)
        return [name for _, name, _ in found]


@pytest.fixture
def set_up(tmp_path: Path) -> SetUp:
    return SetUp(tmp_path)


def test_a_sound_set_up_has_no_faults(set_up: SetUp) -> None:
    assert set_up.faults() == []
    assert [check.name for check in examine(set_up.machine, set_up.workspace)] == [
        *("excel", "wps", "dll", "addin", "blocked", "macros", "interpreter"),
        *("workspace", "share", "onedrive"),
    ]


def _no_excel(set_up: SetUp) -> None:
    del set_up.keys[EXCEL]


def _wps(set_up: SetUp) -> None:
    set_up.keys[XLSM] = {"ProgId": "KET.Sheet.12"}


def _wrong_bitness(set_up: SetUp) -> None:
    set_up.keys[CLICK_TO_RUN] = {"Platform": "x86"}
    set_up.dll(32).unlink()


def _other_dll(set_up: SetUp) -> None:
    set_up.dll(64).rename(set_up.machine.prefix / "xlwings64-0.30.0.dll")


def _no_dll(set_up: SetUp) -> None:
    for bits in (32, 64):
        set_up.dll(bits).unlink()


def _addin_gone(set_up: SetUp) -> None:
    set_up.machine.addin.unlink()


def _addin_of_another_version(set_up: SetUp) -> None:
    manifest = set_up.machine.conf.with_name(install.MANIFEST)
    manifest.write_text(manifest.read_text("utf-8").replace(VERSION, "0.30.0"), "utf-8")


def _disabled(set_up: SetUp) -> None:
    item = b"\x01\x00" + r"c:\users\z\xlstart\XLFLOW.xlam".encode("utf-16-le")
    set_up.keys[rf"{OFFICE}\Resiliency\DisabledItems"] = {"1A2B": item}


def _marked(set_up: SetUp) -> None:
    set_up.zones[set_up.share / "master.xlsm"] = 3


def _policy(set_up: SetUp) -> None:
    set_up.keys[rf"HKLM\{POLICY}"] = {"VBAWarnings": 4}


def _signed_only(set_up: SetUp) -> None:
    set_up.keys[rf"HKCU\{POLICY}"] = {"VBAWarnings": 3}


def _macros_off(set_up: SetUp) -> None:
    set_up.keys[rf"{OFFICE}\Security"] = {"VBAWarnings": 4}


def _interpreter_moved(set_up: SetUp) -> None:
    gone = set_up.machine.python.with_name("gone.exe")
    master = set_up.share / "master.xlsm"
    master.write_bytes(with_interpreter(master.read_bytes(), gone))


def _addins_interpreter_moved(set_up: SetUp) -> None:
    text = set_up.machine.conf.read_bytes().replace(b"pythonw.exe", b"gone.exe")
    set_up.machine.conf.write_bytes(text)


def _master_broken(set_up: SetUp) -> None:
    (set_up.share / "master.xlsm").write_bytes(b"no workbook")


def _no_workspace(set_up: SetUp) -> None:
    set_up.workspace = WorkspaceError("no_workspace", path="C:/")


def _teams_away(set_up: SetUp) -> None:
    for path in (set_up.share / "teams").iterdir():
        path.unlink()
    (set_up.share / "teams").rmdir()


def _address(set_up: SetUp) -> None:
    set_up.environment["XLFLOW_WORKSPACE"] = "https://contoso.sharepoint.com/sites/市场"


FAULTS: dict[str, tuple[Callable[[SetUp], None], list[str]]] = {
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


@pytest.mark.parametrize("case", FAULTS.values(), ids=FAULTS)
def test_exactly_the_fault_is_found(
    case: tuple[Callable[[SetUp], None], list[str]], set_up: SetUp
) -> None:
    cause, expected = case
    cause(set_up)
    assert set_up.faults() == expected


def test_onedrive_without_its_environment_variable(tmp_path: Path, set_up: SetUp) -> None:
    set_up.workspace = create_workspace(tmp_path / "OneDrive - 公司" / "流程")
    assert set_up.faults() == ["onedrive"]
    set_up.environment["OneDriveCommercial"] = str(tmp_path / "OneDrive - 公司")
    assert set_up.faults() == []


def test_every_fault_has_a_case_and_a_remedy(set_up: SetUp) -> None:
    faults = {key.partition(".")[2] for key in sentences.CATALOGUE if key.startswith("fault.")}
    remedies = {key.partition(".")[2] for key in sentences.CATALOGUE if key.startswith("mend.")}
    cases = {name for _, expected in FAULTS.values() for name in expected}
    assert faults == remedies
    assert faults - cases == {"onedrive", "script_missing", "master_unreachable", "no_safe_way"}


def test_a_share_without_a_safe_way_is_a_fault_once_it_is_known(
    set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        mount_abilities,
        "known",
        lambda *_: dataclasses.replace(try_out(set_up.workspace.teams), way=None),
    )
    assert set_up.faults() == ["no_safe_way"]
    monkeypatch.setattr(mount_abilities, "known", lambda *_: None)
    assert set_up.faults() == []


def test_macos_checks_the_script(tmp_path: Path, set_up: SetUp) -> None:
    mac = machine(tmp_path / "mac", "darwin")
    install.install(mac, lambda: b"")
    before = set_up.faults(mac)
    for script in mac.home.rglob("*.applescript"):
        script.unlink()
    assert set(set_up.faults(mac)) - set(before) == {"script_missing"}


def test_other_systems_check_only_the_workspace_and_its_share(
    set_up: SetUp, tmp_path: Path
) -> None:
    names = [check.name for check in examine(machine(tmp_path, "linux"), set_up.workspace)]
    assert names == ["workspace", "share"]
