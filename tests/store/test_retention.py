"""Versions go after their time, and never what is still needed."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from tests.rows import row
from tests.store.outcomes import told
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
    told(store, book, [plan(goal, f"2024-{month:02}-10")], seen)
    standing = store.state_of(book)
    assert standing is not None
    return next(v for v in store.versions(book) if v.id == standing.version)


def gave_way(store: Store, version: Version, days: float) -> None:
    """Let a version have stood for the last time so many days ago."""
    (path,) = store._path.parent.rglob(f"{version.id}.json")
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))


def held(store: Store, book: str = BOOK) -> list[str]:
    """Return the ids by the index, which must be those of the files."""
    ids = [version.id for version in store.versions(book)]
    assert ids == [version.id for version in store.kept.all(book)][::-1]
    files = {path.name.split(".")[0] for path in store._path.parent.rglob("*.gz")}
    assert set(ids) <= files
    return ids


def handed_in(store: Store) -> dict[str, str]:
    with store.reading() as connection:
        return {r.month: r.first_seen for r in connection.execute(sa.select(sql_tables.handed_in))}


def expired(store: Store, days: int = 400) -> int:
    """Let two days pass, on each of which it is looked what has to go."""
    return expire(store, days, NOW) + expire(store, days, NOW + DAY)


def test_what_gave_way_long_ago_goes(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old, recent, now = (recorded(store, goal, 7) for goal in ("1", "2", "3"))
        gave_way(store, old, 400.1)
        gave_way(store, recent, 399.9)
        gave_way(store, now, 900)
        assert expired(store) == 1
        assert held(store) == [now.id, recent.id]
        assert not list(tmp_path.rglob(f"{old.id}*"))


def test_the_newest_of_each_stays_even_of_one_that_is_gone(tmp_path: Path) -> None:
    other = "teams/市场二部.xlsx"
    with Store.open(tmp_path) as store:
        kept = [recorded(store, "1", 7), recorded(store, "1", 7, other)]
        for version in kept:
            gave_way(store, version, 5000)
        store.set_status(other, "市场二部", GONE, None, as_of=datetime(2024, 7, 20))
        assert expired(store) == 0
        assert held(store) + held(store, other) == [version.id for version in kept]


def test_what_came_back_stands_again(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first, second = recorded(store, "1", 7), recorded(store, "2", 7)
        gave_way(store, first, 900)
        gave_way(store, second, 800)
        assert recorded(store, "1", 7).id == first.id  # a person put it back
        assert expired(store) == 0
        assert held(store) == [second.id, first.id]


def test_what_stood_until_just_now_has_its_time_before_it(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first = recorded(store, "1", 7)
        gave_way(store, first, 900)  # nobody looked for so long
        second = recorded(store, "2", 7)
        assert expired(store) == 0
        assert held(store) == [second.id, first.id]


def test_what_was_handed_in_is_remembered_for_good(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = [recorded(store, "1", 5), recorded(store, "2", 6)]
        recorded(store, "3", 7)
        before = handed_in(store)
        assert set(before) == {"2024-05", "2024-06", "2024-07"}
        for version in old:
            gave_way(store, version, 900)
        assert expired(store) == 2
        assert handed_in(store) == before
    (tmp_path / FILE_NAME).unlink()
    with Store.open(tmp_path) as store:
        assert handed_in(store) == before


def test_a_clock_that_jumps_ahead_drops_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = recorded(store, "1", 7)
        recorded(store, "2", 7)
        gave_way(store, old, 10)
        assert expire(store, 400, NOW) == 0
        ahead = NOW + 4000 * DAY
        assert expire(store, 400, ahead) == 0
        assert expire(store, 400, ahead + timedelta(hours=3)) == 0
        assert expire(store, 400, NOW + DAY) == 0  # it is right again
        assert expire(store, 400, NOW + 2 * DAY) == 0
        assert old.id in held(store)


def test_it_is_looked_once_a_day(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = recorded(store, "1", 7)
        recorded(store, "2", 7)
        gave_way(store, old, 900)
        assert expire(store, 400, NOW) == 0
        assert expire(store, 400, NOW + timedelta(hours=19)) == 0
        assert expire(store, 400, NOW + DAY) == 1


def test_a_damaged_description_is_left_alone(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        old = recorded(store, "1", 7)
        recorded(store, "2", 7)
        (path,) = tmp_path.rglob(f"{old.id}.json")
        path.write_bytes(b"{")
        gave_way(store, old, 900)
        assert expired(store) == 0
        assert path.exists()
