"""xlflow's reading of a workbook compared with openpyxl's, cell by cell.

openpyxl in full mode is the second opinion. A difference either has a known
reason, a sentence of :mod:`xlflow.messages.cross_check`, or it is unexplained
and needs to be looked at. openpyxl runs in a process of its own, since some files
hang it, crash it, or make it print to standard output.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import signal
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from multiprocessing.pool import Pool
from types import TracebackType
from typing import Any, Literal, NamedTuple

from xlflow.errors import XlflowError
from xlflow.facts import Cell, Position, address
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.cell_values import parse_number
from xlflow.ooxml.number_formats import BUILT_IN_FORMATS, display_kind, value_of_serial
from xlflow.ooxml.strings import unescape_text

TIMEOUT = 60
"""Seconds that openpyxl gets for a workbook."""

_REFUSED_ON_PURPOSE = {
    "part_too_large",
    "sheet_part_missing",
    "too_many_cells",
    "too_many_merges",
    "xml_doctype",
    "xml_too_large",
}

_STRICT = b"http://purl.oclc.org/ooxml/"
_SCHEMAS = b"http://schemas.openxmlformats.org/"
_TRANSITIONAL = {
    _STRICT + b"spreadsheetml/main": _SCHEMAS + b"spreadsheetml/2006/main",
    _STRICT + b"drawingml/": _SCHEMAS + b"drawingml/2006/",
    _STRICT + b"officeDocument/relationships/extendedProperties": _SCHEMAS
    + b"officeDocument/2006/relationships/extended-properties",
    _STRICT + b"officeDocument/relationships": _SCHEMAS + b"officeDocument/2006/relationships",
    _STRICT + b"officeDocument/": _SCHEMAS + b"officeDocument/2006/",
}

KnownReason = Literal[
    "under_merge",
    "escape",
    "elapsed_time",
    "date_format_missed",
    "format_taken_for_date",
    "beyond_last_day",
    "day_zero_of_1904",
    "no_such_day",
    "built_in_format",
    "formats_lost",
    "dialog_or_macro_sheet",
    "refused_on_purpose",
    "neither_reads",
    "openpyxl_fails",
    "openpyxl_hangs",
    "never_computed",
]
"""Keys of the sentences ``cross_check.reason.<key>`` among the messages."""


class Difference(NamedTuple):
    """One difference between the two readings.

    ``ours`` and ``theirs`` are the values or the number formats of a cell, whether
    each reader has the sheet, or what each reader failed with (None: it reads the
    workbook). ``cell`` and ``sheet`` are None where the difference is about the
    whole sheet or workbook. ``reason`` is None where the difference is unexplained.
    """

    kind: Literal["value", "number_format", "sheet", "workbook"]
    workbook: str
    sheet: str | None
    cell: str | None
    ours: object
    theirs: object
    reason: KnownReason | None


class OpenpyxlReading(NamedTuple):
    """openpyxl's reading: sheet name → (row, column) → value and number format.

    ``failure`` says why there is none, ``reason`` which kind of failure it is; ``formats_lost``
    says that its number formats may be wrong. ``links`` are the cells to which it gives the
    target of a hyperlink as their value, filled or not.
    """

    sheets: dict[str, dict[tuple[int, int], tuple[object, str]]]
    failure: str | None = None
    reason: KnownReason | None = None
    formats_lost: bool = False
    links: frozenset[tuple[str, int, int]] = frozenset()


class OpenpyxlProcess:
    """openpyxl in a process that may die."""

    def __init__(self) -> None:
        self._pool: Pool | None = None

    def __enter__(self) -> OpenpyxlProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def read(self, data: bytes) -> OpenpyxlReading:
        """Return openpyxl's reading of a workbook, or its failure after :data:`TIMEOUT`."""
        if self._pool is None:
            # An interrupt is the parent's to handle; here it would print a traceback.
            self._pool = multiprocessing.get_context("spawn").Pool(
                1, signal.signal, (signal.SIGINT, signal.SIG_IGN)
            )
        try:
            return self._pool.apply_async(_read_with_openpyxl, (data,)).get(TIMEOUT)
        except multiprocessing.TimeoutError:
            self._stop()
            return OpenpyxlReading({}, f"stopped after {TIMEOUT} s", "openpyxl_hangs")

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()
            self._pool = None


