"""Inserting the rows of lists into a workbook that XlsxWriter made without them.

XlsxWriter keeps every cell in memory and takes a call for each. It therefore makes the
sheets with all but the rows of their lists, and these are streamed into the members of
the finished package. Tables and dimensions are widened to the last row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import IO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from xlflow.facts import address, column_letters
from xlflow.summary.list_rows import ListRows

_COMPRESSION_LEVEL = 3
_DIMENSION = re.compile(r'<dimension ref="(\w+)(?::([A-Z]+)(\d+))?"/>')


class PlacedRows(NamedTuple):
    """The rows of a list, the sheet member they belong into, and the name of their table."""

    member: str
    table: str
    rows: ListRows

    @property
    def header(self) -> int:
        """The number of the row above them, which is the table's header."""
        return self.rows.first - 1

    def range(self, last: int) -> str:
        """Return the range from the table's header to a last row."""
        return f"{address(self.header, 1)}:{address(last, self.rows.last_column)}"


def insert_rows(package: bytes, lists: Sequence[PlacedRows]) -> bytes:
    """Return the package with the rows below the headers of their tables.

    Each table has one row so far, which isn't written, and each member's lists are in
    the order of their rows.
    """
    filled = BytesIO()
    with (
        ZipFile(BytesIO(package)) as source,
        ZipFile(filled, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION_LEVEL) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            # Opened by name a member gets the same date in every file.
            with target.open(name, "w") as stream:
                if own := [placed for placed in lists if placed.member == name]:
                    _write_sheet(stream, content.decode(), own)
                elif name.startswith("xl/tables/"):
                    stream.write(_resized(content.decode(), lists).encode())
                else:
                    stream.write(content)
    return filled.getvalue()


def _write_sheet(stream: IO[bytes], xml: str, lists: Sequence[PlacedRows]) -> None:
    xml = _DIMENSION.sub(lambda found: _dimension(found, lists), xml, count=1)
    done = 0
    for placed in lists:
        header = xml.index(f'<row r="{placed.header}"', done)
        end = xml.index("</row>", header) + len("</row>")
        stream.write(xml[done:end].encode())
        for rows in placed.rows.xml():
            stream.write(rows)
        done = end
    stream.write(xml[done:].encode())


def _dimension(found: re.Match[str], lists: Sequence[PlacedRows]) -> str:
    first, letters, last = found.groups()
    last = max(int(last or 1), *(placed.rows.last for placed in lists))
    widest = max(column_letters(p.rows.last_column) for p in lists)
    letters = max(letters or "A", widest, key=lambda name: (len(name), name))
    return f'<dimension ref="{first}:{letters}{last}"/>'


def _resized(xml: str, lists: Sequence[PlacedRows]) -> str:
    for placed in lists:
        if f' displayName="{placed.table}"' in xml:
            former, present = placed.range(placed.rows.first), placed.range(placed.rows.last)
            return xml.replace(f'ref="{former}"', f'ref="{present}"')
    return xml
