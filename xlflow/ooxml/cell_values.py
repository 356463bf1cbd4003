"""Cell values: what a cell's type, text and number format stand for.

A person sees the same in Excel. Nothing is dropped on the way: not an error, not a
number format, not the fact that a formula was never computed.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal

from xlflow.errors import UnreadableError
from xlflow.facts import Cell, CellValue, ErrorValue, address
from xlflow.ooxml.number_formats import counts_elapsed_time, display_kind, value_of_serial
from xlflow.ooxml.references import positions_within
from xlflow.ooxml.scanned_elements import RawCell, ScannedRow
from xlflow.ooxml.scanner import ScannedSheet
from xlflow.ooxml.strings import unescape_text
from xlflow.ooxml.xml import xml_int

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DURATION = re.compile(
    r"(-?)P(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,11}(?:\.\d{1,30})?)S)?)?",
    re.ASCII,
)
_MOMENT = re.compile(
    r"(?:(\d{4}-\d\d-\d\d)(?:T|$))?(\d\d:\d\d(?::\d\d)?)?(?:\.(\d{1,30}))?(?:Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_UNITS = (86_400_000, 3_600_000, 60_000, 1000)
_DAY = Decimal(86_400_000)
_EXCEL_PRECISION = Context(prec=15, rounding=ROUND_HALF_UP)
_MAX_PLAIN = Decimal(10) ** 15
_MAX_NUMBER_LENGTH = 1_500  # a double written in full has 309 digits and 1,074 decimals


def parse_number(text: str) -> Decimal | None:
    """Return the number in a value element, to the 15 digits that Excel keeps.

    None for anything that isn't a number.
    """
    stripped = text.strip()
    if len(stripped) > _MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(stripped):
        return None
    value = _EXCEL_PRECISION.create_decimal(stripped)
    if abs(value) < _MAX_PLAIN and value == value.to_integral_value():
        return value.quantize(Decimal(1)) + 0
    return value.normalize(_EXCEL_PRECISION)


def format_of(formats: tuple[str, ...], style: int) -> str:
    """Return the number format of a style index."""
    return formats[style] if style < len(formats) else "General"


def _put(grid: dict[int, dict[int, Cell]], row: int, column: int, cell: Cell) -> None:
    """Add a cell to a grid; a blank one doesn't hide one that is filled."""
    cells = grid.setdefault(row, {})
    before = cells.get(column)
    if before is None or cell.value is not None or cell.formula or before.value is None:
        cells[column] = cell


CellGrid = dict[int, dict[int, Cell]]
"""The cells of a sheet: row → column → cell."""


