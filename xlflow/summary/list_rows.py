"""The rows of a list as the XML of their sheet.

A list has tens of thousands of rows with few distinct contents, so the XML of a cell
is made once for each distinct content of a column, and a row is put together from
such pieces by one ``%``. Texts stand in their cells (inline strings), so nothing
else needs to be kept until the file is finished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xlflow import look
from xlflow.facts import column_letters
from xlflow.summary.list_columns import ListColumn
from xlflow.summary.styled_workbook import (
    LINE_HEIGHT,
    Content,
    Formula,
    Properties,
    StyledWorkbook,
    line_count,
)

MAX_LINES = 9
"""Lines of the tallest row of a list; a longer text is read in the formula bar."""

_CHUNK = 1000
"""Rows that are put together at a time."""
_IN_MEMORY = 4 << 20
"""Bytes of rows that are kept in memory."""
_PIECE = 1 << 20
"""Bytes of rows that are read again at a time."""
_MEMORY = 5_000
"""Distinct contents of a column whose cells are remembered."""

_HEIGHTS = [f"{6 + LINE_HEIGHT * lines:g}" for lines in range(MAX_LINES + 1)]
_BORDER: Properties = {"bottom": 1, "bottom_color": look.RULE}
_SINGLE_LINE: Properties = {**_BORDER, "valign": "vcenter"}

_SPACE = ' xml:space="preserve"'
_INSIDE_ESCAPE = re.compile("(?<=_)(?=x[0-9a-fA-F]{4}_)")
"""Excel reads ``_x000D_`` in one piece as a character, whatever was meant."""


class ListRows:
    """The rows of one list, made at once and kept in a temporary file until they are wanted.

    Args:
        book: the workbook, which must not be closed yet: it gets the formats here.
        first: the number of the first row, counted from 1.
    """

    def __init__(
        self, book: StyledWorkbook, columns: Sequence[ListColumn], items: Iterable[Any], first: int
    ) -> None:
        self.first = first
        self.last_column = len(columns)
        self._columns = [(attrgetter(*c.fields), _ColumnCells(book, c)) for c in columns]
        cells = "".join(f'<c r="{column_letters(n)}%s"%s' for n in range(1, len(columns) + 1))
        self._row = f'<row r="%s" ht="%s" customHeight="1">{cells}</row>'
        self._kept = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        next_number = first
        remaining = iter(items)
        while chunk := list(islice(remaining, _CHUNK)):
            self._kept.write(self._xml_of(chunk, next_number).encode())
            next_number += len(chunk)
        self.last = next_number - 1
        del self._columns

    def xml(self) -> Iterator[bytes]:
        """Yield the rows once, some at a time."""
        with self._kept as kept:
            kept.seek(0)
            while piece := kept.read(_PIECE):
                yield piece

    def _xml_of(self, chunk: Sequence[Any], first: int) -> str:
        columns = [cells.of(map(fields, chunk)) for fields, cells in self._columns]
        lines = list(map(max, *([cell.lines for cell in column] for column in columns)))
        numbers = [str(number) for number in range(first, first + len(chunk))]
        parts = [numbers, [_HEIGHTS[min(count, MAX_LINES)] for count in lines]]
        for column in columns:
            both = zip(column, lines, strict=True)
            cells = [single if count == 1 else more for (_, single, more), count in both]
            parts += [numbers, cells]
        return "".join(map(self._row.__mod__, zip(*parts, strict=True)))


class _CellXml(NamedTuple):
    """The XML of a cell from behind its address on, in a row of one line and of more."""

    lines: int
    in_single_line: str
    in_more_lines: str


class _ColumnCells(dict[Any, _CellXml]):
    """The cells of one column, made once for each distinct content."""

    def __init__(self, book: StyledWorkbook, column: ListColumn) -> None:
        self._book, self._column = book, column
        self._formats: dict[Any, tuple[int, int]] = {}

    def of(self, contents: Iterable[Any]) -> list[_CellXml]:
        """Return the cells for some contents."""
        contents = list(contents)
        try:
            return list(map(self.__getitem__, contents))
        except TypeError:  # a signalling NaN has no hash
            return [self._made(content) for content in contents]

    def __missing__(self, content: Any) -> _CellXml:
        if len(self) >= _MEMORY:
            self.clear()
        made = self[content] = self._made(content)
        return made

    def _made(self, content: Any) -> _CellXml:
        column = self._column
        fields = content if len(column.fields) > 1 else (content,)
        value, style = column.value(*fields), column.style(*fields)
        lines = line_count(value, column.width) if isinstance(value, str) else 1
        cell = self._book.content(value, column.kind, style)
        single, more = self._formats.get(cell[1:]) or self._formats_of(cell)
        rest = _content_xml(cell.content)
        return _CellXml(lines, f' s="{single}"{rest}', f' s="{more}"{rest}')

    def _formats_of(self, cell: Content) -> tuple[int, int]:
        """Return the numbers of a cell's format in a row of one line and of more."""
        formats = [self._book.format_of(cell, p) for p in (_SINGLE_LINE, _BORDER)]
        # XlsxWriter numbers a format at its first use, which this is.
        single, more = (cell_format._get_xf_index() for cell_format in formats)
        self._formats[cell[1:]] = single, more
        return single, more


def _content_xml(content: str | float | Formula) -> str:
    """Return the XML of a cell from behind its format on."""
    if isinstance(content, str):
        return f' t="inlineStr"><is>{_text_xml(content)}</is></c>'
    if isinstance(content, Formula):
        formula, shown = escape(content.formula.removeprefix("=")), escape(content.shown)
        return f' t="str"><f>{formula}</f><v>{shown}</v></c>'
    return f"><v>{content:.16G}</v></c>"


def _text_xml(text: str) -> str:
    if "_x" not in text:
        return _run_xml(text)
    # Readers disagree on the escape of an escape in an inline string; runs need none.
    runs = [_run_xml(run) for run in _INSIDE_ESCAPE.split(text)]
    return runs[0] if len(runs) == 1 else "".join(f"<r>{run}</r>" for run in runs)


def _run_xml(run: str) -> str:
    return f"<t{_SPACE if run != run.strip() else ''}>{escape(run)}</t>"
