"""A workbook as a package: its parts, and which part is related to which.

Part names are compared without regard to case, targets may be absolute or relative,
and relationship types come in two namespaces (Transitional and Strict) that share only
the last word: all of this occurs in real files.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from xlflow.errors import UnreadableError
from xlflow.ooxml.archive import Archive
from xlflow.ooxml.xml import parse_tree


class Relationship(NamedTuple):
    """One part's pointer to another: the last word of its type, and the part's name."""

    kind: str
    target: str


class Package:
    """The parts of a workbook."""

    def __init__(self, data: bytes) -> None:
        """Parse the archive; raises UnreadableError where it is damaged or another format."""
        self._archive = Archive(data)
        self._contents: dict[str, bytes] = {}
        if "mimetype" in self and b"opendocument" in self.read("mimetype"):
            raise UnreadableError("other_format", suffix=".ods")

    @property
    def names(self) -> tuple[str, ...]:
        """The part names, in the order of the archive's directory."""
        return self._archive.names

    def __contains__(self, name: str) -> bool:
        return self._archive.spelling(name) is not None

    def read(self, name: str) -> bytes:
        """Return a part's content, inflated once; UnreadableError where missing or damaged."""
        key = name.lower()
        if key not in self._contents:
            self._contents[key] = self._archive.read(name)
        return self._contents[key]

    def replaced(self, parts: Mapping[str, Sequence[bytes | memoryview]]) -> bytes:
        """Return the archive with these parts' contents, in pieces; all else byte for byte."""
        return self._archive.replaced(parts)

    @cached_property
    def signed(self) -> bool:
        """Whether a digital signature covers the workbook's bytes."""
        return any(name.lower().startswith("_xmlsignatures/") for name in self.names)

    def relationships(self, part: str = "") -> dict[str, Relationship]:
        """Return the internal relationships of a part (of the package itself: ``""``) by id."""
        folder, base = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        if rels not in self:
            return {}
        return {
            item.get("Id", ""): Relationship(
                posixpath.basename(item.get("Type", "")),
                self._resolved(folder, item.get("Target", "")),
            )
            for item in parse_tree(self.read(rels))
            if item.get("TargetMode") != "External"
        }

    def _resolved(self, folder: str, target: str) -> str:
        """Return the part that a target names, as the archive spells it."""
        path = target.replace("\\", "/").partition("#")[0]
        for candidate in (path, unquote(path)):
            name = posixpath.normpath(posixpath.join("/", folder, candidate)).lstrip("/")
            if spelling := self._archive.spelling(name):
                return spelling
        return name

    def related(self, kind: str, part: str = "") -> str | None:
        """Return the first part to which ``part`` has a relationship of this kind."""
        for relationship in self.relationships(part).values():
            if relationship.kind == kind:
                return relationship.target
        return None
