"""What the store remembers, in real files, and what can go wrong with files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.rows import row
from tests.store.outcomes import AS_OF, record_rows
from xlflow.errors import StoreError
from xlflow.facts import Change, Finding, Row
from xlflow.messages import say
from xlflow.messages.store import CATALOGUE
from xlflow.schema import MESSAGE, PLAN, PROBLEM
from xlflow.store import Reason, Store, sql_tables, versions
from xlflow.store.database import CONFLICT, DEFERRED, FILE_NAME, UNREADABLE

BOOK = "teams/市场一部.xlsx"
LATER = AS_OF + timedelta(days=30)


def plan(identity: str = "a", **content: object) -> Row:
    defaults = {"stage": "需求调研", "goal": "90%", "owners": "小张", "due": "2024-07-10"}
    return row(PLAN, {**defaults, **content}, id=identity)


def finding(code: str = "XF102", severity: str = "error", **more: object) -> Finding:
    place = {"sheet": "流程优化计划", "cell": "E4", "row": 4, "column": "完成时间", "row_id": "a"}
    found = Finding(code, severity, params={"value": "2024-06-31", "n": 1}, value="2024-06-31")
    return found._replace(**{**place, **more})


def assert_has_a_sentence(error: StoreError) -> None:
    for language in ("zh", "en"):
        assert say(error.key, language, **error.params)


def test_a_new_store_is_empty(tmp_path: Path) -> None:
    with Store.open(tmp_path / "deep" / "state") as store:
        assert store.state_of(BOOK) is None
        assert store.workbooks() == ()
        assert store.memory(BOOK) == ()
        assert store.open_writes() == ()
        assert store.summary("2024-07") is None


def test_the_state_of_a_workbook(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        reason = Reason("sync.open", {"who": "小张"})
        outcome = record_rows(
            store,
            BOOK,
            [plan(), row(PROBLEM, {"days": Decimal(3)}, id="p")],
            findings=[finding()],
            last_modified_by="李姐",
            status=DEFERRED,
            reason=reason,
            waiting=True,
        )
    with Store.open(tmp_path) as store:
        state = store.state_of(BOOK)
    assert state is not None
    assert (state.team, state.status, state.reason) == ("市场一部", DEFERRED, reason)
    assert (state.rows, state.findings, state.overdue) == (2, 1, 1)
    assert (state.content, state.inputs, state.waiting) == (outcome.content, "i", True)
    assert state.last_modified_by == "李姐"
    assert state.valid_until == outcome.valid_until
    assert {state.since, state.first_seen, state.last_seen, state.last_good} == {AS_OF}


def test_since_is_when_the_status_began(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        record_rows(store, BOOK, [plan(), plan("b")], LATER)
        state = store.state_of(BOOK)
        assert state is not None
        assert (state.since, state.last_seen) == (AS_OF, LATER)
        store.set_status(BOOK, "市场一部", UNREADABLE, Reason("reading.not_a_zip"), as_of=LATER)
        state = store.state_of(BOOK)
        assert state is not None
        assert (state.since, state.first_seen) == (LATER, AS_OF)


def test_an_unreadable_workbook_keeps_its_last_good_rows(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()], findings=[finding()])
        store.set_status(BOOK, "市场一部", UNREADABLE, None, as_of=LATER, sha256="bad", inputs="i")
        state = store.state_of(BOOK)
        assert state is not None
        assert (state.rows, state.sha256, state.last_good) == (1, "bad", AS_OF)
        assert [r.id for r in store.memory(BOOK)] == ["a"]
        assert store.findings(BOOK) == (finding(),)


def test_a_workbook_that_was_never_readable_has_a_state(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        store.set_status(BOOK, "市场一部", CONFLICT, Reason("sync.copy", {"of": "x"}), as_of=AS_OF)
        (state,) = store.workbooks()
    assert (state.status, state.rows, state.last_good) == (CONFLICT, 0, None)


def test_findings_are_replaced_and_changes_stay(tmp_path: Path) -> None:
    edited = finding("XF401", "warning", cell=None, row_id=None)
    change = Change("edited", "plan", "流程优化计划", "a", 4, "due", "E4", "2024-07-01", None)
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()], findings=[finding()])
        record_rows(
            store, BOOK, [plan(due="2024-08-01")], LATER, change_findings=[edited], changes=[change]
        )
        assert store.findings(BOOK) == ()
        record_rows(store, BOOK, [plan(due="2024-08-02")], LATER, findings=[finding("XF101")])
        assert store.findings(BOOK) == (finding("XF101"),)
        first, second = store.versions(BOOK)[-1], store.versions(BOOK)[-2]
        edits = store.changes(BOOK)
    assert [edit.what for edit in edits] == [change, edited]
    assert {(e.version_before, e.version_after) for e in edits} <= {
        (first.id, second.id),
        (first.id, store.versions(BOOK)[0].id),
    }
    assert {edit.seen for edit in edits} == {LATER}


def test_a_workbook_is_recorded_wholly_or_not_at_all(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()], findings=[finding()])
        twice = [plan("b"), plan("b")]
        with pytest.raises(sa.exc.IntegrityError):
            record_rows(store, BOOK, twice, LATER)
        assert [r.id for r in store.memory(BOOK)] == ["a"]
        assert store.findings(BOOK) == (finding(),)
        state = store.state_of(BOOK)
        assert state is not None
        assert state.last_seen == AS_OF


def test_calls_within_begin_share_one_transaction(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:

        def stopped() -> None:
            with store.begin():
                record_rows(store, BOOK, [plan()])
                store.begin_write(BOOK, "x", "y", AS_OF)
                assert store.state_of(BOOK) is not None
                raise RuntimeError("the pass was stopped here")

        with pytest.raises(RuntimeError):
            stopped()
        assert store.state_of(BOOK) is None
        assert store.open_writes() == ()


def test_writes_without_an_end_are_open(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        done = store.begin_write(BOOK, "a", "b", AS_OF)
        open_ = store.begin_write(BOOK, "b", "c", AS_OF)
        store.end_write(done, "written")
    with Store.open(tmp_path) as store:
        (intent,) = store.open_writes()
    assert intent == (open_, BOOK, "b", "c", AS_OF)


def test_a_renamed_workbook_keeps_everything(tmp_path: Path) -> None:
    new = "teams/市场二部.xlsx"
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()], findings=[finding()])
        versions = store.versions(BOOK)
        waiting = store.queued()
        store.rename(BOOK, new, "市场二部")
        assert store.state_of(BOOK) is None
        assert [r.id for r in store.memory(new)] == ["a"]
        assert store.findings(new) == (finding(),)
        assert [v.id for v in store.versions(new)] == [v.id for v in versions]
        assert store.kept.load(store.versions(new)[0])
        state = store.state_of(new)
        assert state is not None
        assert state.team == "市场二部"
        assert handed_in(store) == {(new, "2024-07")}
        record_rows(store, new, [plan()], LATER, findings=[finding()])
        assert store.queued() == waiting


def test_renaming_to_a_known_name(tmp_path: Path) -> None:
    new = "teams/市场二部.xlsx"
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan("a")])
        record_rows(store, new, [plan("b", due="2024-06-01")])
        store.rename(BOOK, new, "市场二部")
        assert [r.id for r in store.memory(new)] == ["a"]
        assert [v.number for v in store.versions(new)] == [2, 1]
        assert store.versions(new)[0].content == store.state_of(new).content  # type: ignore[union-attr]
        assert store.versions(BOOK) == ()


def test_a_forgotten_workbook_leaves_its_versions(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()], findings=[finding()])
        store.forget(BOOK)
        assert store.state_of(BOOK) is None
        assert store.memory(BOOK) == ()
        assert store.findings(BOOK) == ()
        assert len(store.versions(BOOK)) == 1


def handed_in(store: Store) -> set[tuple[str, str]]:
    table = sql_tables.handed_in.c
    with store.reading() as connection:
        return {tuple(r) for r in connection.execute(sa.select(table.workbook, table.month))}


def test_being_seen_unchanged_hands_in_another_month(tmp_path: Path) -> None:
    august = datetime(2024, 8, 5)
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan(), plan("b", due="2024-08-20")])
        assert handed_in(store) == {(BOOK, "2024-07")}
        store.mark_seen(BOOK, august)
        assert handed_in(store) == {(BOOK, "2024-07"), (BOOK, "2024-08")}
        state = store.state_of(BOOK)
        assert state is not None
        assert state.last_seen == august
        store.mark_seen("teams/nobody.xlsx", august)
    (tmp_path / FILE_NAME).unlink()
    with Store.open(tmp_path) as store:
        assert handed_in(store) == {(BOOK, "2024-07"), (BOOK, "2024-08")}


def test_a_notice_is_queued_once_for_an_item_and_its_state(tmp_path: Path) -> None:
    errors = [finding(), finding("XF201", "warning"), finding("XF301", row_id=None, cell=None)]
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()], findings=errors)
        assert store.queued() == 3
        record_rows(store, BOOK, [plan()], LATER, findings=errors)
        assert store.queued() == 3
        record_rows(store, BOOK, [plan(due="2024-07-20")], LATER, findings=errors)
        assert store.queued() == 3
        record_rows(store, BOOK, [plan(due="2024-07-21")], LATER, notify=False)
        assert store.queued() == 3


def test_summaries_are_remembered_by_month(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        path, later = "summaries/汇总-2024-07.xlsx", datetime(2024, 7, 17)
        store.record_summary("2024-07", "d1", path, "s1", datetime(2024, 7, 16, 9))
        store.record_summary("2024-07", "d2", path, "s2", later)
        assert store.summary("2024-07") == ("d2", path, "s2", later)


# Files that fail


def test_a_locked_database_is_waited_for_and_then_reported(tmp_path: Path) -> None:
    with Store.open(tmp_path, patience=0.1) as store:
        record_rows(store, BOOK, [plan()])
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError) as error:
                store.set_status(BOOK, "市场一部", UNREADABLE, None, as_of=LATER)
            assert error.value.key == "store.locked"
            assert error.value.retryable
            assert_has_a_sentence(error.value)
            # Reading doesn't wait.
            assert store.state_of(BOOK) is not None
            with Store.open(tmp_path, patience=0.1) as reader:
                assert len(reader.memory(BOOK)) == 1
        store.set_status(BOOK, "市场一部", UNREADABLE, None, as_of=LATER)


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\0" * 99]
)
def test_a_damaged_database_is_set_aside(tmp_path: Path, content: bytes) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        versions = store.versions(BOOK)
    (tmp_path / FILE_NAME).write_bytes(content)
    with Store.open(tmp_path) as store:
        assert store.state_of(BOOK) is None
        assert store.versions(BOOK) == versions
        assert handed_in(store) == {(BOOK, "2024-07")}
    (aside,) = tmp_path.glob("xlflow-*.db")
    assert aside.read_bytes() == content


def test_damage_found_later_is_set_aside(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path)) as connection:
        chosen = "SELECT rootpage FROM sqlite_master WHERE name = 'row_plan'"
        (page,) = connection.execute(chosen).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    data[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(data)
    with Store.open(tmp_path) as store:
        with pytest.raises(StoreError) as error:
            store.memory(BOOK)
        assert error.value.key == "store.damaged"
        assert_has_a_sentence(error.value)
    with Store.open(tmp_path) as store:
        assert store.workbooks() == ()
        assert len(store.versions(BOOK)) == 1


def test_a_read_only_database_is_reported(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(StoreError) as error:
            store.forget(BOOK)
        assert error.value.key == "store.read_only"
        assert_has_a_sentence(error.value)


def test_a_full_disk_is_reported_and_loses_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, [plan()])
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
        many = [plan(str(n), goal="长" * 500) for n in range(300)]
        with pytest.raises(StoreError) as error:
            record_rows(store, BOOK, many, LATER)
        assert error.value.key == "store.full"
        assert_has_a_sentence(error.value)
        assert len(store.memory(BOOK)) == 1


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StoreError) as error:
        Store.open(tmp_path / "state")
    assert error.value.key == "store.unopened"
    assert_has_a_sentence(error.value)
    (tmp_path / "other" / FILE_NAME).mkdir(parents=True)
    with pytest.raises(StoreError) as error:
        Store.open(tmp_path / "other")
    assert error.value.key == "store.unopened"
    assert_has_a_sentence(error.value)


def test_every_sentence_is_used(tmp_path: Path) -> None:
    source = "".join(p.read_text("utf-8") for p in Path("xlflow/store").glob("*.py"))
    assert all(f'"store.{name}"' in source for name in CATALOGUE)


def test_the_typed_columns_hold_what_the_figures_need(tmp_path: Path) -> None:
    asked = datetime(2024, 7, 1, 9)
    rows = [
        plan("a", due=date(2024, 7, 10), status="Done", done_on=datetime(2024, 7, 9, 17, 30)),
        row(MESSAGE, {"deadline": "2个工作日", "asked_at": asked}, id="m"),
        row(
            MESSAGE,
            {"deadline": "每日17:00前", "asked_at": asked},
            id="d",
            without=("answered_at",),
        ),
    ]
    with Store.open(tmp_path) as store:
        record_rows(store, BOOK, rows)
        with store.reading() as connection:
            (held,) = connection.execute(sa.select(sql_tables.ROWS["plan"])).mappings()
            assert (held["due"], held["done_on"]) == ("2024-07-10", "2024-07-09T17:30:00")
            assert (held["status"], held["owners"], held["judged"]) == ("已完成", "小张", True)
            order = sql_tables.ROWS["message"].c.row_id
            daily, once = connection.execute(
                sa.select(sql_tables.ROWS["message"]).order_by(order)
            ).mappings()
            assert (once["answer_due"], once["recurring"], once["judged"]) == ("2024-07-03", 0, 1)
            assert (daily["answer_due"], daily["recurring"], daily["judged"]) == (None, 1, 0)


# Keeping versions by the index


def test_a_version_is_found_by_the_index_without_reading_descriptions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(tmp_path) as store:
        kept = [
            store.keep(BOOK, b"%d" % n, content=f"c{n}", seen=AS_OF, months=()) for n in range(50)
        ]
        read: list[Path] = []
        real = versions._read_description
        monkeypatch.setattr(
            versions,
            "_read_description",
            lambda path, *rest: read.append(path) or real(path, *rest),
        )
        assert store.keep(BOOK, b"again", content="c7", seen=AS_OF, months=()) == kept[7]
        new = store.keep(BOOK, b"new", content="new", seen=AS_OF, months=())
        assert new.number == 51
        assert store.version_count(BOOK) == 51
        assert [v.number for v in store.versions(BOOK, limit=3)] == [51, 50, 49]
        assert not read


def test_what_the_index_lacks_is_read_from_the_files(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        first = store.keep(BOOK, b"1", content="c1", seen=AS_OF, months=())
        # As a pass leaves it that is killed between the file and the index.
        store.kept.keep(BOOK, b"2", content="c2", seen=AS_OF, months=())
        third = store.keep(BOOK, b"3", content="c3", seen=AS_OF, months=())
        assert (first.number, third.number) == (1, 3)
        assert [v.content for v in store.versions(BOOK)] == ["c3", "c2", "c1"]
        for path in (tmp_path / "versions").rglob(f"{first.id}.*"):
            path.unlink()
        again = store.keep(BOOK, b"1 again", content="c1", seen=AS_OF, months=())
        assert store.kept.load(again) == b"1 again"


def test_a_version_to_be_indexed_later_is_in_the_next_transaction(tmp_path: Path) -> None:
    def keep(store: Store, content: str) -> None:
        store.keep(BOOK, b"", content=content, seen=AS_OF, months=(), index_later=True)

    def indexed() -> list[str]:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
            return [row[0] for row in database.execute("SELECT content FROM version")]

    with Store.open(tmp_path) as store:
        keep(store, "c1")
        assert indexed() == []
        with pytest.raises(ZeroDivisionError), store.begin():
            raise ZeroDivisionError
        assert indexed() == []
        store.begin_write(BOOK, "", "", AS_OF)
        assert indexed() == ["c1"]
        keep(store, "c2")
        assert [version.content for version in store.versions(BOOK)] == ["c2", "c1"]
        keep(store, "c3")
    assert sorted(indexed()) == ["c1", "c2", "c3"]
