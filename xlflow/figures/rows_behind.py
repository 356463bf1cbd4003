"""The rows behind a month's figures, each with its place, so that any number can be traced.

A month may have hundreds of thousands of them, with few distinct texts. Equal texts are
therefore one object (:func:`_streamed`), which saves two thirds of the memory.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from sys import intern
from typing import Any

import sqlalchemy as sa

from xlflow.facts import column_letters
from xlflow.figures import sums
from xlflow.figures.recurring_duties import Duty
from xlflow.figures.report import (
    CampaignItem,
    FindingItem,
    MessageItem,
    Origin,
    OverdueItem,
    PriorityItem,
    Submission,
)
from xlflow.figures.sums import BOOK, CAMPAIGN, MESSAGE, PLAN, PROBLEM, Period
from xlflow.meaning.overdue import (
    LatenessUnit,
    day_of,
    happened_by,
    in_time,
    late_text,
    lateness,
)
from xlflow.meaning.priority import priorities as ranked
from xlflow.meaning.quantity import format_quantity
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.messages import say
from xlflow.schema import BY_NAME, DONE
from xlflow.store import WorkbookState, sql_tables
from xlflow.store.row_encoding import UNKNOWN, decode_people, decode_quantity, from_iso
from xlflow.store.sql_time import Condition

Keys = list[str | None]

_SEVERITIES = ("error", "warning", "info")
_CHUNK = 1000  # rows that are read at a time


@dataclass(frozen=True, slots=True)
class ListSource:
    """What the lists are made from: the store, the period, the recurring duties, the language."""

    connection: sa.Connection
    period: Period
    duties: Sequence[Duty]
    language: str


def overdue_in_period(source: ListSource) -> tuple[OverdueItem, ...]:
    """Return the rows that the figures count as overdue, longest first."""
    period = source.period
    in_sql = period.in_sql()
    missed = {
        (duty.workbook, duty.row_id): duty.missed_in(period)
        for duty in source.duties
        if duty.belongs_to(period)
    }
    return _overdue(
        source,
        sums.plan_overdue(in_sql.at),
        sa.and_(sums.message_belongs(in_sql), sums.message_overdue(in_sql.at)),
        missed,
    )


def overdue_now(source: ListSource) -> tuple[OverdueItem, ...]:
    """Return the rows that are overdue at as-of, longest first.

    As in :mod:`xlflow.computing`, which makes the flags, an item marked 已完成 isn't
    overdue, even if it was done after as-of.
    """
    at = source.period.in_sql().at
    missed = {(d.workbook, d.row_id): d.missed(source.period.at) for d in source.duties}
    return _overdue(
        source,
        sa.and_(sums.plan_overdue(at), PLAN.status != DONE),
        sums.message_overdue(at),
        missed,
    )


def _overdue(
    source: ListSource,
    plans: Condition,
    messages: Condition,
    missed: Mapping[tuple[str, str], date | datetime | None],
) -> tuple[OverdueItem, ...]:
    """Return the items for plans and messages of two conditions, and for missed duties.

    ``missed`` maps (workbook, row id) of each duty to the occurrence that it missed.
    """
    at, language = source.period.at, source.language
    late_texts: dict[tuple[int, LatenessUnit], str] = {}
    found: list[tuple[str, Origin, Keys, str | None, date | datetime | None]] = []
    for origin, owners, due, *keys in _rows(
        source, "plan", plans, ("due",), PLAN.owners, PLAN.due, *_key_columns("plan")
    ):
        found.append(("plan", origin, keys, owners, from_iso(due)))
    requests = sa.or_(messages, MESSAGE.recurring) if missed else messages
    for origin, owners, due, row_id, *keys in _rows(
        source,
        "message",
        requests,
        ("deadline",),
        *(MESSAGE.owners, MESSAGE.answer_due, MESSAGE.row_id),
        *_key_columns("message"),
    ):
        missed_at = missed.get((origin.workbook, row_id))
        found.append(("message", origin, keys, owners, missed_at or from_iso(due)))
    items = []
    people_of = cache(decode_people)
    for table, origin, keys, owners, due in found:
        late = lateness(due, at) if due is not None else None
        if due is not None and late is not None:
            said = late[:2]
            if said not in late_texts:
                late_texts[said] = late_text(late, language)
            item = intern(" · ".join(key for key in keys if key))
            people, text = people_of(owners), late_texts[said]
            items.append(OverdueItem(origin, table, item, people, due, text, late.seconds))
    return tuple(sorted(items, key=lambda item: (-item.late_seconds, *_order(item.origin))))


def priorities(source: ListSource, month: str) -> tuple[PriorityItem, ...]:
    """Return a month's problems with their rank over all teams; those without one come last."""
    columns = (PROBLEM.impact, PROBLEM.days, PROBLEM.stage, PROBLEM.owner, PROBLEM.description)
    counted = sa.or_(PROBLEM.sheet_month.is_(None), PROBLEM.sheet_month == month)
    rows = list(_rows(source, "problem", counted, ("priority", "impact"), *columns))
    days_of = {days: _decimal(days) for _, _, days, *_ in rows}
    distinct = list({(impact, days) for _, impact, days, *_ in rows})
    ranks = ranked([(impact, days_of[days]) for impact, days in distinct])
    rank_of = dict(zip(distinct, ranks, strict=True))
    people_of = cache(decode_people)
    items = [
        PriorityItem(
            origin,
            rank_of[impact, days],
            stage,
            people_of(owner),
            days_of[days],
            impact,
            description,
        )
        for origin, impact, days, stage, owner, description in rows
    ]
    last = len(items) + 1
    # The rows are in the order of their places already.
    return tuple(sorted(items, key=lambda item: item.rank or last))


