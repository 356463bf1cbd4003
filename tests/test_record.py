from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlflow.record import Record, key_digest, new_id, parse_record, value_digest

ids = st.builds(new_id, st.integers())
records = st.builds(
    Record,
    id=ids,
    key=st.text(max_size=5).map(lambda text: key_digest((text,))),
    year=st.none() | st.integers(1000, 9999),
    written=st.dictionaries(
        st.sampled_from(["priority", "deviation"]), st.integers().map(lambda n: new_id(n))
    ),
)


@given(records)
def test_a_record_reads_back_as_written(record: Record) -> None:
    assert parse_record(str(record)) == record


@pytest.mark.parametrize(
    "text", [None, "", "xf1", "小张的备注", "xf1 short k=1", "xf2 abcdef k=1", 7, "xf1  abcdef"]
)
def test_somebody_elses_text_is_not_a_record(text: object) -> None:
    assert parse_record(text) is None


def test_a_record_vouches_only_for_its_own_row_field_and_value() -> None:
    identity = new_id("a")
    record = Record(identity, "k", None, {"priority": value_digest(identity, "priority", "优先1")})
    assert record.vouches("priority", "优先1")
    assert not record.vouches("priority", "优先2")
    assert not record.vouches("deviation", "优先1")
    other = Record(new_id("b"), "k", None, record.written)
    assert not other.vouches("priority", "优先1")


def test_numbers_are_vouched_for_by_value() -> None:
    identity = new_id("a")
    digest = value_digest(identity, "deviation", Decimal("0.250"))
    assert digest == value_digest(identity, "deviation", Decimal("0.25"))
    assert digest != value_digest(identity, "deviation", Decimal("0.26"))


def test_the_year_and_unknown_parts_survive_hostile_text() -> None:
    record = parse_record("xf1 abcdef k=12 y=20245 oops == =x priority=q1")
    assert record is not None
    assert record.year is None
    assert record.written == {"priority": "q1"}


@given(st.text())
def test_any_cell_content_can_be_digested(text: str) -> None:
    assert len(value_digest("abcdef", "priority", text)) == 6
    assert len(key_digest((text,))) == 8
