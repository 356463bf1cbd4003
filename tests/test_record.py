from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlflow.record import Record, key_digest, new_id, parse_record, text_digest, value_digest

ids = st.builds(new_id, st.integers())
records = st.builds(
    Record,
    id=ids,
    key=st.text(max_size=5).map(lambda text: key_digest((text,))),
    seen=st.dictionaries(
        st.sampled_from(["due", "asked_at"]),
        st.tuples(st.dates(date(1900, 1, 1)), st.text().map(text_digest)),
    ),
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
    record = Record(identity, "k", {}, {"priority": value_digest(identity, "priority", "优先1")})
    assert record.vouches("priority", "优先1")
    assert not record.vouches("priority", "优先2")
    assert not record.vouches("deviation", "优先1")
    other = Record(new_id("b"), "k", {}, record.written)
    assert not other.vouches("priority", "优先1")


def test_numbers_are_vouched_for_by_value() -> None:
    identity = new_id("a")
    digest = value_digest(identity, "deviation", Decimal("0.250"))
    assert digest == value_digest(identity, "deviation", Decimal("0.25"))
    assert digest != value_digest(identity, "deviation", Decimal("0.26"))


def test_days_and_unknown_parts_survive_hostile_text() -> None:
    record = parse_record("xf1 abcdef k=12 seen_due=20241399abcd seen_x=1 oops == =x priority=q1")
    assert record is not None
    assert record.seen == {}
    assert record.written == {"priority": "q1"}


def test_a_text_typed_anew_is_first_seen_anew() -> None:
    record = Record("abcdef", "k", {"due": (date(2024, 12, 1), text_digest("12月20日"))}, {})
    assert record.first_seen("due", "12月20日") == date(2024, 12, 1)
    assert record.first_seen("due", "1月15日") is None
    assert record.first_seen("done_on", "12月20日") is None


@given(st.text())
def test_any_cell_content_can_be_digested(text: str) -> None:
    assert len(value_digest("abcdef", "priority", text)) == 6
    assert len(key_digest((text,))) == 8
