"""Cell values: what a cell's type, text and number format stand for.

A person sees the same in Excel. Nothing is dropped on the way: not an error, not a
number format, not the fact that a formula was never computed.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal

from xlflow.errors import UnreadableError
from xlflow.facts import Cell, CellValue, ErrorValue, Position, address
from xlflow.ooxml.number_formats import display_kind, value_of_serial
from xlflow.ooxml.references import positions_within
from xlflow.ooxml.scanner import ScannedSheet
from xlflow.ooxml.strings import unescape_text
from xlflow.ooxml.xml import xml_int

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_EXCEL_PRECISION = Context(prec=15, rounding=ROUND_HALF_UP)
_MAX_PLAIN = Decimal(10) ** 15


def parse_number(text: str) -> Decimal | None:
    """Return the number in a value element, to the 15 digits that Excel keeps.

    None for anything that isn't a number.
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    value = _EXCEL_PRECISION.create_decimal(stripped)
    if abs(value) < _MAX_PLAIN and value == value.to_integral_value():
        return value.quantize(Decimal(1)) + 0
    return value.normalize(_EXCEL_PRECISION)


def format_of(formats: tuple[str, ...], style: int) -> str:
    """Return the number format of a style index."""
    return formats[style] if style < len(formats) else "General"


class CellReader:
    """Reads the cells of one workbook's sheets, each distinct content once."""

    def __init__(self, strings: list[str], formats: tuple[str, ...], date1904: bool) -> None:
        self._strings = strings
        self._formats = formats
        self._date1904 = date1904
        self._known: dict[tuple[int, str, str | None], tuple[CellValue, str]] = {}

    def cells(self, xml: ScannedSheet) -> dict[Position, Cell]:
        """Return the cells of a sheet by row and column."""
        known = self._known
        make = tuple.__new__
        cells = {}
        for row, column, style, kind, text, formula, _, _ in xml.cells:
            key = (style, kind, text)
            found = known.get(key)
            if found is None:
                found = known[key] = self._value(style, kind, text, row, column)
            value, number_format = found
            uncomputed = False
            if formula:
                uncomputed = value is None and not (kind == "str" and text is not None)
                if value is None and not uncomputed:
                    value = ""
            cells[row, column] = make(
                Cell, (row, column, value, number_format, formula, uncomputed)
            )
        for position in positions_within(cells, xml.arrays):
            cells[position] = cells[position]._replace(formula=True)
        return cells

    def _value(
        self, style: int, kind: str, text: str | None, row: int, column: int
    ) -> tuple[CellValue, str]:
        number_format = format_of(self._formats, style)
        if not text:
            return None, number_format
        value: CellValue
        if kind == "s":
            index = xml_int(text)
            if index is None or index >= len(self._strings):
                raise UnreadableError(
                    "shared_string_missing", cell=address(row, column), index=text
                )
            value = self._strings[index]
        elif kind == "n":
            value = parse_number(text)
            if value is None:
                value = unescape_text(text)
            elif (shown := display_kind(number_format)) != "number":
                value = value_of_serial(value, shown, self._date1904)
        elif kind == "b":
            value = text.strip().lower() in ("1", "true")
        elif kind == "e":
            value = ErrorValue(text.strip())
        elif kind == "d":
            value = _parse_iso(text.strip())
        else:
            value = unescape_text(text)
        return value, number_format


def _parse_iso(text: str) -> CellValue:
    """Return the date, moment or time of an ISO 8601 cell; anything else stays text.

    A time alone is written on the day before the calendar begins, in 1899.
    """
    try:
        if text[:3].count(":"):
            return time.fromisoformat(text).replace(tzinfo=None)
        found = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return text
    if found.year == 1899:
        return found.time()
    return found if found.time() != time() else found.date()