def campaigns(source: ListSource, month: str) -> tuple[CampaignItem, ...]:
    """Return the campaign metrics of a month."""
    typed = sa.func.json_array(
        *(sa.func.json_extract(CAMPAIGN.cells, f"$.{field}") for field in ("target", "actual"))
    )
    columns = (
        *(CAMPAIGN.name, CAMPAIGN.metric, CAMPAIGN.cause, CAMPAIGN.next_step),
        *(CAMPAIGN.target, CAMPAIGN.target_unit, CAMPAIGN.actual, CAMPAIGN.actual_unit, typed),
        *(CAMPAIGN.ratio, CAMPAIGN.verdict, CAMPAIGN.reason),
    )
    places = ("deviation", "actual", "target")
    items = []
    for row in _rows(source, "campaign", CAMPAIGN.month == month, places, *columns):
        origin, name, metric, cause, next_step = row[:5]
        target, target_unit, actual, actual_unit, cells, ratio, verdict, reason = row[5:]
        target_cell, actual_cell = json.loads(cells)
        items.append(
            CampaignItem(
                origin=origin,
                name=name,
                metric=metric,
                target=_shown(target, target_unit, target_cell),
                actual=_shown(actual, actual_unit, actual_cell),
                deviation=_decimal(ratio),
                verdict=verdict,
                reason=_unknown_reason(reason, verdict, source.language),
                cause=cause,
                next_step=next_step,
            )
        )
    return tuple(items)


def messages(source: ListSource) -> tuple[MessageItem, ...]:
    """Return the requests that belong to the period, including recurring duties."""
    period = source.period
    duties = {(d.workbook, d.row_id): d for d in source.duties if d.belongs_to(period)}
    candidates = sa.or_(sums.message_belongs(period.in_sql()), MESSAGE.recurring)
    columns = (
        *(MESSAGE.row_id, MESSAGE.recurring, MESSAGE.judged),
        *(MESSAGE.topic, MESSAGE.sender, MESSAGE.partners, MESSAGE.owners, MESSAGE.deadline),
        *(MESSAGE.asked_at, MESSAGE.answer_due, MESSAGE.answered_at),
    )
    people_of = cache(decode_people)
    items = []
    for row in _rows(source, "message", candidates, ("deadline",), *columns):
        origin, row_id, recurring, judged, topic, sender, partners, owners = row[:8]
        deadline, asked_at, answer_due, answered_at = row[8:]
        duty = duties.get((origin.workbook, row_id))
        if recurring and duty is None:
            continue
        answered = from_iso(answered_at)
        if duty is not None:
            due, state = _duty_state(duty, period)
        else:
            due = from_iso(answer_due)
            state = _answer_state(due, answered, judged, period.at)
        items.append(
            MessageItem(
                origin,
                topic,
                people_of(sender),
                people_of(partners),
                people_of(owners),
                deadline,
                from_iso(asked_at),
                due,
                answered,
                state,
            )
        )
    return tuple(items)


def findings(source: ListSource, rule: str | None = None) -> tuple[FindingItem, ...]:
    """Return the findings as last recorded, and those about edits in the period.

    With ``rule`` only those of that code.
    """
    table, period = sql_tables.finding.c, source.period
    query = (
        sa.select(
            BOOK.team,
            *(table.workbook, table.sheet, table.cell, table.row, table.column, table.code),
            *(table.severity, table.params, table.value, table.fix),
            *(table.version_after, table.seen),
        )
        .join_from(sql_tables.workbook, sql_tables.finding, table.workbook == BOOK.workbook)
        .where(sums.is_counted(), sa.true() if rule is None else table.code == rule)
    )
    messages: dict[tuple[str, str], str] = {}
    items = []
    for row in _streamed(source.connection, query):
        *place, column, code, severity, params, value, fix, version_after, seen_text = row
        if version_after is not None:  # it is about an edit
            seen = datetime.fromisoformat(seen_text)
            in_period = period.first <= day_of(seen) <= period.last
            if not in_period or not happened_by(seen, period.at):
                continue
        if (code, params) not in messages:
            sentence = _text(f"rules.{code}", source.language, json.loads(params))
            messages[code, params] = intern(sentence)
        message = messages[code, params]
        origin = Origin(*place)
        items.append(FindingItem(origin, column, code, severity, message, value, fix))
    return tuple(
        sorted(
            items,
            key=lambda i: (_SEVERITIES.index(i.severity), *_order(i.origin), i.code, i.message),
        )
    )


