"""Recalculates a workbook in LibreOffice with macros enabled, and saves it.

    python recalculate.py PROFILE BOOK SAVED

It needs the Python of LibreOffice's ``uno`` module, or the module's folder on the path.
(``soffice --convert-to`` never runs macros.)
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue


def properties(**values: Any) -> tuple[PropertyValue, ...]:
    result = []
    for name, value in values.items():
        prop = PropertyValue()
        prop.Name, prop.Value = name, value
        result.append(prop)
    return tuple(result)


def main(profile: str, book: str, saved: str) -> None:
    """Open the workbook, recalculate it, save it, and end LibreOffice."""
    pipe = f"xlflow{os.getpid()}"
    office = subprocess.Popen(
        [
            "soffice",
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
            "--norestore",
            "--nodefault",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        desktop = connect(pipe)
        # 4: always execute, without asking.
        options = properties(Hidden=True, MacroExecutionMode=4)
        document = desktop.loadComponentFromURL(Path(book).as_uri(), "_blank", 0, options)
        document.calculateAll()
        document.storeToURL(Path(saved).as_uri(), properties(FilterName="Calc MS Excel 2007 XML"))
        document.close(True)
        desktop.terminate()
        office.wait(30)
    finally:
        if office.poll() is None:
            office.kill()


def connect(pipe: str) -> Any:
    context = uno.getComponentContext()
    resolver = context.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", context
    )
    address = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
    for _ in range(600):
        try:
            remote = resolver.resolve(address)
        except Exception:
            time.sleep(0.1)
        else:
            return remote.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", remote
            )
    raise SystemExit("LibreOffice doesn't answer")


if __name__ == "__main__":
    main(*sys.argv[1:])
