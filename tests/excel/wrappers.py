"""Generates the VBA wrappers of the worksheet functions.

    python -m tests.excel.wrappers

writes macros/xlflow_udfs.bas for workbooks and macros/xlflow_udfs_addin.bas for the
add-in, which differ in the workbook that they pass to Python. xlwings' "Import
Functions" would require users to trust access to VBA projects in Excel, so the
wrappers are generated beforehand, by xlwings' own generator.

Two lines of each function are changed. When Python fails, xlwings puts Python's error
into the cell as text, which IFERROR takes for an answer. Here the cell gets #N/A, and
Python isn't called again once it failed to start (xlflow_python.bas).
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.excel.xlwings_windows import Excel

MACROS = Path(__file__).parents[2] / "macros"
FILES = {"xlflow_udfs.bas": "master.xlsm", "xlflow_udfs_addin.bas": "xlflow.xlam"}

_HEAD = """\
Attribute VB_Name = "xlflow_udfs"
' Made by python -m tests.excel.wrappers with xlwings' generator; changes here will be lost.
#Const App = "Microsoft Excel"

"""
_START = re.compile(
    r"^( *)(If TypeOf Application\.Caller Is Range Then On Error GoTo failed)$", re.M
)
_FAILED = re.compile(r"^( *\w+ = )Err\.Description$", re.M)


def module_text(generated: str) -> str:
    """Return the module with the changed lines.

    Raises:
        ValueError: xlwings generates another format than expected.
    """
    functions = generated.count("\nEnd Function\n")
    text, starts = _START.subn(r"\1\2\n\1If XlflowPythonIsAway() Then GoTo failed", generated)
    text, ends = _FAILED.subn(r"\1XlflowPythonFailed(Err.Number)", text)
    if not functions == starts == ends or "Err.Description" in text:
        raise ValueError("xlwings' wrappers have changed")
    return _HEAD + text.rstrip("\n") + "\n"


def main() -> None:
    """Write the modules."""
    with Excel() as excel:
        for name, workbook in FILES.items():
            text = module_text(excel.wrappers(workbook))
            (MACROS / name).write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
