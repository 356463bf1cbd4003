"""The workbook part: the list of sheets, and the parts that all sheets share."""

from __future__ import annotations

from typing import Literal, NamedTuple

from xlflow.errors import UnreadableError
from xlflow.ooxml.number_formats import number_formats
from xlflow.ooxml.package import Package
from xlflow.ooxml.strings import shared_strings
from xlflow.ooxml.xml import parse_tree, xml_bool

SheetState = Literal["visible", "hidden", "veryHidden"]

_STATES: dict[str | None, SheetState] = {"hidden": "hidden", "veryHidden": "veryHidden"}


class SheetEntry(NamedTuple):
    """A worksheet as the workbook part lists it."""

    name: str
    part: str
    state: SheetState


class WorkbookPart:
    """The main part of a workbook, through which all others are found."""

    def __init__(self, package: Package) -> None:
        part = package.related("officeDocument")
        if part is None:
            raise UnreadableError("not_a_workbook", found="zip")
        if part.lower().endswith(".bin"):
            raise UnreadableError("binary_workbook")
        self._package = package
        self._root = parse_tree(package.read(part))
        if self._root.tag != "workbook":
            raise UnreadableError("not_a_workbook", found=self._root.tag)
        self._related = package.relationships(part)
        properties = self._root.find("workbookPr")
        self.date1904 = properties is not None and xml_bool(properties.get("date1904"))

    def sheets(self) -> tuple[SheetEntry, ...]:
        """Return the worksheets in the workbook's order.

        Chart, dialog and macro sheets have no cells and are left out.
        """
        entries = []
        for item in self._root.iterfind("sheets/sheet"):
            name = item.get("name", "")
            # The prefix of r:id stands for one of two namespaces.
            key = next((value for key, value in item.attrib.items() if key.endswith("}id")), "")
            if key == "" and any(name.endswith("}id") for name in item.attrib):
                continue  # a module sheet of Excel 5, which Excel itself passes over
            target = self._related.get(key)
            if target is None or target.target not in self._package:
                raise UnreadableError("sheet_part_missing", sheet=name)
            if target.kind == "worksheet":
                state = _STATES.get(item.get("state"), "visible")
                entries.append(SheetEntry(name, target.target, state))
        return tuple(entries)

    @property
    def never_computed(self) -> bool:
        """Whether no program has computed the formulas, whose cached 0 then says nothing.

        Libraries that can't compute ask for it on opening; a program that can removes that
        request, and Excel keeps a chain of the formulas that it computed.
        """
        properties = self._root.find("calcPr")
        if properties is None or not xml_bool(properties.get("fullCalcOnLoad")):
            return False
        return self._part("calcChain") is None

    def names(self) -> set[str]:
        """Return the names of all sheets, those without cells included."""
        return {item.get("name", "") for item in self._root.iterfind("sheets/sheet")}

    def strings(self) -> list[str]:
        """Return the shared strings; none where the workbook has no such part."""
        part = self._part("sharedStrings")
        return shared_strings(self._package.read(part)) if part else []

    def formats(self) -> tuple[str, ...]:
        """Return the number format of each style index."""
        part = self._part("styles")
        return tuple(number_formats(self._package.read(part))) if part else ()

    def _part(self, kind: str) -> str | None:
        parts = (item.target for item in self._related.values() if item.kind == kind)
        return next((part for part in parts if part in self._package), None)
