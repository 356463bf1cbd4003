"""改进优先级: guide.md, What is computed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.meaning.hostile import MONSTERS, MUST_END
from xlflow.meaning.priority import parse_priority, priorities, priority_text

rows = st.lists(
    st.tuples(
        st.sampled_from(["高", "中", "低", None, "很高"]),
        st.none() | st.decimals(min_value=0, max_value=30, places=1),
    ),
    max_size=12,
)


def test_the_guides_rows_give_1_3_2() -> None:
    assert priorities([("高", Decimal(3)), ("中", Decimal(2)), ("高", Decimal(10))]) == [1, 3, 2]


def test_equal_rows_share_a_rank_and_ranks_are_dense() -> None:
    given_rows = [
        ("低", Decimal(1)),
        ("高", Decimal("3.0")),
        ("高", Decimal(3)),
        ("高", Decimal(4)),
    ]
    assert priorities(given_rows) == [3, 1, 1, 2]


@pytest.mark.parametrize(
    "row",
    [
        (None, Decimal(3)), ("高", None), ("", Decimal(3)), ("很高", Decimal(3)),
        ("高", Decimal("NaN")), ("高", Decimal("Infinity")), ("高", Decimal(-1)),
    ],
)  # fmt: skip
def test_rows_lacking_a_value_take_no_rank(row: tuple[str | None, Decimal | None]) -> None:
    assert priorities([row, ("低", Decimal(9))]) == [None, 1]


def test_other_scripts() -> None:
    one = Decimal(1)
    assert priorities([("高 ", one), ("Medium", one), ("low", one)]) == [1, 2, 3]


@given(rows)
def test_ranks_are_dense_from_one(given_rows: list[tuple[str | None, Decimal | None]]) -> None:
    ranks = {rank for rank in priorities(given_rows) if rank is not None}
    assert ranks == set(range(1, len(ranks) + 1))


@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter(given_rows: list, random) -> None:  # type: ignore[no-untyped-def,type-arg]
    paired = list(zip(given_rows, priorities(given_rows), strict=True))
    random.shuffle(paired)
    assert priorities([row for row, _ in paired]) == [rank for _, rank in paired]


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("优先1", 1), ("優(yōu)先1", 1), ("優先 ２", 2), ("优先级3", 3), ("Priority 1", 1),
        ("priority 12", 12), ("2", 2), ("优先一", 1),
    ],
)  # fmt: skip
def test_read_in_either_language(text: str, rank: int) -> None:
    assert parse_priority(text) == rank


@MUST_END
@pytest.mark.parametrize("text", ["", "优先", "高", "1.5", "优先-1", "优先1、2", *MONSTERS])
def test_no_priority(text: str) -> None:
    assert parse_priority(text) is None


@given(st.integers(1, 9999), st.sampled_from(["zh", "en"]))
def test_what_is_written_reads_back(rank: int, language: str) -> None:
    assert parse_priority(priority_text(rank, language)) == rank
