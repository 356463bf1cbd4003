"""The priorities of one sheet's rows, remembered while a formula in each row asks for its own.

``=xlf_priority(E5, C5, E$5:E$1004, C$5:C$1004)`` in a thousand rows hands over the
same two columns a thousand times. They are ranked once, and known again by
comparing their cells, which is a good deal cheaper than reading them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from xlflow.excel.udf_arguments import LANGUAGE, line_up, reader
from xlflow.meaning.priority import priorities, priority_text
from xlflow.schema import PROBLEM

Reading = tuple[str | None, Decimal | None]
"""What 影响程度 and 耗时 of a row mean; None where blank or not understood."""

_impact, _days = reader(PROBLEM["impact"]), reader(PROBLEM["days"])

_MOST_SCOPES = 8
_MOST_CELLS = 200_000


def reading_of(impact: Any, days: Any) -> Reading:
    """Return what one row's two cells mean."""
    return _impact(impact).value, _days(days).value


class RankingScope(NamedTuple):
    """The rows among which priorities are ranked.

    ``texts`` holds what stands in the cell of each row that is among them,
    ``""`` for rows that lack either value. ``impacts`` and ``days`` are the
    arguments they came from, ``doubtful`` the rows where a number of days equals
    TRUE or FALSE.
    """

    impacts: Any
    days: Any
    texts: dict[Reading, str]
    doubtful: tuple[int, ...]

    @classmethod
    def of(cls, impacts: Any, days: Any) -> RankingScope:
        """Rank the rows of two columns (or one row's two values by themselves)."""
        _, columns = line_up(impacts, days)
        readings = list(map(reading_of, *columns))
        texts = {
            reading: priority_text(rank, LANGUAGE) if rank else ""
            for reading, rank in zip(readings, priorities(readings), strict=True)
        }
        doubtful = tuple(at for at, day in enumerate(columns[1]) if day in (0, 1))
        return cls(impacts, days, texts, doubtful)

    def came_from(self, impacts: Any, days: Any) -> bool:
        """Tell whether the same cells would be ranked again."""
        if impacts is self.impacts and days is self.days:
            return True
        if impacts != self.impacts or days != self.days:
            return False
        return all(type(days[at][0]) is type(self.days[at][0]) for at in self.doubtful)

    def answer(self, reading: Reading) -> str:
        """Return the priority of one row; of one outside, where it would come in."""
        text = self.texts.get(reading)
        return self._outside([reading])[reading] if text is None else text

    def answers(self, readings: Sequence[Reading]) -> list[str]:
        """Return the priority of each row; those outside are looked at together, each alone."""
        outside = {reading for reading in readings if reading not in self.texts}
        texts = self._outside(outside) if outside else {}
        return [texts[r] if r in outside else self.texts[r] for r in readings]

    def _outside(self, readings: Iterable[Reading]) -> dict[Reading, str]:
        outside, inside = list(readings), list(self.texts)
        ranks = priorities([*outside, *inside])
        taken = sorted({rank for rank in ranks[len(outside) :] if rank})
        return {
            reading: priority_text(bisect_left(taken, rank) + 1, LANGUAGE) if rank else ""
            for reading, rank in zip(outside, ranks, strict=False)
        }


_remembered: list[RankingScope] = []


def scope_of(impacts: Any, days: Any) -> RankingScope:
    """Return the scope of two columns, remembered while it is among the latest asked for.

    Raises:
        UsageError: the columns differ in size.
    """
    for at, scope in enumerate(_remembered):
        if scope.came_from(impacts, days):
            if at or scope.impacts is not impacts or scope.days is not days:
                del _remembered[at]
                _remembered.insert(0, scope._replace(impacts=impacts, days=days))
            return scope
    scope = RankingScope.of(impacts, days)
    if _one_column(impacts) and _one_column(days):
        _remembered.insert(0, scope)
        while len(_remembered) > 1 and (
            len(_remembered) > _MOST_SCOPES
            or sum(len(kept.days) for kept in _remembered) > _MOST_CELLS
        ):
            _remembered.pop()
    return scope


def _one_column(given: Any) -> bool:
    """Tell whether a range is a column as COM passes it, which nobody can change afterwards."""
    return type(given) is tuple and all(type(row) is tuple and len(row) == 1 for row in given)
