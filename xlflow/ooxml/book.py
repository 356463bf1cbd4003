"""A workbook as it stands: its sheets with every cell at its physical address.

Bytes go in, values come out; what a person would see in Excel is what a cell holds
here, and nothing is dropped on the way: not an error, not a number format, not the
fact that a formula was never computed. What can't be read raises UnreadableError,
never anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import product
from typing import Literal, NamedTuple

from xlflow.errors import UnreadableError
from xlflow.facts import Cell, CellValue, ErrorValue, address
from xlflow.ooxml.number_formats import display_kind, number_formats, value_of_serial
from xlflow.ooxml.package import Package
from xlflow.ooxml.records import LAST_ROW, Area, malformed, parse_int
from xlflow.ooxml.scanner import ScannedSheet, scan_sheet
from xlflow.ooxml.strings import shared_strings, unescape_text
from xlflow.ooxml.xml import parse_tree, xml_bool

State = Literal["visible", "hidden", "veryHidden"]


@dataclass(frozen=True)
class Sheet:
    """One worksheet.

    ``cells`` holds every cell element by (row, column), blank ones with a format
    too. ``filtered`` says that a filter (the sheet's or a table's) holds rows back.
    """

    name: str
    part: str
    state: State
    cells: Mapping[tuple[int, int], Cell]
    merges: tuple[Area, ...]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    protected: bool
    filtered: bool
    xml: ScannedSheet
    formats: tuple[str, ...]

    def format_at(self, row: int, column: int) -> str:
        """Return the number format of a cell, or the one that a new cell there would get."""
        cell = self.cells.get((row, column))
        if cell is not None:
            return cell.number_format
        return _format(self.formats, self.xml.inherited_style(row, column))


@dataclass(frozen=True)
class Book:
    """A workbook's worksheets in their order, and what is to be known before writing to it.

    ``last_modified_by`` and ``modified`` are what the last program to save it says.
    """

    sheets: tuple[Sheet, ...]
    date1904: bool
    signed: bool
    macros: bool
    last_modified_by: str | None
    modified: datetime | None


def read_book(data: bytes, wanted: Callable[[str], bool] | None = None) -> Book:
    """Read a workbook; with ``wanted``, only the sheets whose names it accepts.

    Chart, dialog and macro sheets hold no rows and are left out.
    """
    package = Package(data)
    main = WorkbookPart(package)
    values = _Values(main.strings(), main.formats(), main.date1904)
    sheets = tuple(
        _sheet(package, values, listed)
        for listed in main.sheets()
        if wanted is None or wanted(listed.name)
    )
    author, modified = _properties(package)
    macros = any(name.lower().endswith("vbaproject.bin") for name in package.names)
    return Book(sheets, main.date1904, package.signed, macros, author, modified)


class SheetEntry(NamedTuple):
    """A worksheet as the workbook part lists it."""

    name: str
    part: str
    state: State


class WorkbookPart:
    """The main part of a workbook, through which all others are found."""

    def __init__(self, package: Package) -> None:
        part = package.related("officeDocument")
        if part is None:
            raise UnreadableError("not_a_workbook", found="zip")
        if part.lower().endswith(".bin"):
            raise UnreadableError("binary_workbook")
        self._package = package
        self._root = parse_tree(package.read(part))
        if self._root.tag != "workbook":
            raise UnreadableError("not_a_workbook", found=self._root.tag)
        self._related = package.relationships(part)
        properties = self._root.find("workbookPr")
        self.date1904 = properties is not None and xml_bool(properties.get("date1904"))

    def sheets(self) -> list[SheetEntry]:
        """Return the worksheets in the workbook's order."""
        found = []
        for item in self._root.iterfind("sheets/sheet"):
            name = item.get("name", "")
            # The prefix of r:id stands for one of two namespaces.
            key = next((value for key, value in item.attrib.items() if key.endswith("}id")), "")
            target = self._related.get(key)
            if target is None or target.target not in self._package:
                raise UnreadableError("sheet_part_missing", sheet=name)
            if target.kind == "worksheet":
                state = item.get("state")
                found.append(SheetEntry(name, target.target, _STATES.get(state or "", "visible")))
        return found

    def names(self) -> set[str]:
        """Return the names of all sheets, those without cells included."""
        return {item.get("name", "") for item in self._root.iterfind("sheets/sheet")}

    def strings(self) -> list[str]:
        """Return the shared strings; none where the workbook has no such part."""
        part = self._part("sharedStrings")
        return shared_strings(self._package.read(part)) if part else []

    def formats(self) -> tuple[str, ...]:
        """Return the number format of each style index."""
        part = self._part("styles")
        return tuple(number_formats(self._package.read(part))) if part else ()

    def _part(self, kind: str) -> str | None:
        parts = (item.target for item in self._related.values() if item.kind == kind)
        return next((part for part in parts if part in self._package), None)


_STATES: dict[str, State] = {"hidden": "hidden", "veryHidden": "veryHidden"}


