"""What adopting a workbook would do to each of its tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xlflow import look
from xlflow.columns import Column, Kind, Owner
from xlflow.config import Settings
from xlflow.facts import TableSheet, address
from xlflow.meaning.folding import fold
from xlflow.ooxml.added_columns import (
    Addition,
    Highlight,
    NewColumn,
    Validation,
    add_columns,
    free_column,
    is_protected,
    validated_columns,
)
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.table_finder import find_tables
from xlflow.templates.column_formats import number_format
from xlflow.templates.conditional_formats import conditional_formats
from xlflow.templates.data_validation import data_validation
from xlflow.values import Context

READY_ROWS = 200
"""Rows below the last filled one that get lists and colours."""

CERTAIN, LIKELY = "certain", "likely"


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column that is there: its header as written, and how surely it is the schema's column.

    It is certain where the header is the column's own, likely where it is an alias.
    """

    column: Column
    header: str
    cell: str
    confidence: str


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What adopting does to one table.

    ``missing`` are columns of the guide that nobody but the team can add. ``refused`` is the
    key of a sentence that says why nothing is added, with the header concerned. ``protected``
    says that the sheet is protected, and stays so.
    """

    table: TableSheet
    mapped: tuple[MappedColumn, ...]
    missing: tuple[Column, ...]
    added: tuple[NewColumn, ...]
    refused: tuple[str, str] | None = None
    protected: bool = False
    addition: Addition | None = None

    @property
    def certain(self) -> bool:
        """Whether every header is a column's own, and no required column is missing."""
        return all(m.confidence == CERTAIN for m in self.mapped) and not any(
            column.required for column in self.missing
        )

    @property
    def signature(self) -> str:
        """The table and its headers as one text, equal for files with one mapping."""
        headers = sorted(f"{m.column.field}={fold(m.header)}" for m in self.mapped)
        return "\0".join((self.table.table.name, *headers))


@dataclass(frozen=True, slots=True)
class AdoptionPlan:
    """What adopting does to one workbook."""

    book: Book
    tables: tuple[TablePlan, ...]

    @property
    def adds(self) -> bool:
        """Whether there is anything to add."""
        return any(table.addition is not None for table in self.tables)

    def content(self, chosen: Sequence[TablePlan]) -> bytes:
        """Return the workbook with the columns of the chosen tables.

        Raises:
            WriteRefusedError: it is signed, or can't be written for another reason.
        """
        return add_columns(self.book, [t.addition for t in chosen if t.addition is not None])


def plan_adoption(data: bytes, settings: Settings, today: date) -> AdoptionPlan:
    """Return what adopting a workbook would do.

    Raises:
        UnreadableError: the content isn't a workbook that can be read.
    """
    book = Book(data)
    tables = find_tables(book, Context.of(settings, today)).sheets
    plans = []
    taken: dict[str, int] = {}
    for table in sorted(tables, key=lambda t: (t.sheet, t.header_row)):
        plan = _plan_table(book, table, tables, settings, taken.get(table.sheet, 0))
        if plan.added:
            taken[table.sheet] = max(column.number for column in plan.added)
        plans.append(plan)
    return AdoptionPlan(book, tuple(plans))


def _plan_table(
    book: Book, table: TableSheet, all_tables: Sequence[TableSheet], settings: Settings, taken: int
) -> TablePlan:
    schema = table.table
    mapped = tuple(
        MappedColumn(
            column,
            table.headers[column.field],
            address(table.header_row, table.columns[column.field]),
            CERTAIN if _is_own(column, table.headers[column.field]) else LIKELY,
        )
        for column in schema.columns
        if column.field in table.columns
    )
    absent = [column for column in schema.columns if column.field not in table.columns]
    missing = tuple(c for c in absent if c.guide and c.owner is Owner.TEAM)
    wanted = [column for column in absent if column not in missing]
    protected = is_protected(book, table.sheet)
    if not wanted:
        return TablePlan(table, mapped, missing, (), protected=protected)
    sheet = book.sheet(table.sheet)
    assert sheet is not None, "the table was found in it"
    in_use = _header_in_use(sheet, table, wanted)
    if in_use is not None:
        return TablePlan(table, mapped, missing, (), ("own_column", in_use), protected)
    language = "en" if all(header.isascii() for header in table.headers.values()) else "zh"
    first = max(free_column(sheet, table.header_row, max(table.columns.values())), taken + 1)
    added = tuple(
        NewColumn(
            number=first + place,
            header=column.header[language],
            width=column.width,
            hidden=column.hidden,
            number_format=_format(column),
            unlocked=protected and column.owner is Owner.TEAM,
        )
        for place, column in enumerate(wanted)
    )
    numbers = {**table.columns, **{c.field: n.number for c, n in zip(wanted, added, strict=True)}}
    addition = _addition(book, table, all_tables, numbers, added, language, settings)
    return TablePlan(table, mapped, missing, added, None, protected, addition)


