"""Where the cells of a sheet part are, and what they hold: one scanner for reading and writing.

Readers that exist lose number formats, error cells or byte positions, or are ten
times too slow. Here a sheet as Excel, WPS and the common libraries write it goes
through one compiled pattern, and only what surrounds its cells through a parser (the
fast gear). Anything else that is well formed (prefixes, comments, CDATA, cells without
``r``, indentation …) goes through the parser as a whole (the general gear). Both give
the same records wherever both can read, which the tests hold them to.

Positions count bytes of the document's UTF-8 text (``SheetXml.markup``), which is the
part itself unless that is in another encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from xlflow.ooxml.expat_scanner import ExpatScanner
from xlflow.ooxml.fast_scanner import find_body, scan_cells
from xlflow.ooxml.records import Area, Element, RawCell, RawColumns, RawRow
from xlflow.ooxml.xml import XmlText, decode_xml


@dataclass(frozen=True)
class ScannedSheet:
    """A sheet part: its cells and rows in document order, and what surrounds them.

    ``arrays`` are the areas that array formulas and data tables fill; ``filtered`` says
    that an automatic filter of the sheet (not of a table) holds rows back.
    """

    markup: XmlText
    cells: Sequence[RawCell]
    rows: Sequence[RawRow]
    columns: tuple[RawColumns, ...]
    merges: tuple[Area, ...]
    arrays: tuple[Area, ...]
    dimension: tuple[Element, str] | None
    data: Element | None
    protected: bool
    filtered: bool

    @cached_property
    def rows_by_number(self) -> dict[int, RawRow]:
        """The row elements; the first one where a number stands twice."""
        return {row.number: row for row in reversed(self.rows)}

    def inherited_style(self, row: int, column: int) -> int:
        """Return the style that a new cell takes: its row's, else its column's, else 0."""
        element = self.rows_by_number.get(row)
        if element is not None and element.style is not None:
            return element.style
        for run_ in self.columns:
            if run_.first <= column <= run_.last:
                return run_.style
        return 0


def scan_sheet(xml: bytes) -> ScannedSheet:
    """Return what a worksheet part holds; raises UnreadableError where it is broken."""
    document = decode_xml(xml)
    return scan_fast(document) or scan_with_expat(document)


def scan_fast(document: XmlText) -> ScannedSheet | None:
    """Scan a sheet in the form that most programs write; None if it isn't in that form."""
    text = document.text
    opened, closing = find_body(text)
    try:
        found = scan_cells(text, opened, closing) if opened else None
    except ValueError:
        return None
    if found is None:
        return None
    walker = ExpatScanner(text[:opened] + text[closing:])
    walker.walk()
    if walker.data is None or walker.data.opened != opened:
        return None
    walker.cells, walker.rows, walker.arrays = found
    walker.data = walker.data._replace(end=walker.data.end + closing - opened)
    return _sheet(document, walker)


def scan_with_expat(document: XmlText) -> ScannedSheet:
    """Scan any well-formed sheet with a parser."""
    walker = ExpatScanner(document.text)
    walker.walk()
    return _sheet(document, walker)


def _sheet(document: XmlText, walker: ExpatScanner) -> ScannedSheet:
    return ScannedSheet(
        document,
        walker.cells,
        walker.rows,
        tuple(walker.columns),
        tuple(walker.merges),
        tuple(walker.arrays),
        walker.dimension,
        walker.data,
        walker.protected,
        walker.filtered,
    )
