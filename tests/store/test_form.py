"""Databases of every form that users may have: migrated, refused or set aside, and never lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import xlflow
from tests.rows import with_values
from xlflow.errors import StoreError
from xlflow.messages import say
from xlflow.store import Store, engine, form, migrations, sql_tables
from xlflow.store.database import FILE_NAME

BOOK = "teams/市场一部.xlsx"
BEFORE_REVISIONS = Path(__file__).with_name("before_revisions.sql")
"""A store as the last version without revisions left it, dumped by ``sqlite3 .dump``."""

WRITE_A_REVISION = 'python -m xlflow.store.migrations "what changes"'
Records = dict[str, list[tuple[Any, ...]]]


def before_revisions(folder: Path) -> Path:
    """Make the database of the last version without revisions."""
    path = folder / FILE_NAME
    with closing(sqlite3.connect(path)) as database:
        database.executescript(BEFORE_REVISIONS.read_text("utf-8"))
    return path


def without_a_column(folder: Path) -> Path:
    """Make a database of a version whose plan had no column done_on yet."""
    path = before_revisions(folder)
    Store.open(folder, migrate=True).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP INDEX plan_figures")
        database.execute("ALTER TABLE row_plan DROP COLUMN done_on")
        database.execute("UPDATE row_plan SET cells = json_remove(cells, '$.done_on')")
        database.execute("UPDATE meta SET value = 'older' WHERE name = 'row tables'")
        database.commit()
    return path


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        return [name for (name,) in database.execute(query)]


def records(path: Path) -> Records:
    """Return the records of every table that is carried over, without the form itself."""
    with closing(sqlite3.connect(path)) as database:
        found = {
            name: sorted(database.execute(f'SELECT * FROM "{name}"'), key=repr)
            for name in sql_tables.metadata.tables
        }
    found["meta"] = [entry for entry in found["meta"] if entry[0] not in ("form", "row tables")]
    return found


def declaration(path: Path) -> dict[str, Any]:
    """Return the columns, keys and indexes of every table."""
    connections = sa.create_engine(f"sqlite:///{path}")
    inspector = sa.inspect(connections)
    found = {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)],
            inspector.get_pk_constraint(name)["constrained_columns"],
            inspector.get_foreign_keys(name),
            inspector.get_indexes(name),
        )
        for name in inspector.get_table_names()
    }
    connections.dispose()
    return found


def new_declaration(folder: Path) -> dict[str, Any]:
    folder.mkdir()
    Store.open(folder).close()
    return declaration(folder / FILE_NAME)


def set_aside(folder: Path) -> list[Path]:
    return list(folder.glob("xlflow-*.db"))


def refusal(folder: Path, *, migrate: bool) -> StoreError:
    with pytest.raises(StoreError) as error:
        Store.open(folder, migrate=migrate)
    assert error.value.exit_code == 2
    for language in ("zh", "en"):
        assert str(folder / FILE_NAME) in say(error.value.key, language, **error.value.params)
    return error.value


def with_blank_inputs(workbooks: list[Any]) -> list[tuple[Any, ...]]:
    """Return the states as they are once the row tables were rebuilt: to be processed again."""
    place = list(sql_tables.workbook.columns.keys()).index("inputs")
    return [(*entry[:place], "", *entry[place + 1 :]) for entry in map(tuple, workbooks)]


# Older forms


@pytest.mark.parametrize("made", [before_revisions, without_a_column])
def test_an_older_store_is_carried_over(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    path = made(folder)
    before = records(path)
    with Store.open(folder, migrate=True) as store:
        assert {row.id for row in store.memory(BOOK)} >= {"n6djkq", "rph446"}
        assert [version.id for version in store.versions(BOOK)] == ["417030de", "9dbffed1"]
        assert len(store.changes(BOOK)) == 4
        assert store.queued() == 2
    after = records(path)
    before["workbook"] = with_blank_inputs(before["workbook"])
    if made is before_revisions:
        before["summary"] = [(*entry, None) for entry in before["summary"]]
    assert after == before
    assert declaration(path) == new_declaration(tmp_path / "new")
    with closing(sqlite3.connect(path)) as database:
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
    assert not set_aside(folder)
    # Once is enough: any reader may open it now.
    Store.open(folder).close()


def test_rows_recorded_without_a_column_keep_all_other_cells(tmp_path: Path) -> None:
    before_revisions(tmp_path)
    with Store.open(tmp_path, migrate=True) as store:
        whole = {row.id: row for row in store.memory(BOOK)}
    (tmp_path / FILE_NAME).unlink()
    without_a_column(tmp_path)
    with Store.open(tmp_path, migrate=True) as store:
        remembered = store.memory(BOOK)
    assert {row.id for row in remembered} == set(whole)
    for row in remembered:
        expected = whole[row.id]
        if row.table.name == "plan":
            expected = with_values(expected, done_on=None)
        assert row.values == expected.values
        assert row.unread == ({"done_on"} if row.table.name == "plan" else set())


@pytest.mark.parametrize("made", [before_revisions, without_a_column])
def test_read_only_commands_leave_an_older_store_unchanged(
    tmp_path: Path, made: Callable[[Path], Path]
) -> None:
    path = made(tmp_path)
    before = records(path), tables(path)
    assert refusal(tmp_path, migrate=False).key == "store.older_form"
    assert (records(path), tables(path)) == before
    assert not set_aside(tmp_path)


# Newer and foreign forms


def newer_revision(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()


@pytest.mark.parametrize("migrate", [False, True])
def test_a_store_of_a_newer_xlflow_is_refused(tmp_path: Path, migrate: bool) -> None:
    path = before_revisions(tmp_path)
    Store.open(tmp_path, migrate=True).close()
    newer_revision(path)
    before = records(path)
    assert refusal(tmp_path, migrate=migrate).key == "store.newer_form"
    assert records(path) == before
    assert not set_aside(tmp_path)


def of_an_unknown_form(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE meta SET value = 'unknown' WHERE name = 'form'")
        database.commit()


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE meta")


@pytest.mark.parametrize("change", [of_an_unknown_form, of_another_program])
def test_a_foreign_database_is_set_aside_by_whoever_may_migrate(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = before_revisions(tmp_path)
    change(path)
    assert refusal(tmp_path, migrate=False).key == "store.older_form"
    assert not set_aside(tmp_path)
    with Store.open(tmp_path, migrate=True) as store:
        assert store.workbooks() == ()
    (aside,) = set_aside(tmp_path)
    assert "row_plan" in tables(aside)


# Failures on the way

STOPPED_AT_EVERY_STATEMENT = """
import os, shutil, signal, sys
from pathlib import Path
import sqlalchemy as sa
from xlflow.store import Store

