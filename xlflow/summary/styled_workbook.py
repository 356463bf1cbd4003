"""The XlsxWriter workbook of a summary: writes values of any type as safe, styled cells.

A summary consists of what teams typed, and a team can type anything. Values become
cells only here: text stays text and never runs as a formula, what XML or Excel can't
store is replaced or truncated with a mark, and an unknown value shows as 「—」.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

from xlflow import look, text_width
from xlflow.facts import column_letters
from xlflow.look import Style
from xlflow.messages import say
from xlflow.templates.column_formats import header_properties

NO_VALUE = "—"
MAX_ROWS = 1_048_576
MAX_TEXT_UNITS = 32_767
"""The UTF-16 code units that a cell can hold."""
MAX_LINK_TEXT = 255
"""The characters that HYPERLINK accepts; no text literal in a formula can be longer."""
LINE_HEIGHT = 15.0
"""Points."""

_FIRST_DAY = date(1900, 3, 1)  # Excel's calendar is off by one before it
_DAY_ZERO = date(1899, 12, 30)
_FORBIDDEN_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_STARTS = ("=", "+", "-", "@")

Properties = Mapping[str, Any]
"""Properties of a cell format, as XlsxWriter names them."""

KINDS: dict[str, Properties] = {
    "text": {"align": "left", "text_wrap": True},
    "centre": {"align": "center", "text_wrap": True},
    "figure": {"align": "right", "text_wrap": True},
    "date": {"align": "center", "num_format": look.DATE},
    "count": {"align": "right", "num_format": look.COUNT},
    "days": {"align": "right", "num_format": look.DAYS},
    "rate": {"align": "right", "num_format": look.RATE},
    "deviation": {"align": "right", "num_format": look.DEVIATION},
    "number": {"align": "right", "num_format": "#,##0.##"},
    "rank": {"align": "center"},
}
"""Alignment and number format of a cell by the kind of its value."""
_NO_PROPERTIES: Properties = {}
# `0.#` shows 3 as "3.", so whole numbers get a format without a decimal point.
_WHOLE_NUMBER_FORMATS = {"days": look.COUNT, "number": look.COUNT}


class Link(NamedTuple):
    """A value that is shown as a link; ``target`` is in the notation of HYPERLINK."""

    target: str
    text: str


class Formula(NamedTuple):
    """The content of a cell that is computed; ``shown`` is its result."""

    formula: str
    shown: str


Changes = tuple[tuple[str, Any], ...]
_NO_NUMBER_FORMAT: Changes = (("num_format", None),)


class Content(NamedTuple):
    """What a cell holds, ready for its file, and how it is shown.

    ``changes`` are properties that the value itself brings, None for one that it forbids.
    """

    content: str | float | Formula
    kind: str = "text"
    style: Style | None = None
    changes: Changes = ()


class StyledWorkbook:
    """One summary while it is written; ``created`` is the only timestamp in its file.

    What is written is kept in memory until :meth:`close`, because XlsxWriter's
    row-by-row mode silently drops cells that are written out of order. The many rows of
    the lists are inserted afterwards (:mod:`xlflow.summary.row_insertion`).
    """

    def __init__(self, language: str, created: datetime) -> None:
        import xlsxwriter

        self.language = language
        self._stream = BytesIO()
        self.file = xlsxwriter.Workbook(
            self._stream,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        self.file.set_properties({"created": created.replace(tzinfo=None)})
        self._truncation_mark = self.say("cut")
        self._kinds = KINDS | {"rank": {**KINDS["rank"], "num_format": self.say("rank_format")}}
        self._formats: dict[tuple[Any, ...], Any] = {}

    def close(self) -> bytes:
        """Finish the file and return its bytes."""
        self.file.close()
        return self._stream.getvalue()

    def say(self, name: str, /, **params: Any) -> str:
        """Return a sentence of the summary in the workbook's language."""
        return say(f"summary.{name}", self.language, **params)

    def cell_format(self, properties: Properties, style: Style | None = None) -> Any:
        """Return the format of a cell: the look's defaults, the style, then the properties.

        Equal arguments get the same format object.
        """
        key = (style, *properties.items())
        if key not in self._formats:
            combined = {
                "font_name": look.FONT,
                "font_size": look.TEXT_SIZE,
                "font_color": look.INK,
                "valign": "top",
            }
            if style is not None:
                combined |= {"font_color": style.color, "bold": style.bold}
                if style.background is not None:
                    combined["bg_color"] = style.background
            self._formats[key] = self.file.add_format(combined | dict(properties))
        return self._formats[key]

    def write(
        self,
        sheet: Any,
        row: int,
        column: int,
        value: Any,
        kind: str = "text",
        style: Style | None = None,
        properties: Properties = _NO_PROPERTIES,
    ) -> None:
        """Write one value of any type; row and column count from 0."""
        cell = self.content(value, kind, style)
        content, cell_format = cell.content, self.format_of(cell, properties)
        if isinstance(content, str):
            sheet.write_string(row, column, content, cell_format)
        elif isinstance(content, Formula):
            sheet.write_formula(row, column, content.formula, cell_format, content.shown)
        else:
            sheet.write_number(row, column, content, cell_format)

    def content(self, value: Any, kind: str = "text", style: Style | None = None) -> Content:
        """Return what a cell holds for a value of any type.

        A link that HYPERLINK doesn't accept becomes plain text.
        """
        if isinstance(value, str):
            text = cell_text(value, self._truncation_mark)
            changes: Changes = () if kind in ("text", "centre") else _NO_NUMBER_FORMAT
            if text.startswith(_FORMULA_STARTS):
                # Otherwise the text would become a formula once somebody edits the cell.
                changes += (("quote_prefix", True),)
            return Content(text, kind, style, changes)
        if isinstance(value, Link):
            formula = hyperlink(*value)
            if formula is None:
                return self.content(value.text, kind, style)
            shown = Formula(formula, value.text)
            return Content(shown, kind, Style(look.DEEP), (("underline", 1),))
        if isinstance(value, date) and calendar_day(value) >= _FIRST_DAY:
            as_moment = isinstance(value, datetime)
            changes = (("num_format", look.MOMENT),) if as_moment else ()
            return Content(serial_number(value), kind, style, changes)
        if (number := finite(value)) is not None:
            whole = kind in _WHOLE_NUMBER_FORMATS and round(number, 2) == round(number)
            changes = (("num_format", _WHOLE_NUMBER_FORMATS[kind]),) if whole else ()
            return Content(number, kind, style, changes)
        if value is None or isinstance(value, Real | Decimal):
            quiet = Style(look.QUIET, style.background if style else None)
            return Content(NO_VALUE, kind, quiet, _NO_NUMBER_FORMAT)
        return self.content(str(value), kind, style)

    def format_of(self, cell: Content, properties: Properties = _NO_PROPERTIES) -> Any:
        """Return the format of a cell (XlsxWriter's), with some more properties."""
        combined = {**self._kinds[cell.kind], **properties, **dict(cell.changes)}
        kept = {name: value for name, value in combined.items() if value is not None}
        return self.cell_format(kept, cell.style)

    def write_merged(
        self,
        sheet: Any,
        row: int,
        first: int,
        last: int,
        value: Any,
        kind: str = "text",
        style: Style | None = None,
        properties: Properties = _NO_PROPERTIES,
        rows: int = 1,
    ) -> None:
        """Write one value into a merged range of ``rows`` rows and columns first to last."""
        if (first, rows) != (last, 1):
            merged_format = self.cell_format({**self._kinds[kind], **properties}, style)
            sheet.merge_range(row, first, row + rows - 1, last, "", merged_format)
        self.write(sheet, row, first, value, kind, style, properties)

    def write_empty_state(self, sheet: Any, row: int, first: int, last: int, text: str) -> None:
        """Write what will be shown in a table that has no rows yet, over columns first to last."""
        properties = {"valign": "vcenter", "indent": 1}
        self.write_merged(
            sheet, row, first, last, text, "text", Style(look.QUIET, look.BAND), properties
        )

    def header_format(self, style: Style) -> Any:
        """Return the format of a table's header cells."""
        return self.cell_format(header_properties(style))

    def set_up_page(self, sheet: Any) -> None:
        """Set A4 landscape, one page wide, with page numbers; hide gridlines on screen, too."""
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&C&9{self.say('page', page='&P', pages='&N')}&R&9&A")
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def define_name(self, name: str, reference: str) -> None:
        """Define a hidden name for a reference such as ``'总览'!$B$7``."""
        self.file.define_name(name, f"={reference}")
        # XlsxWriter hides only the names that it defines itself.
        self.file.defined_names[-1][3] = True


