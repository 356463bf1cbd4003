"""From a ribbon button to its task: the VBA in pyOpenVBA's interpreter, then the Python."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xlwings as xw
from pyopenvba.apps.excel import ExcelApplication

from tests.excel.fake_excel import App, Apps, excel
from xlflow.excel import ribbon, ribbon_worker
from xlflow.excel.ribbon_tasks import TASKS
from xlflow.excel.udf_registry import CATEGORY, FUNCTIONS
from xlflow.excel.udfs import MAX_WORKDAYS  # noqa: F401 (the functions are declared there)
from xlflow.shipped import shipped

BUTTON = "{http://schemas.microsoft.com/office/2009/07/customui}button"
ACTIONS = [
    str(button.get("onAction"))
    for button in ElementTree.parse(shipped("macros", "customUI14.xml")).iter(BUTTON)
]

FAKE_MODULE = """
Private m_recorded As String
Private m_fails As Boolean

Public Sub Note(text As String)
    m_recorded = m_recorded & text & vbLf
End Sub

Public Function RunPython(command As String)
    Note command
    If m_fails Then Err.Raise 1, Description:="Could not load xlwings64-0.37.8.dll"
End Function

Public Sub NoteFunction(Macro, Description, Category, ArgumentDescriptions)
    Dim text As String, i As Long
    text = Macro & "|" & Category & "|" & Description
    For i = LBound(ArgumentDescriptions) To UBound(ArgumentDescriptions)
        text = text & "|" & ArgumentDescriptions(i)
    Next i
    Note text
End Sub

Public Sub MakePythonFail()
    m_fails = True
End Sub

Public Function Recorded() As String
    Recorded = m_recorded
End Function

