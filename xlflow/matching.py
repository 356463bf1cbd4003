"""Matching the rows of a workbook with those of the version before.

A row is matched with the one of its 系统记录 id if the contents agree, else with one of
equal content, else with one of equal key columns, else with the most similar one
above a threshold. Identities therefore survive sorting, inserting, copying and
renaming, even without the store: the records in the sheet take its place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from xlflow.columns import Kind
from xlflow.facts import Row, Value
from xlflow.meaning.folding import fold
from xlflow.packed_rows import Packer
from xlflow.record import Record, key_digest, new_id, parse_record
from xlflow.values import (
    YEAR_FIRST_SEEN,
    Context,
    date_in,
    date_of_month,
    is_in_month,
    value_of,
)

SIMILAR = 0.5
"""The share of filled cells that must be equal for an edited row to count as the same."""

_COMMON = 40  # a cell text found in more rows than this says nothing about identity


def row_texts(row: Row) -> dict[str, str]:
    """Return the filled team cells of a row, as a person sees them, by field."""
    columns = row.table.team_columns
    return {column.field: text for column, text in zip(columns, row.texts, strict=True) if text}


def key_texts(row: Row) -> tuple[str, ...]:
    """Return a row's key columns, folded so that full-width retyping makes no difference."""
    values = row.values
    return _folded(
        tuple([value.text if (value := values[place]) else "" for place in row.table.key_places])
    )


@lru_cache(maxsize=4096)  # a workbook's keys are asked for several times
def _folded(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, texts))


def record_of(row: Row) -> Record | None:
    """Return the record in the row, which may be that of the row it was copied from."""
    value = row.value_in("record")
    return parse_record(value.value) if value is not None else None


def can_record(row: Row) -> bool:
    """Whether the row's 系统记录 can be written, without which nothing vouches for a value."""
    value = row.value_in("record")
    return value is not None and not value.cell.formula and "record" not in row.merged


def match(before: Sequence[Row], now: Sequence[Row], *, entropy: object) -> tuple[Row, ...]:
    """Return the rows of ``now`` with their identities.

    Args:
        before: the remembered rows of the same workbook, with ids; may be empty.
        now: the rows as read, in the file's order.
        entropy: what makes new ids differ between workbooks (its content's digest).
    """
    matched: dict[int, str] = {}
    taken: set[str] = set()
    for table in dict.fromkeys(row.table.name for row in now):
        places = [i for i, row in enumerate(now) if row.table.name == table]
        remembered = [row for row in before if row.table.name == table]
        found = _match_table(remembered, [now[i] for i in places])
        for place, identity in zip(places, found, strict=True):
            if identity is not None:
                matched[place] = identity
                taken.add(identity)
    taken |= {row.id for row in before}
    seed = str(entropy)
    result = []
    for place, row in enumerate(now):
        identity = matched.get(place)
        attempt = 0
        while identity is None:
            candidate = new_id(seed, row.table.name, row.number, attempt)
            identity = None if candidate in taken else candidate
            attempt += 1
        taken.add(identity)
        result.append(row._replace(id=identity))
    return tuple(result)


def with_first_seen(row: Row, before: Row | None, context: Context) -> Row:
    """Return the row with its dates that follow from the day on which they were first seen.

    So does the year of the month by which a problem's sheet is named.

    Each field has that day of its own: the one that ``before``, the remembered row, has for
    this text, else the one in the record in the sheet, else that of ``context``.
    """
    record = record_of(row)
    if row.month:
        former = before.month if before is not None else ""
        seen = date_of_month(former) if former else None
        if before is None and record is not None:
            seen = record.first_seen("month", "")
        row = row._replace(month=_in_year_of(seen, row.month))
    places = [
        place
        for place, value in enumerate(row.values)
        if value is not None and YEAR_FIRST_SEEN in value.hints
    ]
    if not places:
        return row
    values = list(row.values)
    for place in places:
        value, column = values[place], row.table.columns[place]
        assert value is not None, "only filled cells have hints"
        old = before.values[place] if before else None
        if column.kind is Kind.MONTH and is_in_month(value):
            values[place] = _in_first_month(value, old, record if before is None else None)
            continue
        seen = None
        if old is not None and old.cell.value == value.cell.value:
            seen = old.seen or date_in(old)
        elif before is None and record is not None:
            seen = record.first_seen(column.field, value.text)
        seen = seen or context.seen
        again = value_of(column, value.cell, context._replace(near=seen, seen=seen))
        hints = tuple(dict.fromkeys((*again.hints, YEAR_FIRST_SEEN)))
        values[place] = again._replace(hints=hints, seen=seen)
    return row._replace(values=tuple(values), packed=Packer(row.table).team(values))


def _in_first_month(value: Value, before: Value | None, record: Record | None) -> Value:
    """Return the month that a sheet is named by, in the year in which it was first seen so."""
    seen = None
    if before is not None and is_in_month(before):
        seen = before.seen
    elif record is not None:
        seen = record.first_seen("month", value.text)
    month = _in_year_of(seen, value.value)
    return value._replace(value=month, seen=date_of_month(month))


