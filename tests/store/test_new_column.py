"""A column added to the schema, met by the store that a user already has."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import xlflow
from tests.test_schema import A_NEW_COLUMN
from xlflow.store import Store
from xlflow.sync import run
from xlflow.templates import samples
from xlflow.templates.table_sheet import HEADER_ROW
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

AS_OF = datetime(2024, 7, 17)
GUIDE = "teams/市场一部.xlsx"
PLAN = "流程优化计划"

PASS = """
import json, sys
from datetime import datetime
from pathlib import Path
import sqlalchemy as sa
from xlflow import workspace
from xlflow.store import Store, sql_tables
from xlflow.sync import run

space = workspace.find(Path(sys.argv[1]))
result = run.run(space, datetime(2024, 7, 17))
with Store.open(space.state) as store, store.reading() as connection:
    def records(table):
        return sorted(map(list, connection.execute(sa.select(table))), key=repr)
    print(json.dumps({
        "results": {w.workbook: [w.status, w.cells_written] for w in result.workbooks},
        "frozen": result.frozen,
        "versions": records(sql_tables.version),
        "handed_in": records(sql_tables.handed_in),
        "notified": records(sql_tables.notified),
        "queued": [[n.workbook, n.item, n.state] for n in store.outbox.waiting()],
        "changes": records(sql_tables.change),
        "edits": [f for f in records(sql_tables.finding) if f[-2] is not None],
        "rows": {w.workbook: [r.id for r in store.memory(w.workbook)] for w in store.workbooks()},
        "unread": [r.id for w in store.workbooks() for r in store.memory(w.workbook) if r.unread],
        "budgets": [
            f"{budget.amount:f}{budget.unit}"
            for row in store.memory("teams/市场一部.xlsx")
            if (budget := row.get("budget")) is not None
        ],
    }))
"""


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose team has had a column 预算 of its own for long."""
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    space = create_workspace(tmp_path / "share", [], "zh")
    samples.write_samples(space.teams, space.settings, "zh")
    book = openpyxl.load_workbook(space.root / GUIDE)
    sheet = book[PLAN]
    place = sheet.max_column + 1
    for row, text in enumerate(("预算", "2万元", "3万元"), HEADER_ROW):
        sheet.cell(row, place).value = text
    book.save(space.root / GUIDE)
    return space


def read(folder: Path, space: Workspace) -> dict[str, Any]:
    """Run a pass of the package in ``folder``, and return what the store then holds."""
    done = subprocess.run(
        [sys.executable, "-c", PASS, str(space.root)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def newer_package(folder: Path) -> Path:
    folder.mkdir()
    package = folder / "xlflow"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(xlflow.__file__).parent, package, ignore=ignored)
    text = (package / "schema.py").read_text("utf-8")
    place = "    status: Choice | None"
    (package / "schema.py").write_text(text.replace(place, A_NEW_COLUMN + place, 1), "utf-8")
    return folder


def edit(space: Workspace, cell: str, text: str) -> None:
    book = openpyxl.load_workbook(space.root / GUIDE)
    book[PLAN][cell].value = text
    book.save(space.root / GUIDE)


@pytest.mark.parametrize("edited", [False, True])
def test_a_store_learns_a_new_column_and_loses_nothing(
    tmp_path: Path, space: Workspace, edited: bool
) -> None:
    present = Path(xlflow.__file__).parent.parent
    newer = newer_package(tmp_path / "newer")
    run.run(space, AS_OF)
    with Store.open(space.state) as store:
        waiting = store.outbox.waiting()[:3]
        store.outbox.finished(waiting, datetime(2024, 7, 17, 4, tzinfo=UTC))
    before = read(present, space)
    assert len(before["notified"]) == 3
    if edited:
        edit(space, "F4", "换了说法")

    after = read(newer, space)

    assert {status for status, _ in after["results"].values()} <= {"recorded", "conflict"}
    for kept in ("handed_in", "notified", "edits", "frozen", "rows"):
        assert after[kept] == before[kept], kept
    assert after["budgets"] == ["20000元", "30000元"]
    assert not after["unread"]
    assert all(notice in after["queued"] for notice in before["queued"])
    # Only the sheets that lack the new column have news.
    assert {state for *_, state in after["queued"]} - {state for *_, state in before["queued"]} == {
        "XF303 None None"
    }
    assert not [n for n in after["queued"] if n in [entry[:3] for entry in before["notified"]]]
    # The column was there before, so nobody has edited it.
    fields = [change[10] for change in after["changes"]]
    assert fields == ["acceptance"] * edited
    assert len(after["versions"]) == len(before["versions"]) + edited
    assert not list(space.state.glob("xlflow-*.db"))

    files = {path: path.read_bytes() for path in space.teams.iterdir()}
    again = read(newer, space)
    assert {cells for _, cells in again["results"].values()} == {0}
    assert {path: path.read_bytes() for path in space.teams.iterdir()} == files
    unchanged = {key: value for key, value in again.items() if key != "results"}
    assert unchanged == {key: value for key, value in after.items() if key != "results"}

    # And back: a version without the column reads and records everything again, too.
    back = read(present, space)
    for kept in ("handed_in", "notified", "edits", "rows", "versions", "changes"):
        assert back[kept] == after[kept], kept
    assert back["budgets"] == []
    assert not list(space.state.glob("xlflow-*.db"))
