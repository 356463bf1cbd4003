"""Adopting made and messy workbooks: what is added, and that nothing else changes."""

from __future__ import annotations

import io
import random
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests.office import libreoffice
from xlflow.adoption.plan import CERTAIN, LIKELY, AdoptionPlan, plan_adoption
from xlflow.config import Settings
from xlflow.facts import address
from xlflow.ooxml.book import Book
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import TABLES
from xlflow.team_files import safe_open

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
NOW = datetime(2024, 7, 17)
HEADERS = ("优化环节", "优化目标", "具体措施", "责任人", "完成时间", "验收标准")
ROW = ("活动执行", "响应缩短至1天", "建资源池", "刘经理", date(2024, 7, 5), "≤1天")
ADDED = ["状态", "开始时间", "实际完成时间", "逾期", "系统提示", "系统记录"]


def plan_of(data: bytes) -> AdoptionPlan:
    return plan_adoption(data, Settings(), date(2024, 7, 16))


def adopted(data: bytes) -> bytes:
    plan = plan_of(data)
    return plan.content(plan.tables)


def made(fill: Callable[[Worksheet], None]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "优化计划"
    fill(sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def plain(sheet: Worksheet) -> None:
    sheet.append(HEADERS)
    sheet.append(ROW)
    sheet["E2"].number_format = "yyyy-mm-dd"


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def assert_nothing_else_changed(before: bytes, after: bytes) -> None:
    old, new = members(before), members(after)
    assert old.keys() == new.keys()
    for name in old:
        if not name.startswith(("xl/worksheets/sheet", "xl/tables/")) and "styles" not in name:
            assert old[name] == new[name], name
    cells_before = cells(before)
    assert {place: cell for place, cell in cells(after).items() if place in cells_before} == (
        cells_before
    )


def cells(data: bytes) -> dict[tuple[str, int, int], object]:
    """Return every cell with its value and its whole look, blank ones with a style included."""
    found = {}
    for sheet in Book(data).sheets:
        for row in sheet.xml.rows:
            for cell in row.cells():
                text = sheet.xml.markup.text[cell.start : cell.end]
                found[sheet.name, cell.row, cell.column] = text
    return found


def headers_after(data: bytes, row: int = 1) -> list[object]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [cell.value for cell in sheet[row] if cell.value is not None]


def overdue(data: bytes) -> list[object]:
    outcome = process(data, Inputs("甲", Settings()), (), NOW)
    return [c for cells in outcome.cells.values() for c in cells.values() if "逾期" in str(c)]


def test_a_plain_table_gets_its_columns_and_its_flags() -> None:
    before = made(plain)
    plan = plan_of(before)
    (table,) = plan.tables
    assert table.certain
    assert [m.confidence for m in table.mapped] == [CERTAIN] * 6
    after = adopted(before)
    assert_nothing_else_changed(before, after)
    assert headers_after(after) == [*HEADERS, *ADDED]
    assert "逾期11天" in overdue(after)
    assert not overdue(before)


def test_adopting_again_adds_nothing() -> None:
    assert not plan_of(adopted(made(plain))).adds


def test_lists_formats_and_colours_come_with_the_columns() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(adopted(made(plain)))).worksheets[0]
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists["G2:G202"] == '"未开始,进行中,已完成,已取消"'
    assert sheet.column_dimensions["L"].hidden
    book = Book(adopted(made(plain)))
    assert book.sheets[0].format_at(3, 8) == "yyyy-mm-dd"
    rules = [r for found in sheet.conditional_formatting for r in found.rules]
    assert any("$J2" in rule.formula[0] for rule in rules)
    priorities = [rule.priority for rule in rules]
    assert len(set(priorities)) == len(priorities)


def test_another_name_of_a_column_is_likely_and_asked_about() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["优化环节", "目标", "具体措施", "负责人", "截止日期", "验收标准"])
        sheet.append(ROW)

    (table,) = plan_of(made(fill)).tables
    assert not table.certain
    confidence = {m.column.header.zh: m.confidence for m in table.mapped}
    assert confidence["优化环节"] == CERTAIN
    assert confidence["完成时间"] == LIKELY


def test_a_titled_filtered_sheet_with_notes_beside_it() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "2024年优化计划"
        sheet.merge_cells("A1:J1")
        sheet.append([])
        for column, header in enumerate(HEADERS, 1):
            sheet.cell(3, column, header)
            sheet.cell(4, column, ROW[column - 1])
        sheet["H7"] = "旁边的备注"
        sheet.auto_filter.ref = "A3:F4"
        sheet.column_dimensions.group("G", "XFD", hidden=True)

    before = made(fill)
    after = adopted(before)
    assert_nothing_else_changed(before, after)
    sheet = openpyxl.load_workbook(io.BytesIO(after)).worksheets[0]
    assert [sheet.cell(3, column).value for column in range(9, 15)] == ADDED
    assert not sheet.column_dimensions["I"].hidden
    assert sheet.auto_filter.ref == "A3:F4"
    assert "逾期11天" in overdue(after)


