"""What set-up and its doctor look at on a machine, read through a few small functions.

Everything that only Windows can answer (registry, marks of the web) comes in through
them, so that each answer can be tried anywhere.
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
"""The values of a key such as ``HKCU\\Software\\…`` by name; None where there is no such key."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine and its user.

    ``prefix`` is the Python installation's folder, ``python`` the interpreter that
    Excel is to start. ``zone`` returns the security zone that a file was marked with
    when it came from the web (3 is the Internet), None where it wasn't; ``encoding``
    is the one in which VBA reads text files.
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
        """The folder from which Excel opens everything when it starts."""
        if self.platform == "darwin":
            office = self.home / "Library/Group Containers/UBF8T346G9.Office"
            return office / "User Content.localized/Startup.localized/Excel"
        roaming = self.environment.get("APPDATA")
        return (Path(roaming) if roaming else self.home / "AppData/Roaming") / (
            "Microsoft/Excel/XLSTART"
        )

    @property
    def addin(self) -> Path:
        """Where the add-in lies when it is installed."""
        return self.startup / "xlflow.xlam"

    @property
    def conf(self) -> Path:
        """Where the add-in reads its settings."""
        if self.platform == "darwin":
            return self.home / "Library/Containers/com.microsoft.Excel/Data/xlflow.conf"
        return self.home / ".xlflow" / "xlflow.conf"


def this_machine() -> Machine:
    """Return this machine."""
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
            found = {}
            for number in range(winreg.QueryInfoKey(opened)[1]):
                name, value, _ = winreg.EnumValue(opened, number)
                found[name] = value
            return found
    except OSError:
        return None


def _zone(path: Path) -> int | None:
    """Read the alternate stream that browsers and mail programs give to a file."""
    if sys.platform != "win32":
        return None
    try:
        text = Path(f"{path}:Zone.Identifier").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    zones = [line.partition("=")[2] for line in text.splitlines() if line.startswith("ZoneId=")]
    return int(zones[0]) if zones and zones[0].strip().isdigit() else None
