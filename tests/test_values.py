"""What people type, in each kind of column."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlflow.columns import Owner, Table
from xlflow.facts import Cell, CellValue, ErrorValue
from xlflow.meaning.deadline import Daily, FixedDeadline, Hours, WorkingDays
from xlflow.meaning.quantity import Quantity
from xlflow.schema import CAMPAIGN, MESSAGE, PLAN, PROBLEM, TABLES
from xlflow.values import Context, shown, value_of

NEAR = Context(near=date(2024, 7, 1), seen=date(2024, 7, 1))


@pytest.mark.parametrize(
    ("table", "field", "content", "number_format", "expected"),
    [
        (PROBLEM, "days", Decimal(3), "General", Decimal(3)),
        (PROBLEM, "days", "3", "General", Decimal(3)),
        (PROBLEM, "days", "３．５天", "General", Decimal("3.5")),
        (PROBLEM, "impact", "高", "General", "高"),
        (PROBLEM, "impact", "High", "General", "高"),
        (PROBLEM, "impact", "優(yōu)", "General", None),
        (PROBLEM, "owner", "刘经理+设计主管", "General", ("刘经理", "设计主管")),
        (PROBLEM, "priority", "优先1", "General", 1),
        (PROBLEM, "priority", "優(yōu)先1", "General", 1),
        (PLAN, "due", date(2024, 6, 30), "yyyy-mm-dd", date(2024, 6, 30)),
        (PLAN, "due", Decimal(45473), "General", date(2024, 6, 30)),
        (PLAN, "due", "45473", "@", date(2024, 6, 30)),
        (PLAN, "due", "45473.75", "@", datetime(2024, 6, 30, 18)),
        (PLAN, "due", "2024年6月底", "General", date(2024, 6, 30)),
        (PLAN, "due", "6月30日", "General", date(2024, 6, 30)),
        (PLAN, "status", "已完成", "General", "已完成"),
        (PLAN, "status", "進行中", "General", "进行中"),
        (MESSAGE, "deadline", "24小时", "General", Hours(Decimal(24))),
        (MESSAGE, "deadline", "两个工作日", "General", WorkingDays(2)),
        (MESSAGE, "deadline", "每日17:00前", "General", Daily(time(17))),
        (MESSAGE, "deadline", Decimal(24), '0"小时"', Hours(Decimal(24))),
        (MESSAGE, "deadline", Decimal(45473), "General", FixedDeadline(date(2024, 6, 30))),
        (MESSAGE, "deadline", date(2024, 6, 30), "yyyy-mm-dd", FixedDeadline(date(2024, 6, 30))),
        (CAMPAIGN, "target", "5000条", "General", Quantity(Decimal(5000), "条")),
        (CAMPAIGN, "target", Decimal(5000), '0"条"', Quantity(Decimal(5000), "条")),
        (CAMPAIGN, "target", Decimal("0.08"), "0%", Quantity(Decimal("0.08"), "%")),
        (CAMPAIGN, "target", "1.2万", "General", Quantity(Decimal(12000), "")),
        (CAMPAIGN, "month", "2024-07", "General", "2024-07"),
        (CAMPAIGN, "month", "2024年7月", "General", "2024-07"),
        (CAMPAIGN, "month", "7月", "General", "2024-07"),
        (CAMPAIGN, "month", date(2024, 7, 1), "yyyy-mm", "2024-07"),
        (CAMPAIGN, "month", Decimal(202407), "General", "2024-07"),
        (CAMPAIGN, "month", Decimal(45474), "General", "2024-07"),
    ],
)
def test_typed_contents_are_understood(
    table: Table, field: str, content: CellValue, number_format: str, expected: Any
) -> None:
    cell = Cell(content, number_format)
    assert value_of(table[field], cell, NEAR).value == expected


@pytest.mark.parametrize(
    ("table", "field", "content", "problem"),
    [
        (PROBLEM, "days", "三四天", "not_a_number"),
        (PROBLEM, "days", "5条", "not_a_number"),
        (PROBLEM, "days", True, "not_a_number"),
        (PROBLEM, "days", date(2024, 1, 3), "not_a_number"),
        (PROBLEM, "impact", "中等偏上", "not_a_choice"),
        (PLAN, "due", "2024-06-31", "no_such_date"),
        (PLAN, "due", "尽快", "not_a_date"),
        (PLAN, "due", Decimal(3), "not_a_date"),
        (PLAN, "due", "99999", "not_a_date"),
        (PLAN, "due", time(17), "not_a_date"),
        (PLAN, "due", ErrorValue("#REF!"), "error_value"),
        (MESSAGE, "deadline", "尽快", "not_a_phrase"),
        (MESSAGE, "deadline", Decimal(24), "not_a_phrase"),
        (CAMPAIGN, "target", "很多", "not_a_quantity"),
        (CAMPAIGN, "target", date(2024, 6, 30), "not_a_quantity"),
        (CAMPAIGN, "month", "下个月", "not_a_month"),
        (CAMPAIGN, "month", Decimal(7), "not_a_month"),
        (CAMPAIGN, "deviation", date(2024, 6, 30), "not_a_number"),
    ],
)
def test_contents_that_do_not_fit_have_a_named_problem(
    table: Table, field: str, content: CellValue, problem: str
) -> None:
    value = value_of(table[field], Cell(content), NEAR)
    assert (value.value, value.problem) == (None, problem)
    assert not value.blank


def test_suggestions() -> None:
    assert value_of(PLAN["due"], Cell("2024-06-31")).fix == "2024-06-30"
    assert value_of(PLAN["status"], Cell("已完城")).fix == "已完成"


@pytest.mark.parametrize(
    ("table", "field", "content", "notice"),
    [
        (PROBLEM, "days", "3", "number_as_text"),
        (PROBLEM, "days", "３", "full_width"),
        (PLAN, "due", "6月30日", "year_assumed"),
        (PLAN, "due", "2024年6月底", "approximate"),
        (MESSAGE, "deadline", "6月30日", "year_assumed"),
        (MESSAGE, "deadline", "2024年6月底", "approximate"),
        (PLAN, "due", "２０２４-06-30", "full_width"),
        (PLAN, "status", "完成", "alias"),
        (CAMPAIGN, "target", "5000", "number_as_text"),
        (CAMPAIGN, "month", "7月", "year_assumed"),
    ],
)
def test_hints(table: Table, field: str, content: str, notice: str) -> None:
    assert notice in value_of(table[field], Cell(content), NEAR).hints


@pytest.mark.parametrize("text", ["5000条", "1.2万", "8%"])
def test_a_unit_as_text_is_not_a_number_kept_as_text(text: str) -> None:
    assert value_of(CAMPAIGN["target"], Cell(text)).hints == ()


def test_an_uncomputed_formula_is_not_blank() -> None:
    value = value_of(PLAN["due"], Cell(None, formula=True, uncomputed=True))
    assert value.problem == "uncomputed"
    assert not value.blank


@pytest.mark.parametrize("content", [None, "", "  \n", "\u3000"])
def test_blank_cells(content: str | None) -> None:
    for table in TABLES:
        for column in table.columns:
            assert value_of(column, Cell(content)).blank


contents = (
    st.text()
    | st.decimals()
    | st.booleans()
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.builds(ErrorValue, st.sampled_from(["#N/A", "#REF!"]))
)


@given(contents, st.sampled_from([c for t in TABLES for c in t.columns]), st.booleans())
def test_reading_a_cell_never_raises(content: Any, column: Any, date1904: bool) -> None:
    value = value_of(column, Cell(content), NEAR._replace(date1904=date1904))
    assert value.problem is None or value.value is None
    if column.owner is Owner.XLFLOW and not isinstance(content, ErrorValue):
        assert value.problem is None


def test_contents_as_a_person_sees_them() -> None:
    assert shown(Decimal("1E+3")) == "1000"
    assert shown(Decimal("2.50")) == "2.5"
    assert shown(Decimal("0E-7")) == "0"
    assert shown(datetime(2024, 7, 1, 9, 30)) == "2024-07-01 09:30"
    assert shown(date(2024, 7, 1)) == "2024-07-01"
    assert shown(True) == "TRUE"
    assert shown(None) == ""