def _read_with_openpyxl(data: bytes) -> OpenpyxlReading:
    """Read with openpyxl; runs in the other process."""
    import openpyxl

    warnings.simplefilter("ignore")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            book = openpyxl.load_workbook(io.BytesIO(_transitional(data)), data_only=True)
    except Exception as error:
        return OpenpyxlReading({}, f"{type(error).__name__}: {error}"[:200], "openpyxl_fails")
    sheets = {}
    links = set()
    for sheet in book.worksheets:
        # Not iter_rows, which would visit every cell up to the last one.
        cells: Mapping[tuple[int, int], Any] = vars(sheet)["_cells"]
        sheets[sheet.title] = {
            place: (cell.value, cell.number_format) for place, cell in cells.items()
        }
        links |= {
            (sheet.title, *place)
            for place, cell in cells.items()
            if cell.hyperlink and cell.value in (cell.hyperlink.target, cell.hyperlink.location)
        }
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        styles = [name for name in archive.namelist() if name.lower().endswith("styles.xml")]
        alternatives = any(b":AlternateContent" in archive.read(name) for name in styles)
    return OpenpyxlReading(sheets, formats_lost=alternatives, links=frozenset(links))


def _transitional(data: bytes) -> bytes:
    """Return a Strict workbook under the namespaces of Transitional, which openpyxl knows."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    if not any(_STRICT in content for content in parts.values()):
        return data
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in parts.items():
            for strict, transitional in _TRANSITIONAL.items():
                content = content.replace(strict, transitional)
            archive.writestr(name, content)
    return written.getvalue()


def cross_check(data: bytes, name: str, reader: OpenpyxlProcess) -> list[Difference]:
    """Return the differences between xlflow's reading of a workbook and openpyxl's.

    Args:
        data: the workbook's content.
        name: what the workbook is called in the differences.
        reader: openpyxl's process, which may serve any number of workbooks.
    """
    theirs = reader.read(data)
    try:
        book = Book(data)
        worksheets = {sheet.name for sheet in book.sheets}
    except Exception as error:  # a crash of ours is a difference, too
        reason: KnownReason | None = None
        if theirs.failure is not None:
            reason = "neither_reads"
        elif isinstance(error, XlflowError) and error.key in _REFUSED_ON_PURPOSE:
            reason = "refused_on_purpose"
        return [Difference("workbook", name, None, None, error, theirs.failure, reason)]
    if theirs.failure is not None:
        return [Difference("workbook", name, None, None, None, theirs.failure, theirs.reason)]
    found = [
        difference for sheet in book.sheets for difference in _sheet(name, book, sheet, theirs)
    ]
    others = book.sheet_names - worksheets
    for title in theirs.sheets.keys() - worksheets:
        known: KnownReason | None = "dialog_or_macro_sheet" if title in others else None
        found.append(Difference("sheet", name, title, None, False, True, known))
    return found


def _sheet(
    workbook: str, book: Book, sheet: Sheet, reading: OpenpyxlReading
) -> Iterator[Difference]:
    theirs = reading.sheets.get(sheet.name)
    if theirs is None:
        yield Difference("sheet", workbook, sheet.name, None, True, False, None)
        return
    lost: KnownReason | None = "formats_lost" if reading.formats_lost else None
    for place in sorted(sheet.cells.keys() | theirs.keys()):
        ours = sheet.cells.get(place) or Cell(None, sheet.format_at(*place))
        value, number_format = theirs.get(place, (None, ours.number_format))
        at = (workbook, sheet.name, address(*place))
        linked = ours.value is None and (sheet.name, *place) in reading.links
        if not linked and not _equal(ours.value, value):
            reason = _value_reason(book, sheet, place, ours, value) or lost
            yield Difference("value", *at, ours.value, value, reason)
        same_format = _comparable(ours.number_format) == _comparable(number_format)
        if not same_format and place in theirs:
            reason = _format_reason(sheet, place, ours.number_format) or lost
            yield Difference("number_format", *at, ours.number_format, number_format, reason)


def _comparable(number_format: str | None) -> str:
    """Return a number format to compare; General may be spelled in any case."""
    name = number_format or "General"
    return "General" if name.casefold() == "general" else name


def _equal(ours: object, theirs: object) -> bool:
    """Whether two values are the same, each in the types of its reader."""
    if ours in (None, "") and theirs in (None, ""):
        return True
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, Decimal) and isinstance(theirs, int | float):
        # A float's shortest form may round the other way in the last of 15 digits.
        return abs(ours - Decimal(repr(theirs))) <= abs(ours) * Decimal("1e-14")
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        return abs(ours - theirs) <= timedelta(milliseconds=1)
    if type(ours) is date and type(theirs) is date:
        return ours == theirs
    if isinstance(ours, date) and isinstance(theirs, datetime):
        return abs(datetime.combine(ours, time()) - theirs) <= timedelta(milliseconds=1)
    if isinstance(ours, time) and isinstance(theirs, time):
        return abs(_since_midnight(ours) - _since_midnight(theirs)) <= timedelta(milliseconds=1)
    return type(theirs) is str and isinstance(ours, str) and str(ours) == theirs


def _since_midnight(value: time) -> timedelta:
    return datetime.combine(date.min, value) - datetime.min


def _value_reason(
    book: Book, sheet: Sheet, place: Position, ours: Cell, theirs: object
) -> KnownReason | None:
    """Return the key of the known reason for different values."""
    kind = display_kind(ours.number_format)
    if ours.uncomputed and theirs == 0:
        return "never_computed"
    if theirs is None and _under_merge(sheet, place):
        return "under_merge"
    if isinstance(theirs, str) and isinstance(ours.value, str):
        if ours.value == unescape_text(theirs) or ours.value.replace("x005F_", "") == theirs:
            return "escape"
        return None
    if isinstance(theirs, timedelta) and isinstance(ours.value, Decimal):
        days = Decimal(theirs // timedelta(milliseconds=1)) / 86_400_000
        if abs(days - ours.value) < Decimal("1e-7") and "[" in ours.number_format:
            return "elapsed_time"
    if isinstance(theirs, int | float) and kind != "number":
        serial = parse_number(repr(theirs))
        if serial is not None and ours.value == value_of_serial(serial, kind, book.date1904):
            return "date_format_missed"
        return None
    if theirs == "#VALUE!" and isinstance(ours.value, Decimal) and kind != "number":
        return "beyond_last_day"
    if isinstance(theirs, time) and ours.value == date(1904, 1, 1) and book.date1904:
        return "day_zero_of_1904"
    if isinstance(theirs, datetime | time) and isinstance(ours.value, Decimal):
        if kind == "number":
            return "format_taken_for_date"
        if ours.value < 61 and not book.date1904:
            return "no_such_day"
    return None


def _format_reason(sheet: Sheet, place: tuple[int, int], ours: str) -> KnownReason | None:
    """Return the key of the known reason for different number formats."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    if _under_merge(sheet, place):
        return "under_merge"
    if ours in BUILT_IN_FORMATS.values() and ours not in BUILTIN_FORMATS.values():
        return "built_in_format"
    return None


def _under_merge(sheet: Sheet, place: tuple[int, int]) -> bool:
    row, column = place
    return any(
        first <= row <= last and left <= column <= right and place != (first, left)
        for first, left, last, right in sheet.merges
    )
