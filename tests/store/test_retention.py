"""Versions expire after their time, and never what is still needed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from tests.rows import row
from tests.store.outcomes import record_rows
from xlflow.facts import Row
from xlflow.schema import PLAN
from xlflow.store import Store, sql_tables
from xlflow.store.database import FILE_NAME, GONE
from xlflow.store.retention import expire
from xlflow.store.versions import Version

BOOK = "teams/市场一部.xlsx"
DAY = timedelta(days=1)
NOW = datetime.now(UTC)


def plan(goal: str, due: str) -> Row:
    return row(PLAN, {"stage": "需求调研", "goal": goal, "due": due}, id="a")


def recorded(store: Store, goal: str, month: int, book: str = BOOK) -> Version:
    seen = datetime(2024, month, 20)
    record_rows(store, book, [plan(goal, f"2024-{month:02}-10")], seen)
    state = store.state_of(book)
    assert state is not None
    return next(v for v in store.versions(book) if v.id == state.version)


def set_replaced(folder: Path, version: Version, days: float) -> None:
    """Make a version one that was replaced so many days ago."""
    (path,) = folder.rglob(f"{version.id}.json")
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))


def kept_ids(store: Store, book: str = BOOK) -> list[str]:
    """Return the ids in the index, which must be those of the files."""
    ids = [version.id for version in store.versions(book)]
    versions = store.kept.all(book)[::-1]
    assert ids == [version.id for version in versions]
    for version in versions:
        store.kept.load(version)
    return ids


def handed_in(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        return {r.month: r.first_seen for r in connection.execute(sa.select(sql_tables.handed_in))}


def expire_twice(store: Store, days: int = 400) -> int:
    """Expire on two days in succession."""
    return expire(store, days, NOW) + expire(store, days, NOW + DAY)


def test_a_version_replaced_long_ago_is_dropped(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old, recent, now = (recorded(store, goal, 7) for goal in ("1", "2", "3"))
        set_replaced(tmp_path, old, 400.1)
        set_replaced(tmp_path, recent, 399.9)
        set_replaced(tmp_path, now, 900)
        assert expire_twice(store) == 1
        assert kept_ids(store) == [now.id, recent.id]
        assert not list(tmp_path.rglob(f"{old.id}*"))


def test_the_newest_of_each_workbook_stays_even_if_it_is_gone(tmp_path: Path) -> None:
    other = "teams/市场二部.xlsx"
    with Store.open(tmp_path) as store:
        kept = [recorded(store, "1", 7), recorded(store, "1", 7, other)]
        for version in kept:
            set_replaced(tmp_path, version, 5000)
        store.set_status(other, "市场二部", GONE, None, as_of=datetime(2024, 7, 20))
        assert expire_twice(store) == 0
        assert kept_ids(store) + kept_ids(store, other) == [version.id for version in kept]


def test_a_version_that_came_back_is_current_again(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first, second = recorded(store, "1", 7), recorded(store, "2", 7)
        set_replaced(tmp_path, first, 900)
        set_replaced(tmp_path, second, 800)
        assert recorded(store, "1", 7).id == first.id  # a person put it back
        assert expire_twice(store) == 0
        assert kept_ids(store) == [second.id, first.id]


def test_a_version_replaced_just_now_isnt_expired(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first = recorded(store, "1", 7)
        set_replaced(tmp_path, first, 900)  # no pass ran for so long
        second = recorded(store, "2", 7)
        assert expire_twice(store) == 0
        assert kept_ids(store) == [second.id, first.id]


def test_what_was_handed_in_outlives_the_versions(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = [recorded(store, "1", 5), recorded(store, "2", 6)]
        recorded(store, "3", 7)
        before = handed_in(store)
        assert set(before) == {"2024-05", "2024-06", "2024-07"}
        for version in old:
            set_replaced(tmp_path, version, 900)
        assert expire_twice(store) == 2
        assert handed_in(store) == before
    (tmp_path / FILE_NAME).unlink()
    with Store.open(tmp_path) as store:
        assert handed_in(store) == before


def test_a_clock_that_runs_ahead_drops_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = recorded(store, "1", 7)
        recorded(store, "2", 7)
        set_replaced(tmp_path, old, 10)
        assert expire(store, 400, NOW) == 0
        ahead = NOW + 4000 * DAY
        assert expire(store, 400, ahead) == 0
        assert expire(store, 400, ahead + timedelta(hours=3)) == 0
        assert expire(store, 400, NOW + DAY) == 0  # the clock is right again
        assert expire(store, 400, NOW + 2 * DAY) == 0
        assert old.id in kept_ids(store)


def test_versions_expire_once_a_day(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = recorded(store, "1", 7)
        recorded(store, "2", 7)
        set_replaced(tmp_path, old, 900)
        assert expire(store, 400, NOW) == 0
        assert expire(store, 400, NOW + timedelta(hours=19)) == 0
        assert expire(store, 400, NOW + DAY) == 1


def test_a_damaged_description_stays(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = recorded(store, "1", 7)
        recorded(store, "2", 7)
        (path,) = tmp_path.rglob(f"{old.id}.json")
        path.write_bytes(b"{")
        set_replaced(tmp_path, old, 900)
        assert expire_twice(store) == 0
        assert path.exists()
