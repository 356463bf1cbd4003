"""The parts of a machine that installation and ``xlflow doctor`` look at.

Registry and marks of the web, which only Windows has, are read through functions that
tests replace on any system.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xlflow.templates.master_workbook import this_python

Registry = Callable[[str], Mapping[str, Any] | None]
"""Returns the values of a key such as ``HKCU\\Software\\…`` by name, None for a missing key."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine and its user.

    Attributes:
        prefix: the folder of the Python installation.
        python: the interpreter that Excel starts.
        zone: returns the security zone in a file's mark of the web (3 is the Internet),
            None without a mark.
        encoding: the encoding in which VBA reads text files.
    """

    platform: str
    environment: Mapping[str, str]
    home: Path
    prefix: Path
    python: Path
    registry: Registry
    zone: Callable[[Path], int | None]
    encoding: str

    @property
    def startup(self) -> Path:
        """The folder of the workbooks and add-ins that Excel opens at its start."""
        if self.platform == "darwin":
            office = self.home / "Library/Group Containers/UBF8T346G9.Office"
            return office / "User Content.localized/Startup.localized/Excel"
        roaming = self.environment.get("APPDATA")
        return (Path(roaming) if roaming else self.home / "AppData/Roaming") / (
            "Microsoft/Excel/XLSTART"
        )

    @property
    def addin(self) -> Path:
        """The path of the installed add-in."""
        return self.startup / "xlflow.xlam"

    @property
    def conf(self) -> Path:
        """The path of the add-in's settings."""
        if self.platform == "darwin":
            return self.home / "Library/Containers/com.microsoft.Excel/Data/xlflow.conf"
        return self.home / ".xlflow" / "xlflow.conf"


def this_machine() -> Machine:
    """Return the machine that this process runs on."""
    return Machine(
        platform=sys.platform,
        environment=os.environ,
        home=Path.home(),
        prefix=Path(sys.prefix),
        python=this_python(),
        registry=_registry,
        zone=_zone,
        encoding="mbcs" if sys.platform == "win32" else "utf-8",
    )


def _registry(key: str) -> Mapping[str, Any] | None:
    if sys.platform != "win32":
        return None
    import winreg

    hive, _, path = key.partition("\\")
    roots = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
    roots["HKCR"] = winreg.HKEY_CLASSES_ROOT
    try:
        with winreg.OpenKey(roots[hive], path) as opened:
            values = {}
            for number in range(winreg.QueryInfoKey(opened)[1]):
                name, value, _ = winreg.EnumValue(opened, number)
                values[name] = value
            return values
    except OSError:
        return None


def _zone(path: Path) -> int | None:
    """Read the zone from the alternate data stream that browsers and mail programs add."""
    if sys.platform != "win32":
        return None
    try:
        text = Path(f"{path}:Zone.Identifier").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    zones = [line.partition("=")[2] for line in text.splitlines() if line.startswith("ZoneId=")]
    return int(zones[0]) if zones and zones[0].strip().isdigit() else None
