"""Flags in a workbook that is open in Excel, with the real xlwings API over an Excel in memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlwings
from xlwings import main

from tests.excel.fake_excel import App, Apps, Book
from tests.rows import position
from xlflow import workspace as workspaces
from xlflow.config import FILE_NAME, Settings
from xlflow.errors import WriteRefusedError
from xlflow.facts import Outcome, Row
from xlflow.process import Inputs, process
from xlflow.record import parse_record
from xlflow.sync import carry_out, run
from xlflow.sync.results import WorkbookResult
from xlflow.team_files import open_in_excel
from xlflow.templates.samples import write_samples
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16 = datetime(2024, 7, 17)
TEAM = "市场一部"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, Settings(), "zh")
    return (folder / f"{TEAM}.xlsx").read_bytes()


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: bytes) -> Workspace:
    """A workspace with ``open_books`` on and one sample workbook that somebody has open."""
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    made = create_workspace(tmp_path / "share", [], "zh")
    settings = made.root / FILE_NAME
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("open_books = false", "open_books = true"), "utf-8")
    workbook(made).write_bytes(sample)
    owner_file(made).write_bytes(b"\x0bsomebody" + b" " * 156)
    return workspaces.find(made.root)


@pytest.fixture
def app(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> App:
    """A running Excel with the workbook open."""
    return opened(workbook(space), monkeypatch)


def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    app = App()
    app.open_books.append(Book(app, path))
    monkeypatch.setattr(xlwings, "apps", main.Apps(impl=Apps(app)))
    return app


def workbook(space: Workspace) -> Path:
    return space.teams / f"{TEAM}.xlsx"


def owner_file(space: Workspace) -> Path:
    return space.teams / f"~${TEAM}.xlsx"


def passed(space: Workspace, as_of: datetime = JULY_16) -> WorkbookResult:
    (result,) = run.run(space, as_of).workbooks
    return result


def reason(result: WorkbookResult) -> str | None:
    return result.reason.key if result.reason else None


def outcome_of(space: Workspace, as_of: datetime = JULY_16) -> Outcome:
    inputs = Inputs(TEAM, space.settings, space.relative(workbook(space)))
    return process(workbook(space).read_bytes(), inputs, (), as_of)


def changed(app: App, sheet: str) -> Any:
    """Return a sheet of the open workbook to edit, which then differs from the file."""
    app.open_books[0].changed = True
    return app.open_books[0].content[sheet]


def present_cells(app: App, outcome: Outcome, row: int) -> dict[tuple[str, int], Any]:
    """Return what the open workbook has in the wanted cells of a row."""
    return {
        (sheet, column): app.open_books[0].content[sheet].cell(number, column).value
        for sheet, cells in outcome.cells.items()
        for number, column in cells
        if number == row
    }


def plan_rows(outcome: Outcome) -> tuple[str, tuple[Row, ...]]:
    plan = outcome.snapshot.tables["plan"]
    late = plan.columns["late"]
    return plan.sheet, tuple(r for r in plan.rows if (r.number, late) in outcome.cells[r.sheet])


def place_of(outcome: Outcome, row: Row, field: str) -> tuple[int, int]:
    return position(outcome.snapshot.tables[row.table.name], row, field)


def test_the_open_workbook_shows_the_wanted_cells(space: Workspace, app: App) -> None:
    outcome, before = outcome_of(space), workbook(space).read_bytes()
    result = passed(space)
    assert (result.status, result.cells_written) == ("deferred", 0)
    assert reason(result) == "sync.shown_open"
    assert workbook(space).read_bytes() == before
    assert len(app.writes) == sum(map(len, outcome.cells.values()))
    assert app.switches == {"screen_updating": True, "enable_events": True}
    for sheet, cells in outcome.cells.items():
        for (row, column), value in cells.items():
            present = app.open_books[0].content[sheet].cell(row, column).value
            wanted = float(value) if value is not None and not isinstance(value, str) else value
            assert present == wanted


def test_later_passes_write_nothing_also_after_saving(space: Workspace, app: App) -> None:
    passed(space)
    app.writes.clear()
    app.flicker.clear()
    for _ in range(2):
        assert reason(passed(space)) == "sync.shown_open"
    assert not app.writes
    assert not app.flicker
    app.open_books[0].content.save(workbook(space))
    result = passed(space)
    assert (result.status, result.cells_written) == ("recorded", 0)
    assert not app.writes
    owner_file(space).unlink()
    assert passed(space).cells_written == 0


def test_a_later_day_updates_the_open_workbook(space: Workspace, app: App) -> None:
    passed(space)
    app.writes.clear()
    later = datetime(2024, 7, 20)
    outcome = outcome_of(space, later)
    sheet, (row, *_) = plan_rows(outcome)
    passed(space, later)
    assert 0 < len(app.writes) < 10
    late = place_of(outcome, row, "late")
    assert app.open_books[0].content[sheet].cell(*late).value == outcome.cells[sheet][late]


def test_rows_that_a_person_changed_meanwhile_are_left(space: Workspace, app: App) -> None:
    outcome = outcome_of(space)
    sheet, (edited, other, *_) = plan_rows(outcome)
    changed(app, sheet).cell(*place_of(outcome, edited, "goal")).value = "另一件事"
    before = present_cells(app, outcome, edited.number)
    passed(space)
    for column in {c for s, c in before if s == sheet}:
        present = app.open_books[0].content[sheet].cell(edited.number, column).value
        assert present == before[sheet, column]
    assert app.open_books[0].content[sheet].cell(*place_of(outcome, other, "late")).value


def test_below_an_inserted_row_nothing_is_written(space: Workspace, app: App) -> None:
    outcome = outcome_of(space)
    sheet, _ = plan_rows(outcome)
    changed(app, sheet).insert_rows(outcome.snapshot.tables["plan"].rows[0].number)
    assert reason(passed(space)) == "sync.shown_open"
    assert not [place for place in app.writes if place.startswith(f"{sheet}!")]
    assert app.writes  # into other sheets


def test_equal_rows_keep_their_own_records(space: Workspace, app: App) -> None:
    passed(space)
    outcome = outcome_of(space)
    sheet, (first, second, *_) = plan_rows(outcome)
    _, column = place_of(outcome, first, "record")
    cells = changed(app, sheet)
    record = cells.cell(first.number, column).value
    cells.cell(second.number, column).value = record
    app.writes.clear()
    passed(space, datetime(2024, 7, 20))
    assert cells.cell(second.number, column).value == record
    rows = {int(re.findall(r"\d+", place)[-1]) for place in app.writes if sheet in place}
    assert second.number not in rows
    assert first.number in rows


def test_a_sheet_with_moved_columns_is_left(space: Workspace, app: App) -> None:
    sheet, _ = plan_rows(outcome_of(space))
    plan = outcome_of(space).snapshot.tables["plan"]
    late_header, remarks_header = (
        changed(app, sheet).cell(plan.header_row, plan.columns[field])
        for field in ("late", "remarks")
    )
    late_header.value, remarks_header.value = remarks_header.value, late_header.value
    passed(space)
    assert not [place for place in app.writes if place.startswith(f"{sheet}!")]


def test_xlflows_own_computed_value_in_the_open_workbook_is_updated(
    space: Workspace, app: App
) -> None:
    outcome = outcome_of(space)
    problems = outcome.snapshot.tables["problem"]
    cells = outcome.cells[problems.sheet]
    place = next(p for p in cells if p[1] == problems.columns["priority"])
    assert open_in_excel.show_in_excel(workbook(space), outcome.snapshot, outcome.cells)
    renewed = {**outcome.cells, problems.sheet: {**cells, place: "P9"}}
    assert open_in_excel.show_in_excel(workbook(space), outcome.snapshot, renewed)
    assert app.open_books[0].content[problems.sheet].cell(*place).value == "P9"


def test_formulas_and_a_persons_own_values_arent_overwritten(space: Workspace, app: App) -> None:
    outcome = outcome_of(space)
    sheet, (flagged, *_) = plan_rows(outcome)
    late = place_of(outcome, flagged, "late")
    changed(app, sheet).cell(*late).value = '="看"&"我"'
    problems = outcome.snapshot.tables["problem"]
    column = problems.columns["priority"]
    ranked = next(r for r in problems.rows if (r.number, column) in outcome.cells[problems.sheet])
    changed(app, problems.sheet).cell(ranked.number, column).value = "我自己排的"
    passed(space)
    assert changed(app, sheet).cell(*late).value == '="看"&"我"'
    assert changed(app, problems.sheet).cell(ranked.number, column).value == "我自己排的"
    record = changed(app, sheet).cell(*place_of(outcome, flagged, "record")).value
    assert parse_record(record) is not None


def protected(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.open_books[0].protected = set(app.open_books[0].content.sheetnames)


def busy(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.busy = 1


def read_only(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.open_books[0].api.ReadOnly = True


def elsewhere(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.open_books[0].fullname = "/elsewhere/市场一部.xlsx"


def not_running(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()


@pytest.mark.parametrize("trouble", [protected, busy, read_only, elsewhere, not_running])
def test_where_excel_cant_be_written_nothing_is(
    space: Workspace,
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[App, pytest.MonkeyPatch], None],
) -> None:
    outcome = outcome_of(space)
    trouble(app, monkeypatch)
    assert not open_in_excel.show_in_excel(workbook(space), outcome.snapshot, outcome.cells)
    assert not app.writes
    assert not app.flicker or trouble is protected
    assert app.switches == {"screen_updating": True, "enable_events": True}


def test_a_file_that_the_system_reports_as_open_is_shown_too(
    space: Workspace, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: Any) -> bool:
        raise WriteRefusedError("workbook_open", name=path.name)

    monkeypatch.setattr(carry_out, "replace_file", refuse)
    owner_file(space).unlink()
    result = passed(space)
    assert (result.status, reason(result), result.failed) == ("deferred", "sync.shown_open", False)
    assert app.writes


def test_without_the_setting_excel_is_never_called(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = space.root / FILE_NAME
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("open_books = true", "open_books = false"), "utf-8")
    monkeypatch.setattr(open_in_excel, "show_in_excel", lambda *_: pytest.fail("asked"))
    result = passed(workspaces.find(space.root))
    assert (result.status, reason(result)) == ("deferred", "sync.open_by")
