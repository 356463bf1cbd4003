"""A new team workbook: the content of its file, and its display in LibreOffice."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.office import convert, libreoffice, pages, rows_of, sheets
from xlflow import look
from xlflow.columns import Kind, Owner, Table
from xlflow.config import Settings
from xlflow.facts import ErrorValue, column_letters
from xlflow.messages import LANGUAGES, say
from xlflow.ooxml.book import Book
from xlflow.ooxml.table_finder import find_tables
from xlflow.schema import BY_NAME, CAMPAIGN, MESSAGE, PLAN, PROBLEM, TABLES
from xlflow.templates import table_sheet, team_workbook
from xlflow.templates.column_formats import FormattedNumber
from xlflow.values import Context

# The functions that the template uses; all are in Excel 2010.
FUNCTIONS = {
    *("AND", "COUNTA", "FIND", "IF", "INT", "ISNUMBER", "ISTEXT", "LEFT", "LEN", "MID", "N"),
    *("NOT", "NOW", "OR", "ROW", "SUMPRODUCT", "TODAY"),
}


def written(path: Path, language: str = "zh", **options: Any) -> Path:
    settings = options.pop("settings", Settings())
    team_workbook.write(path, team="市场一部", language=language, settings=settings, **options)
    return path


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def path(language: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp(language) / "市场一部.xlsx", language)


@pytest.fixture(scope="module")
def book(path: Path) -> Iterator[Any]:
    opened = openpyxl.load_workbook(path)
    yield opened
    opened.close()


def test_the_help_sheet_is_followed_by_a_sheet_a_table(book: Any, language: str) -> None:
    help_sheet = say("template.manual_sheet", language)
    assert book.sheetnames == [help_sheet, *(table.sheet[language] for table in TABLES)]
    assert book.active is not None
    assert book.active.title == help_sheet


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_headers_notes_and_widths_follow_the_schema(table: Table, book: Any, language: str) -> None:
    sheet = book[table.sheet[language]]
    cells = sheet[table_sheet.HEADER_ROW]
    assert [c.value for c in cells] == [c.header[language] for c in table.columns]
    for cell, column in zip(cells, table.columns, strict=True):
        dimension = sheet.column_dimensions[cell.column_letter]
        assert dimension.width == pytest.approx(column.width, abs=1)
        assert bool(dimension.hidden) == column.hidden
        if column.hidden:
            continue
        assert cell.comment is not None
        assert cell.comment.text.startswith(column.help[language])
        assert (say("template.required", language) in cell.comment.text) == column.required


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_cells_are_a_native_table_with_rows_ready(table: Table, book: Any, language: str) -> None:
    sheet = book[table.sheet[language]]
    (listed,) = sheet.tables.values()
    last = table_sheet.HEADER_ROW + table_sheet.READY_ROWS
    corner = sheet.cell(last, len(table.columns)).coordinate
    assert listed.ref == f"A{table_sheet.HEADER_ROW}:{corner}"
    assert [c.name for c in listed.tableColumns] == [c.header[language] for c in table.columns]
    assert listed.autoFilter is not None
    assert sheet.freeze_panes == f"B{table_sheet.FIRST_ROW}"


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_the_header_says_who_writes_a_column(table: Table, book: Any, language: str) -> None:
    styles = {
        Owner.TEAM: look.TEAM_HEADER,
        Owner.COMPUTED: look.COMPUTED_HEADER,
        Owner.XLFLOW: look.SYSTEM_HEADER,
    }
    for cell, column in zip(
        book[table.sheet[language]][table_sheet.HEADER_ROW], table.columns, strict=True
    ):
        style = styles[column.owner]
        assert cell.fill.fgColor.rgb == "FF" + str(style.background)[1:]
        assert cell.font.color.rgb == "FF" + style.color[1:]
        assert cell.font.bold
        assert cell.font.name == look.FONT


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_a_new_row_has_its_columns_number_formats(table: Table, book: Any, language: str) -> None:
    sheet = book[table.sheet[language]]
    for number, column in enumerate(table.columns, 1):
        wanted = {
            Kind.DATE: look.MOMENT if column.field.endswith("_at") else look.DATE,
            Kind.DEVIATION: look.DEVIATION,
            Kind.MONTH: look.TEXT,
        }.get(column.kind, "General")
        for row in (
            table_sheet.FIRST_ROW,
            table_sheet.FIRST_ROW + table_sheet.READY_ROWS - 1,
        ):
            assert sheet.cell(row, number).number_format == wanted


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_choices_are_enforced_and_other_limits_warn(table: Table, book: Any, language: str) -> None:
    sheet = book[table.sheet[language]]
    validations = {str(v.sqref).partition(":")[0]: v for v in sheet.data_validations.dataValidation}
    styles = {
        Kind.CHOICE: "stop",
        Kind.DATE: "warning",
        Kind.DAYS: "warning",
        Kind.QUANTITY: "warning",
        Kind.MONTH: "warning",
    }
    for number, column in enumerate(table.columns, 1):
        validation = validations.pop(sheet.cell(table_sheet.FIRST_ROW, number).coordinate, None)
        if column.field == "stage":
            assert validation is not None
            assert validation.errorStyle == "information"
            assert validation.formula1 == '"' + ",".join(Settings().stages) + '"'
            continue
        if column.kind not in styles:
            assert validation is None
            continue
        assert validation is not None
        # XlsxWriter omits the default style, stop.
        assert (validation.errorStyle or "stop") == styles[column.kind]
        assert 0 < len(validation.errorTitle) <= 32
        assert 0 < len(validation.error) <= 255
        if column.kind is Kind.CHOICE:
            options = ",".join(option[language] for option in column.choices)
            assert validation.formula1 == f'"{options}"'
    assert not validations


def test_a_register_too_long_for_a_list_is_left_out(tmp_path: Path) -> None:
    long = Settings(stages=tuple(f"第{n}个很长的流程环节" for n in range(40)))
    sheet = openpyxl.load_workbook(written(tmp_path / "a.xlsx", settings=long))["流程现状分析"]
    ranges = [str(v.sqref) for v in sheet.data_validations.dataValidation]
    assert not any(r.startswith("A") for r in ranges)


def test_no_macros_and_nothing_newer_than_excel_2016(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert not [n for n in names if "vba" in n.lower() or "metadata" in n or "macro" in n]
        parts = [archive.read(n).decode() for n in names if n.startswith("xl/worksheets/sheet")]
        workbook = archive.read("xl/workbook.xml").decode()
    formulas = [f for part in parts for f in re.findall(r"<formula1?>([^<]+)</formula", part)]
    assert len(formulas) > 40
    used = {name for f in formulas for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", f)}
    assert used <= FUNCTIONS
    assert not any("[" in f or "{" in f or "_xlfn" in f for f in formulas)
    assert not any("<f>" in part for part in parts), "no cell of a new workbook has a formula"
    assert "<definedName" in workbook


def test_printing_is_landscape_on_a4_with_repeated_headers(book: Any, language: str) -> None:
    for table in TABLES:
        sheet = book[table.sheet[language]]
        assert sheet.page_setup.orientation == "landscape"
        assert int(sheet.page_setup.paperSize) == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == f"${table_sheet.HEADER_ROW}:${table_sheet.HEADER_ROW}"
        assert "&P" in str(sheet.oddFooter.right.text)


def test_the_help_sheet_lists_every_column(book: Any, language: str) -> None:
    sheet = book[say("template.manual_sheet", language)]
    rows = [tuple(c.value for c in row) for row in sheet.iter_rows()]
    texts = {row[1]: row[4] for row in rows if row[4] is not None}
    for table in TABLES:
        for column in table.columns:
            assert texts[column.header[language]]
    listed = [row[1:] for row in rows]
    for table in TABLES:
        for column in table.columns:
            help_ = column.help[language]
            assert any(row[0] == column.header[language] and row[3] == help_ for row in listed)


def test_the_help_sheet_links_to_the_sheets(book: Any, language: str) -> None:
    sheet = book[say("template.manual_sheet", language)]
    targets = {
        cell.value: cell.hyperlink.location for row in sheet for cell in row if cell.hyperlink
    }
    assert targets == {t.sheet[language]: f"'{t.sheet[language]}'!A4" for t in TABLES}


def test_a_new_workbook_reads_as_four_empty_tables(path: Path) -> None:
    seen = find_tables(Book(path.read_bytes()), Context(seen=date(2024, 7, 1)))
    assert set(seen.tables) == set(BY_NAME)
    assert not seen.absent
    assert not seen.duplicates
    assert not seen.without_header
    for sheet in seen.tables.values():
        assert not sheet.missing
        assert not sheet.rows
        assert not sheet.cleared
        assert sheet.recorded


ROWS: team_workbook.Rows = {
    "problem": [{"stage": "=1+1", "owner": "http://a.b", "days": Decimal("2.5"), "impact": "高"}],
    "plan": [{"stage": "需求调研", "due": date(2024, 6, 30), "done_on": "6月底", "status": None}],
    "message": [{"topic": "评审", "asked_at": datetime(2024, 7, 1, 9, 30), "deadline": "24小时"}],
    "campaign": [
        {
            "name": "00123",
            "target": FormattedNumber(Decimal("0.08"), "0%"),
            "actual": ErrorValue("#N/A"),
            "month": "2024-07",
        },
        {"name": "夏季新品推广", "target": "5000条"},
    ],
}


def test_values_keep_their_types(tmp_path: Path) -> None:
    """Text stays text, whatever it looks like; dates and errors have their own types."""
    book = openpyxl.load_workbook(written(tmp_path / "a.xlsx", rows=ROWS))
    assert book.active is not None
    assert book.active.title == "流程现状分析"

    def cell(table: Table, field: str, row: int = table_sheet.FIRST_ROW) -> Any:
        number = [c.field for c in table.columns].index(field) + 1
        return book[table.sheet.zh].cell(row, number)

    assert (cell(PROBLEM, "stage").value, cell(PROBLEM, "stage").data_type) == ("=1+1", "s")
    assert cell(PROBLEM, "owner").hyperlink is None
    assert cell(PROBLEM, "days").value == 2.5
    assert cell(PLAN, "due").value == datetime(2024, 6, 30)
    assert cell(PLAN, "due").number_format == look.DATE
    assert cell(PLAN, "done_on").value == "6月底"
    assert cell(PLAN, "status").value is None
    assert cell(MESSAGE, "asked_at").value == datetime(2024, 7, 1, 9, 30)
    assert cell(MESSAGE, "asked_at").number_format == look.MOMENT
    assert cell(CAMPAIGN, "name").value == "00123"
    assert cell(CAMPAIGN, "target").value == 0.08
    assert cell(CAMPAIGN, "target").number_format == "0%"
    assert cell(CAMPAIGN, "month").value == "2024-07"
    assert cell(CAMPAIGN, "target", table_sheet.FIRST_ROW + 1).value == "5000条"
    seen = find_tables(Book((tmp_path / "a.xlsx").read_bytes()), Context(seen=date(2024, 7, 1)))
    assert seen.tables["campaign"].rows[0].value_in("actual").problem == "error_value"


def test_more_rows_make_a_longer_table(tmp_path: Path) -> None:
    rows = {"plan": [{"stage": "需求调研", "goal": f"第{n}项"} for n in range(300)]}
    sheet = openpyxl.load_workbook(written(tmp_path / "a.xlsx", rows=rows))["流程优化计划"]
    (listed,) = sheet.tables.values()
    last = column_letters(len(PLAN.columns))
    assert listed.ref == f"A3:{last}{table_sheet.HEADER_ROW + 300 + table_sheet.SPARE_ROWS}"
    (due,) = [v for v in sheet.data_validations.dataValidation if str(v.sqref).startswith("E")]
    assert str(due.sqref) == f"E4:E{table_sheet.HEADER_ROW + 300 + table_sheet.SPARE_ROWS}"


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Also in another process with another hash seed and time zone."""
    first = written(tmp_path / "a.xlsx").read_bytes()
    code = (
        "import sys; from pathlib import Path; from xlflow.config import Settings;"
        "from xlflow.templates import team_workbook;"
        "team_workbook.write("
        "Path(sys.argv[1]), team='市场一部', language='zh', settings=Settings())"
    )
    command = [sys.executable, "-X", "utf8", "-c", code, str(tmp_path / "b.xlsx")]
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "America/New_York"}
    subprocess.run(command, check=True, env=environment)
    assert (tmp_path / "b.xlsx").read_bytes() == first