master, folder = map(Path, sys.argv[1:])
statements = 0

def stop(limit):
    def count(*_):
        global statements
        statements += 1
        if statements == limit:
            os.kill(os.getpid(), signal.SIGKILL)
    for event in ("before_cursor_execute", "commit"):
        sa.event.listen(sa.Engine, event, count)
    Store.open(folder, migrate=True).close()
    os._exit(0)

for limit in range(1, 1000):
    for file in folder.iterdir():
        file.unlink()
    shutil.copy(master, folder)
    child = os.fork()
    if not child:
        stop(limit)
    _, status = os.waitpid(child, 0)
    print(limit, flush=True)
    sys.stdin.readline()
    if os.waitstatus_to_exitcode(status) == 0:
        break
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills forked processes")
def test_a_migration_that_is_killed_leaves_the_old_form_or_the_new(tmp_path: Path) -> None:
    master = without_a_column(tmp_path)
    folder = tmp_path / "state"
    folder.mkdir()
    path = folder / FILE_NAME
    before = records(master), declaration(master)
    Store.open(tmp_path / "new").close()
    after = declaration(tmp_path / "new" / FILE_NAME)
    command = [sys.executable, "-c", STOPPED_AT_EVERY_STATEMENT, str(master), str(folder)]
    forms = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as killed:
        assert killed.stdin is not None
        assert killed.stdout is not None
        for _ in killed.stdout:
            migrated = declaration(path) == after
            assert migrated or (records(path), declaration(path)) == before
            forms.append(migrated)
            killed.stdin.write("\n")
            killed.stdin.flush()
    assert killed.returncode == 0
    assert len(forms) > 20
    assert forms == sorted(forms)
    assert forms[-1]
    assert not forms[10]


def test_a_disk_that_is_full_leaves_the_old_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = without_a_column(tmp_path)
    before = records(path), declaration(path)

    def connect_full(path: Path, patience: float, **options: bool) -> sa.Engine:
        connections = engine.connect(path, patience, **options)
        sa.event.listen(connections, "connect", lambda c, _: c.execute("PRAGMA max_page_count = 1"))
        return connections

    class FullEngine:
        translated_errors = engine.translated_errors
        connect = connect_full

    with monkeypatch.context() as patched:
        patched.setattr(form, "engine", FullEngine)
        assert refusal(tmp_path, migrate=True).key == "store.full"
    assert (records(path), declaration(path)) == before
    Store.open(tmp_path, migrate=True).close()


PAUSED_IN_THE_MIDDLE = """
import sys, time
from pathlib import Path
import sqlalchemy as sa
from xlflow.store import Store

def pause(connection, cursor, statement, *_):
    if statement.startswith("DROP TABLE"):
        Path(sys.argv[2]).touch()
        time.sleep(1.5)

sa.event.listen(sa.Engine, "before_cursor_execute", pause)
Store.open(Path(sys.argv[1]), migrate=True).close()
"""
OPENED = """
import sys
from pathlib import Path
from xlflow.store import Store
with Store.open(Path(sys.argv[1]), migrate=True) as store:
    print(*(state.workbook for state in store.workbooks()))
"""


