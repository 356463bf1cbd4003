"""The content digest: whether two files differ in anything but xlflow's own cells.

Two versions of a workbook with the same digest differ only in what xlflow wrote, so one
of them is kept. The digest is stored with each version: a change of its formula would
store every workbook once more.
"""

from __future__ import annotations

import hashlib
from bisect import bisect
from collections.abc import Collection, Iterator, Mapping

from xlflow.facts import Position, address
from xlflow.ooxml.book import Book
from xlflow.ooxml.patches import (
    Patch,
    apply_patches,
    expand_element,
    outermost_patches,
    start_tag,
)
from xlflow.ooxml.scanned_elements import ScannedRow
from xlflow.ooxml.scanner import ScannedSheet


def content_digest(content: Book | bytes, own_cells: Mapping[str, Collection[Position]]) -> str:
    """Return a digest of everything in a workbook except the given cells, by sheet name.

    It doesn't change when those cells are spliced or the archive is packed differently,
    and changes with anything else: another cell, a chart, a style.
    """
    book = content if isinstance(content, Book) else Book(content)
    entries = {entry.part: entry for entry in book.entries}
    digest = hashlib.sha256()
    for name in sorted(book.package.names):
        if name in entries and (cells := own_cells.get(entries[name].name)):
            part = normalized_sheet(book.scanned(entries[name]), cells)
        else:
            part = book.package.read(name)
        digest.update(b"%b\0%d\0" % (name.encode(), len(part)))
        digest.update(part)
    return digest.hexdigest()


def normalized_sheet(xml: ScannedSheet, masked: Collection[Position]) -> bytes:
    """Return a sheet part without the masked cells and what writing them may change.

    The result is the same before and after a splice of those cells: they are removed,
    so are rows without other cells and attributes, self-closed elements are expanded,
    and the hints about used cells are left out. A masked cell whose style isn't the one
    that a new cell would get leaves that style behind, so that a change of style shows.
    """
    text = xml.markup.text
    positions = frozenset(masked)
    patches = []
    row_starts = [row.start for row in xml.rows]
    remaining = [row.end - row.opened for row in xml.rows]
    for row, column, style, _, _, _, start, end in xml.cells:
        if (row, column) not in positions:
            continue
        styled = b""
        if style != xml.inherited_style(row, column):
            styled = b'<c r="%b" s="%d"/>' % (address(row, column).encode(), style)
        patches.append(Patch(start, end, styled))
        remaining[bisect(row_starts, start) - 1] -= end - start - len(styled)
    for element, length in zip(xml.rows, remaining, strict=True):
        patches.extend(_row_patches(text, element, length))
    if xml.data is not None and xml.data.opened == xml.data.end:
        patches.append(expand_element(text, xml.data.start, xml.data.end, b""))
    if xml.dimension is not None:
        patches.append(Patch(xml.dimension[0].start, xml.dimension[0].end, b""))
    return apply_patches(text, outermost_patches(patches))


def _row_patches(text: bytes, row: ScannedRow, length: int) -> Iterator[Patch]:
    """Yield the patches to a row of whose content and end tag ``length`` bytes remain."""
    name, attributes = start_tag(text, row.start)
    end_tag = 0 if row.opened == row.end else row.end - text.rindex(b"</", row.opened, row.end)
    if length == end_tag and {attribute.name for attribute in attributes} == {b"r"}:
        yield Patch(row.start, row.end, b"")
        return
    for attribute in attributes:
        if attribute.name == b"spans":
            yield Patch(attribute.start, attribute.end, b"")
    if row.opened == row.end:
        yield Patch(row.end - 2, row.end, b"></" + name + b">")
