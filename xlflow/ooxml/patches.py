"""Patches to a document's bytes, and parsing the start tags that they change.

Everything outside a patch stays as it is, spaces and quotes included.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import NamedTuple

_PIECE = 1 << 20


class Patch(NamedTuple):
    """Bytes that replace ``start:end``; an insertion where the two are equal."""

    start: int
    end: int
    bytes: bytes


def apply_patches(text: bytes, patches: list[Patch]) -> bytes:
    """Return the patched text; patches at one position keep their order."""
    return b"".join(patched_pieces(text, patches))


def patched_pieces(text: bytes, patches: list[Patch]) -> list[bytes | memoryview]:
    """Return the patched text in pieces; long runs of unchanged text aren't copied.

    Short pieces come joined to about a megabyte, for what has a cost for each piece.
    """
    view = memoryview(text)
    pieces: list[bytes | memoryview] = []
    short: list[bytes] = []
    length = position = 0
    for start, end, replacement in sorted(patches, key=itemgetter(0, 1)):
        if start - position >= _PIECE:
            pieces += [b"".join(short), view[position:start]]
            short, length = [], 0
        elif start > position:
            short.append(text[position:start])
        short.append(replacement)
        length += start - position + len(replacement)
        if length >= _PIECE:
            pieces.append(b"".join(short))
            short, length = [], 0
        position = end
    return [*pieces, b"".join(short), view[position:]]


def expand_element(text: bytes, start: int, end: int, content: bytes) -> Patch:
    """Return the patch that turns a self-closed element into one with content."""
    name, _ = start_tag(text, start)
    return Patch(end - 2, end, b">" + content + b"</" + name + b">")


_NAME = re.compile(rb"<([^\s/>]+)")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Attribute(NamedTuple):
    """An attribute with the space before it: ``start:end``; its value begins at ``value``."""

    name: bytes
    start: int
    value: int
    end: int


def start_tag(text: bytes, start: int) -> tuple[bytes, list[Attribute]]:
    """Return the name, with its prefix, and the attributes of the start tag at ``start``."""
    name = _NAME.match(text, start)
    assert name is not None
    attributes = []
    position = name.end()
    while found := _ATTRIBUTE.match(text, position):
        position = found.end()
        value = found.start(2) if found[2] is not None else found.start(3)
        attributes.append(Attribute(found[1], found.start(), value, position))
    return name[1], attributes


def prefix_at(text: bytes, start: int) -> bytes:
    """Return the namespace prefix of the element at ``start``, with its colon."""
    name, _ = start_tag(text, start)
    return name[: name.find(b":") + 1]
