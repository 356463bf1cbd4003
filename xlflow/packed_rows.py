"""Rows as text: how a row is remembered, and how it is told that it hasn't changed.

A packed row is a JSON object with one entry for each column that the sheet has, in
which the cell is held as the file had it and nothing of its place. Two rows hold the
same if their texts are equal, so a row that is as remembered need not be unpacked.
Unpacking interprets the cells again with :func:`xlflow.values.value_of`; what their
meaning took from elsewhere (the day to which a date without its year is near, the names
after aliases) is packed with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, overload

from xlflow.columns import DATED, Column, Kind, Table
from xlflow.facts import Cell, CellValue, ErrorValue, Value
from xlflow.values import (
    ALIAS,
    YEAR_ASSUMED,
    YEAR_FIRST_SEEN,
    Context,
    date_in,
    in_month,
    is_in_month,
    value_of,
)

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Packer:
    """Packs the rows of one table; what a value of a column is packed as is worked out once."""

    def __init__(self, table: Table) -> None:
        self._columns = table.columns
        self._team = table.team_places
        own = set(range(len(table.columns))) - set(table.team_places)
        self._own = tuple(sorted(own))
        self._known: dict[tuple[int, int], str] = {}
        self._values: list[Value] = []  # which keeps their identities from being used again

    def team(self, values: Sequence[Value | None]) -> str:
        """Return the cells that people fill as one text."""
        return self._packed(values, self._team)

    def own(self, values: Sequence[Value | None]) -> str:
        """Return the computed and ⚙ cells as one text."""
        return self._packed(values, self._own)

    def _packed(self, values: Sequence[Value | None], places: Sequence[int]) -> str:
        known = self._known
        entries = []
        for place in places:
            value = values[place]
            if value is None:
                continue
            key = place, id(value)
            entry = known.get(key)
            if entry is None:
                column = self._columns[place]
                packed = _encode(_pack(column, value))
                # JSON escapes for lone surrogates, which nothing could store.
                packed = packed.encode("utf-8", "backslashreplace").decode()
                entry = known[key] = f'"{column.field}":{packed}'
                self._values.append(value)
            entries.append(entry)
        return "{" + ",".join(entries) + "}"


class PackedValues(Sequence[Value | None]):
    """The values of a remembered row, unpacked when first asked for.

    ``texts`` are packed rows that together hold all of its cells.
    """

    __slots__ = ("_date1904", "_table", "_texts", "_values")

    def __init__(self, table: Table, date1904: bool, *texts: str) -> None:
        self._table = table
        self._texts = texts
        self._date1904 = date1904
        self._values: tuple[Value | None, ...] | None = None

    @property
    def cells(self) -> Mapping[str, Any]:
        """The packed cells by field; None for a field that was not read when it was packed."""
        return {field: cell for text in self._texts for field, cell in json.loads(text).items()}

    def _all(self) -> tuple[Value | None, ...]:
        if self._values is None:
            cells = self.cells
            self._values = tuple(
                _unpack(column, packed, self._date1904)
                if (packed := cells.get(column.field)) is not None
                else None
                for column in self._table.columns
            )
        return self._values

    @overload
    def __getitem__(self, place: int) -> Value | None: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Value | None]: ...
    def __getitem__(self, place: int | slice) -> Value | Sequence[Value | None] | None:
        return self._all()[place]

    def __len__(self) -> int:
        return len(self._table.columns)

    def __iter__(self) -> Iterator[Value | None]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __reduce__(self) -> tuple[Any, ...]:
        return PackedValues, (self._table, self._date1904, *self._texts)


def _pack(column: Column, value: Value) -> Any:
    """Return a cell as JSON holds it: its text alone where nothing else is to be said."""
    cell = value.cell
    packed: dict[str, Any] = {}
    if cell.value is not None:
        packed["v"] = _tagged(cell.value)
    if cell.number_format != "General":
        packed["format"] = cell.number_format
    if cell.formula:
        packed["formula"] = 1
    if cell.uncomputed:
        packed["uncomputed"] = 1
    if column.kind is Kind.MONTH and is_in_month(value):
        packed["month"] = value.value
    elif column.kind in DATED and (near := _near(value)) is not None:
        packed["near"] = near.isoformat()
    if value.seen is not None:
        packed["seen"] = value.seen.isoformat()
    if value.unit:
        packed["unit"] = value.unit
    if value.hints:
        packed["notices"] = value.hints
    if column.kind is Kind.PEOPLE and value.value is not None:
        packed["names"] = value.value
    if column.kind is Kind.CHOICE and ALIAS in value.hints:
        packed["choice"] = value.value
    content = packed.get("v")
    return content if isinstance(content, str) and len(packed) == 1 else packed


def _unpack(column: Column, packed: Any, date1904: bool) -> Value:
    parts: Mapping[str, Any] = {"v": packed} if isinstance(packed, str) else packed
    cell = Cell(
        _untagged(parts.get("v")),
        parts.get("format", "General"),
        "formula" in parts,
        "uncomputed" in parts,
    )
    near, seen = (date.fromisoformat(parts[n]) if n in parts else None for n in ("near", "seen"))
    context = Context(date1904, near, seen or near, unit=parts.get("unit", ""))
    value = value_of(column, cell, context)
    if "month" in parts:
        value = in_month(value, parts["month"], first_seen=False)
    if "names" in parts:
        value = value._replace(value=tuple(parts["names"]))
    if "choice" in parts:
        value = value._replace(value=parts["choice"], problem=None, fix=None)
    return value._replace(hints=tuple(parts.get("notices", ())), seen=seen)


def _near(value: Value) -> date | None:
    """Return a day to which a date typed without its year is near: the date itself."""
    if value.problem is not None:
        # The nearest day of a date that no year has, or the date that was in doubt.
        return date.fromisoformat(value.fix[:10]) if value.fix is not None else None
    if YEAR_ASSUMED in value.hints or YEAR_FIRST_SEEN in value.hints:
        return date_in(value)
    return None


def _tagged(value: CellValue) -> Any:
    """Return a JSON value that :func:`_untagged` turns back into the same cell value."""
    if isinstance(value, str) and not isinstance(value, ErrorValue):
        return value
    for kind, tag in _TAGS.items():
        if isinstance(value, kind):
            return [tag, str(value) if kind in (Decimal, bool, ErrorValue) else value.isoformat()]  # type: ignore[union-attr]
    raise TypeError(f"no cell value: {value!r}")


# datetime is a date, so it comes first.
_TAGS: Mapping[type, str] = {
    Decimal: "number",
    bool: "truth",
    ErrorValue: "error",
    datetime: "moment",
    date: "day",
    time: "clock",
}
_READ = {
    "number": Decimal,
    "truth": "True".__eq__,
    "error": ErrorValue,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "clock": time.fromisoformat,
}


def _untagged(tagged: Any) -> CellValue:
    if tagged is None or isinstance(tagged, str):
        return tagged
    tag, text = tagged
    value: CellValue = _READ[tag](text)  # type: ignore[operator]
    return value
