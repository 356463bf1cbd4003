"""Where elements are in the text of a part, for patches to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from xlflow.ooxml.patches import Patch, expand_element, start_tag
from xlflow.ooxml.xml import Attributes, local_name, make_parser, parse_all


class Place(NamedTuple):
    """An element: its local name, ``start:end`` in the text, and the end of its start tag."""

    name: str
    start: int
    opened: int
    end: int

    @property
    def self_closed(self) -> bool:
        """Whether it is one tag, so that it has no content."""
        return self.opened == self.end


def root_of(text: bytes) -> Place:
    """Return the root element."""
    return _places(text, lambda depth, name, start: depth == 0)[0]


def children_of(text: bytes) -> list[Place]:
    """Return the children of the root, in the order of the document."""
    return _places(text, lambda depth, name, start: depth == 1)


def elements_in(text: bytes, parent: Place, wanted: str) -> list[Place]:
    """Return the elements of one local name within another element."""
    return _places(
        text, lambda depth, name, start: name == wanted and parent.start < start < parent.end
    )


def attribute_patch(text: bytes, element: Place, name: bytes, value: bytes) -> list[Patch]:
    """Return the patch that changes an attribute; none where the element doesn't have it."""
    return [
        Patch(attribute.value, attribute.end - 1, value)
        for attribute in start_tag(text, element.start)[1]
        if attribute.name == name
    ]


def appended(text: bytes, element: Place, content: bytes) -> Patch:
    """Return the patch that adds content at the end of an element."""
    if element.self_closed:
        return expand_element(text, element.start, element.end, content)
    close = text.rindex(b"</", element.start, element.end)
    return Patch(close, close, content)


def attribute_of(text: bytes, element: Place, name: bytes) -> str:
    """Return an attribute as written; "" where the element doesn't have it."""
    for attribute in start_tag(text, element.start)[1]:
        if attribute.name == name:
            return text[attribute.value : attribute.end - 1].decode()
    return ""


def _places(text: bytes, wanted: Callable[[int, str, int], bool]) -> list[Place]:
    found: list[Place] = []
    open_elements: list[tuple[str, int]] = []

    def start(name: str, attributes: Attributes) -> None:
        open_elements.append((local_name(name), parser.CurrentByteIndex))

    def end(name: str) -> None:
        local, begin = open_elements.pop()
        if wanted(len(open_elements), local, begin):
            found.append(_place(text, local, begin, parser.CurrentByteIndex))

    parser = make_parser(start, end, lambda data: None)
    parse_all(parser, text)
    return sorted(found, key=lambda place: place.start)


def _place(text: bytes, name: str, start: int, closes: int) -> Place:
    tag, attributes = start_tag(text, start)
    # A sign in an attribute's value doesn't end the tag.
    opened = text.index(b">", attributes[-1].end if attributes else start + 1 + len(tag)) + 1
    if text[opened - 2 : opened] == b"/>":
        return Place(name, start, opened, opened)
    return Place(name, start, opened, text.index(b">", closes) + 1)