def test_an_unwritable_path_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        written(tmp_path / "nowhere" / "a.xlsx")


def test_special_characters_in_a_teams_name(tmp_path: Path) -> None:
    team = "R&D's 'A' 部"
    team_workbook.write(tmp_path / "a.xlsx", team=team, language="zh", settings=Settings())
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet: Any = book["流程优化计划"]
    assert sheet["A1"].value == f"营销流程优化计划表 · {team}"
    assert "R&&D's" in str(sheet.oddFooter.left.text)


@libreoffice
def test_libreoffice_shows_the_headers_and_the_colours(path: Path, language: str) -> None:
    seen = sheets(path, path.parent)
    for table in TABLES:
        rows = seen[table.sheet[language]]
        title = say("template.title", language, title=table.title[language], team="市场一部")
        assert rows[table_sheet.TITLE_ROW - 1][0].text == title
        assert rows[table_sheet.PURPOSE_ROW - 1][0].text == " ".join(
            table.purpose[language].split()
        )
        visible = [c for c in table.columns if not c.hidden]
        header = rows[table_sheet.HEADER_ROW - 1]
        assert [cell.text for cell in header] == [c.header[language] for c in visible]
        assert {cell.background for cell, c in zip(header, visible, strict=True) if c.guide} <= {
            look.DEEP,
            look.LIGHT,
        }


