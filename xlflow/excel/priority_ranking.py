"""Ranks the rows of two columns by priority, with a cache for formulas in many rows.

``=xlf_priority(E5, C5, E$5:E$1004, C$5:C$1004)`` in a thousand rows passes the same two
columns a thousand times. They are ranked once and then found in the cache by comparing
their cells, which is much cheaper than reading them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from xlflow.excel.udf_arguments import LANGUAGE, align, column_reader
from xlflow.meaning.priority import priorities, priority_text
from xlflow.schema import PROBLEM

Reading = tuple[str | None, Decimal | None]
"""The values of 影响程度 and 耗时 of a row, None where blank or not understood."""

_read_impact, _read_days = column_reader(PROBLEM["impact"]), column_reader(PROBLEM["days"])

_MAX_SCOPES = 8
_MAX_CELLS = 200_000


def read_row(impact: Any, days: Any) -> Reading:
    """Return the values of one row's two cells."""
    return _read_impact(impact).value, _read_days(days).value


class RankingScope(NamedTuple):
    """The rows that are ranked together.

    Attributes:
        impacts: the argument with the column 影响程度.
        days: the argument with the column 耗时.
        texts: the priority of each row, ``""`` for a row without one of the values.
        zeros_and_ones: the indices of rows whose days equal TRUE or FALSE.
    """

    impacts: Any
    days: Any
    texts: dict[Reading, str]
    zeros_and_ones: tuple[int, ...]

    @classmethod
    def ranked(cls, impacts: Any, days: Any) -> RankingScope:
        """Rank the rows of two columns, or a single row of two values."""
        _, columns = align(impacts, days)
        readings = list(map(read_row, *columns))
        texts = {
            reading: priority_text(rank, LANGUAGE) if rank else ""
            for reading, rank in zip(readings, priorities(readings), strict=True)
        }
        # Comparing columns as a whole can't distinguish 1 and TRUE, so these are checked.
        zeros_and_ones = tuple(i for i, day in enumerate(columns[1]) if day in (0, 1))
        return cls(impacts, days, texts, zeros_and_ones)

    def covers(self, impacts: Any, days: Any) -> bool:
        """Return whether two columns have the cells of this scope."""
        if impacts is self.impacts and days is self.days:
            return True
        if impacts != self.impacts or days != self.days:
            return False
        return all(type(days[i][0]) is type(self.days[i][0]) for i in self.zeros_and_ones)

    def priority(self, reading: Reading) -> str:
        """Return the priority of one row; a row outside the scope gets the one it would have."""
        text = self.texts.get(reading)
        return self._rank_outside([reading])[reading] if text is None else text

    def priorities(self, readings: Sequence[Reading]) -> list[str]:
        """Return the priority of each row as :meth:`priority` does, ranking only once."""
        outside = {reading for reading in readings if reading not in self.texts}
        texts = self._rank_outside(outside) if outside else {}
        return [texts[r] if r in outside else self.texts[r] for r in readings]

    def _rank_outside(self, readings: Iterable[Reading]) -> dict[Reading, str]:
        outside, inside = list(readings), list(self.texts)
        ranks = priorities([*outside, *inside])
        ranks_inside = sorted({rank for rank in ranks[len(outside) :] if rank})
        return {
            reading: priority_text(bisect_left(ranks_inside, rank) + 1, LANGUAGE) if rank else ""
            for reading, rank in zip(outside, ranks, strict=False)
        }


_cache: list[RankingScope] = []


def ranking_scope(impacts: Any, days: Any) -> RankingScope:
    """Return the scope of two columns, from the cache of the recently used ones if possible.

    Raises:
        UsageError: the columns differ in size.
    """
    for index, scope in enumerate(_cache):
        if scope.covers(impacts, days):
            if index or scope.impacts is not impacts or scope.days is not days:
                del _cache[index]
                _cache.insert(0, scope._replace(impacts=impacts, days=days))
            return scope
    scope = RankingScope.ranked(impacts, days)
    if _is_column(impacts) and _is_column(days):
        _cache.insert(0, scope)
        while len(_cache) > 1 and (
            len(_cache) > _MAX_SCOPES or sum(len(cached.days) for cached in _cache) > _MAX_CELLS
        ):
            _cache.pop()
    return scope


def _is_column(argument: Any) -> bool:
    """Return whether a range is a column of tuples, as COM passes it, which can't be changed."""
    return type(argument) is tuple and all(type(row) is tuple and len(row) == 1 for row in argument)
