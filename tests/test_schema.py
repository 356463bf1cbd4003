"""The four tables as declared, and the promise that a further column is one declaration."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import xlflow
from tests.rows import row
from tests.store.outcomes import record_rows
from xlflow.columns import Kind, Owner, Table
from xlflow.config import Settings
from xlflow.figures.rollup import month_report
from xlflow.meaning.folding import fold
from xlflow.schema import MESSAGE, PLAN, TABLES, named
from xlflow.store import Store

A_NEW_COLUMN = """
    budget: Amount = column(
        "预算",
        en="Budget",
        guide=False,
        aliases=("费用预算",),
        help=("这项改进的预算,如「2万元」。", "What it may cost, such as 20000."),
    )
"""

SCRIPT = """
import pathlib, sys
from datetime import datetime
import openpyxl
from xlflow.config import Settings
from xlflow.process import Inputs, process
from xlflow.store import Store
from xlflow.store.encoded_outcome import encode_outcome
from xlflow.store.row_encoding import months_of
from xlflow.templates import table_sheet, team_workbook

folder = pathlib.Path(sys.argv[1])
path, now, settings = folder / "市场一部.xlsx", datetime(2024, 7, 16), Settings()
plan = {"stage": "需求调研", "goal": "到90%", "owners": "小张", "due": "2024-07-31"}
rows = [{**plan, "budget": "1.2万元"}, {**plan, "goal": "到95%"}]
team_workbook.write(path, team="市场一部", language="zh", settings=settings, rows={"plan": rows})

sheets = openpyxl.load_workbook(path)
header = [cell.value for cell in sheets["流程优化计划"][table_sheet.HEADER_ROW]]
place = header.index("预算") + 1
assert "2万元" in sheets["流程优化计划"].cell(table_sheet.HEADER_ROW, place).comment.text
assert "预算" in [cell.value for cell in sheets["使用说明"]["B"]]

outcome = process(path.read_bytes(), Inputs("市场一部", settings, "w"), (), now)
first, second = outcome.rows
assert (str(first.get("budget").amount), first.get("budget").unit) == ("12000", "元")
missing = [(f.code, f.row) for f in outcome.findings if f.column == "预算"]
assert missing == [("XF101", second.number)], missing
assert "预算" in str(outcome.cells["流程优化计划"])
assert place not in {column for _, column in outcome.cells["流程优化计划"]}

with Store.open(folder / "state") as store:
    version = store.keep("w", b"", content="c", seen=now, months=months_of(outcome.rows))
    encoded = encode_outcome(outcome, "w")
    store.record("w", "市场一部", encoded, version=version, sha256="", inputs="", as_of=now)
    assert store.memory("w") == outcome.rows
    with store.reading() as connection:
        held = connection.exec_driver_sql("SELECT budget, budget_unit FROM row_plan").all()
    assert held == [("12000", "元"), (None, None)]

sheets["流程优化计划"].cell(table_sheet.HEADER_ROW, place).value = "費用預算"
sheets.save(path)
assert process(path.read_bytes(), Inputs("x", settings), (), now).rows[0].get("budget")
"""


def test_a_further_column_is_one_declaration(tmp_path: Path) -> None:
    """Template, data dictionary, reading, basic rules and store all learn of it from there."""
    package = tmp_path / "xlflow"
    shutil.copytree(
        Path(xlflow.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    schema = package / "schema.py"
    before, following, after = schema.read_text("utf-8").partition("    status: Choice | None")
    schema.write_text(before + A_NEW_COLUMN.lstrip("\n") + following + after, "utf-8")
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_two_tables_share_a_sheet_name() -> None:
    names = [fold(n) for t in TABLES for n in {t.sheet.zh, t.sheet.en, t.title.zh, *t.aliases}]
    assert len(names) == len(set(names))


def test_no_two_columns_of_a_table_share_a_folded_header() -> None:
    for table in TABLES:
        names = [name for c in table.columns for name in {fold(n) for n in c.names}]
        assert len(names) == len(set(names)), table.name


def test_xlflows_own_columns_close_every_table() -> None:
    for table in TABLES:
        last = [(column.field, column.owner) for column in table.columns[-2:]]
        assert last == [("remarks", Owner.XLFLOW), ("record", Owner.XLFLOW)], (
            f"declare further columns of {table.name} above these in xlflow/schema.py"
        )


FIGURED: Mapping[str, Mapping[str, Any]] = {
    "problem": {"stage": "需求调研", "owner": "小张", "days": "3", "impact": "高"},
    "plan": {
        "stage": "需求调研",
        "goal": "到90%",
        "measures": "模板",
        "owners": "小张",
        "due": "2024-07-10",
        "done_on": "2024-07-12",
        "started_on": "2024-07-01",
        "status": "已取消",
        "acceptance": "≤1天",
    },
    "message": {
        "topic": "评审",
        "sender": "市场部",
        "partners": "销售部",
        "owners": "刘经理",
        "content": "预算",
        "channel": "飞书",
        "deadline": "24小时",
        "asked_at": "2024-07-01 09:00",
        "answered_at": "2024-07-01 15:00",
    },
    "campaign": {
        "name": "夏季",
        "metric": "获客成本",
        "target": "50元",
        "actual": "40元",
        "direction": "越低越好",
        "month": "2024-07",
        "cause": "渠道",
        "next_step": "保持",
    },
}
"""Rows of which each figure counts something; ``STILL_OPEN`` is one that is not cancelled."""

STILL_OPEN = {**FIGURED["plan"], "status": "进行中"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_columns_that_figures_are_taken_from_are_declared(table: Table, tmp_path: Path) -> None:
    """A figure changes without a column exactly where the schema says ``in_figures``."""

    def figures(*without: str) -> Mapping[str, Any]:
        contents = {**FIGURED, "open": STILL_OPEN}
        rows = [
            row(
                held := named(name.replace("open", "plan")),
                content,
                number=number,
                id=f"r{number}",
                without=without if held is table else (),
            )
            for number, (name, content) in enumerate(contents.items(), 5)
        ]
        record_rows(store, "teams/市场一部.xlsx", rows)
        return month_report(store, Settings(), "2024-07", datetime(2024, 8, 1), "zh").total

    with Store.open(tmp_path) as store:
        complete = figures()
        for column in table.columns:
            read = figures(column.field) != complete
            assert read == column.in_figures, (
                f"declare {column.field} with in_figures={read} in xlflow/schema.py"
            )


def test_key_columns_and_blank_status() -> None:
    assert [c.header.zh for c in MESSAGE.keys] == ["协作事项", "发起部门", "协作部门"]
    assert PLAN["status"].kind is Kind.CHOICE
    assert PLAN["status"].blank == "未开始"
    assert all(named(table.name) is table for table in TABLES)
