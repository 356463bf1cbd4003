"""改进优先级: which problem to tackle first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from xlflow.meaning.folding import fold
from xlflow.meaning.numerals import NUMERAL, read_numeral

_IMPACTS = {"高": 0, "中": 1, "低": 2, "high": 0, "medium": 1, "low": 2}
_PRIORITY = re.compile(rf"(?:优先级?|priority )?(?P<rank>{NUMERAL})", re.ASCII)


def priorities(rows: Sequence[tuple[str | None, Decimal | None]]) -> list[int | None]:
    """Return the rank of each (影响程度, 耗时) row, 1 first.

    High impact comes first, then the shorter time, because the guide says to do
    high-impact, easy work first. Equal rows share a rank and ranks are dense. A
    row that lacks either value, or whose value can't be one, gets None and
    takes no rank.
    """
    keys = [_key(impact, days) for impact, days in rows]
    ranks = {key: rank for rank, key in enumerate(sorted({k for k in keys if k}), start=1)}
    return [ranks[key] if key else None for key in keys]


def priority_text(rank: int, language: str) -> str:
    """Return ``优先1``, or ``Priority 1``."""
    return f"Priority {rank}" if language == "en" else f"优先{rank}"


def parse_priority(text: str) -> int | None:
    """Return the rank that a text names, in either language or as a bare number."""
    match = _PRIORITY.fullmatch(fold(text))
    return read_numeral(match["rank"]) if match else None


def _key(impact: str | None, days: Decimal | None) -> tuple[int, Decimal] | None:
    level = _IMPACTS.get(fold(impact)) if impact else None
    if level is None or days is None or not days.is_finite() or days < 0:
        return None
    return level, days