class CellReader:
    """Reads the cells of one workbook's sheets, each distinct content once."""

    def __init__(
        self,
        strings: list[str],
        formats: tuple[str, ...],
        date1904: bool,
        never_computed: bool = False,
    ) -> None:
        """Take what the sheets share; ``never_computed`` says that no program computed formulas."""
        self._never_computed = never_computed
        self._strings = strings
        self._formats = formats
        self._date1904 = date1904

    def cells(self, xml: ScannedSheet) -> CellGrid:
        """Return the cells of a sheet; of several at one place the last filled one counts.

        Rows that hold the same share one mapping.
        """
        known: dict[int, Cell] = {}  # by identity, which is enough: the scan keeps them all
        grid: CellGrid = {}
        before: ScannedRow | None = None
        for row in xml.rows:
            if before is not None and row.raw is before.raw and row.number not in grid:
                grid[row.number] = grid[before.number]  # a blank row, most likely
                continue
            before = row if row.located is None else None
            try:
                cells = [known[id(raw)] for raw in row.raw]
            except KeyError:
                for column, raw in zip(row.columns, row.raw, strict=True):
                    if id(raw) not in known:
                        known[id(raw)] = self._cell(raw, row.number, column)
                cells = [known[id(raw)] for raw in row.raw]
            if row.located is None:
                found = dict(zip(row.columns, cells, strict=True))
                if len(found) == len(cells) and row.number not in grid:
                    grid[row.number] = found
                else:
                    for column, cell in zip(row.columns, cells, strict=True):
                        _put(grid, row.number, column, cell)
            else:
                for (number, _, _), column, cell in zip(
                    row.located, row.columns, cells, strict=True
                ):
                    _put(grid, number, column, cell)
        if xml.arrays:
            positions = {(number, column) for number, found in grid.items() for column in found}
            for number, column in positions_within(positions, xml.arrays):
                filled = grid[number][column]._replace(formula=True)
                grid[number] = {**grid[number], column: filled}
        return grid

    def _cell(self, raw: RawCell, row: int, column: int) -> Cell:
        """Interpret a cell; row and column are only for saying where it is invalid."""
        style, kind, text, formula = raw
        number_format = format_of(self._formats, style)
        value = self._value(kind, text, number_format, row, column) if text else None
        if formula and self._never_computed and kind == "n" and text is not None:
            placeholder = parse_number(text)
            if placeholder is not None and placeholder == 0:
                return Cell(None, number_format, formula, uncomputed=True)
        if not formula or value is not None:
            return Cell(value, number_format, formula)
        if kind == "str" and text is not None:
            return Cell("", number_format, formula)
        return Cell(None, number_format, formula, uncomputed=True)

    def _value(self, kind: str, text: str, number_format: str, row: int, column: int) -> CellValue:
        if kind == "s":
            index = xml_int(text)
            if index is None or index >= len(self._strings):
                raise UnreadableError(
                    "shared_string_missing", cell=address(row, column), index=text
                )
            return self._strings[index]
        if kind == "n":
            number = parse_number(text)
            if number is None:
                return unescape_text(text)
            shown = display_kind(number_format)
            return number if shown == "number" else value_of_serial(number, shown, self._date1904)
        if kind == "b":
            return text.strip().lower() in ("1", "true")
        if kind == "e":
            return ErrorValue(text.strip())
        if kind == "d":
            return self._iso_value(text.strip(), number_format)
        return unescape_text(text)

    def _iso_value(self, text: str, number_format: str) -> CellValue:
        """Return what the serial number of an ISO 8601 cell displays; anything else stays text.

        A time alone is written on the day before the calendar begins, in 1899, and a length of
        time as a duration. Under a format that shows no date a moment stays one, unless the
        format counts elapsed time.
        """
        serial = serial_of_iso(text, self._date1904)
        if serial is None:
            return text
        kind = display_kind(number_format)
        if kind == "number":
            if text.startswith(("P", "-P")) or counts_elapsed_time(number_format):
                return serial
            kind = "moment"
        return value_of_serial(serial, kind, self._date1904)


def serial_of_iso(text: str, date1904: bool) -> Decimal | None:
    """Return the serial number of an ISO 8601 moment, time or duration; None for anything else.

    It is rounded to milliseconds, which is what Excel keeps: some writers give fourteen
    decimals of a second, a little less than the next whole one.
    """
    if duration := _DURATION.fullmatch(text):
        sign, *parts = duration.groups()
        milliseconds = sum(
            (Decimal(part or 0) * unit for part, unit in zip(parts, _UNITS, strict=True)),
            Decimal(0),
        )
        milliseconds = milliseconds.to_integral_value(ROUND_HALF_UP)
        return parse_number(f"{(-milliseconds if sign else milliseconds) / _DAY:.20f}")
    moment = _MOMENT.fullmatch(text)
    if moment is None:
        return None
    day, clock, fraction = moment.groups()
    try:
        since = datetime.fromisoformat(f"{day or '1899-12-30'}T{clock or '00:00:00'}")
    except ValueError:
        return None
    # Serials count 29 February 1900, which didn't exist.
    epoch = datetime(1904, 1, 1) if date1904 and since.year > 1899 else datetime(1899, 12, 30)
    if not date1904 and datetime(1899, 12, 31) <= since < datetime(1900, 3, 1):
        epoch = datetime(1899, 12, 31)
    elapsed = since - epoch
    if elapsed.days < 0:
        return None
    rest = (Decimal(f"0.{fraction or 0}") * 1000).to_integral_value(ROUND_HALF_UP)
    return parse_number(f"{elapsed.days + (elapsed.seconds * 1000 + rest) / _DAY:.20f}")
