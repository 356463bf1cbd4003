"""Our reading of a workbook beside openpyxl's, cell by cell.

    python -m xlflow.ooxml.cross_check FOLDER

openpyxl in full mode is the second opinion. Where the two differ, either the reason
is a known one, in words below, or the difference is unexplained and somebody has to
look. openpyxl runs in a process of its own, since some files hang it, crash it, or
make it print to standard output.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from multiprocessing.pool import Pool
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from xlflow.errors import XlflowError
from xlflow.facts import Cell, address
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.cell_values import parse_number
from xlflow.ooxml.number_formats import BUILT_IN_FORMATS, display_kind, value_of_serial
from xlflow.ooxml.package import Package
from xlflow.ooxml.strings import unescape_text
from xlflow.ooxml.workbook_part import WorkbookPart
from xlflow.team_files import safe_open

PATIENCE = 60
"""Seconds that openpyxl gets for a file."""


_WRAPPED = "openpyxl loses number formats in mc:AlternateContent"
_ON_PURPOSE = {"xml_doctype", "sheet_part_missing", "sheet_too_large", "xml_too_large"}


class Difference(NamedTuple):
    """Where two readings differ, and why; ``reason`` is None where nobody knows."""

    place: str
    ours: object
    theirs: object
    reason: str | None


class OpenpyxlReading(NamedTuple):
    """openpyxl's reading: sheet name → (row, column) → value and number format.

    ``problem`` is why there is none, ``misled`` why its formats may be wrong.
    """

    sheets: dict[str, dict[tuple[int, int], tuple[object, str]]]
    problem: str | None = None
    misled: str | None = None


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
        """Return what openpyxl makes of a workbook, if it comes to an end."""
        if self._pool is None:
            self._pool = multiprocessing.get_context("spawn").Pool(1)
        try:
            return self._pool.apply_async(_theirs, (data,)).get(PATIENCE)
        except multiprocessing.TimeoutError:
            self._stop()
            return OpenpyxlReading({}, f"openpyxl hangs (stopped after {PATIENCE} s)")

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()
            self._pool = None


def _theirs(data: bytes) -> OpenpyxlReading:
    """Read with openpyxl; runs in the judge's process."""
    import openpyxl

    warnings.simplefilter("ignore")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:
        return OpenpyxlReading({}, f"openpyxl fails: {type(error).__name__}: {error}"[:200])
    sheets = {}
    for sheet in book.worksheets:
        # Not iter_rows, which would visit every cell up to the last one.
        cells: Mapping[tuple[int, int], Any] = vars(sheet)["_cells"]
        sheets[sheet.title] = {
            place: (cell.value, cell.number_format) for place, cell in cells.items()
        }
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        styles = [name for name in archive.namelist() if name.lower().endswith("styles.xml")]
        wrapped = any(b":AlternateContent" in archive.read(name) for name in styles)
    return OpenpyxlReading(sheets, misled=_WRAPPED if wrapped else None)


def cross_check(path: Path, judge: OpenpyxlProcess | None = None) -> list[Difference]:
    """Return where our reading of a workbook differs from openpyxl's."""
    if judge is None:
        with OpenpyxlProcess() as own:
            return cross_check(path, own)
    try:
        data = safe_open.read_safely(path)
    except XlflowError as error:
        return [Difference(path.name, str(error), None, "not opened: preflight refuses it")]
    theirs = judge.read(data)
    try:
        book = Book(data)
        worksheets = {sheet.name for sheet in book.sheets}
    except XlflowError as error:
        reason = "refused on purpose" if error.key in _ON_PURPOSE else None
        if theirs.problem:
            reason = "neither can read it"
        return [Difference(path.name, str(error), theirs.problem or "reads it", reason)]
    if theirs.problem:
        return [Difference(path.name, "reads it", theirs.problem, theirs.problem)]
    others = WorkbookPart(Package(data)).names() - worksheets
    return [difference for sheet in book.sheets for difference in _sheet(book, sheet, theirs)] + [
        Difference(name, None, "a sheet", "a dialog or macro sheet" if name in others else None)
        for name in theirs.sheets.keys() - worksheets
    ]


def _sheet(book: Book, sheet: Sheet, judged: OpenpyxlReading) -> list[Difference]:
    theirs = judged.sheets.get(sheet.name)
    if theirs is None:
        strict = b"purl.oclc.org" in sheet.xml.markup.text[:4096]
        reason = "openpyxl doesn't know Strict OOXML" if strict else None
        return [Difference(sheet.name, f"{len(sheet.cells)} cells", None, reason)]
    found = []
    for place in sorted(sheet.cells.keys() | theirs.keys()):
        ours = sheet.cells.get(place) or Cell(*place, None, sheet.format_at(*place))
        value, number_format = theirs.get(place, (None, ours.number_format))
        where = f"{sheet.name}!{address(*place)}"
        if not _same(ours.value, value):
            reason = _why(book, sheet, ours, value) or judged.misled
            found.append(Difference(where, ours.value, value, reason))
        if ours.number_format != (number_format or "General") and place in theirs:
            reason = _why_format(sheet, place, ours.number_format, number_format)
            reason = reason or judged.misled
            found.append(Difference(where, ours.number_format, number_format, reason))
    return found


