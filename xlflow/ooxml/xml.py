"""The XML documents inside a package, read safely and without losing a byte.

Programs write parts in UTF-8 and in UTF-16, with and without a byte order mark, and
sometimes in a national encoding. Everything above works on UTF-8: other encodings are
converted once, and back after a change; a document that doesn't round-trip byte for
byte is refused. So is every document type declaration, which no workbook needs and
entity bombs do.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from xlflow.errors import UnreadableError

_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_NATIONAL = ("iso8859", "cp", "gb", "big5", "shift_jis", "euc", "koi8", "hz", "ascii")
MAX_DEPTH = 256
MAX_ELEMENTS = 4_000_000

Attributes = dict[str, str]


class XmlText(NamedTuple):
    """A document as UTF-8 text, with the encoding and byte order mark that it came in."""

    text: bytes
    encoding: str
    mark: bytes

    def encoded(self, pieces: Sequence[bytes | memoryview]) -> Sequence[bytes | memoryview]:
        """Return a changed version of this document's text in its original encoding."""
        if self.encoding == "utf-8":
            return pieces
        text = b"".join(pieces).decode()
        return [self.mark + text.encode(self.encoding, "xmlcharrefreplace")]


def decode_xml(data: bytes) -> XmlText:
    """Detect a document's encoding and convert it; UTF-8 passes through unchanged."""
    mark = b""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        mark = data[:2]
        encoding = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    elif data.startswith(b"<\0"):
        encoding = "utf-16-le"
    elif data.startswith(b"\0<"):
        encoding = "utf-16-be"
    else:
        encoding = _declared(data)
    if encoding == "utf-8":
        return XmlText(data, encoding, b"")
    body = data[len(mark) :]
    try:
        text = body.decode(encoding)
        if text.encode(encoding) == body:
            return XmlText(text.encode(), encoding, mark)
    except UnicodeError:
        pass
    raise UnreadableError("xml_encoding", encoding=encoding)


def _declared(data: bytes) -> str:
    """Return the codec that the XML declaration names.

    A declaration of UTF-16 that is itself readable as ASCII is wrong (.NET programs
    declare the encoding of the string and save it in another): such bytes are UTF-8.
    """
    found = _DECLARED.match(data[:256].removeprefix(codecs.BOM_UTF8))
    name = found[1].decode() if found else "utf-8"
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        raise UnreadableError("xml_encoding", encoding=name) from None
    if codec.startswith("utf-"):
        return "utf-8"
    if not codec.startswith(_NATIONAL):
        raise UnreadableError("xml_encoding", encoding=name)
    return codec


def make_parser(
    start: Callable[[str, Attributes], object],
    end: Callable[[str], object],
    data: Callable[[str], object],
) -> expat.XMLParserType:
    """Return an expat parser that refuses document types, for :func:`parse_all`.

    Names come as ``namespace}name`` (attributes without a prefix as ``name``).
    """
    parser = expat.ParserCreate("UTF-8", "}")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def parse_all(parser: expat.XMLParserType, text: bytes) -> None:
    """Parse a UTF-8 document in one call, so that expat's byte indexes are the document's.

    Raises UnreadableError where it isn't well formed.
    """
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise UnreadableError("xml_malformed", line=error.lineno, reason=str(error)) from None


def _refuse_doctype(*_: object) -> NoReturn:
    raise UnreadableError("xml_doctype")


def local_name(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def parse_tree(data: bytes) -> Element:
    """Return a small part (workbook, styles, relationships) as elements with local names."""
    builder = TreeBuilder()
    depth = count = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if count > MAX_ELEMENTS:
            raise UnreadableError("xml_too_large", limit=MAX_ELEMENTS)
        if depth > MAX_DEPTH:
            raise UnreadableError("xml_malformed", line=0, reason="nested too deeply")
        builder.start(local_name(name), attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(local_name(name))

    parse_all(make_parser(start, end, builder.data), decode_xml(data).text)
    return builder.close()


def xml_bool(value: str | None) -> bool:
    """Return the value of a boolean attribute; absent is false."""
    return value in ("1", "true", "on")


def xml_int(text: str | None) -> int | None:
    """Return the value of a whole, non-negative number; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None


_UNUSUAL = bytes(range(9)) + b"\x0b\x0c" + bytes(range(14, 32))


def is_plain(text: bytes) -> bool:
    """Whether nothing gives the text another meaning in XML than it has on its face.

    There are no comments, CDATA sections, processing instructions or characters that
    XML doesn't allow, so a tag is a tag wherever it is found.
    """
    return (
        text.find(b"<!") < 0
        and text.find(b"<?", 1) <= 3
        and text.find(b"]]>") < 0
        and len(text.translate(None, _UNUSUAL)) == len(text)
        and text.find(b"\xef\xbf\xbe") < 0
        and text.find(b"\xef\xbf\xbf") < 0
    )


_ENTITY = re.compile("&([^;&]{1,8});?")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def unescape_xml(data: bytes) -> str:
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
