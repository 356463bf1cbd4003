"""Priorities among the rows of two columns, and their cache."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.excel.cell_strategies import columns
from xlflow.errors import UsageError
from xlflow.excel import priority_ranking
from xlflow.excel.priority_ranking import RankingScope, ranking_scope, read_row

IMPACTS = (("高",), ("中",), ("高",))
DAYS = ((3.0,), (2.0,), (10.0,))


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    priority_ranking._cache.clear()


def copy_of(column: Any) -> Any:
    """Return an equal column of new objects, as another call passes it."""
    return tuple((*row,) for row in column)


def test_the_same_columns_are_ranked_once() -> None:
    first = ranking_scope(IMPACTS, DAYS)
    assert ranking_scope(copy_of(IMPACTS), copy_of(DAYS)).texts is first.texts
    assert ranking_scope(IMPACTS, ((3.0,), (2.0,), (1.0,))).texts is not first.texts


def test_true_and_one_day_are_distinguished() -> None:
    numbers = (("高",), ("高",)), ((1.0,), (2.0,))
    booleans = (("高",), ("高",)), ((True,), (2.0,))
    assert ranking_scope(*numbers).priorities([read_row("高", 2.0)]) == ["优先2"]
    assert ranking_scope(*booleans).priorities([read_row("高", 2.0)]) == ["优先1"]
    assert ranking_scope(*numbers).priorities([read_row("高", 2.0)]) == ["优先2"]


def test_mutable_columns_are_not_cached() -> None:
    impacts, days = [["高"], ["高"]], [[1.0], [2.0]]
    assert ranking_scope(impacts, days).priorities([read_row("高", 2.0)]) == ["优先2"]
    days[0][0] = 3.0
    assert ranking_scope(impacts, days).priorities([read_row("高", 2.0)]) == ["优先1"]


def test_the_cache_keeps_recently_used_scopes() -> None:
    first = ranking_scope(IMPACTS, DAYS)
    for run in range(40):
        ranking_scope(IMPACTS, ((float(run),), (2.5,), (10.5,)))
        assert ranking_scope(copy_of(IMPACTS), copy_of(DAYS)).texts is first.texts
    assert len(priority_ranking._cache) <= 8


def test_the_cache_limits_its_total_cells() -> None:
    for run in range(4):
        column = ((float(run),),) * 90_000
        ranking_scope((("高",),) * 90_000, column)
    assert sum(len(scope.days) for scope in priority_ranking._cache) <= 200_000


def test_a_row_outside_the_scope_gets_the_priority_it_would_have() -> None:
    scope = ranking_scope(IMPACTS, DAYS)
    assert scope.priorities([read_row("高", 1.0)]) == ["优先1"]
    assert scope.priorities([read_row("高", 5.0)]) == ["优先2"]
    assert scope.priorities([read_row("低", 1.0)]) == ["优先4"]
    assert scope.priorities([read_row("低", None)]) == [""]


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(UsageError, match="uneven"):
        ranking_scope(IMPACTS, DAYS[:2])


@given(st.data(), st.integers(1, 5))
def test_a_cached_scope_equals_a_new_one(data: st.DataObject, rows: int) -> None:
    for _ in range(3):
        impacts, days = data.draw(columns(rows)), data.draw(columns(rows))
        ranking_scope(impacts, days)
        assert (
            ranking_scope(copy_of(impacts), copy_of(days)).texts
            == RankingScope.ranked(impacts, days).texts
        )
