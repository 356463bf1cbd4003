"""The XlsxWriter workbook of a summary: cells that take any text and run none, styles, links.

A summary is made of what teams typed, and a team can type anything. Here, and
only here, values become cells: text stays text, what XML or Excel can't hold is
replaced or cut with a mark, what is unknown shows as 「—」.
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

NOTHING = "—"
ROWS_OF_A_SHEET = 1_048_576
LONGEST_TEXT = 32_767
"""UTF-16 units that a cell can hold."""
LONGEST_LINK = 255
"""Characters that HYPERLINK takes; a text within a formula can't be longer either."""
POINTS_OF_A_LINE = 15.0

_FIRST_DAY = date(1900, 3, 1)  # before it Excel's calendar is off by one
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RISKY = ("=", "+", "-", "@")

Properties = Mapping[str, Any]
"""Properties of a cell format, in XlsxWriter's names."""

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
"""How a cell of each kind of value is aligned and shown."""
_AS_IT_IS: Properties = {}
_WHOLE_WITHOUT_POINT = {"days": look.COUNT, "number": look.COUNT}
# `0.#` shows 3 as "3.", so whole numbers are given a format without the point.


class Link(NamedTuple):
    """A value that links somewhere; ``target`` as HYPERLINK takes it."""

    target: str
    shown: str


class StyledWorkbook:
    """One summary being written. ``created`` is all that its file says of time.

    Everything is kept in memory until :meth:`close`: XlsxWriter's row-by-row
    mode silently drops cells that come out of order.
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
        self._cut = self.say("cut")
        self._kinds = KINDS | {"rank": {**KINDS["rank"], "num_format": self.say("rank_format")}}
        self._styles: dict[tuple[Any, ...], Any] = {}

    def close(self) -> bytes:
        """Finish the file and return its bytes."""
        self.file.close()
        return self._stream.getvalue()

    def say(self, name: str, /, **params: Any) -> str:
        """Return a sentence of the summary in the book's language."""
        return say(f"summary.{name}", self.language, **params)

    def style(self, properties: Properties, tone: Style | None = None) -> Any:
        """Return the cell format with these properties over the look's own, made once."""
        key = (tone, *properties.items())
        if key not in self._styles:
            chosen = {
                "font_name": look.FONT,
                "font_size": look.TEXT_SIZE,
                "font_color": look.INK,
                "valign": "top",
            }
            if tone is not None:
                chosen |= {"font_color": tone.ink, "bold": tone.bold}
                if tone.ground is not None:
                    chosen["bg_color"] = tone.ground
            self._styles[key] = self.file.add_format(chosen | dict(properties))
        return self._styles[key]

    def put(
        self,
        sheet: Any,
        row: int,
        column: int,
        value: Any,
        kind: str = "text",
        tone: Style | None = None,
        more: Properties = _AS_IT_IS,
    ) -> None:
        """Write one value of any type; row and column count from 0.

        A link that HYPERLINK can't take becomes plain text.
        """
        properties = {**self._kinds[kind], **more}
        if isinstance(value, Link):
            formula = hyperlink(*value)
            if formula is None:
                self.put(sheet, row, column, value.shown, kind, tone, more)
                return
            style = self.style({**properties, "underline": 1}, Style(look.DEEP))
            sheet.write_formula(row, column, formula, style, value.shown)
        elif isinstance(value, str):
            text = cell_text(value, self._cut)
            if text.startswith(_RISKY):
                # So that editing the cell in Excel doesn't make a formula of it either.
                properties["quote_prefix"] = True
            if kind not in ("text", "centre"):
                properties.pop("num_format", None)
            sheet.write_string(row, column, text, self.style(properties, tone))
        elif isinstance(value, date) and value_date(value) >= _FIRST_DAY:
            if isinstance(value, datetime):
                value = value.replace(tzinfo=None)
                properties["num_format"] = look.MOMENT
            sheet.write_datetime(row, column, value, self.style(properties, tone))
        elif (number := finite(value)) is not None:
            if kind in _WHOLE_WITHOUT_POINT and round(number, 2) == round(number):
                properties["num_format"] = _WHOLE_WITHOUT_POINT[kind]
            sheet.write_number(row, column, number, self.style(properties, tone))
        elif value is None or isinstance(value, Real | Decimal):
            properties.pop("num_format", None)
            quiet = Style(look.QUIET, tone.ground if tone else None)
            sheet.write_string(row, column, NOTHING, self.style(properties, quiet))
        else:
            self.put(sheet, row, column, str(value), kind, tone, more)

    def span(
        self,
        sheet: Any,
        row: int,
        first: int,
        last: int,
        value: Any,
        kind: str = "text",
        tone: Style | None = None,
        more: Properties = _AS_IT_IS,
        rows: int = 1,
    ) -> None:
        """Write one value into a merged range of ``rows`` rows and columns first to last."""
        if (first, rows) != (last, 1):
            style = self.style({**self._kinds[kind], **more}, tone)
            sheet.merge_range(row, first, row + rows - 1, last, "", style)
        self.put(sheet, row, first, value, kind, tone, more)

    def header(self, tone: Style) -> Any:
        """Return the format of a table's headings."""
        lines_around = {"border": 1, "border_color": look.RULE}
        centred = {"align": "center", "valign": "vcenter", "text_wrap": True}
        return self.style({**centred, **lines_around}, tone)

    def set_print(self, sheet: Any) -> None:
        """A4 landscape, as wide as one page, numbered; no gridlines on screen either."""
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&C&9{self.say('page', page='&P', pages='&N')}&R&9&A")
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def name(self, key: str, place: str) -> None:
        """Give a place, such as ``'总览'!$B$7``, a hidden name."""
        self.file.define_name(key, f"={place}")
        # XlsxWriter hides only the names that it makes itself.
        self.file.defined_names[-1][3] = True


