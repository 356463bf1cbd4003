"""A row that was recorded is read back equal."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rows import row, with_values
from tests.store.outcomes import AS_OF, record_rows
from xlflow.columns import Table
from xlflow.facts import Cell, ErrorValue, Row, Value
from xlflow.packed_rows import Packer
from xlflow.schema import CAMPAIGN, MESSAGE, PLAN, PROBLEM, TABLES
from xlflow.store import Store
from xlflow.store.row_encoding import months_of
from xlflow.values import YEAR_FIRST_SEEN, Context, value_of

BOOK = "teams/市场一部.xlsx"

CONTENTS: list[Any] = [
    None,
    "",
    "需求调研",
    "小张+刘经理",
    "5000条",
    "8%",
    "１．２万",
    "6月30日",
    "6月31日",
    "2024-06-31",
    "7月",
    "2024年6月底",
    "24小时",
    "每日17:00前",
    "6月30日前",
    "按计划时间节点",
    "已完成",
    "Done",
    "优先1",
    "-16%",
    "\ud800 half a pair",
    Decimal("0.1"),
    Decimal("1E+3"),
    Decimal("45473.5"),
    True,
    False,
    date(2024, 6, 30),
    datetime(2024, 6, 30, 17, 0, 0, 123000),
    time(17, 0),
    ErrorValue("#REF!"),
]


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_row_is_read_back_equal(data: st.DataObject, tmp_path: Path) -> None:
    date1904 = data.draw(st.booleans())
    rows = tuple(
        any_row(data, table, number, date1904) for table in TABLES for number in range(2, 5)
    )
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, rows, date1904=date1904)
        remembered = store.memory(BOOK)
    assert remembered == rows
    kinds = [[type(v and v.cell.value) for v in r.values] for r in rows]
    assert [[type(v and v.cell.value) for v in r.values] for r in remembered] == kinds


def any_row(data: st.DataObject, table: Table, number: int, date1904: bool) -> Row:
    values: list[Value | None] = []
    near = data.draw(st.sampled_from([None, date(2023, 7, 1), date(2024, 7, 1)]))
    for column in table.columns:
        if data.draw(st.integers(0, 9)) == 0:
            values.append(None)
            continue
        content = data.draw(st.sampled_from(CONTENTS) | st.text(max_size=5))
        cell = Cell(
            content,
            data.draw(st.sampled_from(["General", "0%", '0"条"', "yyyy-mm-dd"])),
            formula=data.draw(st.booleans()),
            uncomputed=data.draw(st.integers(0, 9)) == 0,
        )
        aliases = {"小张": "张三"}
        values.append(value_of(column, cell, Context(date1904, near, near, aliases)))
    return Row(
        table=table,
        sheet=table.sheet.zh,
        number=number,
        values=tuple(values),
        packed=Packer(table).team(values),
        hidden=data.draw(st.booleans()),
        merged=frozenset(data.draw(st.lists(st.sampled_from(sorted(table.places)), max_size=2))),
        id=f"{table.name}{number}",
    )


def test_the_year_in_which_a_date_was_first_seen_stays(tmp_path: Path) -> None:
    plan = row(PLAN, {"due": "6月30日"}, near=date(2023, 7, 1), id="a")
    due = plan.value_in("due")
    noticed = due._replace(hints=(*due.hints, YEAR_FIRST_SEEN), seen=date(2023, 5, 9))
    plan = with_values(plan, due=noticed)
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan])
        assert store.memory(BOOK)[0].value_in("due") == noticed
        assert noticed.value == date(2023, 6, 30)


def test_rows_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = [row(PLAN, {"stage": str(n)}, number=n, id=f"r{n}") for n in (9, 3, 7)]
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, rows)
        assert [r.number for r in store.memory(BOOK)] == [3, 7, 9]


@pytest.mark.parametrize(
    ("table", "content", "months"),
    [
        (PLAN, {"due": "2024-07-31", "done_on": "2024-08-01 09:00"}, {"2024-07", "2024-08"}),
        (PLAN, {"due": "下周"}, set()),
        (MESSAGE, {"asked_at": "2024-07-01", "answered_at": "2024-08-02"}, {"2024-07"}),
        (CAMPAIGN, {"month": "2024年7月"}, {"2024-07"}),
        (PROBLEM, {"days": Decimal(3)}, set()),
    ],
)
def test_the_months_of_rows(table: Table, content: dict[str, Any], months: set[str]) -> None:
    assert months_of([row(table, content)]) == months


def test_recording_again_replaces_the_rows(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [row(PLAN, {"goal": "旧"}, id="a"), row(PROBLEM, {}, id="b")])
        record_rows(store, BOOK, [row(PLAN, {"goal": "新"}, id="c")], AS_OF)
        assert [r.get("goal") for r in store.memory(BOOK)] == ["新"]
