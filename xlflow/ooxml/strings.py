"""Text as workbooks store it: shared strings, rich text, and escapes such as ``_x000B_``.

A person sees one string. The file may contain it as runs with a font each and phonetic
guides between them, and escapes the characters that XML doesn't allow (ECMA-376 part 1,
22.4.2.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from xlflow.errors import UnreadableError
from xlflow.ooxml.xml import decode_xml, is_plain, parse_tree, unescape_xml

_HEX = "[0-9A-Fa-f]"
_ESCAPE = re.compile(
    f"_x([Dd][89ABab]{_HEX}{{2}})__x([Dd][C-Fc-f]{_HEX}{{2}})_|_x({_HEX}{{4}})_", re.ASCII
)
_NOT_IN_XML = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
_TO_ESCAPE = re.compile(f"[{_NOT_IN_XML}]|_(?=x{_HEX}{{4}}[_{_NOT_IN_XML}])", re.ASCII)


def unescape_text(text: str) -> str:
    """Return text with escapes such as ``_x000D_`` replaced by their characters.

    Half of a surrogate pair isn't a character and stays escaped.
    """
    return _ESCAPE.sub(_character, text) if "_x" in text else text


def _character(escaped: re.Match[str]) -> str:
    high, low, single = escaped.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    code = int(single, 16)
    return escaped[0] if 0xD800 <= code < 0xE000 else chr(code)


def escape_text(text: str) -> str:
    """Return the XML character data that every reader turns back into ``text``.

    A carriage return is escaped because XML would turn it into a line feed, an
    underscore where it would be taken for the beginning of an escape.
    """
    return escape(_TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


_OPENING = re.compile(rb'(?:<\?xml [^<>]*\?>\s*)?<sst xmlns="[^"<&]*"(?: [A-Za-z]+="[^"<&]*")*>')
_CLOSING = b"</sst>"
_ITEM_END = b"</si>"
_PLAIN_ITEM = re.compile(rb'<si><t(?: xml:space="preserve")?>([^<]*)</t>')
_SEPARATOR = "xlflow"
BLOCK = 1 << 18
"""How many bytes are split into items at a time."""


def shared_strings(data: bytes) -> list[str]:
    """Return the texts of a shared-strings part, in order.

    An item that is plain text, as nearly all are, is read by a pattern; any other one,
    and a part in another form than programs write, goes through the parser.
    """
    text = decode_xml(data).text
    opening, closing = _OPENING.match(text), text.rfind(_CLOSING)
    if opening is None or text[closing + len(_CLOSING) :].strip() or not is_plain(text):
        return _parsed_items(data)
    found: list[str] = []
    position = opening.end()
    try:
        while (end := text.rfind(_ITEM_END, position, position + BLOCK)) >= 0 or (
            end := text.find(_ITEM_END, position, closing)
        ) >= 0:
            found += _items(opening[0], text[position:end].split(_ITEM_END))
            position = end + len(_ITEM_END)
        return found + _parsed_items(b"%b%b%b" % (opening[0], text[position:closing], _CLOSING))
    except (ValueError, UnreadableError):
        return _parsed_items(data)


def _items(opening: bytes, items: list[bytes]) -> Iterator[str]:
    """Yield the texts of items without their end tags; those that aren't plain, parsed together.

    Raises ValueError where it isn't clear which texts belong to which item.
    """
    plain = list(map(_PLAIN_ITEM.fullmatch, items))
    others = [item for item, match in zip(items, plain, strict=True) if match is None]
    parsed = iter(_parsed_groups(opening, others) if others else ())
    for match in plain:
        if match is not None:
            yield unescape_text(unescape_xml(match[1]))
        else:
            yield from next(parsed)


def _parsed_groups(opening: bytes, items: list[bytes]) -> list[list[str]]:
    """Return the texts that each of these pieces of a part holds, usually one."""
    separator = b"%b<%b/>" % (_ITEM_END, _SEPARATOR.encode())
    groups: list[list[str]] = [[]]
    for element in parse_tree(b"%b%b%b%b" % (opening, separator.join(items), _ITEM_END, _CLOSING)):
        if element.tag == _SEPARATOR:
            groups.append([])
        elif element.tag == "si":
            groups[-1].append(_item_text(element))
    if len(groups) != len(items):
        raise ValueError
    return groups


def _parsed_items(data: bytes) -> list[str]:
    return [_item_text(item) for item in parse_tree(data) if item.tag == "si"]


def _item_text(item: Element) -> str:
    """Return the visible text of an item: its own or its runs', without phonetic guides."""
    pieces = []
    for child in item:
        if child.tag == "t":
            pieces.append(child.text or "")
        elif child.tag == "r":
            pieces.extend(text.text or "" for text in child if text.tag == "t")
    return unescape_text("".join(pieces))
