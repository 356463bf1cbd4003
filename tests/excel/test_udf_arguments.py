"""Shapes and values of the arguments that Excel passes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.excel.cell_strategies import ERRORS, MISSING, STRANGE, cells
from xlflow.errors import UsageError
from xlflow.excel.udf_arguments import (
    CellRange,
    align,
    as_range,
    call_safely,
    cell_value,
    column_reader,
    map_cells,
)
from xlflow.facts import ErrorValue
from xlflow.schema import PLAN, PROBLEM


@pytest.mark.parametrize(
    ("argument", "cells"),
    [
        (5.0, None),
        (None, None),
        ("text", None),
        (((5.0,),), CellRange(1, 1, [5.0])),
        (((1.0,), (2.0,)), CellRange(2, 1, [1.0, 2.0])),
        (((1.0, 2.0),), CellRange(1, 2, [1.0, 2.0])),
        ((1.0, 2.0), CellRange(1, 2, [1.0, 2.0])),
        ([[1.0, 2.0], [3.0, 4.0]], CellRange(2, 2, [1.0, 2.0, 3.0, 4.0])),
        ((), CellRange(1, 1, [None])),
        (((),), CellRange(1, 1, [None])),
    ],
)
def test_a_range_is_rows_of_cells(argument: Any, cells: CellRange | None) -> None:
    assert as_range(argument) == cells


def test_answers_come_in_the_shape_of_the_range() -> None:
    assert map_cells(lambda a, b: a + b, ((1.0,), (2.0,)), 10.0) == [[11.0], [12.0]]
    assert map_cells(lambda a, b: a + b, 10.0, ((1.0, 2.0),)) == [[11.0, 12.0]]
    assert map_cells(lambda a: a * 2, ((1.0, 2.0), (3.0, 4.0))) == [[2.0, 4.0], [6.0, 8.0]]
    assert map_cells(lambda a: a * 2, ((1.0,),)) == [[2.0]]
    assert map_cells(lambda a: a * 2, 1.0) == 2.0


def test_single_cells_and_rows_align_with_columns() -> None:
    assert map_cells(lambda a, b: a + b, ((1.0,), (2.0,)), ((10.0,),)) == [[11.0], [12.0]]
    shape, columns = align((1.0, 2.0), ((3.0,), (4.0,)))
    assert shape == CellRange(1, 2, [1.0, 2.0])
    assert [list(column) for column in columns] == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    "uneven",
    [
        (((1.0,), (2.0,)), ((1.0,), (2.0,), (3.0,))),
        (((1.0, 2.0), (3.0, 4.0)), ((1.0,), (2.0,), (3.0,), (4.0,))),
        (((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)), ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))),
        (((1.0,), (2.0, 3.0)), 1.0),
    ],
)
def test_ranges_that_differ_in_size_are_refused(uneven: tuple[Any, Any]) -> None:
    with pytest.raises(UsageError, match="uneven"):
        align(*uneven)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        (0.1 + 0.2, Decimal("0.3")),
        (45473.0, Decimal(45473)),
        (5, Decimal(5)),
        (True, True),
        (None, None),
        (MISSING, None),
        (-2146826246, ErrorValue("#N/A")),
        (-2146826281, ErrorValue("#DIV/0!")),
        (-2146826238, ErrorValue("#ERROR!")),
        (-2146826246.0, Decimal(-2146826246)),
        (float("nan"), ErrorValue("#VALUE!")),
        (Decimal("12.5"), Decimal("12.5")),
        (" 5000条\n", "5000条"),
        (datetime(2024, 6, 30), date(2024, 6, 30)),
        (datetime(2024, 6, 30, 17, tzinfo=UTC), datetime(2024, 6, 30, 17)),
        (datetime(2024, 6, 30, 16, 59, 59, 999_997), datetime(2024, 6, 30, 17)),
        (datetime(2024, 6, 30, 23, 59, 59, 999_997), date(2024, 7, 1)),
        (datetime.max, datetime(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_cell_values(argument: Any, value: Any) -> None:
    assert cell_value(argument) == value
    assert type(cell_value(argument)) is type(value)


@given(cells)
def test_every_cell_can_be_read(cell: Any) -> None:
    for column in (PLAN["due"], PLAN["status"], PROBLEM["days"]):
        column_reader(column)(cell, date(2024, 7, 1))


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_value_is_not_a_number(code: int) -> None:
    assert column_reader(PROBLEM["days"])(code).problem == "error_value"


def test_equal_values_of_different_types_are_read_apart() -> None:
    days = column_reader(PROBLEM["days"])
    assert days(1.0).value == 1
    assert days(True).problem == "not_a_number"
    assert days(1.0).value == 1


def test_a_zero_from_a_formula_counts_as_blank() -> None:
    assert column_reader(PLAN["due"])(0.0, date(2024, 7, 1)).blank
    assert column_reader(PROBLEM["days"])(0.0).value == 0


def test_implausible_dates_are_refused() -> None:
    due = column_reader(PLAN["due"])
    assert due(datetime(1899, 12, 30, 17)).problem == "implausible_date"
    assert due(datetime(9999, 12, 31)).problem == "implausible_date"


def test_every_exception_becomes_a_text() -> None:
    def fail(argument: Any) -> Any:
        raise RecursionError

    assert call_safely(fail, 1.0) == "无法计算：参数看不懂"
    for strange in STRANGE:
        assert call_safely(map_cells, lambda argument: argument.no_such_attribute, strange)
