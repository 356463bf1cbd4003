"""Whether two workbooks hold the same rows, so that one is a copy of the other."""

from __future__ import annotations

from collections.abc import Sequence

from xlflow.facts import Row
from xlflow.matching import row_texts


def share_rows(a: Sequence[Row], b: Sequence[Row]) -> bool:
    """Whether two workbooks have a row identity or a whole row's content in common."""
    return not _signatures(a).isdisjoint(_signatures(b))


def _signatures(rows: Sequence[Row]) -> set[object]:
    """Return what a copied row is recognised by: its id, or all its texts."""
    ids: set[object] = {(row.table.name, row.id) for row in rows}
    return ids | {(row.table.name, frozenset(row_texts(row).items())) for row in rows}
