"""The coordinator's workbook as it lies in a workspace: the built one, told which Python to use.

What is built is the same everywhere; the interpreter is this machine's, so it is
put into the hidden settings sheet, cell by cell, and nothing else is touched.
"""

from __future__ import annotations

import sys
from pathlib import Path

from xlflow.ooxml.book import Book
from xlflow.ooxml.splice import splice
from xlflow.shipped import shipped

FILE_NAME = "master.xlsm"
CONF = "xlwings.conf"

WINDOWS, MACOS = "INTERPRETER_WIN", "INTERPRETER_MAC"
SETTINGS = {
    WINDOWS: "",
    MACOS: "",
    "PYTHONPATH": "",
    "UDF MODULES": "xlflow.excel.udfs",
    "USE UDF SERVER": "True",
    # Or Python would import whatever lies beside a workbook in a shared folder.
    "ADD_WORKBOOK_TO_PYTHONPATH": "False",
}
"""What xlwings' VBA reads from the hidden sheet: names in column A, values in B."""


def master_workbook(interpreter: Path | None = None) -> bytes:
    """Return the built workbook for this machine's Python."""
    return with_interpreter(
        shipped("workbooks", FILE_NAME).read_bytes(), interpreter or this_python()
    )


def with_interpreter(content: bytes, interpreter: Path) -> bytes:
    """Return a master workbook with the interpreter changed to this one.

    Raises:
        UnreadableError: it is no workbook.
        WriteRefusedError: it has no settings sheet.
    """
    name = MACOS if sys.platform == "darwin" else WINDOWS
    return splice(content, {CONF: {(list(SETTINGS).index(name) + 1, 2): str(interpreter)}})


def interpreter_of(content: bytes) -> str | None:
    """Return the interpreter that a master workbook names; None where it has no settings."""
    sheet = Book(content).sheet(CONF)
    if sheet is None:
        return None
    name = MACOS if sys.platform == "darwin" else WINDOWS
    cell = sheet.cells.get((list(SETTINGS).index(name) + 1, 2))
    return str(cell.value or "") if cell else ""


def this_python(executable: Path | None = None) -> Path:
    """Return the interpreter for Excel: on Windows the one that opens no console."""
    python = executable or Path(sys.executable)
    quiet = python.with_name("pythonw.exe")
    return quiet if quiet.exists() else python