def test_a_second_process_waits_for_the_first_to_migrate(tmp_path: Path) -> None:
    without_a_column(tmp_path)
    paused = tmp_path / "paused"
    first = subprocess.Popen(
        [sys.executable, "-c", PAUSED_IN_THE_MIDDLE, str(tmp_path), str(paused)]
    )
    while not paused.exists():
        assert first.poll() is None
        time.sleep(0.01)
    # Whoever only asks doesn't wait, and sees the old form.
    assert refusal(tmp_path, migrate=False).key == "store.older_form"
    assert first.poll() is None
    second = subprocess.run(
        [sys.executable, "-c", OPENED, str(tmp_path)], capture_output=True, encoding="utf-8"
    )
    assert first.wait(30) == 0
    assert second.returncode == 0, second.stderr
    assert BOOK in second.stdout
    assert not set_aside(tmp_path)


# Revisions


@pytest.fixture
def migrated() -> Iterator[sa.Connection]:
    """A database made by the revisions alone."""
    connections = sa.create_engine("sqlite://")
    with connections.begin() as connection:
        migrations.upgrade(connection)
        yield connection
    connections.dispose()


def differences(connection: sa.Connection, metadata: sa.MetaData) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_the_revisions_lead_to_the_declared_tables(migrated: sa.Connection) -> None:
    found = differences(migrated, sql_tables.metadata)
    assert not found, f"the store's tables have changed; run: {WRITE_A_REVISION}"
    planted = sa.MetaData()
    for table in sql_tables.metadata.tables.values():
        table.to_metadata(planted)
    planted.tables["outbox"].append_column(sa.Column("urgency", sa.Text))
    assert [kind for kind, *_ in differences(migrated, planted)] == ["add_column"]


def test_the_revisions_are_numbered_from_one(migrated: sa.Connection) -> None:
    numbers = [f"{number:04}" for number in range(1, len(migrations.REVISIONS) + 1)]
    assert list(migrations.REVISIONS) == numbers
    version = migrated.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert version == numbers[-1]


def test_a_column_of_a_row_table_that_may_not_be_null_has_a_default() -> None:
    always_there = {"workbook", "row_id", "sheet", "number", "merged", "cells"}
    for table in sql_tables.ROWS.values():
        for column in table.columns:
            assert column.nullable or column.default or column.name in always_there


def test_a_store_of_the_present_form_is_opened_without_alembic(tmp_path: Path) -> None:
    before_revisions(tmp_path)
    Store.open(tmp_path, migrate=True).close()
    script = OPENED + "\nassert 'alembic' not in sys.modules and 'mako' not in sys.modules"
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)


def copied_package(folder: Path, file: str, before: str, insertion: str) -> None:
    """Copy xlflow into a folder, with lines inserted into one of its files."""
    package = folder / "xlflow"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(xlflow.__file__).parent, package, ignore=ignored)
    text = (package / file).read_text("utf-8")
    assert text.count(before) == 1
    (package / file).write_text(text.replace(before, insertion + before), "utf-8")


def run_copy(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


REBUILT = '''"""Rebuild the table that all others refer to."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("workbook", recreate="always") as batch:
        batch.alter_column("rows", nullable=True)
'''


def test_the_command_writes_a_revision_that_loses_nothing(tmp_path: Path) -> None:
    copied_package(
        tmp_path, "store/sql_tables.py", '    _text("last_good"),\n', '    _text("colour"),\n'
    )
    written = run_copy(tmp_path, "-m", "xlflow.store.migrations", "Add colour to workbook")
    revision = Path(written.splitlines()[-1])
    assert revision.name == "0003_add_colour_to_workbook.py"
    revision.with_name("0004_rebuild.py").write_text(REBUILT, "utf-8")
    folder = tmp_path / "state"
    folder.mkdir()
    path = before_revisions(folder)
    before = records(path)
    # Alembic must not write to standard output, where --json has its document.
    assert run_copy(tmp_path, "-c", OPENED, str(folder)).startswith("teams/")
    after = records(path)
    before["workbook"] = with_blank_inputs(before["workbook"])
    for extended in ("workbook", "summary"):
        assert [(*entry, None) for entry in before.pop(extended)] == after.pop(extended)
    assert after == before
    with closing(sqlite3.connect(path)) as database:
        (rows,) = database.execute("SELECT count(*) FROM row_plan").fetchone()
        assert rows == 2
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
    assert refusal(folder, migrate=True).key == "store.newer_form"
