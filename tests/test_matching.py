"""Identity under everything people do to rows: sort, insert, delete, copy, edit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import row, with_values
from xlflow.facts import Cell, Row
from xlflow.matching import key_texts, match
from xlflow.record import Record, key_digest
from xlflow.schema import PLAN, PROBLEM
from xlflow.values import value_of


def problem(stage: str, owner: str = "小张", days: str = "3", number: int = 4) -> Row:
    content = {"stage": stage, "owner": owner, "days": days, "impact": "高"}
    return row(PROBLEM, content, number=number)


def with_record(item: Row) -> Row:
    """Give the row the record that xlflow would have written into it."""
    record = str(Record(item.id, key_digest(key_texts(item)), {}, {}))
    value = value_of(PROBLEM["record"], Cell(record))
    return with_values(item, record=value)


def carrying(item: Row, other: Row) -> Row:
    """Return ``item`` with the record cell of ``other``."""
    return with_values(item, record=other.value_in("record"))


def recorded(*items: Row) -> list[Row]:
    return [with_record(item) for item in match([], items, entropy="book")]


def renumbered(items: Sequence[Row]) -> list[Row]:
    return [item._replace(number=n, id="") for n, item in enumerate(items, start=4)]


def ids(items: Sequence[Row]) -> list[str]:
    return [item.id for item in items]


A, B, C = (
    problem("需求调研"),
    problem("跨部门评审", "刘经理", "2", 5),
    problem("活动执行", "小陈", "10", 6),
)


def test_new_rows_get_ids_that_differ_and_repeat() -> None:
    first = match([], [A, B, C], entropy="x")
    assert len(set(ids(first))) == 3
    assert ids(first) == ids(match([], [A, B, C], entropy="x"))
    assert ids(first) != ids(match([], [A, B, C], entropy="y"))


@given(st.permutations([0, 1, 2]), st.booleans(), st.booleans())
def test_sorting_keeps_identities(order: list[int], with_store: bool, moves_records: bool) -> None:
    before = recorded(A, B, C)
    now = [before[i] for i in order]
    if not moves_records:  # a sort over the visible columns only
        now = [carrying(item, before[place]) for place, item in enumerate(now)]
    result = match(before if with_store else [], renumbered(now), entropy="z")
    assert ids(result) == [before[i].id for i in order]


def test_an_inserted_row_is_new_and_the_others_stay() -> None:
    before = recorded(A, B)
    result = match(before, renumbered([before[0], C, before[1]]), entropy="z")
    assert [result[0].id, result[2].id] == ids(before)
    assert result[1].id not in ids(before)


def test_a_copied_row_is_new_and_its_original_stays() -> None:
    before = recorded(A, B)
    edited_copy = carrying(problem("方案策划"), before[0])
    for copy in (before[0], edited_copy):
        for memory in (before, []):
            result = match(memory, renumbered([before[0], before[1], copy]), entropy="z")
            assert ids(result[:2]) == ids(before)
            assert result[2].id not in ids(before)


def test_an_edited_copy_above_its_original_does_not_take_its_place() -> None:
    before = recorded(A, B)
    copy = carrying(problem("方案策划"), before[0])
    for memory in (before, []):
        result = match(memory, renumbered([copy, before[0], before[1]]), entropy="z")
        assert ids(result[1:]) == ids(before)
        assert result[0].id not in ids(before)


def test_an_edited_row_is_the_same_with_its_record() -> None:
    before = recorded(A, B)
    edited = carrying(problem("需求调研(新)", "小李"), before[0])
    for memory in (before, []):
        result = match(memory, renumbered([edited, before[1]]), entropy="z")
        assert ids(result) == ids(before)


def test_without_records_key_columns_and_likeness_decide() -> None:
    before = match([], [A, B, C], entropy="x")
    by_key = problem("需求调研", "小李", "7")
    alike = problem("跨部门复审", "刘经理", "2")
    other = problem("效果复盘", "老王", "9")
    result = match(before, renumbered([by_key, alike, other]), entropy="z")
    assert ids(result[:2]) == ids(before[:2])
    assert result[2].id not in ids(before)


def test_a_row_of_another_table_is_never_the_same() -> None:
    before = match([], [A], entropy="x")
    plan = row(PLAN, {"stage": "需求调研", "owners": "小张"})
    assert match(before, [plan], entropy="z")[0].id != before[0].id


def test_equal_rows_keep_their_number() -> None:
    before = recorded(A, A._replace(number=5))
    result = match(before, renumbered([*before, before[0]]), entropy="z")
    assert set(ids(before)) < set(ids(result))
    assert len(set(ids(result))) == 3


@given(st.lists(st.sampled_from(["需求调研", "方案策划", "活动执行"]), max_size=8), st.data())
def test_identities_are_never_shared_and_a_second_match_changes_nothing(
    stages: list[str], data: st.DataObject
) -> None:
    rows = [problem(stage, number=n) for n, stage in enumerate(stages, start=4)]
    before = recorded(*rows)
    now = renumbered(data.draw(st.lists(st.sampled_from(before), max_size=8))) if before else []
    first = match(before, now, entropy="z")
    assert len(set(ids(first))) == len(first)
    again = match(first, renumbered([with_record(item) for item in first]), entropy="q")
    assert ids(again) == ids(first)


@pytest.mark.timeout(60)
def test_many_new_rows_cost_no_quadratic_comparison() -> None:
    before = match([], [problem(f"环节{n}", number=n) for n in range(3000)], entropy="x")
    now = [problem(f"阶段{n}", f"人{n}", str(n + 10), n) for n in range(3000)]
    assert not set(ids(match(before, now, entropy="z"))) & set(ids(before))


def test_a_field_that_was_not_read_before_doesnt_count() -> None:
    now = [problem("评审", owner, days) for owner, days in (("小张", "3"), ("刘经理", "2"))]
    before = [
        with_values(item, days=None)._replace(unread=frozenset({"days"}))
        for item in match([], now, entropy="x")
    ]
    result = match(before, renumbered(now[::-1]), entropy="y")
    assert ids(result) == ids(before)[::-1]
