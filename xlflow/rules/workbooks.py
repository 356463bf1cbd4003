"""XF3xx: what is wrong with a sheet or a workbook as a whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from xlflow.columns import Column, Owner, Words
from xlflow.facts import Row, Snapshot, TableSheet, address, column_letters
from xlflow.matching import key_texts
from xlflow.rules.catalogue import RULES, Problem, rule
from xlflow.schema import BY_NAME, MESSAGE


@rule("XF301", since="0.1", severity="error")
def sheet_missing(book: Snapshot) -> Iterable[Problem]:
    """One of the four sheets is missing.

    Why: what it holds can't be counted, and the team looks as if it had nothing to report.
    Repair: copy the sheet back from the template, or restore its name.
    """
    return [Problem(table=BY_NAME[name].sheet) for name in book.absent]


@rule("XF302", since="0.1", severity="error")
def sheet_without_header(book: Snapshot) -> Iterable[Problem]:
    """A sheet has a table's name, but no header row was found in it.

    Why: without the header nobody knows which column is which, so nothing is read.
    Repair: put the headers into one row among the first 20.
    """
    return [
        Problem(sheet=sheet, headers=_names(BY_NAME[name].team_columns))
        for name, sheet in book.without_header
    ]


@rule("XF303", since="0.1", severity="error")
def required_column_missing(sheet: TableSheet) -> Iterable[Problem]:
    """A column that every row needs is missing.

    Why: its content is unknown for every row, and the figures that need it are missing.
    Repair: add the column, or restore its header; its place doesn't matter.
    """
    return [Problem(header=column.header) for column in _missing(sheet) if column.required]


@rule("XF304", since="0.1", severity="info")
def optional_column_missing(sheet: TableSheet) -> Iterable[Problem]:
    """Columns are missing that aren't in the guide's table, or that xlflow would compute.

    Why: what needs them can't be judged: without a status and a day of completion
    nobody knows what is overdue, without a start there is no cycle time.
    Repair: add the columns if you want to know.
    """
    needed = {f for each in RULES.values() if sheet.table in each.tables for f in each.needs}
    absent = [
        column
        for column in _missing(sheet)
        if (column.owner is Owner.COMPUTED or not column.guide)
        and (column.in_figures or column.field in needed)
    ]
    return [Problem(headers=_names(absent))] if absent else []


@rule("XF305", since="0.1", severity="warning")
def header_twice(sheet: TableSheet) -> Iterable[Problem]:
    """Two columns have the same header.

    Why: only one of them is read, and it may be the wrong one.
    Repair: rename or delete the one that you don't use.
    """
    return [
        Problem(
            at=(sheet.header_row, number),
            header=sheet.headers[field],
            used=column_letters(sheet.columns[field]),
            other=column_letters(number),
        )
        for field, number in sheet.duplicate_columns
    ]


@rule("XF306", since="0.1", severity="warning")
def table_twice(book: Snapshot) -> Iterable[Problem]:
    """Another sheet looks like a table that was found already.

    Why: only one sheet is read for each table; rows in the other aren't counted.
    Repair: move its rows over, or take the copy out of the workbook.
    """
    return [Problem(sheet=sheet, used=book.tables[name].sheet) for name, sheet in book.duplicates]


@rule("XF307", since="0.1", severity="warning")
def row_twice(sheet: TableSheet) -> Iterator[Problem]:
    """Two rows say the same thing twice.

    Why: both are counted. Rows are the same when their key columns are; the same
    request made at another time is another request. One stage may have several
    problems, so those are the same only when all that was filled in is.
    Repair: delete the redundant row, or make the two different.
    """
    first: dict[tuple[str, ...], int] = {}
    for row in sheet.rows:
        signature = _signature(row)
        if signature is None:
            continue
        before = first.setdefault(signature, row.number)
        if before != row.number:
            place = next(sheet.columns[c.field] for c in row.table.keys if c.field in sheet.columns)
            yield Problem(at=(row.number, place), first=before)


@rule("XF308", since="0.1", severity="info")
def hidden_rows(sheet: TableSheet) -> Iterable[Problem]:
    """Some rows are hidden.

    Why: they are counted all the same; anyone who sees only the others gets another sum.
    Repair: show them, or delete them if they are no longer needed.
    """
    hidden = [row.number for row in sheet.rows if row.hidden]
    return [Problem(rows=_ranges(hidden))] if hidden else []


@rule("XF309", since="0.1", severity="info")
def hidden_sheet(sheet: TableSheet) -> Iterable[Problem]:
    """The whole sheet is hidden.

    Why: its rows are counted all the same, though nobody sees them.
    Repair: show it again with a right click on any sheet tab.
    """
    return [Problem(count=len(sheet.rows))] if sheet.hidden else []


@rule("XF310", since="0.1", severity="warning")
def merged_cells(sheet: TableSheet) -> Iterator[Problem]:
    """Cells of the data are merged.

    Why: one value then stands for several rows or columns; sorting and filtering
    stop working, and whether the value holds for each row isn't clear.
    Repair: unmerge the cells and fill in each of them.
    """
    numbers = [row.number for row in sheet.rows]
    for top, left, bottom, right in sheet.merges:
        if bisect_left(numbers, top) < bisect_right(numbers, bottom):
            area = f"{address(top, left)}:{address(bottom, right)}"
            yield Problem(at=(top, left), area=area)


@rule("XF311", since="0.1", severity="info")
def no_record_column(sheet: TableSheet) -> Iterable[Problem]:
    """The sheet has no 系统记录 column, so nothing is written into it.

    Why: only with it can xlflow tell its own cells from a person's. The sheet is
    read and counted all the same.
    Repair: use the template's sheet if you want flags in the workbook.
    """
    return [] if sheet.recorded else [Problem()]


@rule("XF312", since="0.1", severity="info")
def signed_workbook(book: Snapshot) -> Iterable[Problem]:
    """The workbook has a digital signature, so nothing is written into it.

    Why: any change would break the signature. The workbook is read and counted all the same.
    Repair: none is needed; remove the signature if you want the flags in the workbook.
    """
    return [Problem()] if book.signed else []


@rule("XF313", since="0.1", severity="warning")
def column_missing(sheet: TableSheet) -> Iterable[Problem]:
    """An optional column of the guide's table is missing.

    Why: what belongs there is written down nowhere, or under another header where nobody reads it.
    Repair: add the column, or restore its header; its place doesn't matter.
    """
    return [
        Problem(header=column.header)
        for column in _missing(sheet)
        if column.guide and not column.required and column.owner is Owner.TEAM
    ]


@rule("XF318", since="0.1", severity="warning")
def equal_workbook(book: Snapshot) -> Iterable[Problem]:
    """Another file of the folder holds the same.

    Why: both are counted, because neither says which one is the copy.
    Repair: move the copy out of the folder; two teams that start alike need do nothing.
    """
    return [Problem(other=other) for other in book.equal_to]


@rule("XF319", since="0.1", severity="info")
def rows_shared(book: Snapshot) -> Iterable[Problem]:
    """Another file of the folder has some of the same rows.

    Why: last month's workbook is often kept beside this month's. Each shared row counts
    once, in the file that was changed last.
    Repair: none is needed; move the older file out of the folder if it is no longer used.
    """
    return [
        Problem(other=other, count=count, counted=counted) for other, count, counted in book.shares
    ]


def _missing(sheet: TableSheet) -> list[Column]:
    """Return the columns that the sheet lacks, xlflow's own left out."""
    missing = (sheet.table[field] for field in sheet.missing)
    return [column for column in missing if column.owner is not Owner.XLFLOW]


def _names(columns: Sequence[Column]) -> Words:
    return Words(
        "、".join(column.header.zh for column in columns),
        ", ".join(column.header.en for column in columns),
    )


def _signature(row: Row) -> tuple[str, ...] | None:
    """Return what makes a row the same as another; None where a key is still to be filled in."""
    texts = key_texts(row)
    if not all(texts):
        required = zip(row.table.keys, texts, strict=True)
        if any(column.required and not text for column, text in required):
            return None
    if len(texts) == 1:  # a stage alone doesn't tell its problems apart
        return (*texts, *row.texts)
    asked = row.value_in("asked_at") if row.table is MESSAGE else None
    return (*texts, asked.text if asked else "")


def _ranges(numbers: Sequence[int]) -> str:
    """Return ``5, 7-9`` for ascending 5, 7, 8, 9."""
    runs = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        runs.append(str(members[0]) if len(members) == 1 else f"{members[0]}-{members[-1]}")
    return ", ".join(runs)
