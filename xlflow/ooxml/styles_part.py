"""The styles part, to which cell formats and colours are added; none that is there changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from xlflow.errors import UnreadableError
from xlflow.ooxml.element_places import appended, attribute_patch, children_of, elements_in
from xlflow.ooxml.number_formats import BUILT_IN_FORMATS
from xlflow.ooxml.patches import Patch, apply_patches, prefix_at, start_tag
from xlflow.ooxml.xml import (
    XmlText,
    parse_tree,
    xml_int,
)

_FIRST_OWN_FORMAT = 164  # the numbers below are built in
_AFTER_NUMBER_FORMATS = "fonts"
_ORDER = (
    *("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles"),
    *("dxfs", "tableStyles", "colors", "extLst"),
)


class StylesPart:
    """The styles part of one workbook, and what is added to it."""

    def __init__(self, markup: XmlText) -> None:
        """Parse what has to be known of it; raises UnreadableError where it has no formats."""
        self._markup = markup
        self._text = markup.text
        self._root = parse_tree(self._text)
        self._places = {place.name: place for place in children_of(self._text)}
        if "cellXfs" not in self._places:
            raise UnreadableError("xml_malformed", line=0, reason="no cellXfs")
        self._prefix = prefix_at(self._text, self._places["cellXfs"].start)
        self._xfs = [
            self._text[xf.start : xf.end]
            for xf in elements_in(self._text, self._places["cellXfs"], "xf")
        ]
        self._formats = {
            element.get("formatCode", ""): xml_int(element.get("numFmtId")) or 0
            for element in self._root.iterfind("numFmts/numFmt")
        }
        self._next_format = max([_FIRST_OWN_FORMAT - 1, *self._formats.values()]) + 1
        self._new: dict[str, list[bytes]] = {"numFmts": [], "cellXfs": [], "dxfs": []}
        self._styles: dict[tuple[int, str | None, bool], int] = {}
        self._highlights: dict[tuple[str, str | None], int] = {}

    def cell_style(self, like: int, number_format: str | None, *, unlocked: bool) -> int:
        """Return the index of a cell format that is like another one but for this."""
        key = like, number_format, unlocked
        if number_format is None and not unlocked:
            return like
        if key not in self._styles:
            self._styles[key] = len(self._xfs) + len(self._new["cellXfs"])
            base = self._xfs[like] if like < len(self._xfs) else b"<%bxf/>" % self._prefix
            self._new["cellXfs"].append(self._changed(base, number_format, unlocked))
        return self._styles[key]

    def highlight(self, color: str, background: str | None) -> int:
        """Return the index of a differential format with these colours (``#RRGGBB``)."""
        key = color, background
        if key not in self._highlights:
            p = self._prefix
            rgb = f"FF{color.lstrip('#')}".encode()
            content = b'<%bfont><%bcolor rgb="%b"/></%bfont>' % (p, p, rgb, p)
            if background is not None:
                paper = f"FF{background.lstrip('#')}".encode()
                content += (
                    b'<%bfill><%bpatternFill><%bbgColor rgb="%b"/></%bpatternFill></%bfill>'
                    % (
                        p,
                        p,
                        p,
                        paper,
                        p,
                        p,
                    )
                )
            present = len(self._root.findall("dxfs/dxf"))
            self._highlights[key] = present + len(self._new["dxfs"])
            self._new["dxfs"].append(b"<%bdxf>%b</%bdxf>" % (p, content, p))
        return self._highlights[key]

    def encoded(self) -> Sequence[bytes | memoryview]:
        """Return the part's content."""
        patches = []
        for name, added in self._new.items():
            if added:
                patches += self._appended(name, added)
        return self._markup.encoded([apply_patches(self._text, patches)])

    def _changed(self, xf: bytes, number_format: str | None, unlocked: bool) -> bytes:
        name, attributes = start_tag(xf, 0)
        values = {a.name: xf[a.value : a.end - 1] for a in attributes}
        if number_format is not None:
            values[b"numFmtId"] = b"%d" % self._format_number(number_format)
            values[b"applyNumberFormat"] = b"1"
        opened = xf.index(b">", attributes[-1].end if attributes else 0) + 1
        self_closed = xf[opened - 2 : opened] == b"/>"
        content = b"" if self_closed else xf[opened : xf.rindex(b"</")]
        if unlocked:
            values[b"applyProtection"] = b"1"
            content = _without(content, "protection")
            content = _before_extensions(content, b'<%bprotection locked="0"/>' % self._prefix)
        tag = b"".join(b' %b="%b"' % pair for pair in values.items())
        if not content:
            return b"<%b%b/>" % (name, tag)
        return b"<%b%b>%b</%b>" % (name, tag, content, name)

    def _format_number(self, code: str) -> int:
        for number, built_in in BUILT_IN_FORMATS.items():
            if built_in == code and number in (0, 9, 10, 49):
                return number
        if code not in self._formats:
            self._formats[code] = self._next_format
            self._next_format += 1
            quoted = quoteattr(code).encode()
            number = self._formats[code]
            self._new["numFmts"].append(
                b'<%bnumFmt numFmtId="%d" formatCode=%b/>' % (self._prefix, number, quoted)
            )
        return self._formats[code]

    def _appended(self, name: str, added: Sequence[bytes]) -> list[Patch]:
        """Return the patches that add elements to one list of the part."""
        content = b"".join(added)
        if name not in self._places:
            earlier = _ORDER[: _ORDER.index(name)]
            ends = [place.end for place in self._places.values() if place.name in earlier]
            place = max(ends) if ends else min(each.start for each in self._places.values())
            p = self._prefix
            opened = b'<%b%b count="%d">' % (p, name.encode(), len(added))
            whole = b"%b%b</%b%b>" % (opened, content, p, name.encode())
            return [Patch(place, place, whole)]
        element = self._places[name]
        children = {"numFmts": "numFmt", "cellXfs": "xf", "dxfs": "dxf"}
        count = len(self._root.findall(f"{name}/{children[name]}")) + len(added)
        patches = attribute_patch(self._text, element, b"count", b"%d" % count)
        return [*patches, appended(self._text, element, content)]


def _without(content: bytes, name: str) -> bytes:
    """Return an xf's content without its child of a name, which has no content itself."""
    return re.sub(rb"<(?:\w+:)?%b(?:\s[^>]*)?/>" % name.encode(), b"", content)


def _before_extensions(content: bytes, element: bytes) -> bytes:
    """Return an xf's content with an element added before its list of extensions."""
    place = content.find(b"extLst")
    place = content.rfind(b"<", 0, place) if place >= 0 else len(content)
    return content[:place] + element + content[place:]
