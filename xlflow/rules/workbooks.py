"""XF3xx: what is wrong with a sheet or a workbook as a whole."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from xlflow.columns import Column, Owner, Words
from xlflow.facts import Row, Snapshot, TableSheet, address, column_letters
from xlflow.matching import key_texts
from xlflow.rules.catalogue import RULES, Problem, rule
from xlflow.schema import BY_NAME, MESSAGE, PROBLEM
from xlflow.values import is_in_month, is_refused


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
def optional_column_missing(book: Snapshot) -> Iterable[Problem]:
    """Columns are missing that aren't in the guide's table, or that xlflow would compute.

    Why: what needs them can't be judged: without a status and a day of completion
    nobody knows what is overdue, without a start there is no cycle time.
    Repair: add the columns if you want to know.
    """
    absent: dict[tuple[Column, ...], list[str]] = defaultdict(list)
    for sheet in book.sheets:
        needed = {f for each in RULES.values() if sheet.table in each.tables for f in each.needs}
        columns = tuple(
            column
            for column in _missing(sheet)
            if (column.owner is Owner.COMPUTED or not column.guide)
            and (column.in_figures or column.field in needed)
        )
        if columns:
            absent[columns].append(sheet.sheet)
    return [
        Problem(sheet=sheets[0], sheets=_quoted(sheets), headers=_names(columns))
        for columns, sheets in absent.items()
    ]


@rule("XF305", since="0.1", severity="warning")
def header_twice(sheet: TableSheet) -> Iterable[Problem]:
    """Two columns claim to be the same one, by one header or by two that mean the same.

    Why: only one of them is read, and it may be the wrong one.
    Repair: give the other one a header that says what it holds.
    """
    return [
        Problem(
            at=(sheet.header_row, number),
            header=sheet.headers[field],
            used=column_letters(sheet.columns[field]),
            other_header=other_header,
            other=column_letters(number),
        )
        for field, number, other_header in sheet.duplicate_columns
    ]


@rule("XF306", since="0.1", severity="warning")
def table_twice(book: Snapshot) -> Iterable[Problem]:
    """A sheet is a copy of another sheet of the workbook.

    Why: most of its rows stand on the other sheet, and would be counted twice, so it isn't read.
    Repair: take the copy out of the workbook, or move the rows that differ to the other sheet.
    """
    return [Problem(sheet=sheet, used=used) for _, sheet, used in book.duplicates]


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
def no_record_column(book: Snapshot) -> Iterable[Problem]:
    """A sheet has no 系统记录 column, so nothing is written into it.

    Why: only with it can xlflow tell its own cells from a person's. The sheet is
    read and counted all the same.
    Repair: use the template's sheet if you want flags in the workbook.
    """
    sheets = [sheet.sheet for sheet in book.sheets if not sheet.recorded]
    return [Problem(sheet=sheets[0], sheets=_quoted(sheets))] if sheets else []


@rule("XF312", since="0.1", severity="info")
def signed_workbook(book: Snapshot) -> Iterable[Problem]:
    """The workbook has a digital signature, so nothing is written into it.

    Why: any change would break the signature. The workbook is read and counted all the same.
    Repair: none is needed; remove the signature if you want the flags in the workbook.
    """
    return [Problem()] if book.signed else []


@rule("XF313", since="0.1", severity="warning")
def column_missing(book: Snapshot) -> Iterable[Problem]:
    """An optional column of the guide's table is missing.

    Why: what belongs there is written down nowhere, or under another header where nobody reads it.
    Repair: add the column, or restore its header; its place doesn't matter.
    """
    absent: dict[Column, list[str]] = defaultdict(list)
    for sheet in book.sheets:
        for column in _missing(sheet):
            if column.guide and not column.required and column.owner is Owner.TEAM:
                absent[column].append(sheet.sheet)
    return [
        Problem(sheet=sheets[0], sheets=_quoted(sheets), header=column.header)
        for column, sheets in absent.items()
    ]


@rule("XF314", since="0.1", severity="error")
def unit_refused(sheet: TableSheet) -> Iterable[Problem]:
    """The header gives the numbers of a column a unit that they can't have.

    Why: a working day has no fixed number of hours, nor a week of days, so what such a
    number means isn't known; the numbers of the column aren't used.
    Repair: fill in the column in the unit of its own header, and restore that header.
    """
    return [
        Problem(
            at=(sheet.header_row, sheet.columns[field]),
            header=sheet.headers[field],
            unit=unit,
            own=sheet.table[field].header,
        )
        for field, unit in sheet.units.items()
        if is_refused(sheet.table[field], unit)
    ]


@rule("XF315", since="0.1", severity="info")
def total_in_doubt(sheet: TableSheet) -> Iterable[Problem]:
    """A row looks like a total, but isn't certainly one, so it is counted.

    Why: if it is a total, its numbers are counted twice.
    Repair: begin the row with a word such as 合计 if it is a total; else fill in what it lacks.
    """
    return [Problem(at=position) for position in sheet.in_doubt]


@rule("XF316", since="0.1", severity="warning")
def record_not_writable(sheet: TableSheet) -> Iterable[Problem]:
    """The row's 系统记录 can't be written: a merged cell covers it.

    Why: only the record vouches for what xlflow computes in the row, so nothing is computed.
    Repair: unmerge the cell.
    """
    if not sheet.recorded:
        return []
    place = sheet.columns["record"]
    covered = (row.number for row in sheet.rows if "record" in row.merged)
    return [Problem(at=(number, place)) for number in covered]


@rule("XF317", since="0.1", severity="info")
def month_of_the_sheet(sheet: TableSheet) -> Iterable[Problem]:
    """Problems, and campaigns without a month, count in the month that their sheet is named by.

    Why: the name of the sheet is all that says when they were; its year may be a guess.
    Repair: fill in 统计月份 where a campaign belongs to another month, and move the
    problems that do to another sheet.
    """
    if not sheet.month:
        return []
    taken = {_month_taken(row) for row in sheet.rows} - {""} or {sheet.month}
    rows, repair = _IN_SHEETS_MONTH[sheet.table is PROBLEM]
    return [Problem(month="、".join(sorted(taken)), rows=rows, repair=repair)]


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


_IN_SHEETS_MONTH = {
    False: (
        Words("没有填统计月份的行", "rows without a month"),
        Words("填上统计月份", "fill in the month"),
    ),
    True: (
        Words("的问题", "the problems"),
        Words("移到别的工作表", "move them to another sheet"),
    ),
}


def _month_taken(row: Row) -> str:
    """Return the month that a row has taken from its sheet's name, if it has."""
    value = row.value_in("month")
    return str(value.value) if value is not None and is_in_month(value) else row.month


def _quoted(sheets: Sequence[str]) -> Words:
    """Return the sheets of which the same is to be said once; several tables may be on one."""
    names = list(dict.fromkeys(sheets))
    return Words("、".join(f"“{name}”" for name in names), ", ".join(f'"{n}"' for n in names))


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
