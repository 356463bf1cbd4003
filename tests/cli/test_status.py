"""``status`` on sample teams."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import Run


@pytest.mark.usefixtures("root")
def test_status_before_and_after_a_pass(run: Run, tmp_path: Path) -> None:
    assert run("status").out.endswith("还没有同步过。先运行 xlflow sync。\n")
    assert not (tmp_path / "state").exists()
    run("sync", "--as-of", "2024-07-16")
    found = run("status", "--json").json
    assert {key: found[key] for key in ("running", "pid", "watching", "outbox")} == {
        "running": False,
        "pid": None,
        "watching": None,
        "outbox": 0,
    }
    assert {
        "team": "市场一部",
        "workbook": "teams/市场一部.xlsx",
        "status": "recorded",
        "since": "2024-07-17T00:00:00+08:00",
        "reason": None,
    } in found["workbooks"]
    assert "渠道部 - 副本.xlsx：" in run("status").out


@pytest.mark.usefixtures("root")
def test_status_loads_neither_sqlalchemy_nor_what_reads_workbooks(
    run: Run, run_process: Run, tmp_path: Path
) -> None:
    run("sync", "--as-of", "2024-07-16")
    ran = run_process("status", PYTHONPROFILEIMPORTTIME="1")
    assert "市场一部.xlsx" in ran.out
    imported = {line.rpartition("|")[2].strip() for line in ran.err.splitlines()}
    assert "xlflow.store.status" in imported
    heavy = ("sqlalchemy", "pandas", "openpyxl", "xlsxwriter", "xlflow.rules", "xlflow.process")
    assert not imported & {*heavy, "importlib.metadata", "filelock", "xlflow.store.database"}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "更新版本的 xlflow"),
        ("DROP TABLE alembic_version", "xlflow sync"),
    ],
)
def test_a_newer_or_older_store_is_refused(
    run: Run, tmp_path: Path, change: str, told: str
) -> None:
    run("sync", "--as-of", "2024-07-16")
    execute(tmp_path, change)
    ran = run("status")
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


@pytest.mark.usefixtures("root")
def test_status_needs_no_row_tables_and_survives_a_damaged_store(run: Run, tmp_path: Path) -> None:
    run("sync", "--as-of", "2024-07-16")
    before = run("status").out
    path = execute(tmp_path, "UPDATE meta SET value = 'other' WHERE name = 'row tables'")
    assert run("status").out == before
    path.write_bytes(b"no database at all" * 100)
    assert run("status").code == 0
    assert len(list(path.parent.glob("xlflow-*.db"))) == 1


def execute(tmp_path: Path, sql: str) -> Path:
    """Change the store's database; return its path."""
    (path,) = (tmp_path / "state").glob("*/xlflow.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute(sql)
        database.commit()
    return path
