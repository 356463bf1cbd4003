"""The outbox: what is queued, withdrawn and finished, also after the database was lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest

from tests.rows import row
from tests.store.outcomes import AS_OF, outcome_of, record_rows
from xlflow.errors import StoreError
from xlflow.facts import Finding, Row
from xlflow.schema import MESSAGE, PLAN, PROBLEM
from xlflow.store import Reason, Store, notice_queue, notified_log
from xlflow.store.database import CONFLICT, FILE_NAME, GONE
from xlflow.store.encoded_outcome import encode_outcome
from xlflow.store.notified_log import FILE_NAME as NOTIFIED
from xlflow.store.notified_log import NotifiedEntry, NotifiedLog
from xlflow.store.outbox import FIRST_WAIT, LONGEST_WAIT, Notice

BOOK = "teams/市场一部.xlsx"
NOW = datetime(2024, 7, 17, 1, tzinfo=UTC)


def plan(identity: str = "a", **content: object) -> Row:
    defaults = {"stage": "需求调研", "goal": "90%", "owners": "小张+李姐", "due": "2024-07-10"}
    return row(PLAN, {**defaults, **content}, id=identity)


def message(identity: str = "m", **content: object) -> Row:
    defaults = {"topic": "评审", "owners": "小陈", "deadline": "24小时"}
    return row(MESSAGE, {**defaults, **content}, id=identity)


def states(rows: Sequence[Row], findings: Sequence[Finding] = ()) -> list[str]:
    outcome = outcome_of(rows, findings=findings)
    return [one.state for one in notice_queue.candidates(outcome, AS_OF)]


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (plan(due="2024-07-15"), ["overdue 2024-07-15"]),
        (plan(due="2024-07-16"), ["soon 2024-07-16"]),
        (plan(due="2024-07-19"), ["soon 2024-07-19"]),
        (plan(due="2024-07-20"), []),
        (plan(due="2024-07-18", status="已完成"), []),
        (plan(due="2024-07-18", status="已取消"), []),
        (plan(due="2024-07-18", done_on="2024-07-16"), []),
        (plan(due="2024-07-18", done_on="2024-07-17"), ["soon 2024-07-18"]),
        (plan(due=None), []),
        (message(asked_at="2024-07-16 12:00"), ["soon 2024-07-17T12:00:00"]),
        (message(asked_at="2024-07-15 12:00"), ["overdue 2024-07-16T12:00:00"]),
        (message(asked_at="2024-07-16 12:00", answered_at="2024-07-16 13:00"), []),
        # A daily duty is notified of when it was missed, not each day in advance.
        (message(deadline="每日17:00前", asked_at="2024-07-16 18:00"), []),
        (message(deadline="每日17:00前", asked_at="2024-07-15"), ["overdue 2024-07-16T17:00:00"]),
        (row(PROBLEM, {"stage": "需求调研", "days": Decimal(3), "impact": "高"}, id="p"), []),
    ],
)
def test_the_notices_of_a_row(of: Row, expected: list[str]) -> None:
    assert states([of]) == expected


def test_a_notice_carries_what_a_digest_needs() -> None:
    found = Finding(
        "XF102", "error", "流程优化计划", "E4", 4, "完成时间", {"value": "x"}, "x", row_id="a"
    )
    warning = Finding("XF201", "warning", "流程优化计划", row_id="a")
    overdue, error = notice_queue.candidates(outcome_of([plan()], findings=[found, warning]), AS_OF)
    assert overdue.facts == {
        "kind": "overdue",
        "sheet": "流程优化计划",
        "row": 4,
        "item": "需求调研 · 90%",
        "owners": ("小张", "李姐"),
        "due": "2024-07-10",
    }
    assert error.facts["kind"] == "error"
    assert (error.facts["cell"], error.facts["code"]) == ("E4", "XF102")
    assert error.facts["owners"] == ("小张", "李姐")
    assert error.key == overdue.key


def waiting(store: Store) -> list[str]:
    return [notice.state for notice in store.outbox.waiting()]


def finish(store: Store, address: str = "x", now: datetime = NOW) -> tuple[Notice, ...]:
    sent = store.outbox.waiting()
    store.outbox.reached(address, sent, now)
    store.outbox.finished(sent, now)
    return sent


def test_a_notice_that_no_longer_holds_is_withdrawn(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan(due="2024-07-18")])
        assert waiting(store) == ["soon 2024-07-18"]
        record_rows(store, BOOK, [plan(due="2024-07-18")], AS_OF + timedelta(days=3))
        assert waiting(store) == ["overdue 2024-07-18"]
        record_rows(store, BOOK, [plan(status="已完成")])
        assert waiting(store) == []


def test_a_waiting_notice_has_the_present_facts(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        record_rows(store, BOOK, [plan(owners="小陈")])
        (notice,) = store.outbox.waiting()
    assert notice.facts["owners"] == ["小陈"]


@pytest.mark.parametrize("status", [GONE, CONFLICT])
def test_the_notices_of_a_workbook_that_isnt_rolled_up_are_withdrawn(
    tmp_path: Path, status: str
) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        store.set_status(BOOK, "市场一部", status, None, as_of=AS_OF)
        assert store.queued() == 0


def test_what_was_notified_isnt_queued_again(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        finish(store)
        assert store.queued() == 0
        record_rows(store, BOOK, [plan()], AS_OF + timedelta(days=1))
        record_rows(store, BOOK, [plan(status="已完成")], AS_OF + timedelta(days=2))
        record_rows(store, BOOK, [plan()], AS_OF + timedelta(days=3))
        assert store.queued() == 0
        record_rows(store, BOOK, [plan(due="2024-07-11")])
        assert waiting(store) == ["overdue 2024-07-11"]


@pytest.mark.parametrize("damaged", [False, True])
def test_a_lost_store_notifies_nobody_again(tmp_path: Path, damaged: bool) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        finish(store)
    if damaged:
        (tmp_path / FILE_NAME).write_bytes(b"no database")
    else:
        (tmp_path / FILE_NAME).unlink()
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        assert store.queued() == 0


def test_a_row_with_a_new_identity_is_known_by_its_key_columns(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan("a")])
        finish(store)
        record_rows(store, BOOK, [plan("b")])
        assert store.queued() == 0
        # Two rows with the same key columns are two items while both exist.
        record_rows(store, BOOK, [plan("a"), plan("b")])
        assert store.queued() == 1


def test_a_notice_waits_until_it_has_reached_every_address(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        store.outbox.reached("one", store.outbox.waiting(), NOW)
    (tmp_path / FILE_NAME).unlink()
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        (notice,) = store.outbox.waiting()
    assert notice.reached == {"one"}
    assert (notice.workbook, notice.team) == (BOOK, "市场一部")


def test_what_only_the_file_holds_is_finished(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        (notice,) = store.outbox.waiting()
        # As if the machine had stopped between the file and the database.
        NotifiedLog(tmp_path / NOTIFIED).add(
            [NotifiedEntry(BOOK, notice.item, notice.state, notice.key, "", NOW)]
        )
        assert store.outbox.waiting() == ()
        assert store.queued() == 0


def test_a_file_that_cant_be_written_records_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        sent = store.outbox.waiting()
        (tmp_path / NOTIFIED).mkdir()
        with pytest.raises(StoreError) as refused:
            store.outbox.finished(sent, NOW)
        assert refused.value.key == "store.notified_not_kept"
        assert store.queued() == 1


def test_a_renamed_workbook_keeps_what_was_notified(tmp_path: Path) -> None:
    new = "teams/市场二部.xlsx"
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        finish(store)
        store.rename(BOOK, new, "市场二部")
        record_rows(store, new, [plan()])
        assert store.queued() == 0
    (tmp_path / FILE_NAME).unlink()
    with Store.open(tmp_path) as store:
        record_rows(store, new, [plan()])
        assert store.queued() == 0
        record_rows(store, BOOK, [plan()])
        assert store.queued() == 1


def test_a_half_written_line_costs_only_itself(tmp_path: Path) -> None:
    file = NotifiedLog(tmp_path / NOTIFIED)
    one, two, three = (NotifiedEntry(BOOK, item, "s", "k", "", NOW) for item in "abc")
    file.add([one, two])
    whole = (tmp_path / NOTIFIED).read_bytes()
    (tmp_path / NOTIFIED).write_bytes(whole[:-10])
    file.add([three])
    assert file.all() == (one, three)
    (tmp_path / NOTIFIED).write_bytes(b'\xff\n[1]\n"x"\n{}\n{"renamed": 1}\n' + whole)
    assert file.all() == (one, two)


def test_a_full_outbox_takes_the_rest_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_queue, "CAPACITY", 2)
    rows = [plan(identity, goal=identity) for identity in "abc"]
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [])
        outcome = replace(outcome_of(rows), valid_until=AS_OF + timedelta(hours=9))
        (version,) = store.versions(BOOK)
        encoded = encode_outcome(outcome, BOOK)
        store.record(BOOK, "市场一部", encoded, version=version, sha256="", inputs="", as_of=AS_OF)
        state = store.state_of(BOOK)
        assert state is not None
        # It is processed again soon, but not in every pass.
        assert state.valid_until == AS_OF + timedelta(minutes=10)
        assert (store.queued(), store.outbox.full()) == (2, True)
        assert store.outbox.reasons() == (Reason("notify.full", {"count": 2}),)
        finish(store)
        record_rows(store, BOOK, rows)
        assert (store.queued(), store.outbox.full()) == (1, False)
        assert store.outbox.reasons() == ()


def test_waits_double_up_to_the_longest(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        now, waits = NOW, []
        for _ in range(10):
            assert store.outbox.rest("x", now) is None
            until = store.outbox.trying("x", now)
            assert store.outbox.rest("x", now) == until
            waits.append((until - now) / FIRST_WAIT)
            now = until
        assert waits == [1, 2, 4, 8, 16, 32, 64, 120, 120, 120]
        assert store.outbox.rest("y", now) is None
        store.outbox.reached("x", [], now)
        assert store.outbox.trying("x", now) - now == FIRST_WAIT


def test_a_clock_set_back_doesnt_silence_an_address(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.outbox.trying("x", NOW + timedelta(days=4000))
        assert store.outbox.rest("x", NOW) is None
        store.outbox.trying("x", NOW)
        assert store.outbox.rest("x", NOW + LONGEST_WAIT) is None


def test_the_reasons_why_notices_wait_are_kept(tmp_path: Path) -> None:
    reasons = (Reason("notify.no_address", {}), Reason("notify.failed", {"count": 1}))
    with Store.open(tmp_path) as store:
        store.outbox.explain(reasons)
    with Store.open(tmp_path) as store:
        assert store.outbox.reasons() == reasons
        store.outbox.explain(())
        assert store.outbox.reasons() == ()


def test_each_line_of_the_file_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []
    parsed = notified_log._parsed

    def recorded(content: bytes) -> Iterator[object]:
        read.append(content)
        return parsed(content)

    monkeypatch.setattr(notified_log, "_parsed", recorded)
    with Store.open(tmp_path) as store:
        for identity in "abc":
            record_rows(store, BOOK, [plan(identity, goal=identity)])
            (notice,) = store.outbox.waiting()
            store.outbox.reached("one", [notice], NOW)
            store.outbox.finished([notice], NOW)
            assert not store.queued()
        log = (tmp_path / NOTIFIED).read_bytes()
        # The first lines twice: a database that has imported nothing imports all there is.
        first = log.splitlines(keepends=True)[0]
        assert b"".join(read).replace(first, b"", 1) == log
        # Another process has notified, and the workbook was renamed after that.
        file = NotifiedLog(tmp_path / NOTIFIED)
        record_rows(store, BOOK, [plan("d", goal="d"), plan("e", goal="e")])
        one, other = store.outbox.waiting()
        file.add([NotifiedEntry(BOOK, one.item, one.state, one.key, "", NOW)])
        assert store.outbox.waiting() == (other,)
        store.rename(BOOK, "teams/新名.xlsx", "新名")
        store.rename(BOOK, "teams/新名.xlsx", "新名")
        assert (tmp_path / NOTIFIED).read_bytes().count(b"renamed") == 1
        record_rows(store, "teams/新名.xlsx", [plan("d", goal="d")])
        assert not store.queued()


def test_another_file_is_imported_as_a_whole(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan("a", goal="a"), plan("b", goal="b")])
        one, other = store.outbox.waiting()
        store.outbox.finished([one], NOW)
        path = tmp_path / NOTIFIED
        path.write_bytes(path.read_bytes().replace(one.item.encode(), b"x").replace(b'"a"', b'"x"'))
        file = NotifiedLog(path)
        file.add([NotifiedEntry(BOOK, other.item, other.state, other.key, "", NOW)])
        path.write_bytes(b"\n".join(reversed(path.read_bytes().splitlines())))
        assert store.outbox.waiting() == ()
        assert not store.queued()


def test_told_notices_cost_nothing_in_later_rounds(tmp_path: Path) -> None:
    """With 100,000 of them every round held the write lock for five seconds."""
    entries = [
        NotifiedEntry(f"teams/{n % 300}.xlsx", f"i{n}", "overdue 2024-07-01", f"k{n}", address, NOW)
        for n in range(20_000)
        for address in ("one", "")
    ]
    NotifiedLog(tmp_path / NOTIFIED).add(entries)

    def one_round(store: Store, identity: str) -> float:
        started = process_time()
        record_rows(store, "teams/7.xlsx", [plan(identity, goal=identity)])
        (notice,) = store.outbox.waiting()
        store.outbox.reached("one", [notice], NOW)
        store.outbox.finished([notice], NOW)
        assert store.outbox.waiting() == ()
        return process_time() - started

    started = process_time()
    with Store.open(tmp_path) as store:
        opening = process_time() - started
        one_round(store, "a")
        assert min(one_round(store, identity) for identity in "bcd") < opening / 10
