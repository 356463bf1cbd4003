"""The ribbon's tasks, with the real API of xlwings on a fake Excel."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw

from tests.excel.fake_excel import App, excel
from xlflow.config import Settings
from xlflow.errors import HeldError
from xlflow.excel import summary_sheet
from xlflow.excel.excel_session import BUSY_TIMEOUT, ExcelSession, is_busy
from xlflow.excel.ribbon_tasks import TASKS, perform
from xlflow.facts import column_letters
from xlflow.schema import MESSAGE, PLAN, PROBLEM, TABLES
from xlflow.shipped import shipped
from xlflow.sync import run
from xlflow.templates.sample_rows import GUIDE_TEAM
from xlflow.templates.samples import write_samples
from xlflow.templates.table_sheet import FIRST_ROW
from xlflow.workspace import Workspace, nearest
from xlflow.workspace_creation import create_workspace

AS_OF = datetime(2024, 7, 17)
"""The end of 2024-07-16."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, Settings(), "zh")
    return folder


@pytest.fixture(scope="module")
def after_pass(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace after a pass, and with its state."""
    folder = tmp_path_factory.mktemp("passed")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XLFLOW_STATE_DIR", str(folder / "state"))
        run.run(workspace_in(folder, samples), AS_OF, notify=False)
    return folder


def workspace_in(folder: Path, samples: Path) -> Workspace:
    made = create_workspace(folder / "share", (), "zh")
    shutil.copytree(samples, made.teams, dirs_exist_ok=True)
    (made.root / "master.xlsm").write_bytes(shipped("workbooks", "master.xlsm").read_bytes())
    return made


@pytest.fixture
def workspace(tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("XLFLOW_WORKSPACE", raising=False)
    return workspace_in(tmp_path, samples)


@pytest.fixture
def summarised(tmp_path: Path, after_pass: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("XLFLOW_WORKSPACE", raising=False)
    shutil.copytree(after_pass, tmp_path, dirs_exist_ok=True)
    found = nearest(tmp_path / "share")
    assert found is not None
    return found


def press(task: str, path: Path, answer: Any = None, **set_up: Any) -> App:
    app, book = excel(path, set_up.pop("fullname", None))
    app.answers.append(answer)
    for name, value in set_up.items():
        if name == "read_only":
            app.open_books[0].api.ReadOnly = value
        elif name == "protected":
            app.open_books[0].protected = {value}
        else:
            setattr(app, name, value)
    perform(task, ExcelSession(book, sleep=lambda _: None))
    assert app.status_bar is False
    assert app.switches == {"screen_updating": True, "enable_events": True}
    assert len(app.alerts) <= 1
    return app


def message(app: App) -> str:
    ((text, _),) = app.alerts
    return text


def column(app: App, table: Any, field: str) -> list[Any]:
    sheet = app.open_books[0].content[table.sheet.zh]
    letters = column_letters([c.field for c in table.columns].index(field) + 1)
    return [cell.value for cell in sheet[letters][FIRST_ROW - 1 :] if cell.value is not None]


def test_refresh_fills_the_summary_sheet(summarised: Workspace) -> None:
    app = press("refresh", summarised.root / "master.xlsm")
    sheet = app.open_books[0].content[summary_sheet.sheet_name()]
    assert "2024-07" in sheet["A2"].value
    assert "2024-07-16 24:00" in sheet["A2"].value
    names = [row[0].value for row in sheet.iter_rows(5, 10)]
    assert names[0] == "任务逾期率"
    assert sheet["B5"].value == pytest.approx(1 / 2)
    assert sheet["B7"].value == pytest.approx(24.666667)
    assert sheet["B10"].value == "已交 5 迟交 0 未交 0"
    teams = [c.value for c in sheet["A"][summary_sheet.TEAMS.row - 1 :] if c.value]
    assert teams == ["华东市场部", "品牌部", "市场一部", "市场二部", "渠道部", "合计"]
    assert len(app.writes) == 3
    assert "自动更新没有运行" in message(app)


def test_refresh_clears_former_teams(summarised: Workspace) -> None:
    path = summarised.root / "master.xlsm"
    app, book = excel(path)
    session = ExcelSession(book)
    sheet = app.open_books[0].content[summary_sheet.sheet_name()]
    sheet.cell(summary_sheet.TEAMS.row + 30, 1).value = "旧团队"
    app.open_books[0].changed = True
    perform("refresh", session)
    assert sheet.cell(summary_sheet.TEAMS.row + 30, 1).value is None


def test_refresh_in_another_workbook_shows_the_figures(summarised: Workspace) -> None:
    app = press("refresh", summarised.teams / f"{GUIDE_TEAM}.xlsx")
    assert "任务逾期率  50%" in message(app)
    assert not app.writes


def test_without_a_summary_the_message_says_how_to_get_one(workspace: Workspace) -> None:
    for task in ("refresh", "open_summary"):
        assert message(press(task, workspace.root / "master.xlsm")).startswith("还没有月度汇总")


def test_validate_writes_remarks_and_nothing_else(workspace: Workspace) -> None:
    path = workspace.teams / "品牌部.xlsx"
    app = press("validate", path)
    before = openpyxl.load_workbook(path)
    remarks = {t.sheet.zh: [c.field for c in t.columns].index("remarks") for t in TABLES}
    changed = set()
    for sheet in before.worksheets:
        after = app.open_books[0].content[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value != after[cell.coordinate].value:
                    changed.add((sheet.title, cell.column - 1))
    assert changed
    assert changed <= set(remarks.items())
    assert app.writes
    assert len(app.writes) <= len(TABLES)
    assert "错误" in message(app)
    assert "（XF" in message(app)
    assert "还有" in message(app)
    assert path.read_bytes() == app.open_books[0].path.read_bytes()


def test_validate_sees_unsaved_changes(workspace: Workspace) -> None:
    path = workspace.teams / "市场二部.xlsx"
    app, book = excel(path)
    sheet = app.open_books[0].content[PLAN.sheet.zh]
    sheet.cell(FIRST_ROW, [c.field for c in PLAN.columns].index("due") + 1).value = "2024-06-31"
    app.open_books[0].changed = True
    perform("validate", ExcelSession(book))
    assert "2024-06-31" in message(app)


def test_flag_overdue_names_items_and_owners(workspace: Workspace) -> None:
    app = press("flag_overdue", workspace.teams / f"{GUIDE_TEAM}.xlsx")
    late = column(app, PLAN, "late")
    assert len(late) == 2
    assert all(text.startswith("逾期") for text in late)
    assert "需求调研" in message(app)
    assert "小张" in message(app)
    assert "刘经理、设计主管" in message(app)
    assert {write.split("!")[0] for write in app.writes} <= {PLAN.sheet.zh, MESSAGE.sheet.zh}


def test_the_masters_formulas_stay_without_a_finding(workspace: Workspace) -> None:
    from tests.excel.test_build import filled

    path = workspace.root / "master.xlsm"
    rows: dict[str, list[Any]] = {table.name: [] for table in TABLES}
    rows["plan"] = [
        ({"stage": "需求调研", "goal": "g", "owners": "小张", "due": "2024-06-30"}, None)
    ]
    path.write_bytes(filled(path.read_bytes(), rows))
    for task in ("validate", "flag_overdue"):
        app = press(task, path)
        sheet = app.open_books[0].content[PLAN.sheet.zh]
        assert str(sheet.cell(FIRST_ROW, 10).value).startswith("=IFERROR(")
        assert "XF116" not in message(app)
    assert "逾期 1 项" in message(app)


def test_formulas_between_written_cells_stay(workspace: Workspace) -> None:
    app, book = excel(workspace.teams / f"{GUIDE_TEAM}.xlsx")
    cells = app.open_books[0].content[PROBLEM.sheet.zh]
    cells["G5"].value = '="mine"'
    cells["G7"].value = "kept"
    app.open_books[0].changed = True
    edits = {PROBLEM.sheet.zh: {(4, 7): "one", (6, 7): "=two", (8, 7): None}}
    assert ExcelSession(book).write(edits) == 3
    assert app.writes == [f"{PROBLEM.sheet.zh}!G4:G4", f"{PROBLEM.sheet.zh}!G6:G8"]
    assert [cells[f"G{row}"].value for row in range(4, 9)] == [
        "one",
        '="mine"',
        "=two",
        "kept",
        None,
    ]
    assert cells["G6"].data_type == "s"


def test_roll_up_writes_the_months_summary(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlflow.excel.excel_session._PROGRESS_INTERVAL", 0)
    app = press("roll_up", workspace.root / "master.xlsm", "2024-07")
    assert app.questions == ["汇总哪个月？请写成 2024-07 的样子。"]
    assert "2024-07 的汇总已完成：5 个团队" in message(app)
    assert (workspace.summaries / "汇总-2024-07.xlsx").exists()
    assert any("市场一部" in str(text) for text in app.status_bar_texts)


def test_roll_up_can_be_cancelled(workspace: Workspace) -> None:
    app = press("roll_up", workspace.root / "master.xlsm", False)
    assert not app.alerts
    assert not any(workspace.summaries.iterdir())


def test_roll_up_refuses_an_invalid_month(workspace: Workspace) -> None:
    app = press("roll_up", workspace.root / "master.xlsm", "2024-13")
    ((text, mode),) = app.alerts
    assert "2024-13" in text
    assert mode == "critical"


def test_roll_up_opens_the_summary_of_another_machines_daemon(
    summarised: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(*_: Any, **__: Any) -> None:
        raise HeldError("watching.held", who="李姐", where="PC02", pid=7, since="2024-07-01")

    monkeypatch.setattr(run, "run", held)
    app = press("roll_up", summarised.root / "master.xlsm", "2024-07")
    assert "PC02" in message(app)
    assert app.open_books[-1].name == "汇总-2024-07.xlsx"
    assert app.open_books[-1].api.ReadOnly


def test_open_summary_opens_the_latest_read_only(summarised: Workspace) -> None:
    app = press("open_summary", summarised.root / "master.xlsm")
    assert not app.alerts
    assert app.open_books[-1].name == "汇总-2024-07.xlsx"
    assert app.open_books[-1].api.ReadOnly


def test_new_team_workbook_is_created_and_opened(workspace: Workspace) -> None:
    app = press("new_team_workbook", workspace.root / "master.xlsm", "华北市场部")
    assert (workspace.teams / "华北市场部.xlsx").exists()
    assert app.open_books[-1].name == "华北市场部.xlsx"
    assert "teams/华北市场部.xlsx" in message(app)
    second = press("new_team_workbook", workspace.root / "master.xlsm", "华北市场部")
    assert "已经有" in message(second)
    assert len(second.open_books) == 1


def test_status_shows_daemon_and_workbooks(workspace: Workspace) -> None:
    before = message(press("status", workspace.root / "master.xlsm"))
    assert "自动更新没有运行" in before
    assert "还没有读取过" in before
    run.run(workspace, AS_OF, notify=False)
    after = message(press("status", workspace.root / "master.xlsm"))
    assert "上次读取：2024-07-17 00:00" in after
    assert "共 6 份工作簿" in after
    assert "冲突副本" in after


def test_help_names_every_button() -> None:
    text = TASKS["help"](_NoExcel())  # type: ignore[arg-type]
    ui = Path(shipped("macros", "customUI14.xml")).read_text("utf-8")
    for label in re.findall(r'<button id="\w+" label="([^"]+)"', ui):
        assert label == "帮助" or f"{label}：" in str(text)


class _NoExcel:
    def say(self, name: str) -> str:
        from xlflow.messages import say

        return say(f"ribbon.{name}", "zh")


ERRORS = {
    "no_workspace": ("refresh", {}, "不在 xlflow 工作区里", "XLFLOW_WORKSPACE"),
    "cloud": (
        "refresh",
        {"fullname": "https://d.docs.live.net/1/master.xlsm"},
        "没有本机路径",
        "同步",
    ),
    "read_only": ("validate", {"read_only": True}, "只读", "另存"),
    "protected": ("flag_overdue", {"protected": PLAN.sheet.zh}, "受保护", "撤销工作表保护"),
    "no_tables": ("validate", {"blank": True}, "没有认出", "adopt"),
}


@pytest.mark.parametrize("case", ERRORS.values(), ids=ERRORS)
def test_an_error_is_shown_once_with_its_remedy(
    case: tuple[str, dict[str, Any], str, str],
    samples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("XLFLOW_WORKSPACE", raising=False)
    task, changes, fact, remedy = case
    set_up = dict(changes)
    path = tmp_path / f"{GUIDE_TEAM}.xlsx"
    if set_up.pop("blank", False):
        openpyxl.Workbook().save(path)
    else:
        shutil.copy(samples / path.name, path)
    app = press(task, path, **set_up)
    ((text, mode),) = app.alerts
    assert fact in text
    assert remedy in text
    assert mode == "critical"
    assert not app.writes


def test_calls_to_a_busy_excel_are_repeated(workspace: Workspace) -> None:
    app = press("flag_overdue", workspace.teams / f"{GUIDE_TEAM}.xlsx", busy=12)
    assert "活动执行  刘经理、设计主管" in message(app)


def test_a_task_gives_up_after_the_busy_timeout(workspace: Workspace) -> None:
    waits: list[float] = []
    app, book = excel(workspace.teams / f"{GUIDE_TEAM}.xlsx")
    app.busy = 10_000
    perform("validate", ExcelSession(book, sleep=waits.append))
    assert "正忙" in message(app)
    assert "Esc" in message(app)
    assert sum(waits) == pytest.approx(BUSY_TIMEOUT)


@pytest.mark.parametrize(
    "error",
    [
        type("E", (Exception,), {"hresult": -2147417846})(),
        type("E", (Exception,), {"hresult": -2147352567, "excepinfo": (0, None, -2146777998)})(),
        AttributeError("<unknown>.Name"),
    ],
)
def test_busy_errors_are_recognised(error: Exception) -> None:
    assert is_busy(error)


def test_other_errors_are_not_busy() -> None:
    assert not is_busy(AttributeError("'NoneType' object has no attribute 'Name'"))
    assert not is_busy(ValueError())


def test_an_unexpected_error_is_shown_without_traceback(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("xlflow.process.process", fail)
    text = message(press("validate", workspace.teams / f"{GUIDE_TEAM}.xlsx"))
    assert "ZeroDivisionError: division by zero" in text
    assert "Traceback" not in text
    assert "doctor" in text


def test_outside_a_workspace_the_default_settings_apply(samples: Path) -> None:
    assert "需求调研  小张" in message(press("flag_overdue", samples / f"{GUIDE_TEAM}.xlsx"))


def test_an_unmapped_cloud_address_is_named(workspace: Workspace) -> None:
    class Unmapped:
        """A workbook in a SharePoint library that isn't synchronised."""

        def __init__(self, book: Any) -> None:
            self.app, self.name = book.app, book.name

        @property
        def fullname(self) -> str:
            raise xw.XlwingsError("Couldn't find the local SharePoint folder!")

    app, book = excel(workspace.root / "master.xlsm")
    perform("refresh", ExcelSession(Unmapped(book)))
    assert "同步" in message(app)
    assert "master.xlsm" in message(app)


def test_the_workspace_can_come_from_the_environment(
    summarised: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLFLOW_WORKSPACE", str(summarised.root))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    openpyxl.Workbook().save(elsewhere / "mine.xlsx")
    app = press("open_summary", elsewhere / "mine.xlsx")
    assert app.open_books[-1].name == "汇总-2024-07.xlsx"