def _in_year_of(seen: date | None, month: str) -> str:
    """Return a month in the year in which it was first seen, if it was."""
    return f"{seen:%Y-%m}" if seen is not None and f"{seen:%m}" == month[5:] else month


def _match_table(before: Sequence[Row], now: Sequence[Row]) -> list[str | None]:
    """Find the ids of one table's rows; None for rows that are new."""
    found = _unchanged(before, now)
    places = [place for place, identity in enumerate(found) if identity is None]
    known = set(found)
    remaining = [row for row in before if row.id not in known]
    matched = _search(remaining, [now[place] for place in places], known)
    for place, identity in zip(places, matched, strict=True):
        found[place] = identity
    return found


def _unchanged(before: Sequence[Row], now: Sequence[Row]) -> list[str | None]:
    """Find the rows that are as they are remembered, which most are, by looking them up.

    It is what the search below would find first: a row that holds what it held, and has
    the id of its record to itself.
    """
    if not before or any(row.unread for row in before):
        return [None] * len(now)
    carried = [record.id if (record := record_of(row)) else None for row in now]
    counts = Counter(carried)
    packed = {row.id: row.packed for row in before}
    return [
        identity
        if identity is not None and counts[identity] == 1 and packed.get(identity) == row.packed
        else None
        for identity, row in zip(carried, now, strict=True)
    ]


def _search(
    before: Sequence[Row], now: Sequence[Row], taken: Container[str | None]
) -> list[str | None]:
    """Find the ids of rows that moved, changed or aren't remembered; ``taken`` are others' ids."""
    records = [record_of(row) for row in now]
    carried = [record.id if record else None for record in records]
    found: list[str | None] = [None] * len(now)
    if not before and not any(carried):
        return found
    unread = frozenset().union(*(row.unread for row in before))
    content = [_content(row, unread) if before else frozenset() for row in now]
    keys = [key_texts(row) for row in now]
    old = {row.id: row for row in before}
    old_content = {row.id: _content(row, unread) for row in before}
    old_keys: dict[str, Hashable] = {row.id: key_texts(row) for row in before}
    # Of a row that isn't remembered, only the key digest in its record is known.
    known_only_by_record = {
        r.id: r.key for r in records if r and r.id not in old and r.id not in taken
    }

    free = {**dict.fromkeys(old), **dict.fromkeys(known_only_by_record)}

    def assign(place: int, identity: str | None) -> None:
        if identity is not None and found[place] is None and identity in free:
            found[place] = identity
            del free[identity]

    def match_carried(agrees: Callable[[int, str], bool]) -> None:
        for place, identity in enumerate(carried):
            if identity is not None and agrees(place, identity):
                assign(place, identity)

    def match_equal(signatures: Sequence[Hashable], of: Mapping[str, Hashable]) -> None:
        unmatched: dict[Hashable, list[str]] = defaultdict(list)
        for identity in free:
            if identity in of:
                unmatched[of[identity]].append(identity)
        for place, signature in enumerate(signatures):
            if found[place] is None and unmatched.get(signature):
                assign(place, unmatched[signature].pop(0))

    digests = [key_digest(k) for k in keys] if known_only_by_record else []
    match_carried(lambda place, i: old_content.get(i) == content[place])
    match_equal(content, old_content)
    match_carried(
        lambda place, i: (
            old_keys.get(i) == keys[place]
            or (i in known_only_by_record and known_only_by_record[i] == digests[place])
        )
    )
    match_equal(keys, old_keys)
    match_equal(digests, known_only_by_record)
    match_carried(lambda place, i: i not in old or _similarity(content[place], old_content[i]) > 0)
    for place, identity in _most_similar(
        content, found, {i: old_content[i] for i in free if i in old}
    ):
        assign(place, identity)
    return found


def _content(row: Row, unread: frozenset[str]) -> frozenset[tuple[str, str]]:
    """Return the filled team cells of a row, without the fields in ``unread``."""
    return frozenset(item for item in row_texts(row).items() if item[0] not in unread)


def _similarity(a: frozenset[tuple[str, str]], b: frozenset[tuple[str, str]]) -> float:
    fields = {field for field, _ in a | b}
    return len(a & b) / len(fields) if fields else 0.0


def _most_similar(
    content: Sequence[frozenset[tuple[str, str]]],
    found: Sequence[str | None],
    candidates: Mapping[str, frozenset[tuple[str, str]]],
) -> Iterable[tuple[int, str]]:
    """Return (place, id) pairs above the threshold, the most similar first.

    Only rows that share an uncommon cell are compared, so that a large sheet of new
    rows doesn't take quadratic time.
    """
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for identity, cells in candidates.items():
        for cell in cells:
            holders[cell].append(identity)
    pairs = []
    for place, cells in enumerate(content):
        if found[place] is not None:
            continue
        shared = Counter(
            i for cell in cells if len(holders[cell]) <= _COMMON for i in holders[cell]
        )
        for identity in shared:
            similarity = _similarity(cells, candidates[identity])
            if similarity >= SIMILAR:
                pairs.append((-similarity, place, identity))
    return [(place, identity) for _, place, identity in sorted(pairs)]