def _same(ours: object, theirs: object) -> bool:
    """Tell whether two values are one, in the types of either reader."""
    if ours in (None, "") and theirs in (None, ""):
        return True
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, Decimal) and isinstance(theirs, int | float):
        # A float's shortest form may round the other way in the last of 15 digits.
        return abs(ours - Decimal(repr(theirs))) <= abs(ours) * Decimal("1e-14")
    if isinstance(ours, datetime) and isinstance(theirs, datetime):
        return abs(ours - theirs) <= timedelta(milliseconds=1)
    if isinstance(ours, date) and isinstance(theirs, datetime):
        return abs(datetime.combine(ours, time()) - theirs) <= timedelta(milliseconds=1)
    if isinstance(ours, time) and isinstance(theirs, time):
        return abs(_clock(ours) - _clock(theirs)) <= timedelta(milliseconds=1)
    return type(theirs) is str and isinstance(ours, str) and str(ours) == theirs


def _clock(value: time) -> timedelta:
    return datetime.combine(date.min, value) - datetime.min


def _why(book: Book, sheet: Sheet, ours: Cell, theirs: object) -> str | None:
    """Return the known reason for two values, in words."""
    shown = display_kind(ours.number_format)
    if theirs is None and _covered(sheet, (ours.row, ours.column)):
        return "openpyxl drops what lies under merged cells"
    if isinstance(theirs, str) and isinstance(ours.value, str):
        if ours.value == unescape_text(theirs) or ours.value.replace("x005F_", "") == theirs:
            return "openpyxl doesn't turn _x000D_ into what it stands for"
        return None
    if isinstance(theirs, timedelta) and isinstance(ours.value, Decimal):
        days = Decimal(theirs // timedelta(milliseconds=1)) / 86_400_000
        if abs(days - ours.value) < Decimal("1e-7") and "[" in ours.number_format:
            return "openpyxl makes elapsed times timedeltas; here they stay numbers"
    if isinstance(theirs, int | float) and shown != "number":
        serial = parse_number(repr(theirs))
        if serial is not None and ours.value == value_of_serial(serial, shown, book.date1904):
            return "openpyxl doesn't see that this format shows a date"
        return None
    if theirs == "#VALUE!" and isinstance(ours.value, Decimal) and shown != "number":
        return "openpyxl makes #VALUE! of a number that is no day"
    if isinstance(theirs, time) and ours.value == date(1904, 1, 1) and book.date1904:
        return "day 0 of the 1904 system is a day"
    if isinstance(theirs, datetime | time) and isinstance(ours.value, Decimal):
        if shown == "number":
            return "openpyxl takes this format for a date"
        if ours.value < 61 and not book.date1904:
            return "Excel has no such day (0, or 29 February 1900)"
    return None


def _why_format(sheet: Sheet, place: tuple[int, int], ours: str, theirs: str) -> str | None:
    """Return the known reason for two number formats, in words."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    if _covered(sheet, place):
        return "openpyxl drops what lies under merged cells"
    if ours in BUILT_IN_FORMATS.values() and ours not in BUILTIN_FORMATS.values():
        return "a built-in format that is another one in openpyxl's region"
    return None


def _covered(sheet: Sheet, place: tuple[int, int]) -> bool:
    row, column = place
    return any(
        first <= row <= last and left <= column <= right and place != (first, left)
        for first, left, last, right in sheet.merges
    )


def main(folder: Path) -> int:
    """Compare every workbook in a folder, print what was found; 1 if anything is unexplained."""
    unexplained = 0
    with OpenpyxlProcess() as judge:
        for path in sorted(folder.rglob("*.xls[xm]")):
            differences = cross_check(path, judge)
            reasons = Counter(difference.reason for difference in differences)
            unexplained += reasons.pop(None, 0)
            known = "; ".join(f"{count} × {reason}" for reason, count in reasons.items())
            print(f"{path.name}: {len(differences)} differences{': ' if known else ''}{known}")
            for difference in differences:
                if difference.reason is None:
                    print(
                        f"  unexplained: {difference.place}: "
                        f"{difference.ours!r} here, {difference.theirs!r} in openpyxl"
                    )
    print(f"{unexplained} unexplained differences")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