def test_a_native_table_grows() -> None:
    def fill(sheet: Worksheet) -> None:
        plain(sheet)
        sheet.add_table(Table(displayName="计划", ref="A1:F2"))

    before = made(fill)
    after = adopted(before)
    assert_nothing_else_changed(before, after)
    table = openpyxl.load_workbook(io.BytesIO(after)).worksheets[0].tables["计划"]
    assert table.ref == table.autoFilter.ref == "A1:L2"
    assert [column.name for column in table.tableColumns] == [*HEADERS, *ADDED]
    assert [column.id for column in table.tableColumns] == list(range(1, 13))


def test_a_protected_sheet_stays_so_with_new_cells_to_fill() -> None:
    def fill(sheet: Worksheet) -> None:
        plain(sheet)
        sheet.protection.sheet = True
        sheet["A2"].protection = Protection(locked=False)

    before = made(fill)
    (table,) = plan_of(before).tables
    assert table.protected
    after = adopted(before)
    assert_nothing_else_changed(before, after)
    sheet = openpyxl.load_workbook(io.BytesIO(after)).worksheets[0]
    assert sheet.protection.sheet
    assert not sheet.column_dimensions["G"].protection.locked
    assert sheet.column_dimensions["J"].protection.locked


def test_own_lists_and_own_looks_stay() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append([*HEADERS, "状态"])
        sheet.append([*ROW, "进行中"])
        sheet["G1"].fill = PatternFill("solid", fgColor="FFAA00")
        own = DataValidation(type="list", formula1='"进行中,搁置"', sqref="G2:G50")
        sheet.add_data_validation(own)

    after = adopted(made(fill))
    sheet = openpyxl.load_workbook(io.BytesIO(after)).worksheets[0]
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert lists["G2:G50"] == '"进行中,搁置"'
    assert not any(reference.startswith("G2:G2") for reference in lists)
    assert sheet["H1"].fill.fgColor.rgb == "00FFAA00"


def test_a_column_of_ones_own_with_xlflows_name_is_not_taken_over() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append([*HEADERS, "逾期"])
        sheet.append([*ROW, "小王说没事"])

    plan = plan_of(made(fill))
    assert plan.tables[0].refused == ("own_column", "逾期")
    assert not plan.adds


def messy_files() -> list[Path]:
    """Return twenty workbooks of the corpus that can be read and written."""
    chosen = []
    for path in sorted(CORPUS.glob("*.xls[xm]")):
        try:
            book = Book(safe_open.read_safely(path))
            usable = book.sheets and not book.signed and book.package.related("styles", "")
        except Exception:  # files that are refused are tested elsewhere
            continue
        styled = any("styles" in name for name in book.package.names)
        if (usable or styled) and book.sheets and not book.signed:
            chosen.append(path)
    return random.Random(20240716).sample(chosen, min(24, len(chosen)))


def with_headers(data: bytes, seed: int) -> bytes | None:
    """Write the headers of the four tables, and a row, at random free places of the sheets."""
    chance = random.Random(seed)
    book = Book(data)
    writes: dict[str, dict[tuple[int, int], str]] = {}
    for table, sheet in zip(TABLES, book.sheets * 4, strict=False):
        taken = writes.setdefault(sheet.name, {})
        if taken:
            continue  # one table a sheet: tables beside each other are found elsewhere
        occupied = [c for row in sheet.rows.values() for c in row] or [0]
        left = max(*occupied, *(area[3] for area in sheet.merges), 0) + chance.randint(1, 3)
        row = chance.randint(1, 12)
        if left > 200 or any(area[2] > 10_000 for area in sheet.merges):
            return None
        columns = [c for c in table.columns if c.guide and c.owner.value == "team"]
        for place, column in enumerate(columns):
            taken[row, left + place] = column.header.zh
            taken[row + 1, left + place] = "某事"
    return splice(book, writes)


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus folder next to the project")
@libreoffice
def test_messy_workbooks_with_the_tables_at_random_places(tmp_path: Path) -> None:
    adopted_files = []
    for seed, path in enumerate(messy_files()):
        before = with_headers(safe_open.read_safely(path), seed)
        if before is None:
            continue
        plan = plan_of(before)
        assert plan.adds, path.name
        after = plan.content(plan.tables)
        assert_nothing_else_changed(before, after)
        assert not plan_of(after).adds
        outcome = process(after, Inputs("甲", Settings()), (), NOW)
        flagged = splice(after, outcome.cells)
        again = process(flagged, Inputs("甲", Settings()), (), NOW)
        assert not again.cells, path.name
        target = tmp_path / f"{seed}{path.suffix}"
        target.write_bytes(flagged)
        adopted_files.append(target)
        if len(adopted_files) == 20:
            break
    assert len(adopted_files) == 20
    out = tmp_path / "out"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", str(out)]
    subprocess.run([*command, *map(str, adopted_files)], check=True, capture_output=True)
    assert {p.stem for p in out.iterdir()} == {p.stem for p in adopted_files}


def test_addresses_of_what_is_added() -> None:
    (table,) = plan_of(made(plain)).tables
    assert [address(1, column.number) for column in table.added] == [f"{c}1" for c in "GHIJKL"]
