"""Where the cells of a sheet part are and what they contain, for reading and for writing.

Existing readers lose number formats, error cells or byte positions, or are ten times
too slow. Here the *fast scanner* takes sheets in the form that Excel, WPS and the
common libraries write: it splits them into rows and cells, and only what surrounds them
goes through a parser. The *general scanner* parses everything else that is well formed:
prefixes, comments, CDATA, cells without ``r``, indentation. Where both can read a
sheet, both return the same, which the tests check.

Positions count bytes of the document's UTF-8 text (``ScannedSheet.markup``), which is
the part itself unless that is in another encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from xlflow.ooxml.expat_scanner import ExpatScanner
from xlflow.ooxml.fast_scanner import find_body, scan_rows
from xlflow.ooxml.references import LAST_COLUMN, Area
from xlflow.ooxml.scanned_elements import (
    NO_SHEET_BEFORE,
    Element,
    Limits,
    ScannedCell,
    ScannedColumns,
    ScannedRow,
)
from xlflow.ooxml.xml import XmlText, decode_xml


@dataclass(frozen=True)
class ScannedSheet:
    """A sheet part: its rows with their cells in document order, and what surrounds them.

    ``arrays`` are the distinct areas that array formulas and data tables fill, ``data`` is the
    sheetData element, and ``dimension`` the element of that name with its reference.
    """

    markup: XmlText
    rows: Sequence[ScannedRow]
    columns: tuple[ScannedColumns, ...]
    merges: tuple[Area, ...]
    arrays: tuple[Area, ...]
    dimension: tuple[Element, str] | None
    data: Element | None

    @property
    def cells(self) -> list[ScannedCell]:
        """All cells in document order."""
        return [cell for row in self.rows for cell in row.cells()]

    def limits_of_next(self, limits: Limits) -> Limits:
        """Return what is left for the sheets after this one, of what was left for it."""
        count = sum(len(row.columns) for row in self.rows)
        return Limits(limits.cells - count, limits.merges - len(self.merges))

    @cached_property
    def rows_by_number(self) -> dict[int, ScannedRow]:
        """The row elements; the first of those with the same number."""
        return {row.number: row for row in reversed(self.rows)}

    def inherited_style(self, row: int, column: int) -> int:
        """Return the style that a new cell takes: its row's, else its column's, else 0."""
        element = self.rows_by_number.get(row)
        if element is not None and element.style is not None:
            return element.style
        return self.column_styles.get(column, 0)

    @cached_property
    def column_styles(self) -> dict[int, int]:
        """The style of each column that has one; of several runs the first counts."""
        styles: dict[int, int] = {}
        for run in dict.fromkeys(self.columns):
            if len(styles) == LAST_COLUMN:
                break
            for column in range(run.first, run.last + 1):
                styles.setdefault(column, run.style)
        return styles


def scan_sheet(xml: bytes, limits: Limits = NO_SHEET_BEFORE) -> ScannedSheet:
    """Scan a worksheet part; raises UnreadableError where it is malformed or too large."""
    document = decode_xml(xml)
    return scan_fast(document, limits) or scan_with_expat(document, limits)


def scan_fast(document: XmlText, limits: Limits = NO_SHEET_BEFORE) -> ScannedSheet | None:
    """Scan a sheet in the form that most programs write; None if it has another form."""
    text = document.text
    opened, closing = find_body(text, limits.cells)
    try:
        found = scan_rows(text, opened, closing) if opened else None
    except ValueError:
        return None
    if found is None:
        return None
    scanner = ExpatScanner(text[:opened] + text[closing:], limits)
    scanner.scan()
    if scanner.data is None or scanner.data.opened != opened:
        return None
    scanner.rows, scanner.arrays = found
    scanner.data = scanner.data._replace(end=scanner.data.end + closing - opened)
    return _sheet(document, scanner)


def scan_with_expat(document: XmlText, limits: Limits = NO_SHEET_BEFORE) -> ScannedSheet:
    """Scan any well-formed sheet."""
    scanner = ExpatScanner(document.text, limits)
    scanner.scan()
    return _sheet(document, scanner)


def _sheet(document: XmlText, scanner: ExpatScanner) -> ScannedSheet:
    return ScannedSheet(
        document,
        scanner.rows,
        tuple(scanner.columns),
        tuple(scanner.merges),
        tuple(dict.fromkeys(scanner.arrays)),
        scanner.dimension,
        scanner.data,
    )
