"""The tables that Excel itself knows in a sheet (ListObjects): which rows are their totals."""

from __future__ import annotations

from xlflow.errors import UnreadableError
from xlflow.ooxml.package import Package
from xlflow.ooxml.references import Area, parse_area
from xlflow.ooxml.xml import parse_tree, xml_int


def total_rows(package: Package, part: str, markup: bytes) -> tuple[Area, ...]:
    """Return the areas of the total rows of a sheet's tables.

    A table part that is missing or damaged has none: nothing else depends on it.
    """
    if b"tablePart" not in markup:
        return ()
    found = []
    for relationship in package.relationships(part).values():
        if relationship.kind != "table" or relationship.target not in package:
            continue
        try:
            content = package.read(relationship.target)
            if b"totalsRowCount" not in content:
                continue
            root = parse_tree(content)
            count = xml_int(root.get("totalsRowCount")) or 0
            top, left, bottom, right = parse_area(root.get("ref", ""))
        except UnreadableError:
            continue
        if count:
            found.append((max(top, bottom - count + 1), left, bottom, right))
    return tuple(found)
