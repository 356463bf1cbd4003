"""The coordinator's workbook: the built one with this machine's Python interpreter.

The built workbook is the same everywhere. The path of the interpreter is written into
a cell of its hidden settings sheet; nothing else changes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from xlflow.ooxml.book import Book
from xlflow.ooxml.splice import splice
from xlflow.shipped import shipped

FILE_NAME = "master.xlsm"
SETTINGS_SHEET = "xlwings.conf"
TEXTS_SHEET = "xlflow.words"
"""The hidden sheet with VBA's texts; only the master and the add-in have it."""

WINDOWS, MACOS = "INTERPRETER_WIN", "INTERPRETER_MAC"
SETTINGS = {
    WINDOWS: "",
    MACOS: "",
    "PYTHONPATH": "",
    "UDF MODULES": "xlflow.excel.udfs",
    "USE UDF SERVER": "True",
    # Otherwise Python would import any module beside a workbook in a shared folder.
    "ADD_WORKBOOK_TO_PYTHONPATH": "False",
}
"""The settings that xlwings' VBA reads from the hidden sheet: names in column A, values in B."""


def master_workbook(interpreter: Path | None = None) -> bytes:
    """Return the built workbook with an interpreter, by default this machine's."""
    return with_interpreter(
        shipped("workbooks", FILE_NAME).read_bytes(), interpreter or this_python()
    )


def with_interpreter(content: bytes, interpreter: Path) -> bytes:
    """Return a master workbook with another interpreter.

    Raises:
        UnreadableError: it isn't a workbook.
        WriteRefusedError: it has no settings sheet.
    """
    return splice(content, {SETTINGS_SHEET: {_interpreter_cell(): str(interpreter)}})


def interpreter_of(content: bytes) -> str | None:
    """Return the interpreter in a master workbook, None if it has no settings sheet."""
    sheet = Book(content).sheet(SETTINGS_SHEET)
    if sheet is None:
        return None
    cell = sheet.cell(*_interpreter_cell())
    return str(cell.value or "") if cell else ""


def _interpreter_cell() -> tuple[int, int]:
    name = MACOS if sys.platform == "darwin" else WINDOWS
    return list(SETTINGS).index(name) + 1, 2


def this_python(executable: Path | None = None) -> Path:
    """Return the interpreter for Excel to start; on Windows the one without a console window."""
    python = executable or Path(sys.executable)
    windowed = python.with_name("pythonw.exe")
    return windowed if windowed.exists() else python
