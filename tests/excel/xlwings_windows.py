"""Runs the Windows code of xlwings in a separate process on any system.

Calls from cells go through xlwings' decorators, its converters and ``CallUDF`` of its COM
server, which can be imported on Windows only. The process replaces the parts of pywin32
that they use with fakes, and sets ``sys.platform`` during the import. Everything else is
xlwings' own code.

    with Excel() as excel:
        excel.call("xlf_quantity", "5000条")     # like a formula in a cell

Arguments are sent as pickles. :class:`Range` is a reference to cells, whose values
xlwings fetches itself; all other values are passed unchanged.
"""

from __future__ import annotations

import ctypes
import datetime
import importlib
import io
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace, TracebackType
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
UDFS = "xlflow.excel.udfs"
MISSING = -2147352572
RANGE_INTERFACE = "{00020846-0000-0000-C000-000000000046}"


class Range(NamedTuple):
    """A reference in a formula: the value of its one cell, or its rows of cells."""

    value: Any
    number_format: str | None = "General"


class ExcelError(Exception):
    """An exception in Python, whose text xlwings' wrapper would put into the cell."""


class Excel:
    """The client of the process, which runs until the ``with`` block ends."""

    def __enter__(self) -> Excel:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.excel.xlwings_windows"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=30)

    def call(self, function: str, *arguments: Any, module: str = UDFS) -> Any:
        """Call a function like a cell; return the value that VBA would get."""
        return self._request("call", module, function, arguments)

    def wrappers(self, workbook: str) -> str:
        """Return the VBA that xlwings generates for a workbook of that name."""
        return str(self._request("wrappers", workbook))

    def declared(self) -> dict[str, dict[str, Any]]:
        """Return the declaration of each function by xlwings' decorators."""
        declarations: dict[str, dict[str, Any]] = self._request("declared")
        return declarations

    def _request(self, *request: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        pickle.dump(request, self._process.stdin)
        self._process.stdin.flush()
        failed, answer = pickle.load(self._process.stdout)
        if failed:
            raise ExcelError(answer)
        return answer


def load() -> ModuleType:
    """Import xlwings' Windows code into this process, and return its COM server.

    Afterwards ``import xlwings`` gives the Windows code, so the process must do nothing
    else.
    """
    # The modules that xlwings uses must be imported with the real sys.platform.
    importlib.import_module("asyncio")
    importlib.import_module("concurrent.futures")
    importlib.import_module("xlwings")
    for name in [n for n in sys.modules if n.partition(".")[0] == "xlwings"]:
        del sys.modules[name]
    _fake_pywin32()
    real_platform, real_dll = sys.platform, ctypes.PyDLL
    ctypes.PyDLL = lambda name, *rest: SimpleNamespace(  # type: ignore[assignment, misc]
        PyCom_PyObjectFromIUnknown=SimpleNamespace()
    )
    sys.platform = "win32"
    try:
        return importlib.import_module("xlwings.com_server")
    finally:
        sys.platform, ctypes.PyDLL = real_platform, real_dll  # type: ignore[misc]


class ComRange:
    """A Range object of Excel with the attributes that ``CallUDF`` and the converters use."""

    def __init__(self, value: Any, number_format: str | None = "General") -> None:
        self.Value, self.NumberFormat = value, number_format
        height, width = (len(value), len(value[0])) if isinstance(value, tuple) else (1, 1)
        self.Rows, self.Columns = SimpleNamespace(Count=height), SimpleNamespace(Count=width)
        self.Count = height * width
        self.Row = self.Column = 1
        kind = SimpleNamespace(iid=RANGE_INTERFACE)
        info = SimpleNamespace(GetTypeAttr=lambda: kind)
        self._oleobj_ = SimpleNamespace(GetTypeInfo=lambda: info)
        application = SimpleNamespace(Hwnd=1)
        book = SimpleNamespace(Name="master.xlsm", Application=application)
        self.Worksheet = SimpleNamespace(Name="Sheet1", Parent=book)


class PyTime(datetime.datetime):
    """The time type of pywin32: a datetime that always has a time zone."""


def com_value(value: Any) -> Any:
    """Return a value as pywin32 passes it: tuples for arrays, and its own time type."""
    if type(value) is datetime.datetime:
        parts = (*value.timetuple()[:6], value.microsecond)
        return PyTime(*parts, tzinfo=datetime.UTC)
    if type(value) in (tuple, list):
        return tuple(com_value(item) for item in value)
    return value


def plain(value: Any) -> Any:
    """Return a result in types that the client can unpickle."""
    if isinstance(value, datetime.datetime):
        assert value.tzinfo is not None, "pywin32 shifts times without a zone"
        return datetime.datetime(*value.timetuple()[:6])
    return [plain(item) for item in value] if isinstance(value, list) else value


def _fake_pywin32() -> None:
    class ComError(Exception):
        hresult = None

    def module(name: str, **content: Any) -> None:
        new = sys.modules[name] = ModuleType(name)
        new.__dict__.update(content)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, new)

    # ctypes.windll.anything(…) → 0
    dlls = type("Dlls", (), {"__getattr__": lambda self, _: self, "__call__": lambda *_: 0})()
    ctypes.windll = ctypes.oledll = dlls  # type: ignore[attr-defined]
    marker = type("Marker", (), {})
    module("pywintypes", com_error=ComError, TimeType=PyTime, IID=str)
    module(
        "pythoncom",
        __file__="pythoncom.dll",
        com_error=ComError,
        CoInitialize=lambda *_: None,
        IID_IDispatch="IDispatch",
        TypeIIDs={"IDispatch": marker},
    )
    for name in ("win32api", "win32con", "win32gui", "win32event"):
        module(name)
    module("win32process", GetWindowThreadProcessId=lambda window: (0, 1))
    zone = SimpleNamespace(utc=lambda: datetime.UTC)
    module("win32timezone", TimeZoneInfo=zone)
    module("win32com")
    names = ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")
    module(
        "win32com.client",
        Dispatch=lambda thing, *_, **__: thing,
        DispatchEx=lambda thing, *_, **__: thing,
        **{name: type(name, (), {}) for name in names},
    )
    module("win32com.server")
    module("win32com.server.dispatcher")
    module("win32com.server.policy", DefaultPolicy=object)
    # xlwings fails to unwrap plain objects, like the arguments from Excel, and passes them on.
    module("win32com.server.util", wrap=lambda thing, **_: thing)


