"""The rows of a list as the XML of their sheet.

A list has tens of thousands of rows with few distinct contents, so the XML of a cell
is made once for each distinct content of a column, and a row is put together from
such pieces by one ``%``. Texts stand in their cells (inline strings), so nothing
needs to be kept until the file is finished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xlflow import look
from xlflow.facts import column_letters
from xlflow.summary.list_columns import ListColumn
from xlflow.summary.styled_workbook import (
    LINE_HEIGHT,
    Formula,
    Properties,
    StyledCell,
    StyledWorkbook,
    line_count,
)

MAX_LINES = 9
"""Lines of the tallest row of a list; a longer text is read in the formula bar."""

_CHUNK = 1000
"""Rows that are put together at a time."""
_MEMORY = 5_000
"""Distinct contents of a column whose cells are remembered."""

_BORDER: Properties = {"bottom": 1, "bottom_color": look.RULE}
_SINGLE_LINE: Properties = {**_BORDER, "valign": "vcenter"}

_SPACE = ' xml:space="preserve"'
_INSIDE_ESCAPE = re.compile("(?<=_)(?=x[0-9a-fA-F]{4}_)")
"""Excel reads ``_x000D_`` in one piece as a character, whatever was meant."""


class ListRows:
    """The rows of one list.

    Args:
        book: the workbook, which must not be closed yet: it gets the formats here.
        first: the number of the first row, counted from 1.
    """

    def __init__(
        self, book: StyledWorkbook, columns: Sequence[ListColumn], items: Sequence[Any], first: int
    ) -> None:
        self.first = first
        self.last = first + len(items) - 1
        self.last_column = len(columns)
        self._items = items
        self._columns = [(attrgetter(*c.fields), _ColumnCells(book, c)) for c in columns]
        cells = "".join(f'<c r="{column_letters(n)}%s"%s' for n in range(1, len(columns) + 1))
        self._row = f'<row r="%s" ht="%s" customHeight="1">{cells}</row>'
        for chunk in self._chunks():
            self._pieces(chunk)

    def xml(self) -> Iterator[bytes]:
        """Yield the rows, some at a time, so that memory doesn't grow with them."""
        heights = [f"{6 + LINE_HEIGHT * lines:g}" for lines in range(MAX_LINES + 1)]
        first = self.first
        for chunk in self._chunks():
            columns = self._pieces(chunk)
            lines = list(map(max, *([piece.lines for piece in column] for column in columns)))
            numbers = [str(number) for number in range(first, first + len(chunk))]
            parts = [numbers, [heights[min(count, MAX_LINES)] for count in lines]]
            for column in columns:
                both = zip(column, lines, strict=True)
                cells = [single if count == 1 else more for (_, single, more), count in both]
                parts += [numbers, cells]
            yield "".join(map(self._row.__mod__, zip(*parts, strict=True))).encode()
            first += len(chunk)

    def _chunks(self) -> Iterator[list[Any]]:
        items = iter(self._items)
        while chunk := list(islice(items, _CHUNK)):
            yield chunk

    def _pieces(self, chunk: Sequence[Any]) -> list[list[_Piece]]:
        return [cells.of(map(fields, chunk)) for fields, cells in self._columns]


class _Piece(NamedTuple):
    """A content's number of lines, and its cell in a row of one line and of more."""

    lines: int
    in_single_line: str
    in_more_lines: str


class _ColumnCells(dict[Any, _Piece]):
    """The cells of one column, made once for each distinct content."""

    def __init__(self, book: StyledWorkbook, column: ListColumn) -> None:
        self._book, self._column = book, column

    def of(self, contents: Iterable[Any]) -> list[_Piece]:
        """Return the cells for some contents."""
        contents = list(contents)
        try:
            return list(map(self.__getitem__, contents))
        except TypeError:  # a signalling NaN has no hash
            return [self._made(content) for content in contents]

    def __missing__(self, content: Any) -> _Piece:
        if len(self) >= _MEMORY:
            self.clear()
        made = self[content] = self._made(content)
        return made

    def _made(self, content: Any) -> _Piece:
        column = self._column
        fields = content if len(column.fields) > 1 else (content,)
        value, style = column.value(*fields), column.style(*fields)
        lines = line_count(value, column.width) if isinstance(value, str) else 1
        cell = self._book.cell
        in_more_lines = _cell_xml(cell(value, column.kind, style, _BORDER))
        if lines > 1:
            return _Piece(lines, "", in_more_lines)
        return _Piece(1, _cell_xml(cell(value, column.kind, style, _SINGLE_LINE)), in_more_lines)


def _cell_xml(cell: StyledCell) -> str:
    """Return the XML of a cell from behind its address on."""
    # XlsxWriter numbers a format at its first use, which this is.
    content, style = cell.content, cell.format._get_xf_index()
    if isinstance(content, str):
        return f' s="{style}" t="inlineStr"><is>{_text_xml(content)}</is></c>'
    if isinstance(content, Formula):
        formula, shown = escape(content.formula.removeprefix("=")), escape(content.shown)
        return f' s="{style}" t="str"><f>{formula}</f><v>{shown}</v></c>'
    return f' s="{style}"><v>{content:.16G}</v></c>'


def _text_xml(text: str) -> str:
    # Readers disagree on the escape of an escape in an inline string; runs need none.
    runs = [
        f"<t{_SPACE if run != run.strip() else ''}>{escape(run)}</t>"
        for run in _INSIDE_ESCAPE.split(text)
    ]
    return runs[0] if len(runs) == 1 else "".join(f"<r>{run}</r>" for run in runs)
