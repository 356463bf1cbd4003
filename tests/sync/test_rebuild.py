"""A store that was lost or damaged is made anew without losing what can't be derived again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.notifications import fake_service
from xlflow.errors import StoreError
from xlflow.notifications import delivery
from xlflow.notifications.addresses import VARIABLE
from xlflow.ooxml import splice
from xlflow.store import Store, sql_tables
from xlflow.store.database import FILE_NAME
from xlflow.sync import history, run
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16, AUGUST_5 = datetime(2024, 7, 17), datetime(2024, 8, 5)
NOON = datetime(2024, 7, 17, 4, tzinfo=UTC)
GUIDE = "teams/市场一部.xlsx"


@pytest.fixture
def service() -> Iterator[fake_service.Service]:
    with fake_service.running() as service:
        yield service


@pytest.fixture
def space(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    service: fake_service.Service,
    sample_files: Mapping[str, bytes],
) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(VARIABLE, service.url)
    space = create_workspace(tmp_path / "share", [], "zh")
    for name, content in sample_files.items():
        (space.teams / name).write_bytes(content)
    return space


def sent(space: Workspace, now: datetime = NOON) -> int:
    with Store.open(space.state) as store:
        return delivery.send(space, store, now).sent


def remembered(space: Workspace) -> dict[str, Any]:
    """Return everything that can't be derived from the workbooks as they are."""
    with Store.open(space.state) as store, store.reading() as connection:
        handed_in = connection.execute(sa.select(sql_tables.handed_in)).all()
        notified = connection.execute(sa.select(sql_tables.notified)).all()
        books = [state.workbook for state in store.workbooks()]
        return {
            "versions": {book: store.versions(book) for book in books},
            "handed_in": sorted(map(tuple, handed_in)),
            "notified": sorted(map(tuple, notified)),
        }


def figures(space: Workspace) -> dict[str, Any]:
    with Store.open(space.state) as store:
        return {
            state.workbook: (
                state.status,
                state.rows,
                state.findings,
                state.overdue,
                [row.id for row in store.memory(state.workbook)],
            )
            for state in store.workbooks()
        }


def lost(path: Path) -> None:
    path.unlink()


def zeroed(path: Path) -> None:
    path.write_bytes(b"\0" * 5000)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def torn(path: Path) -> None:
    """Overwrite every page but the first, as a failing disk does."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))


def of_a_foreign_form(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE alembic_version")


@pytest.mark.parametrize("damage", [lost, zeroed, cut_short, torn, of_a_foreign_form])
def test_what_cant_be_derived_again_is_restored(
    space: Workspace, service: fake_service.Service, damage: Callable[[Path], None]
) -> None:
    run.run(space, JULY_16)
    assert sent(space) > 0
    path = space.root / GUIDE
    original = path.read_bytes()
    path.write_bytes(splice.splice(original, {"流程现状分析": {(5, 1): "换了名字"}}))
    run.run(space, AUGUST_5)
    sent(space, NOON + timedelta(days=19))
    before, arrived = remembered(space), len(service.arrived)
    assert len(before["versions"][GUIDE]) == 2
    assert {"2024-07"} <= {month for _, month, _ in before["handed_in"]}
    assert before["notified"]
    figures_before = figures(space)
    files = {p: p.read_bytes() for p in space.teams.iterdir()}

    damage(space.state / FILE_NAME)
    for suffix in ("-wal", "-shm"):
        (space.state / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
    with suppress(StoreError):  # damage may be found during the pass, and is then set aside
        run.run(space, AUGUST_5)
    run.run(space, AUGUST_5)

    assert remembered(space) == before
    assert figures(space) == figures_before
    assert {p: p.read_bytes() for p in space.teams.iterdir()} == files
    with Store.open(space.state) as store:
        assert store.queued() == 0
        assert len(history.history(space, store, GUIDE)) == 2
    assert sent(space, NOON + timedelta(days=20)) == 0
    assert len(service.arrived) == arrived
    set_aside = list(space.state.glob("xlflow-*.db"))
    assert len(set_aside) == int(damage is not lost)
