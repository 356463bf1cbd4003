"""The VBA wrappers of the worksheet functions, and their behaviour when Python fails."""

from __future__ import annotations

from typing import Any

import pytest
from pyopenvba.interpreter import Interpreter

from tests.excel.wrappers import FILES, MACROS, module_text
from tests.excel.xlwings_windows import Excel
from xlflow.columns import REGENERATE
from xlflow.excel.udf_registry import FUNCTIONS

NOT_AVAILABLE = 2042


@pytest.mark.parametrize(("name", "workbook"), FILES.items())
def test_the_modules_are_what_xlwings_generates(excel: Excel, name: str, workbook: str) -> None:
    made = module_text(excel.wrappers(workbook))
    stale = f"macros/{name} is stale: run {REGENERATE}"
    assert (MACROS / name).read_bytes().decode("ascii") == made, stale


def test_only_the_error_handling_differs_from_xlwings(excel: Excel) -> None:
    generated = excel.wrappers("master.xlsm").splitlines()
    ours = (MACROS / "xlflow_udfs.bas").read_text(encoding="ascii").splitlines()
    assert ours[0] == 'Attribute VB_Name = "xlflow_udfs"'
    assert ours[2] == '#Const App = "Microsoft Excel"'
    added = [line.strip() for line in ours[3:] if line not in generated]
    expected = ["If XlflowPythonIsAway() Then GoTo failed"] * len(FUNCTIONS)
    expected += [f"{name} = XlflowPythonFailed(Err.Number)" for name in FUNCTIONS]
    assert sorted(added) == sorted(expected)
    removed = [line.strip() for line in generated if line not in ours]
    assert sorted(removed) == sorted(f"{name} = Err.Description" for name in FUNCTIONS)


def test_wrappers_in_another_format_are_refused() -> None:
    with pytest.raises(ValueError, match="have changed"):
        module_text("Function f()\nfailed:\n    f = Err.Description & Err.Source\nEnd Function\n")


class Vba:
    """The VBA modules in an interpreter, with a Python that fails with a given error number."""

    def __init__(self) -> None:
        # pyOpenVBA has no calling cell; the rest of the code is unchanged.
        text = (MACROS / "xlflow_udfs.bas").read_text(encoding="ascii")
        text = text.replace("TypeOf Application.Caller Is Range", "True")
        text = text.replace("ThisWorkbook, Application.Caller", "Nothing, Nothing")
        self._vba = Interpreter()
        self._vba.add_module((MACROS / "xlflow_python.bas").read_text(encoding="ascii"))
        self._vba.add_module(text, name="xlflow_udfs")
        self._vba.add_module(
            "Public calls As Long, failing As Long\n"
            "Function XLPy() As Object\n"
            "    calls = calls + 1\n"
            '    Err.Raise failing, , "Traceback (most recent call last)"\n'
            "End Function\n"
            "Sub FailWith(number As Long)\n    failing = number\nEnd Sub\n"
            "Function CallCount() As Long\n    CallCount = calls\nEnd Function\n",
            name="fake_python",
        )

    def run(self, name: str, *arguments: Any) -> Any:
        return self._vba.run(name, list(arguments))


@pytest.mark.parametrize(("error", "calls"), [(1000, 1), (53, 1), (-2147352567, 3)])
def test_a_failing_python_gives_na(error: int, calls: int) -> None:
    vba = Vba()
    vba.run("FailWith", error)
    for name in ("xlf_quantity", "xlf_quantity", "xlf_variance"):
        answer = vba.run(name, *["1"] * len(FUNCTIONS[name].arguments))
        assert str(answer) == f"Error {NOT_AVAILABLE}"
    assert vba.run("CallCount") == calls


def test_python_is_called_again_after_a_refresh() -> None:
    vba = Vba()
    vba.run("FailWith", 1000)
    vba.run("xlf_quantity", "1")
    vba.run("XlflowTryPythonAgain")
    vba.run("xlf_quantity", "1")
    assert vba.run("CallCount") == 2


@pytest.mark.parametrize("name", FILES)
def test_every_function_has_a_wrapper(name: str) -> None:
    text = (MACROS / name).read_text(encoding="ascii")
    for function in FUNCTIONS:
        assert f"Function {function}(" in text
