"""Builds the VBA project of a workbook from the texts of its modules, without Excel.

pyOpenVBA stores code in the Windows-1252 code page and silently replaces all other
characters with question marks, so modules that aren't ASCII are refused.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

THIS_WORKBOOK = "ThisWorkbook"
_CLASS = "VERSION 1.0 CLASS"


def vba_project(modules: Mapping[str, str], sheets: int) -> bytes:
    """Return the ``vbaProject.bin`` of a workbook.

    Args:
        modules: name → text. ``ThisWorkbook`` is the workbook's own module; a text with
            the header of an exported class becomes a class module.
        sheets: the number of sheets, whose code names are Sheet1, Sheet2 …

    Raises:
        ValueError: a module isn't ASCII.
    """
    from pyopenvba import ExcelFile, VBAModuleKind

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.xlsm"
        path.write_bytes(_macro_enabled(sheets))
        with ExcelFile(path) as book:
            project = book.add_vba_project()
            for name, text in modules.items():
                source = _module_source(name, text)
                if name == THIS_WORKBOOK:
                    continue
                if text.startswith(_CLASS):
                    project.add_module(name, source, kind=VBAModuleKind.other)
                else:
                    project.add_module(name, source)
            if THIS_WORKBOOK in modules:
                book.set_module(
                    THIS_WORKBOOK, _module_source(THIS_WORKBOOK, modules[THIS_WORKBOOK])
                )
            book.save()
        with ZipFile(path) as package:
            return package.read("xl/vbaProject.bin")


def _module_source(name: str, text: str) -> str:
    if not text.isascii():
        line = next(n for n, line in enumerate(text.splitlines(), 1) if not line.isascii())
        raise ValueError(f"{name}, line {line}: VBA modules must be ASCII (ChrW, or a sheet)")
    return "\r\n".join(text.splitlines()) + "\r\n"


def _macro_enabled(sheets: int) -> bytes:
    """Return an empty macro-enabled workbook; pyOpenVBA needs it for the sheets' code names."""
    from xlsxwriter import Workbook

    content = BytesIO()
    book = Workbook(content, {"in_memory": True})
    for _ in range(sheets):
        book.add_worksheet()
    book.close()
    converted = BytesIO()
    with ZipFile(content) as source, ZipFile(converted, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(
                    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            target.writestr(name, data)
    return converted.getvalue()
