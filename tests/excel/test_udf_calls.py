"""The worksheet functions as Excel calls them, through xlwings' CallUDF and converters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.excel.cell_strategies import MISSING, MONSTERS, NOT_AVAILABLE, areas, cells
from tests.excel.xlwings_windows import Excel, ExcelError, Range

#: The guide's rows, each column as a reference.
IMPACTS = Range((("高",), ("中",), ("高",)))
DAYS = Range(((3.0,), (2.0,), (10.0,)))
TARGETS = Range((("5000条",), ("8%",)))
ACTUALS = Range((("4200条",), ("10%",)))
DUE = Range(((datetime(2024, 6, 30),), (datetime(2024, 7, 15),)))
JULY_16 = datetime(2024, 7, 16)
ARGUMENTS = {
    "xlf_variance": 2,
    "xlf_priority": 4,
    "xlf_overdue": 4,
    "xlf_deadline": 4,
    "xlf_workdays": 2,
    "xlf_add_workdays": 2,
    "xlf_quantity": 1,
}


def test_the_guides_deviations(excel: Excel) -> None:
    assert excel.call("xlf_variance", Range("5000条"), Range("4200条")) == -0.16
    assert excel.call("xlf_variance", Range("8%"), Range("10%")) == 0.25
    assert excel.call("xlf_variance", TARGETS, ACTUALS) == [[-0.16], [0.25]]


def test_the_guides_priorities(excel: Excel) -> None:
    whole = excel.call("xlf_priority", IMPACTS, DAYS, MISSING, MISSING)
    assert whole == [["优先1"], ["优先3"], ["优先2"]]
    for row, text in enumerate(("优先1", "优先3", "优先2")):
        cells = Range(IMPACTS.value[row][0]), Range(DAYS.value[row][0])
        assert excel.call("xlf_priority", *cells, IMPACTS, DAYS) == text


def test_the_guides_overdue_plans(excel: Excel) -> None:
    late = excel.call("xlf_overdue", DUE, MISSING, MISSING, JULY_16)
    assert late == [["逾期16天"], ["逾期1天"]]
    late = excel.call("xlf_overdue", DUE, Range((("已完成",), ("进行中",))), MISSING, JULY_16)
    assert late == [[""], ["逾期1天"]]
    assert excel.call("xlf_overdue", DUE, Range(None), Range(None), datetime(2024, 6, 30)) == [
        [""],
        [""],
    ]


@pytest.mark.parametrize(
    ("start", "phrase", "as_of", "end"),
    [
        (datetime(2024, 7, 1, 9, 30), "24小时", MISSING, datetime(2024, 7, 2, 9, 30)),
        (datetime(2024, 7, 1), "每日17:00前", JULY_16, datetime(2024, 7, 16, 17)),
        (datetime(2024, 6, 7), "2个工作日", MISSING, datetime(2024, 6, 12)),
        (datetime(2024, 6, 7), "两个工作日", MISSING, datetime(2024, 6, 12)),
        (datetime(2024, 6, 7), "3天内", MISSING, datetime(2024, 6, 10)),
        (datetime(2024, 6, 7), "按计划时间节点", MISSING, "无法判断：时限取决于计划，请填日期"),
    ],
)
def test_the_guides_deadlines(
    excel: Excel, start: datetime, phrase: str, as_of: Any, end: Any
) -> None:
    assert excel.call("xlf_deadline", Range(start), Range(phrase), MISSING, as_of) == end


def test_a_nested_deadline_arrives_as_a_serial_number(excel: Excel) -> None:
    """Excel passes the result of an inner function as a serial number."""
    end = excel.call("xlf_deadline", datetime(2024, 7, 1, 9, 30), "24小时", MISSING, MISSING)
    serial = (end - datetime(1899, 12, 30)).total_seconds() / 86400
    as_of = datetime(2024, 7, 2, 16, 0)
    assert excel.call("xlf_overdue", serial, MISSING, MISSING, as_of) == "逾期7小时"
    assert excel.call("xlf_overdue", serial, MISSING, Range(datetime(2024, 7, 2)), as_of) == ""


@pytest.mark.parametrize(
    ("start", "days", "day"),
    [
        (datetime(2024, 6, 7), 2.0, datetime(2024, 6, 12)),
        (datetime(2024, 4, 26), 3.0, datetime(2024, 4, 30)),
        (datetime(2024, 4, 30), 2.0, datetime(2024, 5, 7)),
        (datetime(2024, 9, 30), 5.0, datetime(2024, 10, 12)),
    ],
)
def test_the_guides_working_days(excel: Excel, start: datetime, days: float, day: datetime) -> None:
    assert excel.call("xlf_add_workdays", Range(start), Range(days)) == day
    assert excel.call("xlf_workdays", Range(start), Range(day)) == days


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5000条", 5000.0),
        ("8%", 0.08),
        ("1.2万", 12000.0),
        ("１，２００", 1200.0),
        ("3.5亿", 350_000_000.0),
        (None, ""),
    ],
)
def test_the_guides_quantities(excel: Excel, text: Any, number: Any) -> None:
    assert excel.call("xlf_quantity", Range(text)) == number


def test_number_formats_are_read_with_the_cells(excel: Excel) -> None:
    hours, days = Range(24.0, '0"小时"'), Range(((6.0,), (4.0,)), '0"天"')
    assert excel.call("xlf_priority", Range("高"), hours) == ""
    assert excel.call("xlf_priority", Range("高"), 24.0) == "优先1"
    assert excel.call("xlf_priority", Range((("高",), ("高",))), days) == [["优先2"], ["优先1"]]
    assert excel.call("xlf_variance", Range(1.5, '0.0"w"'), Range("1.2万")) == -0.2
    assert excel.call("xlf_quantity", Range(0.08, "0%")) == 0.08


def test_answers_have_the_shape_of_the_range(excel: Excel) -> None:
    assert excel.call("xlf_quantity", Range((("1条",),))) == 1.0
    assert excel.call("xlf_quantity", ("1条", "2条")) == [1.0, 2.0]
    assert excel.call("xlf_quantity", Range((("1条", "2条"),))) == [1.0, 2.0]
    assert excel.call("xlf_quantity", Range((("1条",), ("2条",)))) == [[1.0], [2.0]]
    assert excel.call("xlf_quantity", Range((("1", "2"), ("3", None)))) == [[1.0, 2.0], [3.0, ""]]
    assert excel.call("xlf_variance", TARGETS, 100.0)[1] == ["无法计算：单位不一致"]
    uneven = excel.call("xlf_variance", TARGETS, Range((("1",), ("2",), ("3",))))
    assert uneven == "无法计算：几个区域的大小不一致"


def test_errors_and_missing_arguments(excel: Excel) -> None:
    assert excel.call("xlf_variance", NOT_AVAILABLE, 1.0) == "无法计算：不是数字"
    assert excel.call("xlf_variance", Range(NOT_AVAILABLE), 1.0) == "无法计算：不是数字"
    assert excel.call("xlf_variance", MISSING, 1.0) == "无法计算：目标值为空"
    assert excel.call("xlf_variance", 1.0, MISSING) == ""
    assert excel.call("xlf_quantity", True) == "无法计算：不是数字"


def test_a_failing_call_raises(excel: Excel) -> None:
    """The other tests rely on this: an exception isn't returned as an answer."""
    with pytest.raises(ExcelError, match="AttributeError"):
        excel.call("xlf_nothing", 1.0)


@settings(max_examples=300)
@given(st.sampled_from(sorted(ARGUMENTS)), st.data())
def test_any_argument_gets_an_answer(excel: Excel, name: str, data: st.DataObject) -> None:
    argument = st.one_of(cells, cells.map(Range), areas, areas.map(Range))
    answer = excel.call(name, *(data.draw(argument) for _ in range(ARGUMENTS[name])))
    rows = answer if isinstance(answer, list) else [answer]
    flat = [cell for row in rows for cell in (row if isinstance(row, list) else [row])]
    assert flat
    for cell in flat:
        assert isinstance(cell, str | int | float | datetime)
        assert "Traceback" not in str(cell)
        assert cell == cell


@pytest.mark.parametrize("name", ARGUMENTS)
def test_hostile_texts_get_short_answers(excel: Excel, name: str) -> None:
    column = Range(tuple((monster,) for monster in MONSTERS))
    answer = excel.call(name, *[column] * ARGUMENTS[name])
    assert [len(str(cell)) < 255 for (cell,) in answer] == [True] * len(MONSTERS)
