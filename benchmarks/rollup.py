"""How much a month's figures, report and workbook cost over many teams.

    python benchmarks/rollup.py [TEAMS] [ROWS]

Fills the store of a temporary workspace with TEAMS workbooks (300) of four tables with
ROWS rows each (250), a finding in every second row of the plan. Prints the CPU time of
each step in a fresh process, and of a renewal as a whole in another one, start-up
included.
"""

from __future__ import annotations

import os
import random
import subprocess
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
from xlflow.facts import Cell, Finding, Outcome, Row, Snapshot
from xlflow.meaning.workdays import Calendar
from xlflow.schema import PLAN, TABLES
from xlflow.store import Store
from xlflow.values import value_of
from xlflow.workspace import find
from xlflow.workspace_creation import create_workspace

AS_OF = datetime(2024, 7, 17)
_COLUMN = {"column": "完成时间"}
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
            values = {
                column.field: value_of(column, Cell(number, place, held.get(column.field)))
                for place, column in enumerate(table.columns, 1)
            }
            identity = f"{table.name}{number}"
            rows.append(Row(table, table.sheet.zh, number, values, id=identity))
    return tuple(rows)


def outcome_of(rows: tuple[Row, ...]) -> Outcome:
    """Return what a pass would have found in them."""
    return Outcome(
        snapshot=Snapshot({}),
        rows=rows,
        computed=compute_all(rows, Calendar(), AS_OF),
        findings=tuple(
            Finding("XF101", "error", row.sheet, f"E{row.number}", row.number, params=_COLUMN)
            for row in rows
            if row.table is PLAN and row.number % 2
        ),
        changes=(),
        cells={},
        content="",
        valid_from=AS_OF,
        valid_until=AS_OF,
    )


def fill(root: Path, teams: int, count: int) -> None:
    """Make a workspace and fill its store."""
    workspace = create_workspace(root, [], "zh")
    chance = random.Random(7)
    with Store.open(workspace.state) as store:
        for team in range(teams):
            name = f"团队{team:03}"
            outcome = outcome_of(rows_of(count, chance))
            workbook = f"teams/{name}.xlsx"
            version = store.keep(workbook, b"", content="", seen=AS_OF, rows=outcome.rows)
            store.record(
                workbook,
                name,
                outcome,
                version=version,
                sha256="",
                inputs="",
                as_of=AS_OF,
                notify=False,
            )


STEPS = """
import resource, sys, time
from datetime import datetime
from pathlib import Path

def cpu(name):
    global began
    print(f"{name:<30}{time.process_time() - began:6.2f} s", flush=True)
    began = time.process_time()

began = 0.0
from xlflow.figures.rollup import month_figures, month_report, overdue_items
from xlflow.store import Store
from xlflow.summary import workbook
from xlflow.workspace import find

as_of, workspace = datetime(2024, 7, 17), find(Path(sys.argv[1]))
with Store.open(workspace.state) as store:
    cpu("start-up")
    month_figures(store, workspace.settings, "2024-07", as_of)
    cpu("figures")
    report = month_report(store, workspace.settings, "2024-07", as_of, "zh")
    cpu("report")
    workbook.report_digest(report, "zh")
    cpu("digest of its data")
    size = len(workbook.write_workbook(report, language="zh"))
    cpu("workbook")
    overdue_items(store, workspace.settings, as_of)
    cpu("overdue now")
rows = sum(len(getattr(report, name)) for name in workbook.LISTS)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{rows} list rows, workbook of {size / 1e6:.1f} MB, {peak:.0f} MB of memory at most")
"""

RENEWAL = """
import sys, time
from datetime import datetime
from pathlib import Path
from xlflow.store import Store
from xlflow.summary import renewal
from xlflow.workspace import find

as_of, workspace = datetime(2024, 7, 17), find(Path(sys.argv[1]))
with Store.open(workspace.state) as store:
    if sys.argv[2] == "documents":
        renewal.renew_documents(workspace, store, as_of)
    else:
        renewal.renew(workspace, store, as_of, datetime.now().astimezone())
print(f"renewal of {sys.argv[2]:<19}{time.process_time():6.2f} s")
"""


def main(teams: int = 300, count: int = 250) -> None:
    """Fill a store and print what is made of it costs."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XLFLOW_STATE_DIR"] = f"{folder}/state"
        root = Path(folder, "share")
        began = time.process_time()
        fill(root, teams, count)
        state = find(root).state
        size = sum(path.stat().st_size for path in state.glob("xlflow.db*"))
        print(f"{teams} teams × 4 × {count} rows, {size / 1e6:.0f} MB")
        print(f"{'filling the store':<30}{time.process_time() - began:6.2f} s", flush=True)
        for program, *arguments in ((STEPS,), (RENEWAL, "documents"), (RENEWAL, "workbooks")):
            command = [sys.executable, "-c", program, str(root), *arguments]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