"""


def vba(book: str = "master.xlsm") -> ExcelApplication:
    """Return an Excel with the built workbook and its macros; a fake RunPython records calls."""
    app = ExcelApplication.open(shipped("workbooks", book), with_vba=False)
    own = shipped("macros", "xlflow_ribbon.bas").read_text("ascii")
    # The interpreter has these two methods, but doesn't implement them.
    own = own.replace("Application.CalculateFull", 'Note "CalculateFull"')
    own = own.replace("Application.MacroOptions", "NoteFunction")
    app.add_module(own, name="xlflow_ribbon")
    python = shipped("macros", "xlflow_python.bas").read_text("ascii")
    app.add_module(python, name="xlflow_python")
    presses = "".join(f"Public Sub Press{a}()\n    {a} Nothing\nEnd Sub\n" for a in ACTIONS)
    app.add_module(FAKE_MODULE + presses, name="Fake_module")
    return app


def recorded(app: ExcelApplication) -> list[str]:
    return str(app.run("Recorded")).split("\n")[:-1]


@pytest.mark.parametrize("action", ACTIONS)
def test_each_button_calls_its_python_and_nothing_else(action: str) -> None:
    app = vba()
    app.run(f"Press{action}")
    callback = re.sub(r"(?<!^)([A-Z])", r"_\1", action.removeprefix("Xlflow")).lower()
    calls = [text for text in recorded(app) if text != "CalculateFull"]
    assert calls == [f"import xlflow.excel.ribbon; xlflow.excel.ribbon.{callback}()"]
    assert ("CalculateFull" in recorded(app)) == (action == "XlflowRefresh")
    assert not app.dialogs
    assert callable(getattr(ribbon, callback))
    assert callback in TASKS


def test_a_missing_python_is_reported_once() -> None:
    app = vba()
    app.run("MakePythonFail")
    app.run("PressXlflowStatus")
    ((_, text, title, style),) = app.dialogs
    assert text.startswith("没能启动 Python")
    assert "xlflow doctor" in text
    assert text.endswith("Could not load xlwings64-0.37.8.dll")
    assert (title, style) == ("xlflow", 48)


@pytest.mark.parametrize("book", ["master.xlsm", "xlflow.xlam"])
def test_without_a_workbook_the_message_asks_to_open_one(book: str) -> None:
    app = vba(book)
    own = shipped("macros", "xlflow_ribbon.bas").read_text("ascii")
    app = ExcelApplication.open(shipped("workbooks", book), with_vba=False)
    app.add_module(
        own.replace("ActiveWorkbook Is Nothing", "True").replace(
            "Application.MacroOptions", "NoteFunction"
        ),
        name="xlflow_ribbon",
    )
    app.add_module(
        FAKE_MODULE + "Public Sub Go()\n    XlflowHelp Nothing\nEnd Sub\n", name="Fake_module"
    )
    app.add_module("Public Sub XlflowTryPythonAgain()\nEnd Sub\n", name="xlflow_python")
    app.run("Go")
    assert [d[1] for d in app.dialogs] == ["请先打开一个工作簿，再点这个按钮。"]
    assert recorded(app) == []


def test_refresh_resets_the_python_failure() -> None:
    app = vba()
    app.add_module(
        "Public Sub Fail()\n    Dim v\n    v = XlflowPythonFailed(1000)\nEnd Sub\n", name="Failing"
    )
    app.run("Fail")
    assert app.run("XlflowPythonIsAway") is True
    app.run("PressXlflowRefresh")
    assert app.run("XlflowPythonIsAway") is False


@pytest.mark.parametrize("book", ["master.xlsm", "xlflow.xlam"])
def test_the_function_wizard_gets_every_description(book: str) -> None:
    app = vba(book)
    app.run("XlflowDescribe")
    assert recorded(app) == [
        "|".join([f"'{book}'!{f.name}", CATEGORY, f.summary, *f.arguments.values()])
        for f in FUNCTIONS.values()
    ]


def test_a_workbook_opens_although_the_descriptions_fail() -> None:
    app = ExcelApplication.open(shipped("workbooks", "master.xlsm"), with_vba=False)
    opened = shipped("macros", "ThisWorkbook.bas").read_text("ascii")
    app.add_module(opened.replace("Private Sub", "Public Sub"), name="Opening")
    app.add_module("Public Sub XlflowDescribe()\n    Err.Raise 1004\nEnd Sub\n", name="Wizard")
    app.run("Workbook_Open")


def test_a_button_starts_a_worker_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, started = calling_workbook(tmp_path, monkeypatch)
    ribbon.roll_up()
    assert app.status_bar == "xlflow：正在汇总……可以继续使用 Excel"
    assert not app.alerts
    assert started == [
        [
            sys.executable,
            "-P",
            "-m",
            "xlflow.excel.ribbon_worker",
            "roll_up",
            "4711",
            "市场一部.xlsx",
        ]
    ]


@pytest.mark.parametrize("task", TASKS)
def test_every_callback_names_its_task(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, started = calling_workbook(tmp_path, monkeypatch)
    getattr(ribbon, task)()
    assert started[0][4] == task


def calling_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[App, list[list[str]]]:
    path = tmp_path / "市场一部.xlsx"
    path.write_bytes(shipped("workbooks", "team-template.xlsx").read_bytes())
    app, book = excel(path)
    monkeypatch.setattr(xw.Book, "caller", classmethod(lambda cls: book))
    started: list[list[str]] = []
    monkeypatch.setattr(ribbon, "start_detached", started.append)
    return app, started


def test_the_worker_finds_the_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = calling_workbook(tmp_path, monkeypatch)
    monkeypatch.setattr(xw, "apps", xw.main.Apps(impl=Apps(app)))
    ribbon_worker.main(["validate", "4711", "市场一部.xlsx"])
    ((text, _),) = app.alerts
    assert text.startswith("校验了 0 行")


def test_a_detached_process_outlives_its_parent(tmp_path: Path) -> None:
    done = tmp_path / "done"
    command = f"[sys.executable, '-c', {touching(done)!r}]"
    begin = f"import sys; from xlflow.excel.ribbon import start_detached; start_detached({command})"
    subprocess.run([sys.executable, "-c", begin], check=True, cwd=Path(__file__).parents[2])
    for _ in range(200):
        if done.exists():
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("never done")


def touching(done: Path) -> str:
    return f"import time, pathlib; time.sleep(0.3); pathlib.Path({str(done)!r}).touch()"