def _handlers() -> dict[str, Callable[..., Any]]:
    server = load()
    udfs = importlib.import_module(UDFS)
    generate = importlib.import_module("xlwings.udfs").generate_vba_wrapper
    python = server.XLPython()

    def call(module: str, function: str, arguments: tuple[Any, ...]) -> Any:
        given = [
            ComRange(com_value(a.value), a.number_format) if isinstance(a, Range) else com_value(a)
            for a in arguments
        ]
        return plain(python.CallUDF(module, function, given, None, None))

    def wrappers(workbook: str) -> str:
        text = io.StringIO()
        generate(UDFS, udfs, text, SimpleNamespace(Name=workbook))
        return text.getvalue()

    def declared() -> dict[str, Any]:
        declarations = [f.__xlfunc__ for f in vars(udfs).values() if hasattr(f, "__xlfunc__")]
        return {n["name"]: {k: n[k] for k in ("args", "ret", "category")} for n in declarations}

    return {"call": call, "wrappers": wrappers, "declared": declared}


def main() -> None:
    """Answer requests from standard input until it ends."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    handlers = _handlers()
    while True:
        try:
            name, *arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            reply = (False, handlers[name](*arguments))
        except Exception as error:
            reply = (True, f"{type(error).__name__}: {error}")
        pickle.dump(reply, answers)
        answers.flush()


if __name__ == "__main__":
    # Under this name the client and the process have the same classes.
    from tests.excel import xlwings_windows

    xlwings_windows.main()
