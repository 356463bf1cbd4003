"""The fast scanner of :mod:`xlflow.ooxml.scanner`: sheets as Excel, WPS and libraries write them.

One compiled pattern runs over the bytes between ``<sheetData>`` and ``</sheetData>``.
It returns a result only where everything there has that form and nothing can give it
another meaning in XML (comments, CDATA, prefixes, other namespaces); otherwise it
declines, and never guesses.
"""

from __future__ import annotations

import re

from xlflow.ooxml.references import LAST_ROW, Area, column_number
from xlflow.ooxml.scanned_elements import (
    DEFAULT_ROW,
    MAX_CELLS,
    RowAttributes,
    ScannedCell,
    ScannedRow,
    array_areas,
    row_attributes,
    row_number,
    style_and_type,
)
from xlflow.ooxml.xml import Attributes

_OPENING, _CLOSING = b"<sheetData>", b"</sheetData>"
_UNUSUAL = bytes(range(9)) + b"\x0b\x0c" + bytes(range(14, 32))
_ATTRIBUTES = rb'(?: [A-Za-z][A-Za-z0-9:]*="[^"<&\t\r\n]*")*'
_TOKEN = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(' + _ATTRIBUTES + rb") ?(?:/>|>"
    rb"(?:(<f" + _ATTRIBUTES + rb" ?/?>)(?:(?<=/>)|[^<]*</f>))?"
    rb'(?:<v(?: xml:space="preserve")?>([^<]*)</v>|<v ?/>()'
    rb'|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?'
    rb"</c>)"
    rb'|<row r="([1-9][0-9]{0,6})"(' + _ATTRIBUTES + rb") ?(/)?>"
    rb"|</row>"
)
_ATTRIBUTE = re.compile(rb' ([A-Za-z][A-Za-z0-9:]*)="([^"]*)"')


def find_body(text: bytes) -> tuple[int, int]:
    """Return where the content of sheetData begins and ends; 0, 0 if the form is unusual.

    A sheet beyond the limits counts as unusual, too: the general scanner refuses it.
    """
    start = text.find(_OPENING)
    end = text.rfind(_CLOSING)
    if (
        start < 0
        or end < start
        or text.find(b"<!") >= 0
        or text.find(b"<?", 1) > 3
        or text.find(b"]]>") >= 0
        or len(text.translate(None, _UNUSUAL)) != len(text)
        or text.find(b"\xef\xbf\xbe") >= 0
        or text.find(b"\xef\xbf\xbf") >= 0
        or text.find(b"<sheetData", start + 1) >= 0
        or text.count(b"<c ") > MAX_CELLS
        or text.count(b"<row") > LAST_ROW
    ):
        return 0, 0
    return start + len(_OPENING), end


def scan_cells(
    text: bytes, position: int, end: int
) -> tuple[list[ScannedCell], list[ScannedRow], list[Area]] | None:
    """Return cells, rows and array areas of a sheet's body; None if it holds anything else.

    Raises ValueError where a tag, an entity or the encoding is invalid.
    """
    cells: list[ScannedCell] = []
    rows: list[ScannedRow] = []
    arrays: list[Area] = []
    columns: dict[bytes, int] = {}
    known_cell_tags: dict[bytes, tuple[int, str]] = {}
    known_row_tags: dict[bytes, RowAttributes] = {}
    texts: dict[bytes | None, str | None] = {None: None}
    add = cells.append
    row_digits = b""
    number = row_start = row_opened = 0
    attributes = DEFAULT_ROW
    in_row = False
    for token in _TOKEN.finditer(text, position, end):
        start, stop = token.span()
        if start != position:
            return None
        position = stop
        letters, cell_row, cell_tag, formula, value, empty, inline, row, row_tag, closed = (
            token.groups()
        )
        if letters is not None:
            if cell_row != row_digits or not in_row:
                return None
            try:
                column = columns[letters]
                style, kind = known_cell_tags[cell_tag]
            except KeyError:
                column = columns[letters] = column_number(letters.decode())
                style, kind = known_cell_tags[cell_tag] = style_and_type(_attributes(cell_tag))
            if empty is not None:
                value = empty
            elif inline is not None:
                if kind != "inlineStr":
                    return None
                value = inline
            try:
                content = texts[value]
            except KeyError:
                content = texts[value] = _unescape(value)
            if formula is not None and b" ref=" in formula:
                arrays.extend(array_areas(_attributes(formula.rstrip(b" />")[2:])))
            add((number, column, style, kind, content, formula is not None, start, stop))
        elif row is not None:
            if in_row:
                return None
            row_digits, number = row, row_number(row.decode(), number)
            if row_tag not in known_row_tags:
                known_row_tags[row_tag] = row_attributes(_attributes(row_tag))
            attributes = known_row_tags[row_tag]
            row_start, row_opened = start, stop
            in_row = closed is None
            if not in_row:
                rows.append(ScannedRow(number, start, stop, stop, *attributes))
        else:
            if not in_row:
                return None
            in_row = False
            rows.append(ScannedRow(number, row_start, row_opened, stop, *attributes))
    return (cells, rows, arrays) if position == end and not in_row else None


def _attributes(text: bytes) -> Attributes:
    """Return the unprefixed attributes of a canonical start tag except ``r``.

    Raises ValueError where one is repeated or declares a namespace.
    """
    pairs = _ATTRIBUTE.findall(text)
    found = {name.decode(): value.decode() for name, value in pairs if b":" not in name}
    names = {name for name, _ in pairs} - {b"r"}
    if len(names) != len(pairs) or any(name.startswith(b"xmlns") for name in names):
        raise ValueError
    return found


_ENTITY = re.compile("&([^;&]{1,8});?")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _unescape(data: bytes) -> str:
    """Decode canonical text and resolve its entities.

    Raises ValueError at an entity that XML doesn't define.
    """
    text = data.decode()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    if not entity[0].endswith(";"):
        raise ValueError
    if name in _NAMED:
        return _NAMED[name]
    if name.startswith("#x") and name[2:].isalnum():
        code = int(name[2:], 16)
    elif name.startswith("#") and name[1:].isdecimal():
        code = int(name[1:])
    else:
        raise ValueError
    if (code < 32 and code not in (9, 10, 13)) or 0xD800 <= code < 0xE000 or code | 1 == 0xFFFF:
        raise ValueError
    return chr(code)