@libreoffice
def test_libreoffice_shows_the_rows(tmp_path: Path) -> None:
    seen = sheets(written(tmp_path / "a.xlsx", rows=ROWS), tmp_path)
    shown = {t.name: list(rows_of(seen[t.sheet.zh], table_sheet.HEADER_ROW)) for t in TABLES}
    assert shown["problem"][0]["流程环节"].text == "=1+1"
    assert shown["problem"][0]["耗时(天)"].text == "2.5"
    assert shown["plan"][0]["完成时间"].text == "2024-06-30"
    assert shown["message"][0]["发起时间"].text == "2024-07-01 09:30"
    assert shown["campaign"][0]["目标值"].text == "8%"
    assert shown["campaign"][0]["实际值"].text == "#N/A"
    assert shown["campaign"][0]["活动名称"].text == "00123"


@libreoffice
def test_only_filled_rows_are_printed(tmp_path: Path) -> None:
    """An empty table is one page; a long one repeats its header on every page."""
    empty = pages(written(tmp_path / "a.xlsx"), tmp_path)
    assert [sum(table.title.zh in page for page in empty) for table in TABLES] == [1, 1, 1, 1]
    rows = {"plan": [{"stage": "需求调研", "goal": f"第{n}项"} for n in range(100)]}
    long = [p for p in pages(written(tmp_path / "b.xlsx", rows=rows), tmp_path) if "实际完成" in p]
    plan = [p for p in long if PLAN.title.zh in p]
    assert len(plan) >= 3
    assert all("优化目标" in page for page in plan)


