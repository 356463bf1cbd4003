"""The worksheet functions called directly from Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.excel.cell_strategies import MISSING, NOT_AVAILABLE, STRANGE, arguments, cells
from xlflow.computing import compute
from xlflow.excel import udfs
from xlflow.excel.udf_arguments import FormattedNumber, cell_value, with_formats
from xlflow.excel.udfs import (
    xlf_add_workdays,
    xlf_deadline,
    xlf_overdue,
    xlf_priority,
    xlf_quantity,
    xlf_variance,
    xlf_workdays,
)
from xlflow.facts import Cell, Row
from xlflow.meaning.variance import reason_text
from xlflow.meaning.workdays import Calendar
from xlflow.schema import CAMPAIGN
from xlflow.values import value_of

FUNCTIONS: dict[Callable[..., Any], int] = {
    xlf_variance: 2,
    xlf_priority: 4,
    xlf_overdue: 4,
    xlf_deadline: 4,
    xlf_workdays: 2,
    xlf_add_workdays: 2,
    xlf_quantity: 1,
}
WEDNESDAY = datetime(2024, 7, 3, 10, 30)


@pytest.mark.parametrize(
    ("target", "actual", "deviation"),
    [
        ("5000条", "4200条", -0.16),
        ("8%", "10%", 0.25),
        (0.08, 0.1, 0.25),
        (5000.0, "4200条", -0.16),
        ("１，２００", 1500.0, 0.25),
        (100.0, None, ""),
        (100.0, "  ", ""),
        (None, 100.0, "无法计算：目标值为空"),
        (0.0, 100.0, "无法计算：目标值为零"),
        ("5000条", "8%", "无法计算：单位不一致"),
        ("8%", 0.1, "无法计算：单位不一致"),
        ("约5000", 4200.0, -0.16),
        (-100.0, -150.0, -0.5),
        (-100.0, 20.0, 1.2),
        (FormattedNumber(1.5, '0.0"w"'), "1.2万", -0.2),
        (FormattedNumber(3000000.0, '0.0,,"万"\n%'), "270万", -0.1),
        (FormattedNumber(0.08, "0%"), "10%", 0.25),
        (0.08, "10%", "无法计算：单位不一致"),
        (NOT_AVAILABLE, 4200.0, "无法计算：不是数字"),
        (True, 1.0, "无法计算：不是数字"),
        (datetime(2024, 6, 30), 1.0, "无法计算：不是数字"),
        (5e-324, 1e308, "无法计算：不是数字"),
    ],
)
def test_variance(target: Any, actual: Any, deviation: Any) -> None:
    assert xlf_variance(target, actual) == deviation


@given(cells, cells)
def test_variance_equals_the_computed_column(target: Any, actual: Any) -> None:
    read = {
        field: value_of(CAMPAIGN[field], Cell(cell_value(cell)))
        for field, cell in (("target", target), ("actual", actual))
    }
    computed = compute(Row.of(CAMPAIGN, read), Calendar(), WEDNESDAY)
    if computed.deviation is not None and abs(computed.deviation) < Decimal("1E300"):
        assert xlf_variance(target, actual) == float(computed.deviation)
    elif computed.deviation is None:
        reason = reason_text(computed.reason, "zh") if computed.reason else ""
        assert xlf_variance(target, actual) == reason


def test_priority_ranks_the_guides_rows() -> None:
    impacts, days = (("高",), ("中",), ("高",)), ((3.0,), (2.0,), (10.0,))
    assert xlf_priority(impacts, days) == [["优先1"], ["优先3"], ["优先2"]]
    rows = zip(impacts, days, strict=True)
    assert [xlf_priority(i, d, impacts, days) for (i,), (d,) in rows] == ["优先1", "优先3", "优先2"]


def test_priority_is_dense_and_skips_rows_that_lack_a_value() -> None:
    impacts = (("高",), ("高",), ("H",), (None,), ("?",), ("影响程度",), ("低",))
    days = ((2.0,), ("2天",), (5.0,), (1.0,), (1.0,), ("耗时(天)",), (-1.0,))
    assert xlf_priority(impacts, days) == [["优先1"], ["优先1"], ["优先2"], [""], [""], [""], [""]]


def test_priority_needs_both_columns() -> None:
    column = (("高",), ("中",))
    assert xlf_priority("高", 3.0, column) == "无法计算：整列影响程度和整列耗时要一起给出"
    assert xlf_priority("高", 3.0, MISSING, column) == "无法计算：整列影响程度和整列耗时要一起给出"
    assert xlf_priority("高", 3.0, column, ((1.0,),) * 3) == "无法计算：几个区域的大小不一致"
    assert xlf_priority("高", 3.0, MISSING, MISSING) == "优先1"


@pytest.mark.parametrize(
    ("due", "status", "done", "as_of", "late"),
    [
        (datetime(2024, 6, 30), None, None, WEDNESDAY, "逾期3天"),
        (datetime(2024, 6, 30), None, None, datetime(2024, 7, 3), "逾期3天"),
        ("2024-06-30", "进行中", None, 45476.0, "逾期3天"),
        (45473.0, "未开始", None, WEDNESDAY, "逾期3天"),
        ("6月底", None, None, WEDNESDAY, "逾期3天"),
        (datetime(2024, 7, 3, 3, 45), None, None, WEDNESDAY, "逾期7小时"),
        (datetime(2024, 7, 1, 10), None, None, WEDNESDAY, "逾期2天"),
        (datetime(2024, 7, 3), None, None, WEDNESDAY, ""),
        (datetime(2024, 7, 3), None, None, datetime(2024, 7, 3), ""),
        (datetime(2024, 7, 3, 10, 30), None, None, WEDNESDAY, ""),
        (datetime(2024, 6, 30), "已完成", None, WEDNESDAY, ""),
        (datetime(2024, 6, 30), "取消", None, WEDNESDAY, ""),
        (datetime(2024, 6, 30), "进行中", datetime(2024, 7, 2), WEDNESDAY, ""),
        (datetime(2024, 6, 30), "进行中", datetime(2024, 7, 4), WEDNESDAY, "逾期3天"),
        (None, None, None, WEDNESDAY, ""),
        (0.0, None, None, WEDNESDAY, ""),
        ("2024-06-31", None, None, WEDNESDAY, "无法判断：完成时间没有这一天，最近的是 2024-06-30"),
        ("尽快", None, None, WEDNESDAY, "无法判断：完成时间不是有效日期，请改正，如 2024-06-30"),
        (3.0, None, None, WEDNESDAY, "无法判断：完成时间不是有效日期，请改正，如 2024-06-30"),
        (
            NOT_AVAILABLE,
            None,
            None,
            WEDNESDAY,
            "无法判断：完成时间不是有效日期，请改正，如 2024-06-30",
        ),
        (
            datetime(2024, 6, 30),
            "快了",
            None,
            WEDNESDAY,
            "无法判断：状态看不懂，请从 未开始、进行中、已完成、已取消 中选",
        ),
        (
            datetime(2024, 6, 30),
            None,
            "上周",
            WEDNESDAY,
            "逾期3天",
        ),
        ("2024-06-30", None, None, "昨天", "无法判断：截至时间不是有效日期，请改正，如 2024-06-30"),
        ("无法判断：缺少发起时间", None, None, WEDNESDAY, "无法判断：缺少发起时间"),
    ],
)
def test_overdue(due: Any, status: Any, done: Any, as_of: Any, late: str) -> None:
    assert xlf_overdue(due, status, done, as_of) == late


def test_overdue_without_as_of_means_now() -> None:
    yesterday = date.fromordinal(date.today().toordinal() - 1)
    assert xlf_overdue(yesterday) in ("逾期1天", "逾期2天")  # at midnight
    assert xlf_overdue(datetime(2098, 1, 1), MISSING, MISSING, MISSING) == ""


@pytest.mark.parametrize(
    ("start", "phrase", "reply", "as_of", "end"),
    [
        (datetime(2024, 7, 1, 9, 30), "24小时", None, None, datetime(2024, 7, 2, 9, 30)),
        (datetime(2024, 7, 1, 9, 30), "两小时内", None, None, datetime(2024, 7, 1, 11, 30)),
        (datetime(2024, 6, 7, 9, 30), "2个工作日", None, None, datetime(2024, 6, 12)),
        (datetime(2024, 7, 1, 9, 30), "3天内", None, None, datetime(2024, 7, 4)),
        (datetime(2024, 7, 1), "24小时", None, None, datetime(2024, 7, 2)),
        ("2024-07-01", "每日17:00前", None, WEDNESDAY, datetime(2024, 7, 2, 17)),
        (
            "2024-07-01",
            "每日17:00前",
            datetime(2024, 7, 2, 16),
            WEDNESDAY,
            datetime(2024, 7, 3, 17),
        ),
        ("2024-07-04", "每日17:00前", None, WEDNESDAY, datetime(2024, 7, 4, 17)),
        (None, "2024-07-15", None, None, datetime(2024, 7, 15)),
        (None, 45488.0, None, None, datetime(2024, 7, 15)),
        (None, datetime(2024, 7, 15, 17), None, None, datetime(2024, 7, 15, 17)),
        ("2024-07-01", None, None, None, ""),
        (None, "24小时", None, None, "无法判断：缺少发起时间"),
        ("上周", "24小时", None, None, "无法判断：发起时间不是有效日期，请改正，如 2024-06-30"),
        ("2024-07-01", "按计划时间节点", None, None, "无法判断：时限取决于计划，请填日期"),
        (
            "2024-07-01",
            "尽快",
            None,
            None,
            "无法判断：反馈时限看不懂，请改写，如 24小时、2个工作日、每日17:00前",
        ),
        (
            "2024-07-01",
            "每日17:00前",
            "刚才",
            WEDNESDAY,
            datetime(2024, 7, 2, 17),
        ),
    ],
)
def test_deadline(start: Any, phrase: Any, reply: Any, as_of: Any, end: Any) -> None:
    assert xlf_deadline(start, phrase, reply, as_of) == end


@pytest.mark.parametrize(
    ("start", "days", "day"),
    [
        ("2024-06-07", 2.0, datetime(2024, 6, 12)),
        (datetime(2024, 4, 26), 3.0, datetime(2024, 4, 30)),
        (45412.0, 2.0, datetime(2024, 5, 7)),
        ("2024年9月30日", "5天", datetime(2024, 10, 12)),
        (datetime(2024, 6, 12, 17), -2.0, datetime(2024, 6, 7)),
        (None, 2.0, ""),
        ("2024-06-07", None, ""),
        ("2024-06-07", 2.5, "无法计算：天数要是整数"),
        ("2024-06-07", 1e300, "无法计算：天数太多，前后最多 20000 个工作日"),
        ("2024-06-07", "两三天", "无法计算：不是数字"),
        ("端午", 2.0, "无法判断：开始日期不是有效日期，请改正，如 2024-06-30"),
    ],
)
def test_add_workdays(start: Any, days: Any, day: Any) -> None:
    assert xlf_add_workdays(start, days) == day


@pytest.mark.parametrize(
    ("start", "until", "days"),
    [
        ("2024-06-07", "2024-06-12", 2),
        (datetime(2024, 4, 26), datetime(2024, 4, 30), 3),
        ("2024-06-12", "2024-06-07", -2),
        ("2024-06-07", None, ""),
        ("2024-06-07", "端午", "无法判断：截止日期不是有效日期，请改正，如 2024-06-30"),
    ],
)
def test_workdays(start: Any, until: Any, days: Any) -> None:
    assert xlf_workdays(start, until) == days


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5000条", 5000.0),
        ("8%", 0.08),
        ("1.2万", 12000.0),
        (0.08, 0.08),
        (None, ""),
        ("约5000", 5000),
        ("1.2w", 12000),
        (FormattedNumber(1.5, '0.0"w"'), 15000),
        (float("inf"), "无法计算：不是数字"),
        (Decimal("1E+400"), "无法计算：不是数字"),
    ],
)
def test_quantity(text: Any, number: Any) -> None:
    assert xlf_quantity(text) == number


def test_columns_of_unequal_length_give_text() -> None:
    two, three = ((1.0,), (2.0,)), ((1.0,), (2.0,), (3.0,))
    for function in (xlf_variance, xlf_priority, xlf_overdue, xlf_deadline, xlf_workdays):
        assert function(two, three) == "无法计算：几个区域的大小不一致"


def test_a_scalar_goes_with_a_column() -> None:
    assert xlf_variance(100.0, ((90.0,), (None,), ("x",))) == [[-0.1], [""], ["无法计算：不是数字"]]
    assert xlf_overdue(((45473.0,), (45480.0,)), None, None, WEDNESDAY) == [["逾期3天"], [""]]
    assert xlf_add_workdays("2024-06-07", ((1.0, 2.0),)) == [
        [datetime(2024, 6, 11), datetime(2024, 6, 12)]
    ]


def fits_a_cell(answer: Any) -> bool:
    if isinstance(answer, str):
        return len(answer) < 255 and "Traceback" not in answer
    if isinstance(answer, datetime):
        return 1900 <= answer.year <= 9999 and answer.tzinfo is None
    return isinstance(answer, int | float) and answer == answer and abs(answer) < 1e308


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
@given(data=st.data())
def test_any_arguments_get_an_answer(function: Callable[..., Any], data: st.DataObject) -> None:
    drawn = [data.draw(arguments) for _ in range(FUNCTIONS[function])]
    answered = function(*drawn)
    rows = answered if isinstance(answered, list) else [[answered]]
    assert len({len(row) for row in rows}) == 1
    assert all(fits_a_cell(answer) for row in rows for answer in row)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_no_strange_argument_raises(function: Callable[..., Any]) -> None:
    for strange in STRANGE:
        for index in range(FUNCTIONS[function]):
            values: list[Any] = ["2024-06-30"] * FUNCTIONS[function]
            values[index] = strange
            answered = function(*values)
            assert isinstance(answered, list) or fits_a_cell(answered)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_hundred_thousand_hostile_rows_finish(function: Callable[..., Any]) -> None:
    junk = [f"{row}\x00乱{row}" for row in range(50_000)]
    good = [30_000 + row / 10 for row in range(50_000)]
    columns = [((cell,) for cell in cells) for cells in (good + good, junk + good, good + junk)]
    columns = [tuple(column) for column in columns]
    assert len(function(*(columns * 2)[: FUNCTIONS[function]])) == 100_000


def test_udfs_import_no_heavy_package() -> None:
    """xlwings imports pandas if it is installed; xlflow's functions don't need it."""
    script = (
        "import sys\n"
        "heavy = ('pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'sqlalchemy', 'click')\n"
        "sys.modules.update(dict.fromkeys(heavy))\n"
        "from xlflow.excel.udfs import xlf_variance\n"
        "print(xlf_variance('5000条', '4200条'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.strip() == "-0.16", done.stderr


@pytest.mark.timeout(30)
def test_the_workday_limit_finishes() -> None:
    first = xlf_add_workdays("2099-12-31", float(udfs.MAX_WORKDAYS))
    assert isinstance(first, datetime)
    assert first.year > 2170
    assert isinstance(xlf_add_workdays("1990-01-01", -float(udfs.MAX_WORKDAYS)), datetime)


REJECTED = datetime(1900, 1, 7, 4, 48)  # 7.2 typed into a date cell


@pytest.mark.parametrize(
    ("due", "status", "done", "late"),
    [
        (datetime(2024, 6, 28), "进行中", REJECTED, "逾期5天"),
        (datetime(2024, 6, 28), "已完成", REJECTED, ""),
        (datetime(2024, 6, 28), "进行中", "-", "逾期5天"),
        (datetime(2024, 6, 28), "进行中", "未完成", "逾期5天"),
        (datetime(2024, 6, 28), "推进中", None, "逾期5天"),
        (datetime(2024, 6, 28), FormattedNumber(0.8, "0%"), None, "逾期5天"),
        ("7月1日前", None, None, "逾期2天"),
        ("24.6.30", None, None, "逾期3天"),
        (REJECTED, "进行中", None, "无法判断：完成时间不是有效日期，请改正，如 2024-06-30"),
        (FormattedNumber(7.01, "0.00"), None, None, "逾期2天"),
    ],
)
def test_overdue_of_what_people_type(due: Any, status: Any, done: Any, late: str) -> None:
    assert xlf_overdue(due, status, done, datetime(2024, 7, 3)) == late


@pytest.mark.parametrize(
    ("days", "priority"),
    [
        (3.0, "优先1"),
        (-2.0, ""),
        (500.0, ""),
        ("24小时", ""),
        (FormattedNumber(24.0, '0"小时"'), ""),
        (FormattedNumber(6.0, '0"天"'), "优先1"),
    ],
)
def test_priority_of_days_that_are_rejected(days: Any, priority: str) -> None:
    assert xlf_priority("高", days) == priority
    assert xlf_priority((("高",), ("低",)), ((days,), (3.0,)))[0] == [priority]


@pytest.mark.parametrize(
    ("phrase", "end"),
    [
        ("当天", datetime(2024, 7, 8)),
        ("T+2", datetime(2024, 7, 10)),
        ("一周内", datetime(2024, 7, 15)),
        ("30分钟", datetime(2024, 7, 8, 10, 30)),
        ("每周五17:00前", datetime(2024, 7, 12, 17)),
        (FormattedNumber(24.0, '0"小时"'), datetime(2024, 7, 9, 10)),
    ],
)
def test_deadlines_of_every_day(phrase: Any, end: datetime) -> None:
    assert xlf_deadline(datetime(2024, 7, 8, 10), phrase, None, datetime(2024, 7, 16)) == end


def test_workdays_of_a_rejected_date() -> None:
    assert xlf_workdays(REJECTED, datetime(2024, 7, 3)).startswith("无法判断")
    assert xlf_add_workdays(datetime(2024, 7, 3), -400.0) < datetime(2023, 7, 3)


class Cells:
    """A range as xlwings gives it: values and number formats by row and column."""

    def __init__(self, *rows: tuple[tuple[float, str], ...]) -> None:
        self._rows = rows
        self.shape = len(rows), len(rows[0])

    @property
    def number_format(self) -> str | None:
        formats = {number_format for row in self._rows for _, number_format in row}
        return formats.pop() if len(formats) == 1 else None

    def __getitem__(self, place: tuple[Any, Any]) -> Cells:
        row, column = (p if isinstance(p, slice) else slice(p, p + 1) for p in place)
        return Cells(*(cells[column] for cells in self._rows[row]))

    @property
    def raw_value(self) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(value for value, _ in row) for row in self._rows)


def test_a_function_that_is_given_cells_knows_their_formats() -> None:
    cells = Cells(((24.0, '0"小时"'),), ((6.0, '0"天"'),), ((5.0, "General"),), ((4.0, "General"),))
    given_cells = with_formats(cells.raw_value, cells)
    assert given_cells == (
        (FormattedNumber(24.0, '0"小时"'),),
        (FormattedNumber(6.0, '0"天"'),),
        (5.0,),
        (4.0,),
    )
    impacts = (("高",),) * 4
    assert xlf_priority(impacts, given_cells) == [[""], ["优先3"], ["优先2"], ["优先1"]]
    row = Cells(((1.5, '0.0"w"'), (2.0, "General")))
    assert xlf_quantity(with_formats(row.raw_value, row)) == [[15000, 2]]
    single = Cells(((0.08, "0%"),))
    assert xlf_variance(with_formats(0.08, single), "10%") == 0.25
    assert with_formats("5000条", single) == "5000条"
