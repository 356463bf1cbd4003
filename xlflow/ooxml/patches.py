"""Changes to a document's bytes, and the start tags that they are made to.

Everything that isn't within a change stays as it is, spaces and quotes included.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Patch(NamedTuple):
    """Bytes that take the place of ``start:end``; an insertion where the two are equal."""

    start: int
    end: int
    bytes: bytes


def apply_patches(text: bytes, changes: list[Patch]) -> bytes:
    """Return the text with the changes made; those at one place keep their order."""
    pieces = []
    position = 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        pieces += [text[position : change.start], change.bytes]
        position = change.end
    return b"".join([*pieces, text[position:]])


def expand_element(text: bytes, start: int, end: int, content: bytes) -> Patch:
    """Return the change that turns a self-closed element into one with content."""
    name, _ = start_tag(text, start)
    return Patch(end - 2, end, b">" + content + b"</" + name + b">")


_NAME = re.compile(rb"<([^\s/>]+)")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Attribute(NamedTuple):
    """An attribute in the text, ``start:end`` with the space before; where its value begins."""

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


def outermost_patches(changes: list[Patch]) -> list[Patch]:
    """Return the changes without those that lie within another one."""
    kept: list[Patch] = []
    for change in sorted(changes, key=lambda change: (change.start, -change.end)):
        if not kept or change.start >= kept[-1].end:
            kept.append(change)
    return kept
