"""The rows of the lists read like cells that XlsxWriter writes, cell by cell."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.excel import validators
from tests.summary.example_report import example, origin
from tests.summary.test_styled_workbook import HOSTILE, hostile_report
from xlflow import look
from xlflow.figures.report import FindingItem, Report
from xlflow.summary import list_sheets, workbook
from xlflow.summary.list_columns import METRIC_COLUMNS, ListColumn, MetricItem, list_columns
from xlflow.summary.list_rows import MAX_LINES, ListRows
from xlflow.summary.list_sheets import HEADER_ROW, LISTS
from xlflow.summary.styled_workbook import LINE_HEIGHT, StyledWorkbook, line_count

# openpyxl warns that it drops the data bars of Excel 2010.
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")

_BORDER = {"bottom": 1, "bottom_color": look.RULE}
TEAMS = ('市"一"部', "a&b<c>", "长" * 300)
_CLOCK = datetime(2024, 7, 16, 23, 59, 59, 999_999)


def difficult() -> Report:
    """Return a report with what is easily written wrongly."""
    report = example(40)
    campaign, message, problem = report.campaigns[0], report.messages[0], report.priorities[0]
    texts = (
        *(*HOSTILE, "", " ", "\n", "\t x", "x\n\ny\n", "a\u3000", "a\rb", "\x00\ud800\ufffe"),
        *("%s %%", "_xD83D__x000A_", "😀" * 20_000, "长" * 40_000, "x" * 32_767, "'1", "#N/A"),
    )
    numbers = (
        *(1, True, 1.0, Decimal("1.0"), 0, -0.0, 1e300, Decimal("0.1"), 1 / 3, 1234567890123.4),
        *(float("nan"), Decimal("sNaN"), Decimal("1E+999"), Decimal("2.999"), None),
    )
    moments = (date(1900, 2, 28), date(1900, 3, 1), date(2024, 7, 1), datetime(2024, 7, 1), _CLOCK)
    moments += (datetime(2024, 7, 1, 9, tzinfo=UTC), date(9999, 12, 31), None, date(1024, 7, 1))
    return replace(
        report,
        overdue=(*report.overdue, *hostile_report("=1+1").overdue),
        priorities=(
            *report.priorities,
            *(replace(problem, rank=n, days=n) for n in numbers),
            *(replace(problem, rank=text, days=text) for text in ("1", "=1")),
        ),
        campaigns=(
            *report.campaigns,
            *(replace(campaign, name=text, metric=text, verdict=text) for text in texts),
            *(replace(campaign, deviation=n, verdict="met") for n in numbers),
            *(replace(campaign, deviation=n, verdict="missed") for n in numbers),
            *(replace(campaign, deviation=n) for n in ("text", "=2")),
        ),
        messages=(
            *report.messages,
            *(replace(message, asked_at=m, due=m, sender=(), owners=("a", "=b")) for m in moments),
            *(replace(message, asked_at=text, topic=None) for text in texts[:6]),
        ),
        submissions=(
            *report.submissions,
            *(hostile_report("x", team).submissions[0] for team in TEAMS),
        ),
    )


def items_of(report: Report, name: str) -> Any:
    if name == "metrics":
        return [MetricItem(*map(m.get, MetricItem._fields)) for m in report.total["metrics"]]
    return getattr(report, name)


def written_by_xlsxwriter(columns: tuple[ListColumn, ...], items: Any) -> Worksheet:
    """Return the sheet of these rows alone, written cell by cell from the first row on."""
    book = StyledWorkbook("zh", datetime(2024, 7, 17))
    sheet = book.file.add_worksheet("x")
    for row, item in enumerate(items):
        fields = [[attrgetter(path)(item) for path in column.fields] for column in columns]
        values = [column.value(*held) for column, held in zip(columns, fields, strict=True)]
        lines = min(
            MAX_LINES,
            max(
                line_count(value, column.width)
                for value, column in zip(values, columns, strict=True)
                if isinstance(value, str)
            ),
        )
        sheet.set_row(row, 6 + LINE_HEIGHT * lines)
        properties = _BORDER if lines > 1 else {**_BORDER, "valign": "vcenter"}
        for number, (value, column) in enumerate(zip(values, columns, strict=True)):
            style = column.style(*fields[number])
            book.write(sheet, row, number, value, column.kind, style, properties)
    return openpyxl.load_workbook(BytesIO(book.close()))["x"]


def described(cell: Any) -> tuple[Any, ...]:
    styles = (cell.font, cell.fill, cell.border, cell.alignment, cell.number_format)
    return cell.value, cell.data_type, cell.quotePrefix, *map(repr, styles)


def rows_of(sheet: Worksheet, first: int, count: int, width: int) -> list[Any]:
    return [
        (
            sheet.row_dimensions[row].height,
            [described(sheet.cell(row, column)) for column in range(1, width + 1)],
        )
        for row in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def report() -> Report:
    return difficult()


@pytest.fixture(scope="module")
def data(report: Report) -> bytes:
    return workbook.write_workbook(report, language="zh")


@pytest.mark.parametrize("name", [*LISTS, "metrics"])
def test_every_cell_reads_as_if_xlsxwriter_had_written_it(
    report: Report, data: bytes, name: str
) -> None:
    book = openpyxl.load_workbook(BytesIO(data))
    tables = {table.name: (sheet, table) for sheet in book for table in sheet.tables.values()}
    sheet, table = tables[f"xlf_{name}"]
    columns = METRIC_COLUMNS if name == "metrics" else list_columns(name, "zh")
    items = items_of(report, name)
    first = int(table.ref.partition(":")[0].removeprefix("A")) + 1
    expected = rows_of(written_by_xlsxwriter(columns, items), 1, len(items), len(columns))
    assert rows_of(sheet, first, len(items), len(columns)) == expected
    last = f"{openpyxl.utils.get_column_letter(len(columns))}{first + len(items) - 1}"
    assert table.ref == table.autoFilter.ref == f"A{first - 1}:{last}"


def test_tables_and_dimensions_reach_to_the_last_row(report: Report, data: bytes) -> None:
    book = openpyxl.load_workbook(BytesIO(data))
    for name in LISTS:
        sheet = book[workbook.StyledWorkbook("zh", report.as_of).say(f"sheet_{name}")]
        below = 0 if name != "campaigns" else 5 + len(report.total["metrics"])
        last = HEADER_ROW + 1 + len(getattr(report, name)) + below
        member = f"xl/worksheets/sheet{book.sheetnames.index(sheet.title) + 1}.xml"
        with ZipFile(BytesIO(data)) as package:
            xml = package.read(member).decode()
        width = len(list_columns(name, "zh"))
        assert f'<dimension ref="A1:{openpyxl.utils.get_column_letter(width)}{last}"/>' in xml
        assert sheet.max_row == last


def test_validators_find_nothing(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(data)
    assert validators.ooxml_validator_errors(path) == []
    assert validators.openxml_audit_errors(path) == []


@pytest.mark.libreoffice
def test_libreoffice_reads_the_same_texts_and_numbers(
    report: Report, data: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(data)
    before = openpyxl.load_workbook(path)
    after = validators.recalculated(path, tmp_path / "out")
    compared = 0
    for sheet in before:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f" or cell.value in (None, ""):
                    continue
                again = after[sheet.title][cell.coordinate].value
                if isinstance(cell.value, str):
                    assert again == cell.value, cell
                    compared += 1
    assert compared > 2000


def test_rows_that_dont_fit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_sheets, "MAX_ROWS", HEADER_ROW + 1 + 2 + 10)
    book = openpyxl.load_workbook(
        BytesIO(workbook.write_workbook(replace(example(30), campaigns=()), language="zh"))
    )
    sheet = book["逾期清单"]
    assert sheet.tables["xlf_overdue"].ref == "A3:I13"
    assert "20" in sheet["A14"].value


def test_memory_doesnt_grow_with_rows() -> None:
    def peak(count: int) -> int:
        item = FindingItem(
            origin("市场一部", "表", "E7", 7), "列", "XF102", "error", "", None, None
        )
        items = [replace(item, message=f"第{i}处") for i in range(500)] * (count // 500)
        book = StyledWorkbook("zh", datetime(2024, 7, 17))
        rows = ListRows(book, list_columns("findings", "zh"), items, 4)
        tracemalloc.start()
        for _ in rows.xml():
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(40_000) < 1.2 * peak(4000)


def test_every_process_writes_the_same_bytes(data: bytes, tmp_path: Path) -> None:
    program = (
        "import sys; from tests.summary.test_list_rows import difficult\n"
        "from xlflow.summary import workbook\n"
        "open(sys.argv[1], 'wb').write(workbook.write_workbook(difficult(), language='zh'))\n"
    )
    path = tmp_path / "again.xlsx"
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.getcwd()}
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, env=environment)
    assert path.read_bytes() == data