@libreoffice
@pytest.mark.parametrize(
    ("table", "field", "passes", "warns"),
    [
        (CAMPAIGN, "target", ["5000条", "8%", "1.2万", 0.08, 5000], ["很多", "待定"]),
        (CAMPAIGN, "month", ["2024-07", 45474], ["七月", "July"]),
    ],
    ids=["quantity", "month"],
)
def test_validations_accept_valid_texts(
    table: Table, field: str, passes: list[Any], warns: list[Any], tmp_path: Path
) -> None:
    """LibreOffice computes the formula of the validation in cells."""
    sheet = openpyxl.load_workbook(written(tmp_path / "a.xlsx"))[table.sheet.zh]
    number = [c.field for c in table.columns].index(field) + 1
    first = sheet.cell(table_sheet.FIRST_ROW, number).coordinate
    (formula,) = [
        v.formula1
        for v in sheet.data_validations.dataValidation
        if str(v.sqref).startswith(f"{first}:")
    ]
    book = openpyxl.Workbook()
    assert book.active is not None
    for row, value in enumerate((*passes, *warns), 1):
        book.active.cell(row, 1, value)
        book.active.cell(row, 2, "=" + formula.replace(first, f"A{row}"))
    book.save(tmp_path / "limits.xlsx")
    with open(convert(tmp_path / "limits.xlsx", "csv", tmp_path), encoding="utf-8") as lines:
        answers = [row[1] for row in csv.reader(lines)]
    assert answers == ["TRUE"] * len(passes) + ["FALSE"] * len(warns)
