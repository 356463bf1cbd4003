"""The cells of a sheet in the form that Excel, WPS and the common libraries write.

The fast gear of :mod:`xlflow.ooxml.scanner`: one compiled pattern over the bytes
between ``<sheetData>`` and ``</sheetData>``. It answers only where everything there is
in that form, and XML has no way left to mean something else (comments, CDATA,
prefixes, other namespaces); otherwise it declines, and never guesses.
"""

from __future__ import annotations

import re

from xlflow.ooxml.records import (
    DEFAULT_ROW,
    LAST_ROW,
    MAX_CELLS,
    Area,
    RawCell,
    RawRow,
    RowAttributes,
    array_areas,
    column_number,
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

    So is a monstrous one, which the general gear knows how to refuse.
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
) -> tuple[list[RawCell], list[RawRow], list[Area]] | None:
    """Return cells, rows and array areas of a sheet's body, if nothing else stands there.

    Raises ValueError where a tag, an entity or the encoding isn't as it should be.
    """
    cells: list[RawCell] = []
    rows: list[RawRow] = []
    arrays: list[Area] = []
    columns: dict[bytes, int] = {}
    looks: dict[bytes, tuple[int, str]] = {}
    manners: dict[bytes, RowAttributes] = {}
    texts: dict[bytes | None, str | None] = {None: None}
    add = cells.append
    digits = b""
    number = row_start = row_opened = 0
    own = DEFAULT_ROW
    inside = False
    for token in _TOKEN.finditer(text, position, end):
        start, stop = token.span()
        if start != position:
            return None
        position = stop
        letters, cell_row, rest, formula, value, empty, inline, row, row_rest, closed = (
            token.groups()
        )
        if letters is not None:
            if cell_row != digits or not inside:
                return None
            try:
                column = columns[letters]
                style, kind = looks[rest]
            except KeyError:
                column = columns[letters] = column_number(letters.decode())
                style, kind = looks[rest] = style_and_type(_attributes(rest))
            if empty is not None:
                value = empty
            elif inline is not None:
                if kind != "inlineStr":
                    return None
                value = inline
            try:
                content = texts[value]
            except KeyError:
                content = texts[value] = _unescaped(value)
            if formula is not None and b" ref=" in formula:
                arrays.extend(array_areas(_attributes(formula.rstrip(b" />")[2:])))
            add((number, column, style, kind, content, formula is not None, start, stop))
        elif row is not None:
            if inside:
                return None
            digits, number = row, row_number(row.decode(), number)
            if row_rest not in manners:
                manners[row_rest] = row_attributes(_attributes(row_rest))
            own = manners[row_rest]
            row_start, row_opened = start, stop
            inside = closed is None
            if not inside:
                rows.append(RawRow(number, start, stop, stop, *own))
        else:
            if not inside:
                return None
            inside = False
            rows.append(RawRow(number, row_start, row_opened, stop, *own))
    return (cells, rows, arrays) if position == end and not inside else None


def _attributes(raw: bytes) -> Attributes:
    """Return the attributes of a canonical start tag but for ``r``; prefixed ones don't concern us.

    Raises ValueError where one stands twice or declares a namespace.
    """
    pairs = _ATTRIBUTE.findall(raw)
    found = {name.decode(): value.decode() for name, value in pairs if b":" not in name}
    names = {name for name, _ in pairs} - {b"r"}
    if len(names) != len(pairs) or any(name.startswith(b"xmlns") for name in names):
        raise ValueError
    return found


_ENTITY = re.compile("&([^;&]{1,8});?")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _unescaped(raw: bytes) -> str:
    """Return the characters that canonical text stands for.

    Raises ValueError at an entity that XML doesn't know.
    """
    text = raw.decode()
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