def cell_text(text: str, mark: str) -> str:
    """Return the text in a form that a cell can hold; a truncated one ends with ``mark``."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _FORBIDDEN_IN_XML.sub("\ufffd", text)
    if 2 * len(text) > MAX_TEXT_UNITS:
        units = text.encode("utf-16-le")
        if len(units) > 2 * MAX_TEXT_UNITS:
            kept = units[: 2 * (MAX_TEXT_UNITS - len(mark))]
            return kept.decode("utf-16-le", errors="ignore") + mark
    return text


def finite(value: Any) -> float | None:
    """Return a finite real number (also numpy's or a Decimal) as a float, None for all else."""
    if isinstance(value, Decimal) and not value.is_finite():
        return None  # float() raises on a signalling NaN
    if not isinstance(value, Real | Decimal):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def serial_number(moment: date) -> float:
    """Return the number with which Excel stores a day or moment from March 1900 on."""
    since = calendar_day(moment) - _DAY_ZERO
    clock = moment.time() if isinstance(moment, datetime) else time()
    seconds = 3600 * clock.hour + 60 * clock.minute + clock.second + clock.microsecond / 1e6
    return since.days + seconds / 86400


def calendar_day(value: date) -> date:
    """Return the date of a date or a datetime."""
    return value.date() if isinstance(value, datetime) else value


def hyperlink(target: str, text: str) -> str | None:
    """Return a HYPERLINK formula, None where a text is too long or has forbidden characters.

    In a text literal only the quotation mark is special, and it is doubled; so no
    name can end the literal and go on as a formula.
    """
    texts = (target, text)
    if any(len(t) > MAX_LINK_TEXT or _FORBIDDEN_IN_XML.search(t) or "\n" in t for t in texts):
        return None
    quoted = ('"' + t.replace('"', '""') + '"' for t in texts)
    return f"=HYPERLINK({','.join(quoted)})"


def file_link(workbook: str, root: Path | None) -> str:
    """Return the link target of a team's workbook, given its path in the workspace.

    The target is relative to ``summaries/``, so that it works on every machine that
    sees the share. With ``root``, the workspace's folder, it is absolute, for a summary
    that is stored elsewhere. Only characters that are special in a URL are
    percent-encoded, because Excel counts the encoded length against its limit.
    """
    path = f"../{workbook}" if root is None else str(root / workbook)
    for character in "%#?":
        path = path.replace(character, f"%{ord(character):02X}")
    return path


def cell_reference(sheet: str, *corners: tuple[int, int]) -> str:
    """Return the absolute reference to a cell, or to the range between two (rows from 0)."""
    cells = (f"${column_letters(column + 1)}${row + 1}" for row, column in corners)
    return f"'{sheet}'!" + ":".join(cells)


def moment_text(moment: datetime) -> str:
    """Return a moment to the minute; midnight is written as 24:00 of the day before."""
    if moment.time() == time():
        return f"{moment - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{moment:%Y-%m-%d %H:%M}"


def line_count(text: str, width: float) -> int:
    """Return about how many lines a text takes in a column ``width`` characters wide."""
    return text_width.line_count(text, width, letter_width=1.06, ragged=2)