def _sheet(package: Package, values: _Values, listed: SheetEntry) -> Sheet:
    try:
        xml = scan_sheet(package.read(listed.part))
        cells = values.cells(xml)
    except UnreadableError as error:
        error.params.setdefault("sheet", listed.name)
        raise
    hidden_rows = frozenset(row.number for row in xml.rows if row.hidden)
    hidden_columns = frozenset(
        column for run in xml.columns if run.hidden for column in range(run.first, run.last + 1)
    )
    return Sheet(
        listed.name,
        listed.part,
        listed.state,
        cells,
        xml.merges,
        hidden_rows,
        hidden_columns,
        xml.protected,
        xml.filtered or (bool(hidden_rows) and _table_filtered(package, listed.part)),
        xml,
        values.formats,
    )


def _table_filtered(package: Package, part: str) -> bool:
    """Tell whether a table on this sheet has a filter set."""
    return any(
        parse_tree(package.read(item.target)).find("autoFilter/filterColumn") is not None
        for item in package.relationships(part).values()
        if item.kind == "table"
    )


def _properties(package: Package) -> tuple[str | None, datetime | None]:
    """Return who saved the workbook last and when, as far as it says so legibly."""
    part = package.related("core-properties")
    if part is None or part not in package:
        return None, None
    try:
        root = parse_tree(package.read(part))
    except UnreadableError:
        return None, None
    author, stamp = root.findtext("lastModifiedBy"), root.findtext("modified")
    try:
        modified = datetime.fromisoformat(stamp.strip()) if stamp else None
    except ValueError:
        modified = None
    return author or None, modified


_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_FIFTEEN_DIGITS = Context(prec=15, rounding=ROUND_HALF_UP)
_PLAIN = Decimal(10) ** 15


def parse_number(text: str) -> Decimal | None:
    """Return the number that a value element holds, to the 15 digits that Excel keeps.

    None for what is no number.
    """
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return None
    value = _FIFTEEN_DIGITS.create_decimal(stripped)
    if abs(value) < _PLAIN and value == value.to_integral_value():
        return value.quantize(Decimal(1)) + 0
    return value.normalize(_FIFTEEN_DIGITS)


def _format(formats: tuple[str, ...], style: int) -> str:
    return formats[style] if style < len(formats) else "General"


class _Values:
    """Makes values of raw cells, each distinct one once."""

    def __init__(self, strings: list[str], formats: tuple[str, ...], date1904: bool) -> None:
        self.formats = formats
        self._strings = strings
        self._date1904 = date1904
        self._known: dict[tuple[int, str, str | None], tuple[CellValue, str]] = {}

    def cells(self, xml: ScannedSheet) -> dict[tuple[int, int], Cell]:
        """Return the cells of a sheet by row and column."""
        known = self._known
        make = tuple.__new__
        cells = {}
        for row, column, style, kind, text, formula, _, _ in xml.cells:
            key = (style, kind, text)
            found = known.get(key)
            if found is None:
                found = known[key] = self._value(style, kind, text, row, column)
            value, code = found
            uncomputed = False
            if formula:
                uncomputed = value is None and not (kind == "str" and text is not None)
                if value is None and not uncomputed:
                    value = ""
            cells[row, column] = make(Cell, (row, column, value, code, formula, uncomputed))
        for place in positions_within(cells, xml.arrays):
            cells[place] = cells[place]._replace(formula=True)
        return cells

    def _value(
        self, style: int, kind: str, text: str | None, row: int, column: int
    ) -> tuple[CellValue, str]:
        code = _format(self.formats, style)
        if not text:
            return None, code
        value: CellValue
        if kind == "s":
            index = parse_int(text)
            if index is None or index >= len(self._strings):
                raise UnreadableError(
                    "shared_string_missing", cell=address(row, column), index=text
                )
            value = self._strings[index]
        elif kind == "n":
            value = parse_number(text)
            if value is None:
                value = unescape_text(text)
            elif (shown := display_kind(code)) != "number":
                value = value_of_serial(value, shown, self._date1904)
        elif kind == "b":
            value = text.strip().lower() in ("1", "true")
        elif kind == "e":
            value = ErrorValue(text.strip())
        elif kind == "d":
            value = _iso(text.strip())
        else:
            value = unescape_text(text)
        return value, code


def positions_within(
    cells: Collection[tuple[int, int]], areas: Collection[Area]
) -> set[tuple[int, int]]:
    """Return which of some places lie within areas, however vast or many those are.

    Array formulas and merged cells don't overlap; where they pile up, somebody means
    harm, and UnreadableError is raised.
    """
    found: set[tuple[int, int]] = set()
    effort = 0
    for first, left, last, right in areas:
        size = (last - first + 1) * (right - left + 1)
        effort += min(size, len(cells))
        if effort > len(cells) + 8 * LAST_ROW:
            raise malformed("overlapping areas")
        if size <= len(cells):
            places = product(range(first, last + 1), range(left, right + 1))
            found.update(place for place in places if place in cells)
        else:
            found.update(
                place for place in cells if first <= place[0] <= last and left <= place[1] <= right
            )
    return found


def _iso(text: str) -> CellValue:
    """Return the date, moment or time of an ISO 8601 cell; what is none stays text.

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
