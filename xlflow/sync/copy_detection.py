"""Whether two workbooks hold the same work, so that one is a copy of the other."""

from __future__ import annotations

from collections.abc import Sequence

from xlflow.facts import Row
from xlflow.matching import row_texts


def share_rows(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether the workbooks have an identity or a whole row in common."""
    return bool(_marks(one) & _marks(other))


def _marks(rows: Sequence[Row]) -> set[object]:
    marks: set[object] = {(row.table.name, row.id) for row in rows}
    return marks | {(row.table.name, frozenset(row_texts(row).items())) for row in rows}