def _addition(
    book: Book,
    table: TableSheet,
    all_tables: Sequence[TableSheet],
    numbers: dict[str, int],
    added: tuple[NewColumn, ...],
    language: str,
    settings: Settings,
) -> Addition:
    first = min((row.number for row in table.rows), default=table.header_row + 1)
    below = [
        t.header_row
        for t in all_tables
        if t.sheet == table.sheet and t.header_row > table.header_row
    ]
    last = max((row.number for row in table.rows), default=table.header_row) + READY_ROWS
    last = min([last, *(row - 1 for row in below)])
    last = max(last, first)
    beside = max(table.columns.values())
    new = {column.number for column in added}
    validated = validated_columns(book, table.sheet)
    validations = []
    for column in table.table.columns:
        number = numbers.get(column.field)
        own_list = column.kind is Kind.CHOICE and number not in validated
        if number is None or (number not in new and not own_list):
            continue
        found = data_validation(column, address(first, number), language, settings)
        if found is not None:
            validations.append(_validation(number, found))
    return Addition(
        sheet=table.sheet,
        header_row=table.header_row,
        first_row=first,
        last_row=last,
        header_like=(table.header_row, beside),
        cells_like=(first, beside),
        columns=added,
        validations=tuple(validations),
        highlights=tuple(_highlights(table, numbers, first)),
    )


def _is_own(column: Column, header: str) -> bool:
    """Whether a header is the column's own, with a note in brackets or without."""
    return _bare(header) in {_bare(column.header.zh), _bare(column.header.en)}


def _bare(header: str) -> str:
    return re.split(r"[(\[【「]", fold(header).replace(" ", ""), maxsplit=1)[0].strip("*:")


def _header_in_use(sheet: Sheet, table: TableSheet, wanted: Sequence[Column]) -> str | None:
    """Return a header that is there already and would be added, None if there is none.

    In a sheet without the 系统记录 column it is the team's own, whatever it is called. With
    that column it would become xlflow's, which would write over it.
    """
    used = {table.columns[field] for field in table.columns if not _is_xlflows(table, field)}
    names = {_bare(name) for c in wanted for name in (c.header.zh, c.header.en)}
    if not table.recorded:
        names |= {
            _bare(name)
            for c in table.table.columns
            if c.owner is Owner.XLFLOW
            for name in (c.header.zh, c.header.en)
        }
    for column, cell in sheet.rows[table.header_row].items():
        if column not in used and isinstance(cell.value, str) and _bare(cell.value) in names:
            return cell.value
    return None


def _is_xlflows(table: TableSheet, field: str) -> bool:
    return table.table[field].owner is Owner.XLFLOW and not table.recorded


def _format(column: Column) -> str | None:
    if column.kind in (Kind.DATE, Kind.MONTH, Kind.DEVIATION):
        return number_format(column, None)
    return look.GENERAL


def _validation(number: int, found: dict[str, Any]) -> Validation:
    """Return a data validation, given as XlsxWriter takes it, as the file format has it."""
    attributes = {"type": found["validate"], "allowBlank": "1", "showErrorMessage": "1"}
    if found.get("error_type", "stop") != "stop":
        attributes["errorStyle"] = found["error_type"]
    attributes["errorTitle"] = found["error_title"]
    attributes["error"] = found["error_message"]
    if found["validate"] == "list":
        return Validation(number, attributes, ('"{}"'.format(",".join(found["source"])),))
    if found["validate"] == "custom":
        return Validation(number, attributes, (found["value"].removeprefix("="),))
    bounds = tuple(_bound(found[name]) for name in ("minimum", "maximum"))
    return Validation(number, attributes, bounds)


def _bound(value: date | float) -> str:
    return str((value - date(1899, 12, 30)).days) if isinstance(value, date) else f"{value:g}"


def _highlights(table: TableSheet, numbers: dict[str, int], first: int) -> list[Highlight]:
    """Return the template's colours for the columns that the sheet then has."""
    if any(column.field not in numbers for column in table.table.columns):
        return []
    return [
        Highlight(
            tuple(numbers[name] for name in found.fields),
            found.formula,
            found.style.color,
            found.style.background,
        )
        for found in conditional_formats(table.table, first, numbers)
        if not found.edge
    ]
