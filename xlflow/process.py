"""One workbook, purely. Read this first.

:func:`process` takes the bytes of a workbook, what is remembered of it, and a
moment; it returns everything that follows: rows with identities, what was
computed, findings, changes since last time, and the cells that xlflow wants to
write. It touches no disk and no clock. ``check``, ``sync`` and whatever comes
later go through it; what happens with the outcome is their affair
(:mod:`xlflow.sync.run`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from hashlib import sha256
from importlib.metadata import version as installed_version

from xlflow import __version__, rules
from xlflow.columns import Column, Kind, Owner
from xlflow.computing import compute_all
from xlflow.config import Settings
from xlflow.facts import (
    CellWrites,
    Change,
    Computed,
    Finding,
    Outcome,
    Row,
    Snapshot,
    Value,
)
from xlflow.matching import key_texts, match, record_of, row_texts
from xlflow.meaning.overdue import changes_after, day_of, end_of_day
from xlflow.meaning.priority import priority_text
from xlflow.meaning.quantity import PERCENT, quantity_of_number
from xlflow.meaning.variance import deviation_text, reason_text
from xlflow.meaning.workdays import Calendar
from xlflow.ooxml.book import Book, read_book
from xlflow.ooxml.splice import content_digest
from xlflow.ooxml.table_finder import find_tables
from xlflow.record import Record, key_digest, value_digest
from xlflow.values import YEAR_FIRST_SEEN, value_of, year_in

Place = tuple[int, int]
Written = str | Decimal | None

_FIFTEEN = Context(prec=15, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What else than the content an outcome depends on."""

    team: str
    settings: Settings
    workbook: str = ""

    @property
    def calendar(self) -> Calendar:
        """The mainland calendar with the team's own days off."""
        return Calendar(self.settings.days_off_of(self.team))


def inputs_digest(settings: Settings) -> str:
    """Digest what an outcome depends on besides the content, the memory and the moment."""
    stated = [__version__, installed_version("chinesecalendar")]
    stated += [f"{f.name}={_ordered(getattr(settings, f.name))}" for f in fields(settings)]
    return sha256("\0".join(stated).encode()).hexdigest()


def _ordered(value: object) -> object:
    """Return a setting with its sets in order, which differs from one run of Python to the next."""
    if isinstance(value, Mapping):
        return {name: _ordered(item) for name, item in value.items()}
    return sorted(value) if isinstance(value, frozenset) else value


def process(data: bytes, inputs: Inputs, memory: Sequence[Row], now: datetime) -> Outcome:
    """Work out everything that follows from one content of one workbook.

    Args:
        data: the workbook's bytes.
        inputs: the team and the settings.
        memory: the rows of the version recorded before; empty where nothing is known.
        now: the moment asked about, in the workspace's zone.

    Raises:
        UnreadableError: the content is no workbook that can be read.
    """
    settings, calendar = inputs.settings, inputs.calendar
    book = read_book(data)
    seen = find_tables(book, year=day_of(now).year, people=settings.people)
    rows = match(memory, seen.rows, entropy=(inputs.workbook, sha256(data).hexdigest()))
    before = {row.id: row for row in memory}
    rows = tuple(_with_first_year(row, before.get(row.id), seen.date1904) for row in rows)
    ownership = _Ownership([*rows, *(r for t in seen.tables.values() for r in t.cleared)])
    judged = tuple(ownership.without_own_values(row) for row in rows)
    computed = compute_all(judged, calendar, now, settings.language)
    findings = rules.check(seen, judged, computed, settings, calendar, now)
    edits = _edits(seen, rows, ownership, computed, findings, settings.language)
    own = _own_cells(book, seen, rows, ownership)
    return Outcome(
        snapshot=seen,
        rows=judged,
        computed=computed,
        findings=tuple(findings),
        changes=_changes(memory, rows),
        cells=edits,
        content=content_digest(data, own),
        own_cells=own,
        valid_from=now,
        valid_until=_valid_until(judged, computed, now),
        change_findings=tuple(rules.compare(seen, memory, judged, settings)),
        lost_tables=tuple(sorted({row.table.name for row in memory} - set(seen.tables))),
    )


