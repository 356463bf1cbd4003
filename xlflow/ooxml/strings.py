"""Text as workbooks store it: shared strings, rich text, and the escapes that XML needs.

What a person sees is one string; the file may hold it as runs with a font each, with
phonetic guides beside them, and with characters that XML can't hold spelt ``_x000B_``
(ECMA-376 part 1, 22.4.2.4).
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from xlflow.ooxml.xml import parse_tree

_HEX = "[0-9A-Fa-f]"
_SPELT = re.compile(
    f"_x([Dd][89ABab]{_HEX}{{2}})__x([Dd][C-Fc-f]{_HEX}{{2}})_|_x({_HEX}{{4}})_", re.ASCII
)
_UNHOLDABLE = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
_TO_SPELL = re.compile(f"[{_UNHOLDABLE}]|_(?=x{_HEX}{{4}}[_{_UNHOLDABLE}])", re.ASCII)


def unescape_text(text: str) -> str:
    """Return text with ``_x000D_`` and its like turned into the characters they stand for.

    Half of a surrogate pair stands for no character and stays spelt.
    """
    return _SPELT.sub(_character, text) if "_x" in text else text


def _character(spelt: re.Match[str]) -> str:
    high, low, single = spelt.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    code = int(single, 16)
    return spelt[0] if 0xD800 <= code < 0xE000 else chr(code)


def escape_text(text: str) -> str:
    """Return the XML character data from which every reader gets ``text`` back.

    A carriage return is spelt too, for XML would turn it into a line feed; an
    underscore that would be taken for the beginning of a spelling is spelt itself.
    """
    return escape(_TO_SPELL.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def shared_strings(data: bytes) -> list[str]:
    """Return the texts of a shared-strings part, in order."""
    return [unescape_text(_joined(item)) for item in parse_tree(data) if item.tag == "si"]


def _joined(item: Element) -> str:
    """Return the visible text of an item: its own or its runs', without phonetic guides."""
    pieces = []
    for child in item:
        if child.tag == "t":
            pieces.append(child.text or "")
        elif child.tag == "r":
            pieces.extend(text.text or "" for text in child if text.tag == "t")
    return "".join(pieces)
