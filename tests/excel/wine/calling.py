"""The worksheet functions, called over real COM as Excel on Windows calls them."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import pythoncom
import win32com.client

UDFS = "xlflow.excel.udfs"
CLASS = "{506e67c3-55b5-48c3-a035-eed5deea7d6d}"
MISSING = -2147352572  # the value of an omitted argument
TIMEOUT = 60.0


def connect() -> Any:
    """Return the server's object once it is available."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            found = pythoncom.CoCreateInstance(
                CLASS, None, pythoncom.CLSCTX_LOCAL_SERVER, pythoncom.IID_IDispatch
            )
            return win32com.client.Dispatch(found)
        except pythoncom.com_error:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """xlwings' own COM server, in a process of its own."""
    command = [sys.executable, "-c", f"import xlwings; xlwings.serve({CLASS!r})"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        yield connect()
    finally:
        process.kill()
        process.communicate()


def call(server: Any, function: str, *arguments: Any) -> Any:
    return server.CallUDF(UDFS, function, arguments, None, None)


def test_the_guides_deviations(server: Any) -> None:
    assert call(server, "xlf_variance", "5000条", "4200条") == -0.16
    whole = call(server, "xlf_variance", (("5000条",), ("8%",)), (("4200条",), ("10%",)))
    assert whole == ((-0.16,), (0.25,))


def test_the_guides_priorities(server: Any) -> None:
    impacts, days = (("高",), ("中",), ("高",)), ((3.0,), (2.0,), (10.0,))
    whole = call(server, "xlf_priority", impacts, days, MISSING, MISSING)
    assert whole == (("优先1",), ("优先3",), ("优先2",))


def test_the_guides_overdue_plans(server: Any) -> None:
    due = ((datetime(2024, 6, 30),), (datetime(2024, 7, 15),))
    late = call(server, "xlf_overdue", due, MISSING, MISSING, datetime(2024, 7, 16))
    assert late == (("逾期16天",), ("逾期1天",))


def test_the_guides_deadlines_and_working_days(server: Any) -> None:
    end = call(server, "xlf_deadline", datetime(2024, 6, 7), "两个工作日", MISSING, MISSING)
    assert end.timetuple()[:5] == (2024, 6, 12, 0, 0)
    end = call(server, "xlf_deadline", datetime(2024, 7, 1, 9, 30), "24小时", MISSING, MISSING)
    assert end.timetuple()[:5] == (2024, 7, 2, 9, 30)
    assert call(server, "xlf_workdays", datetime(2024, 4, 30), datetime(2024, 5, 7)) == 2.0


@pytest.mark.parametrize(
    ("text", "number"), [("1.2万", 12_000.0), ("１，２００", 1200.0), ("3.5亿", 350_000_000.0)]
)
def test_the_guides_quantities(server: Any, text: str, number: float) -> None:
    assert call(server, "xlf_quantity", text) == number


def test_a_column_of_5000_rows_in_one_call(server: Any) -> None:
    column = tuple((f"{n}条",) for n in range(5000))
    assert call(server, "xlf_quantity", column) == tuple((float(n),) for n in range(5000))


def test_mismatched_units_get_a_text(server: Any) -> None:
    assert call(server, "xlf_variance", "5000条", "8%") == "无法计算：单位不一致"


class Variant(ctypes.Structure):
    """OLE's VARIANT with an object."""

    _fields_ = (
        ("kind", ctypes.c_ushort),
        ("reserved", ctypes.c_ushort * 3),
        ("address", ctypes.c_void_p),
        ("rest", ctypes.c_void_p),
    )


def test_the_dll_starts_python_itself() -> None:
    """xlwings' VBA does this at the first function call of a session."""
    (path,) = Path(sys.executable).parent.glob("xlwings64-*.dll")
    activate = ctypes.WinDLL(str(path)).XLPyDLLActivateAuto
    start = f'"{sys.executable}" -B -c "import xlwings; xlwings.serve(\'$(CLSID)\')"'
    answer = Variant()
    assert activate(ctypes.byref(answer), start.encode("mbcs"), 1) == 0
    try:
        found = pythoncom.ObjectFromAddress(answer.address, pythoncom.IID_IDispatch)
        assert call(win32com.client.Dispatch(found), "xlf_quantity", "5000条") == 5000.0
    finally:
        assert activate(ctypes.byref(Variant()), start.encode("mbcs"), -1) == 0