def _with_first_year(row: Row, before: Row | None, date1904: bool) -> Row:
    """Keep year-less dates in the year in which they were first seen."""
    values = dict(row.values)
    record = record_of(row)
    for field, value in row.values.items():
        if YEAR_FIRST_SEEN not in value.hints:
            continue
        old = before.values.get(field) if before else None
        if old is not None and old.cell.value == value.cell.value and old.value is not None:
            values[field] = old._replace(cell=value.cell)
        elif record is not None and record.year is not None:
            again = value_of(row.table[field], value.cell, date1904=date1904, year=record.year)
            values[field] = again._replace(hints=(*again.hints, YEAR_FIRST_SEEN))
    return replace(row, values=values)


class _Ownership:
    """Which computed cells hold what xlflow wrote, as the records in the sheet vouch.

    The record is looked up over the whole sheet by the row's identity, because
    sorting may have left it in another row; and in the row itself, because a
    copied row carries the record of the row it was copied from.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._records: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for row in rows:
            record = record_of(row)
            if record is not None:
                self._records[row.sheet, record.id].append(record)

    def is_own(self, row: Row, field: str) -> bool:
        """Whether the cell is blank or holds what xlflow wrote there, and so may be written."""
        cell = row.values[field].cell
        if cell.formula:
            return False
        if row.values[field].blank:
            return True
        carried = record_of(row)
        records = [*self._records.get((row.sheet, row.id), ()), *([carried] if carried else [])]
        return any(record.vouches(field, cell.value) for record in records)

    def without_own_values(self, row: Row) -> Row:
        """Blank the computed cells that are xlflow's, so that rules see only what people wrote."""
        own = {
            column.field: Value(row.values[column.field].cell._replace(value=None))
            for column in row.table.columns
            if column.owner is Owner.COMPUTED
            and column.field in row.values
            and self.is_own(row, column.field)
        }
        return replace(row, values={**row.values, **own}) if own else row


def _edits(
    seen: Snapshot,
    rows: Sequence[Row],
    ownership: _Ownership,
    computed: Mapping[str, Computed],
    findings: Iterable[Finding],
    language: str,
) -> CellWrites:
    """Return the cells that should hold something else than they do."""
    remarks: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.row_id is not None:
            remarks[finding.row_id].append(finding)
    edits: dict[str, dict[Place, Written]] = defaultdict(dict)

    def want(row: Row, field: str, wanted: Written) -> None:
        value = row.values[field]
        held = None if value.blank else value.cell.value
        if not value.cell.formula and field not in row.merged and held != wanted:
            edits[row.sheet][value.cell.row, value.cell.column] = wanted

    for row in rows:
        if not seen.tables[row.table.name].recorded:
            continue
        written: dict[str, Written] = {
            column.field: _computed_text(column, row, computed[row.id], language)
            for column in row.table.columns
            if column.owner is Owner.COMPUTED
            and column.field in row.values
            and ownership.is_own(row, column.field)
        }
        record = _record(row, written)
        written["late"] = computed[row.id].late_text or None
        written["remarks"] = rules.remark(remarks[row.id], language) or None
        written["record"] = str(record)
        for field, wanted in written.items():
            if field in row.values:
                want(row, field, wanted)
    for sheet in seen.tables.values():
        if not sheet.recorded:
            continue
        for row in sheet.cleared:
            for column in sheet.table.written_by_xlflow():
                if column.field in row.values and (
                    column.owner is Owner.XLFLOW or ownership.is_own(row, column.field)
                ):
                    want(row, column.field, None)
    return dict(edits)