def submissions(
    books: Sequence[WorkbookState],
    states: Mapping[str, str],
    first_seen: Mapping[str, datetime],
    language: str,
) -> tuple[Submission, ...]:
    """Return for each team whether it has handed in, and the state of its workbook."""
    return tuple(
        Submission(
            origin=Origin(book.team, book.workbook),
            state=states[book.team],
            first_seen=first_seen.get(book.team),
            last_seen=book.last_seen,
            last_modified_by=book.last_modified_by,
            status=book.status,
            reason=_text(book.reason.key, language, book.reason.params) if book.reason else None,
            rows=book.rows,
        )
        for book in books
    )


def _rows(
    source: ListSource,
    table: str,
    condition: Condition,
    places: Sequence[str],
    *columns: sa.ColumnElement[Any],
) -> Iterator[tuple[Any, ...]]:
    """Yield each row's place and the values of some columns, by team, sheet and row.

    Its place is the cell of the first of the fields ``places`` that the sheet has.
    """
    rows = sql_tables.ROWS[table]
    sheets = sql_tables.sheet.c
    columns_of = sa.select(sheets.workbook, sheets.columns).where(sheets.table == table)
    letters: dict[tuple[str, str], list[tuple[int, str | None]]] = defaultdict(list)
    for workbook, stands in source.connection.execute(columns_of):
        for sheet, header_row, numbers in json.loads(stands):
            place = next((field for field in places if field in numbers), None)
            letter = column_letters(numbers[place]) if place is not None else None
            letters[workbook, sheet].append((header_row, letter))
    query = (
        sa.select(BOOK.team, BOOK.workbook, rows.c.sheet, rows.c.number, *columns)
        .join_from(sql_tables.workbook, rows, rows.c.workbook == BOOK.workbook)
        .where(sums.is_counted(), sums.is_counted_here(rows), condition)
        .order_by(BOOK.team, rows.c.sheet, rows.c.number)
    )
    for row in _streamed(source.connection, query):
        team, workbook, sheet, number, *values = row
        above = [letter for header, letter in letters[workbook, sheet] if header < number]
        column = above[-1] if above else None
        cell = intern(f"{column}{number}") if column is not None else None
        yield Origin(team, workbook, sheet, cell, number), *values


def _streamed(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query; equal values of a column are one object."""
    known: list[dict[Any, Any]] | None = None
    for rows in connection.execute(query).partitions(_CHUNK):
        columns = list(zip(*rows, strict=True))
        known = known or [{} for _ in columns]
        shared = (map(k.setdefault, c, c) for k, c in zip(known, columns, strict=True))
        yield from zip(*shared, strict=True)


def _key_columns(table: str) -> list[sa.ColumnElement[Any]]:
    """Return the key columns, by which people know a row."""
    return [sql_tables.ROWS[table].c[column.field] for column in BY_NAME[table].keys]


def _order(place: Origin) -> tuple[str, str, int, str]:
    return place.team, place.sheet or "", place.row or 0, place.cell or ""


def _shown(amount: str | None, unit: str | None, packed: Any) -> str | None:
    """Return a quantity as the sheet shows it: the text that was typed, or number and unit.

    ``packed`` is its cell (:mod:`xlflow.packed_rows`), None where there is no column.
    """
    typed = packed.get("v") if isinstance(packed, Mapping) else packed
    if isinstance(typed, str):
        return typed
    quantity = decode_quantity(amount, unit)
    if quantity is not None:
        return format_quantity(quantity)
    return str(typed[1]) if typed is not None else None


def _unknown_reason(reason: str | None, verdict: str, language: str) -> str | None:
    """Return why it is unknown whether a campaign metric was met."""
    if reason is not None:
        return reason_text(NotComputable(reason), language)
    return say("rollup.running", language) if verdict == UNKNOWN else None


def _duty_state(duty: Duty, period: Period) -> tuple[date | datetime | None, str]:
    """Return when a duty's answer is due, and the state of its :class:`MessageItem`."""
    missed = duty.missed_in(period)
    state = "overdue" if missed is not None else "in_time"
    return missed or duty.next_due(period.at), state if duty.judged else "unknown"


def _answer_state(
    due: date | datetime | None, answered: date | datetime | None, judged: bool, at: datetime
) -> str:
    """Return the state of a :class:`MessageItem`."""
    if due is None:
        return "unknown"
    if answered is not None and happened_by(answered, at):
        return "in_time" if in_time(answered, due) else "late"
    if lateness(due, at) is None:
        return "open"
    return "overdue" if judged else "unknown"


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _text(key: str, language: str, params: Mapping[str, Any]) -> str:
    """Return a sentence; the key itself if a later version has dropped or changed it."""
    try:
        return say(key, language, **params)
    except (KeyError, IndexError):
        return key
