"""Writing into an open workbook, with the real xlwings API over an Excel in memory."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings

from tests.excel.fake_excel import App, excel
from xlflow.team_files import excel_writer
from xlflow.team_files.excel_writer import ExcelWriter, excel_value


@pytest.fixture
def running(tmp_path: Path) -> tuple[App, xlwings.Sheet]:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "S"
    for row, value in enumerate(["a", datetime(2024, 7, 17), True, "b", "=1+1", 5, None], 1):
        book.active.cell(row, 1, value)
    book.save(path)
    app, opened = excel(path)
    app.open_books[0].changed = True
    return app, opened.sheets["S"]


def column(app: App) -> list[Any]:
    return [cell.value for cell in app.open_books[0].content["S"]["A"]]


def test_cells_between_keep_their_content(running: tuple[App, xlwings.Sheet]) -> None:
    app, sheet = running
    writer = ExcelWriter(app)
    with writer.undisturbed():
        writer.write_cells(sheet, {(1, 1): "x", (7, 1): "y", (4, 2): "2"})
    assert column(app) == ["x", datetime(2024, 7, 17), True, "b", "=1+1", 5, "y"]
    assert app.writes == ["S!A1:A1", "S!A4:A4", "S!A6:A7", "S!B4:B4"]


def test_columns_are_written_in_their_order(running: tuple[App, xlwings.Sheet]) -> None:
    app, sheet = running
    writer = ExcelWriter(app)
    with writer.undisturbed():
        writer.write_cells(sheet, {(1, 3): "record", (1, 1): "x", (1, 2): "y"})
    assert app.writes == ["S!C1:C1", "S!A1:A1", "S!B1:B1"]


def test_screen_updating_and_events_are_restored_after_errors(
    running: tuple[App, xlwings.Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = running
    monkeypatch.setattr(excel_writer.time, "sleep", lambda _: None)

    def fail() -> None:
        with ExcelWriter(app).undisturbed():
            assert app.switches == {"screen_updating": False, "enable_events": False}
            app.busy = 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert app.switches == {"screen_updating": True, "enable_events": True}


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "'x", "2024-07-17"])
def test_text_stays_text(text: str) -> None:
    assert excel_value(text) == f"'{text}"
