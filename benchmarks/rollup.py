"""How long one month's report takes over many teams.

    python benchmarks/rollup.py [TEAMS] [ROWS]

Fills a store in a temporary folder with TEAMS workbooks (300) of four tables with
ROWS rows each (250), and prints the time of filling it and of three reports.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlflow.columns import Table
from xlflow.computing import compute_all
from xlflow.config import Settings
from xlflow.facts import Cell, Outcome, Row, Snapshot, TableSheet
from xlflow.figures.rollup import month_report, overdue_items
from xlflow.meaning.workdays import Calendar
from xlflow.schema import TABLES
from xlflow.store import Store
from xlflow.values import value_of

AS_OF = datetime(2024, 7, 17)
PHRASES = ("24小时", "2个工作日", "3天内", "每日17:00前", "2024-07-20")


def content(table: Table, chance: random.Random) -> Mapping[str, Any]:
    """Return what somebody might have typed into one row."""
    start = date(2023, 8, 1) + timedelta(days=chance.randrange(360))
    until = start + timedelta(days=chance.randrange(1, 30))
    done = until + timedelta(days=chance.randrange(-3, 6)) if chance.random() < 0.8 else None
    if table.name == "problem":
        return {
            "stage": "需求调研",
            "owner": "小张+刘经理",
            "days": Decimal(chance.randrange(1, 40)) / 2,
            "description": "需求文档不清晰,导致方案反复修改",
            "impact": chance.choice("高中低"),
        }
    if table.name == "plan":
        return {
            "stage": "活动执行",
            "goal": f"设计资源响应时间缩短至{chance.randrange(9)}天",
            "owners": "刘经理+设计主管",
            "due": until,
            "status": "已完成" if done else "进行中",
            "started_on": start,
            "done_on": done,
        }
    if table.name == "message":
        return {
            "topic": "活动方案评审",
            "sender": "市场部",
            "partners": "销售部、产品部",
            "owners": "刘经理",
            "deadline": chance.choice(PHRASES),
            "asked_at": datetime(start.year, start.month, start.day, 9),
            "answered_at": done,
        }
    return {
        "name": "夏季新品推广",
        "metric": chance.choice(("线索量", "转化率", "成交额")),
        "target": f"{chance.randrange(1000, 9000)}条",
        "actual": f"{chance.randrange(1000, 9000)}条",
        "month": f"{start:%Y-%m}",
    }


def rows_of(count: int, chance: random.Random) -> tuple[Row, ...]:
    """Return the rows of one workbook."""
    rows = []
    for table in TABLES:
        for number in range(4, 4 + count):
            held = content(table, chance)
            values = tuple(value_of(c, Cell(held.get(c.field))) for c in table.columns)
            identity = f"{table.name}{number}"
            rows.append(Row(table, table.sheet.zh, number, values, "", id=identity))
    return tuple(rows)


SHEETS = {
    table.name: TableSheet(
        table,
        table.sheet.zh,
        header_row=3,
        columns={column.field: place for place, column in enumerate(table.columns, 1)},
        headers={},
    )
    for table in TABLES
}


def outcome_of(rows: tuple[Row, ...]) -> Outcome:
    """Return what a pass would have found in them."""
    return Outcome(
        snapshot=Snapshot(SHEETS),
        rows=rows,
        computed=compute_all(rows, Calendar(), AS_OF),
        findings=(),
        changes=(),
        cells={},
        content="",
        valid_from=AS_OF,
        valid_until=AS_OF,
    )


def main(teams: int = 300, count: int = 250) -> None:
    """Fill a store, ask it thrice, and print how long each took."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        began, recording = time.perf_counter(), 0.0
        for team in range(teams):
            name = f"团队{team:03}"
            outcome = outcome_of(rows_of(count, chance))
            asked = time.perf_counter()
            version = store.keep(
                f"teams/{name}.xlsx", b"", content="", seen=AS_OF, rows=outcome.rows
            )
            store.record(
                f"teams/{name}.xlsx",
                name,
                outcome,
                version=version,
                sha256="",
                inputs="",
                as_of=AS_OF,
                notify=False,
            )
            recording += time.perf_counter() - asked
        size = sum(path.stat().st_size for path in Path(folder).glob("xlflow.db*"))
        print(f"{teams} teams × 4 × {count} rows, {size / 1e6:.0f} MB")
        print(f"filling {time.perf_counter() - began:.1f} s, recording {recording:.1f} s of it")
        for _ in range(3):
            began = time.perf_counter()
            result = month_report(store, Settings(), "2024-07", AS_OF, "zh")
            print(f"report  {time.perf_counter() - began:.2f} s ({result.rows} rows)")
        began = time.perf_counter()
        late = overdue_items(store, Settings(), AS_OF)
        print(f"overdue {time.perf_counter() - began:.2f} s ({len(late)} items)")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
