"""Workbooks for the tests of rules, built from the few words of a case file.

A case starts from a workbook without fault, one row in each table, and says what
is different. ``row`` and ``rows`` replace cells of ``table``; a cell is a value,
or a mapping with ``value``, ``format``, ``formula``, ``uncomputed`` or ``error``;
"" is a blank one. ``cells`` are where its findings are expected: a field and a row
(``status 5``), so that a further column moves none of them; an address for a place
outside the table's own columns; "" for a whole sheet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlflow import rules
from xlflow.columns import Table
from xlflow.computing import compute_all
from xlflow.config import Settings
from xlflow.facts import (
    Cell,
    ErrorValue,
    Finding,
    Row,
    Snapshot,
    TableSheet,
    address,
)
from xlflow.meaning.workdays import Calendar
from xlflow.packed_rows import Packer
from xlflow.schema import BY_NAME, TABLES
from xlflow.values import Context, value_of

CASES = Path(__file__).parent / "cases"
HEADER_ROW = 4
AS_OF = datetime(2024, 7, 17)  # 24:00 of 07-16

FAULTLESS: Mapping[str, Mapping[str, Any]] = {
    "problem": {
        "stage": "需求调研",
        "owner": "小张",
        "days": 3,
        "description": "需求文档不清晰",
        "impact": "高",
    },
    "plan": {
        "stage": "需求调研",
        "goal": "需求文档通过率提升至90%",
        "measures": "制定《需求调研模板》",
        "owners": "小张",
        "due": date(2024, 6, 28),
        "acceptance": "修改次数≤1次",
        "status": "进行中",
        "started_on": date(2024, 6, 3),
    },
    "message": {
        "topic": "活动方案评审",
        "sender": "市场部",
        "partners": "销售部、产品部",
        "owners": "刘经理",
        "content": "预算、渠道选择",
        "deadline": "24小时",
        "channel": "飞书文档",
        "asked_at": datetime(2024, 7, 1, 9, 30),
        "answered_at": datetime(2024, 7, 1, 15, 0),
    },
    "campaign": {
        "name": "夏季新品推广",
        "metric": "线索量",
        "target": "5000条",
        "actual": "4200条",
        "cause": "渠道投放预算不足",
        "next_step": "增加社群运营投入",
        "month": "2024-07",
    },
}


def load(family: str) -> dict[str, dict[str, Any]]:
    """Return a case file: code → table, passes, fails."""
    return tomllib.loads((CASES / f"{family}.toml").read_text(encoding="utf-8"))


def address_of(place: str, case: Mapping[str, Any]) -> str:
    """Return the address of a place as a case names it."""
    field, _, number = place.partition(" ")
    if not number:
        return place
    fields = [column.field for column in BY_NAME[case["table"]].columns]
    return address(int(number), fields.index(field) + 1)


def cell(raw: Any) -> Cell:
    """Return a cell that holds what the case says."""
    contents = raw if isinstance(raw, Mapping) else {"value": raw}
    value = contents.get("value")
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Decimal(str(value))
    if "error" in contents:
        value = ErrorValue(contents["error"])
    return Cell(
        None if value == "" else value,
        contents.get("format", "General"),
        formula=contents.get("formula", False) or contents.get("uncomputed", False),
        uncomputed=contents.get("uncomputed", False),
    )


def row(
    table: Table,
    columns: Mapping[str, int],
    number: int,
    cells: Mapping[str, Any],
    context: Context,
) -> Row:
    """Return a faultless row with some cells replaced."""
    own = {**FAULTLESS[table.name], **cells}
    unknown = set(own) - {column.field for column in table.columns}
    assert not unknown, f"the case names unknown columns: {unknown}"
    values = tuple(
        value_of(column, cell(own.get(column.field)), context) if column.field in columns else None
        for column in table.columns
    )
    packed = Packer(table).team(values)
    return Row(table, table.sheet.zh, number, values, packed, id=f"{table.name}{number}")


def sheet(table: Table, case: Mapping[str, Any]) -> TableSheet:
    """Return the table as a sheet; only the case's own table differs from the faultless one."""
    own = case if case.get("table") == table.name else {}
    missing = own.get("without", [])
    language = own.get("language", "zh")
    columns = {
        column.field: place
        for place, column in enumerate(table.columns, start=1)
        if column.field not in missing
    }
    context = Context.of(settings_of(case), AS_OF.date() - timedelta(1))
    context = context._replace(near=context.seen)
    rows = [
        row(table, columns, number, cells, context)._replace(
            sheet=table.sheet[language],
            hidden=number in own.get("hidden_rows", []),
            merged=frozenset(own.get("merged", [])),
        )
        for number, cells in enumerate(own.get("rows") or [own.get("row", {})], HEADER_ROW + 1)
    ]
    return TableSheet(
        table=table,
        sheet=table.sheet[language],
        header_row=HEADER_ROW,
        columns=columns,
        headers={field: table[field].header[language] for field in columns},
        missing=tuple(missing),
        duplicate_columns=tuple(
            (field, place, table[field].header[language]) for field, place in own.get("twice", [])
        ),
        rows=tuple(rows),
        hidden=own.get("hidden", False),
        month=own.get("sheet_month", ""),
        units=own.get("units", {}),
        in_doubt=tuple((a, b) for a, b in own.get("in_doubt", [])),
        merges=tuple((a, b, c, d) for a, b, c, d in own.get("merges", [])),
    )


def book(case: Mapping[str, Any]) -> Snapshot:
    """Return the workbook of a case."""
    elsewhere = {*case.get("absent", []), *(name for name, _ in case.get("headless", []))}
    return Snapshot(
        sheets=tuple(sheet(t, case) for t in TABLES if t.name not in elsewhere),
        absent=tuple(case.get("absent", [])),
        duplicates=tuple(
            (name, sheet, BY_NAME[name].sheet["zh"]) for name, sheet in case.get("doubled", [])
        ),
        without_header=tuple((name, sheet) for name, sheet in case.get("headless", [])),
        signed=case.get("signed", False),
        equal_to=tuple(case.get("equal_to", [])),
        shares=tuple((file, count, where) for file, count, where in case.get("shares", [])),
    )


def settings_of(case: Mapping[str, Any]) -> Settings:
    """Return the settings of a case, the defaults but for what it says."""
    own = dict(case.get("settings", {}))
    if "stages" in own:
        own["stages"] = tuple(own["stages"])
    return Settings(**own)


def check(case: Mapping[str, Any]) -> list[Finding]:
    """Return the findings of a case."""
    snapshot, settings = book(case), settings_of(case)
    calendar = Calendar(frozenset(case.get("days_off", [])))
    computed = compute_all(snapshot.rows, calendar, AS_OF)
    return rules.check(snapshot, snapshot.rows, computed, settings, calendar, AS_OF)


def compare(case: Mapping[str, Any]) -> list[Finding]:
    """Return the findings between ``before`` and ``now`` of a case; without one it is missing."""
    earlier = book({**case, "row": case.get("before", {})})
    later = book({**case, "row": case.get("now", {})})
    table = BY_NAME[case["table"]]
    rows = later.tables[table.name].rows if "now" in case else ()
    before = earlier.tables[table.name].rows
    if "before" not in case:  # another row was there
        before = tuple(row._replace(id="other") for row in before)
    return rules.compare(later, before, rows, settings_of(case), case.get("closed", []))