def cell_text(text: str, mark: str) -> str:
    """Return the text as a cell can hold it; ``mark`` ends one that had to be cut."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _UNHOLDABLE.sub("\ufffd", text)
    if 2 * len(text) > LONGEST_TEXT:
        units = text.encode("utf-16-le")
        if len(units) > 2 * LONGEST_TEXT:
            kept = units[: 2 * (LONGEST_TEXT - len(mark))]
            return kept.decode("utf-16-le", errors="ignore") + mark
    return text


def finite(value: Any) -> float | None:
    """Return a real number, numpy's and Decimal included, as a float; None for all else."""
    if isinstance(value, Decimal) and not value.is_finite():
        return None  # a signalling NaN can't even be converted
    if not isinstance(value, Real | Decimal):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def value_date(value: date) -> date:
    """Return the day of a date or a moment."""
    return value.date() if isinstance(value, datetime) else value


def hyperlink(target: str, shown: str) -> str | None:
    """Return a HYPERLINK formula, None where one of its texts is too long or can't be held.

    In a formula a text can hold everything but a quotation mark, which is
    doubled; so nothing in a name can end it and be computed.
    """
    texts = (target, shown)
    if any(len(t) > LONGEST_LINK or _UNHOLDABLE.search(t) or "\n" in t for t in texts):
        return None
    quoted = ('"' + t.replace('"', '""') + '"' for t in texts)
    return f"=HYPERLINK({','.join(quoted)})"


def file_link(workbook: str, root: Path | None) -> str:
    """Return how a summary links to a workbook, given relative to the workspace.

    Relative to ``summaries/``, so that it holds on every machine that sees the
    share; with ``root``, the workspace's folder, absolute, for a summary that
    lies elsewhere. What would be read as part of a URL is percent-encoded; the
    rest stays, since Excel counts the encoded characters.
    """
    path = f"../{workbook}" if root is None else str(root / workbook)
    for sign in "%#?":
        path = path.replace(sign, f"%{ord(sign):02X}")
    return path


def cell_reference(sheet: str, *corners: tuple[int, int]) -> str:
    """Return an absolute reference to a cell, or to the range between two (rows from 0)."""
    cells = (f"${column_letters(column + 1)}${row + 1}" for row, column in corners)
    return f"'{sheet}'!" + ":".join(cells)


def moment_text(moment: datetime) -> str:
    """Return a moment to the minute; midnight as the end, 24:00, of the day before."""
    if moment.time() == time():
        return f"{moment - timedelta(days=1):%Y-%m-%d} 24:00"
    return f"{moment:%Y-%m-%d %H:%M}"


def line_count(text: str, width: float) -> int:
    """Return about how many lines a text takes in a column ``width`` characters wide."""
    return text_width.line_count(text, width, letter_width=1.06, ragged=2)