def _computed_text(column: Column, row: Row, computed: Computed, language: str) -> Written:
    """Return what a computed cell should hold."""
    if column.kind is Kind.PRIORITY:
        return priority_text(computed.priority, language) if computed.priority else None
    if computed.reason is not None:
        return reason_text(computed.reason, language)
    if computed.deviation is None:
        return None
    number_format = row.values[column.field].cell.number_format
    if quantity_of_number(Decimal(1), number_format).unit != PERCENT:
        return deviation_text(computed.deviation)
    # As many digits as Excel keeps, so that what is read back is what was written.
    return _FIFTEEN.create_decimal(computed.deviation)


def _record(row: Row, written: Mapping[str, Written]) -> Record:
    typed_without_year = any(YEAR_FIRST_SEEN in value.hints for value in row.values.values())
    return Record(
        id=row.id,
        key=key_digest(key_texts(row)),
        year=_first_year(row) if typed_without_year else None,
        written={
            field: value_digest(row.id, field, value)
            for field, value in written.items()
            if value is not None
        },
    )


def _first_year(row: Row) -> int:
    """Return the year that the row's year-less dates were given when first seen."""
    seen = (year_in(v) for v in row.values.values() if YEAR_FIRST_SEEN in v.hints)
    return next(year for year in seen if year is not None)


def _own_cells(
    book: Book, seen: Snapshot, rows: Sequence[Row], ownership: _Ownership
) -> dict[str, frozenset[Place]]:
    """Return the cells that are xlflow's, whether filled or not: the ones a digest masks."""
    by_place = {(row.sheet, row.number): row for row in rows}
    by_place |= {(r.sheet, r.number): r for t in seen.tables.values() for r in t.cleared}
    own = {}
    for sheet in book.sheets:
        table_sheet = next((t for t in seen.tables.values() if t.sheet == sheet.name), None)
        if table_sheet is None or not table_sheet.recorded:
            continue
        places = {(row, c) for row, c in sheet.cells if row > table_sheet.header_row}
        numbers = {row for row, _ in places}
        cells = set()
        for column in table_sheet.table.written_by_xlflow():
            number = table_sheet.columns.get(column.field)
            if number is None:
                continue
            for row in numbers:
                cell = sheet.cells.get((row, number))
                if cell is not None and cell.formula:
                    continue
                holder = by_place.get((sheet.name, row))
                if (
                    column.owner is Owner.XLFLOW
                    or cell is None
                    or cell.value is None
                    or (holder is not None and ownership.is_own(holder, column.field))
                ):
                    cells.add((row, number))
        own[sheet.name] = frozenset(cells)
    return own


def _changes(before: Sequence[Row], now: Sequence[Row]) -> tuple[Change, ...]:
    """Return what people changed since the remembered version; none without one."""
    if not before:
        return ()
    old = {row.id: row for row in before}
    new = {row.id: row for row in now}
    changes = []
    for row in now:
        if row.id not in old:
            changes.append(Change("added", row.table.name, row.sheet, row.id, row.number))
            continue
        was, is_ = row_texts(old[row.id]), row_texts(row)
        for column in row.table.team_columns:
            field = column.field
            if field not in old[row.id].unread and was.get(field) != is_.get(field):
                changes.append(
                    Change(
                        kind="edited",
                        table=row.table.name,
                        sheet=row.sheet,
                        row_id=row.id,
                        row=row.number,
                        field=field,
                        cell=row.values[field].cell.address if field in row.values else None,
                        before=was.get(field),
                        after=is_.get(field),
                    )
                )
    changes += [
        Change("removed", row.table.name, row.sheet, row.id, row.number)
        for row in before
        if row.id not in new
    ]
    return tuple(changes)


def _valid_until(rows: Sequence[Row], computed: Mapping[str, Computed], now: datetime) -> datetime:
    """Return until when the outcome holds: lateness changes within the day, too."""
    moments = [end_of_day(day_of(now)) if now > datetime.min else now]
    for row in rows:
        due = computed[row.id].due
        if due is not None:
            moments.append(changes_after(due, now))
        for field in ("done_on", "answered_at"):
            event = row.get(field)
            if isinstance(event, datetime) and event > now:
                moments.append(event)
    return min(moments)
