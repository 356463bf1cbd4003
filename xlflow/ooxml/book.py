"""A workbook's content: its sheets with every cell at its physical address.

Reading, the content digest (:mod:`xlflow.ooxml.content_digest`) and splicing
(:mod:`xlflow.ooxml.splice`) share one :class:`Book`, so that the archive is parsed
once, each part inflated once and each sheet scanned once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xlflow.errors import UnreadableError
from xlflow.facts import Cell, Position
from xlflow.ooxml.cell_values import CellGrid, CellReader, format_of
from xlflow.ooxml.list_objects import total_rows
from xlflow.ooxml.package import Package
from xlflow.ooxml.references import Area
from xlflow.ooxml.scanned_elements import Limits
from xlflow.ooxml.scanner import ScannedSheet, scan_sheet
from xlflow.ooxml.workbook_part import SheetEntry, SheetState, WorkbookPart
from xlflow.ooxml.xml import parse_tree


@dataclass(frozen=True)
class Sheet:
    """One worksheet.

    ``rows`` holds every cell element by row and column, also blank ones that have a
    format. ``total_rows`` are the areas of the total rows that its tables (ListObjects) have
    switched on.
    """

    name: str
    part: str
    state: SheetState
    rows: CellGrid
    merges: tuple[Area, ...]
    hidden_rows: frozenset[int]
    xml: ScannedSheet
    formats: tuple[str, ...]
    total_rows: tuple[Area, ...] = ()

    @cached_property
    def cells(self) -> Mapping[Position, Cell]:
        """The same cells by position."""
        return {
            (number, column): cell
            for number, row in self.rows.items()
            for column, cell in row.items()
        }

    def cell(self, row: int, column: int) -> Cell | None:
        """Return the cell at a position; None where there is no element."""
        return self.rows.get(row, {}).get(column)

    def format_at(self, row: int, column: int) -> str:
        """Return the number format of a cell, or the one that a new cell there would get."""
        cell = self.cell(row, column)
        if cell is not None:
            return cell.number_format
        return format_of(self.formats, self.xml.inherited_style(row, column))


class Book:
    """One content of a workbook, and what was read from it so far.

    Making one costs nothing: the archive is parsed when something is first asked for,
    a part is inflated and a sheet scanned when first needed. What was read is kept, so
    a Book should live no longer than the work on its content.

    Everything but ``data`` raises UnreadableError where the bytes aren't a workbook
    that can be read.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._scanned: dict[str, ScannedSheet] = {}
        self._limits = Limits()
        self._sheets: dict[SheetEntry, Sheet] = {}

    @cached_property
    def package(self) -> Package:
        """The parts of the workbook."""
        return Package(self.data)

    @cached_property
    def entries(self) -> tuple[SheetEntry, ...]:
        """The worksheets as the workbook lists them, in its order."""
        return self._main.sheets()

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings."""
        return self._main.strings()

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The worksheets in the workbook's order."""
        return tuple(self._sheet(entry) for entry in self.entries)

    def sheet(self, name: str) -> Sheet | None:
        """Return one worksheet, without reading the others; None where there is none."""
        return next((self._sheet(entry) for entry in self.entries if entry.name == name), None)

    def scanned(self, entry: SheetEntry) -> ScannedSheet:
        """Return the elements of a worksheet, whose cells need not be interpreted."""
        if entry.part not in self._scanned:
            try:
                found = scan_sheet(self.package.read(entry.part), self._limits)
            except UnreadableError as error:
                error.params.setdefault("sheet", entry.name)
                raise
            self._scanned[entry.part] = found
            self._limits = found.limits_of_next(self._limits)
        return self._scanned[entry.part]

    @property
    def date1904(self) -> bool:
        """Whether day 0 is 1904-01-01, as in workbooks from old Macs."""
        return self._main.date1904

    @property
    def signed(self) -> bool:
        """Whether a digital signature covers the workbook's bytes."""
        return self.package.signed

    @cached_property
    def last_modified_by(self) -> str | None:
        """The user whose program saved the workbook last, if it says so legibly."""
        part = self.package.related("core-properties")
        if part is None or part not in self.package:
            return None
        try:
            return parse_tree(self.package.read(part)).findtext("lastModifiedBy") or None
        except UnreadableError:
            return None

    @property
    def sheet_names(self) -> set[str]:
        """The names of all sheets, those without cells included."""
        return self._main.names()

    @cached_property
    def _main(self) -> WorkbookPart:
        return WorkbookPart(self.package)

    @cached_property
    def _formats(self) -> tuple[str, ...]:
        return self._main.formats()

    @cached_property
    def _reader(self) -> CellReader:
        return CellReader(self.strings, self._formats, self.date1904, self._main.never_computed)

    def _sheet(self, entry: SheetEntry) -> Sheet:
        if entry in self._sheets:
            return self._sheets[entry]
        xml = self.scanned(entry)
        try:
            rows = self._reader.cells(xml)
        except UnreadableError as error:
            error.params.setdefault("sheet", entry.name)
            raise
        self._sheets[entry] = Sheet(
            name=entry.name,
            part=entry.part,
            state=entry.state,
            rows=rows,
            merges=xml.merges,
            hidden_rows=frozenset(row.number for row in xml.rows if row.hidden),
            xml=xml,
            formats=self._formats,
            total_rows=total_rows(self.package, entry.part, xml.markup.text),
        )
        return self._sheets[entry]
