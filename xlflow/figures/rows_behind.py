"""The rows behind a month's figures, each with its place, so that any number can be traced."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from xlflow.facts import address
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
from xlflow.figures.sums import BOOK, CAMPAIGN, MESSAGE, PLAN, Period
from xlflow.meaning.overdue import day_of, happened_by, in_time, late_text, lateness
from xlflow.meaning.priority import priorities as ranked
from xlflow.meaning.quantity import format_quantity
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.messages import say
from xlflow.schema import BY_NAME, DONE
from xlflow.store import WorkbookState, sql_tables
from xlflow.store.row_encoding import UNKNOWN, decode_people, decode_quantity, from_iso
from xlflow.store.sql_time import Condition

_SEVERITIES = ("error", "warning", "info")


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
    missed = {
        (duty.workbook, duty.row_id): duty.missed_in(period)
        for duty in source.duties
        if duty.belongs_to(period)
    }
    return _overdue(
        source,
        sums.plan_overdue(period.at),
        sa.and_(sums.message_belongs(period), sums.message_overdue(period.at)),
        missed,
    )


def overdue_now(source: ListSource) -> tuple[OverdueItem, ...]:
    """Return the rows that are overdue at as-of, longest first.

    As in :mod:`xlflow.computing`, which makes the flags, an item marked 已完成 isn't
    overdue, even if it was done after as-of.
    """
    at = source.period.at
    missed = {(duty.workbook, duty.row_id): duty.missed(at) for duty in source.duties}
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
    found = [("plan", row, from_iso(row["due"])) for row in _rows(source, "plan", plans, "due")]
    requests = sa.or_(messages, MESSAGE.recurring) if missed else messages
    for row in _rows(source, "message", requests, "deadline"):
        missed_at = missed.get((row["workbook"], row["row_id"]))
        found.append(("message", row, missed_at or from_iso(row["answer_due"])))
    items = []
    for table, row, due in found:
        late = lateness(due, source.period.at) if due is not None else None
        if due is not None and late is not None:
            items.append(
                OverdueItem(
                    origin=_place(row),
                    table=table,
                    item=_item(table, row),
                    owners=decode_people(row["owners"]),
                    due=due,
                    late=late_text(late, source.language),
                    late_seconds=late.seconds,
                )
            )
    return tuple(sorted(items, key=lambda item: (-item.late_seconds, *_order(item.origin))))


def priorities(source: ListSource) -> tuple[PriorityItem, ...]:
    """Return every problem with its rank over all teams; those without a rank come last."""
    rows = _rows(source, "problem", sa.true(), "priority", "impact")
    ranks = ranked([(row["impact"], _decimal(row["days"])) for row in rows])
    items = [
        PriorityItem(
            origin=_place(row),
            rank=rank,
            stage=row["stage"],
            owners=decode_people(row["owner"]),
            days=_decimal(row["days"]),
            impact=row["impact"],
            description=row["description"],
        )
        for row, rank in zip(rows, ranks, strict=True)
    ]
    last = len(items) + 1
    return tuple(sorted(items, key=lambda item: (item.rank or last, *_order(item.origin))))


def campaigns(source: ListSource, month: str) -> tuple[CampaignItem, ...]:
    """Return the campaign metrics of a month."""
    of_month = CAMPAIGN.month == month
    places, typed = ("deviation", "actual", "target"), ("target", "actual")
    return tuple(
        CampaignItem(
            origin=_place(row),
            name=row["name"],
            metric=row["metric"],
            target=_shown(row, "target", json.loads(row["typed"])[0]),
            actual=_shown(row, "actual", json.loads(row["typed"])[1]),
            deviation=_decimal(row["ratio"]),
            verdict=row["verdict"],
            reason=_unknown_reason(row, source.language),
            cause=row["cause"],
            next_step=row["next_step"],
        )
        for row in _rows(source, "campaign", of_month, *places, typed=typed)
    )


def messages(source: ListSource) -> tuple[MessageItem, ...]:
    """Return the requests that belong to the period, including recurring duties."""
    period = source.period
    duties = {(d.workbook, d.row_id): d for d in source.duties if d.belongs_to(period)}
    items = []
    candidates = sa.or_(sums.message_belongs(period), MESSAGE.recurring)
    for row in _rows(source, "message", candidates, "deadline"):
        duty = duties.get((row["workbook"], row["row_id"]))
        if row["recurring"] and duty is None:
            continue
        due, state = _due_and_state(row, duty, period)
        items.append(
            MessageItem(
                origin=_place(row),
                topic=row["topic"],
                sender=decode_people(row["sender"]),
                partners=decode_people(row["partners"]),
                owners=decode_people(row["owners"]),
                deadline=row["deadline"],
                asked_at=from_iso(row["asked_at"]),
                due=due,
                answered_at=from_iso(row["answered_at"]),
                state=state,
            )
        )
    return tuple(items)


def findings(source: ListSource) -> tuple[FindingItem, ...]:
    """Return the findings as last recorded, and those about edits in the period."""
    table, period = sql_tables.finding.c, source.period
    query = (
        sa.select(BOOK.team, *sql_tables.finding.c)
        .join_from(sql_tables.workbook, sql_tables.finding, table.workbook == BOOK.workbook)
        .where(sums.is_counted())
    )
    items = []
    for row in source.connection.execute(query).mappings():
        seen = datetime.fromisoformat(row["seen"])
        about_an_edit = row["version_after"] is not None
        if about_an_edit and not (
            period.first <= day_of(seen) <= period.last and happened_by(seen, period.at)
        ):
            continue
        items.append(
            FindingItem(
                origin=Origin(row["team"], row["workbook"], row["sheet"], row["cell"], row["row"]),
                column=row["column"],
                code=row["code"],
                severity=row["severity"],
                message=_text(f"rules.{row['code']}", source.language, json.loads(row["params"])),
                value=row["value"],
                fix=row["fix"],
            )
        )
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
    source: ListSource, table: str, condition: Condition, *places: str, typed: Sequence[str] = ()
) -> Sequence[Mapping[str, Any]]:
    """Return rows of one table with their team, by team, sheet and row.

    ``"at"`` holds the positions of the cells of the fields ``places``, of which the
    first that the sheet has is the row's place; ``"typed"`` holds the contents of the
    cells of the fields ``typed``. Both are JSON arrays with null for missing columns.
    """
    rows = sql_tables.ROWS[table]
    parts = {"at": [f"$.{field}.at" for field in places], "typed": [f"$.{f}.v" for f in typed]}
    query = (
        sa.select(
            BOOK.team,
            *(column for column in rows.c if column.name not in ("cells", "merged")),
            *(
                sa.func.json_array(*(sa.func.json_extract(rows.c.cells, p) for p in paths)).label(
                    name
                )
                for name, paths in parts.items()
            ),
        )
        .join_from(sql_tables.workbook, rows, rows.c.workbook == BOOK.workbook)
        .where(sums.is_counted(), condition)
        .order_by(BOOK.team, rows.c.sheet, rows.c.number)
    )
    return [dict(row) for row in source.connection.execute(query).mappings()]


def _place(row: Mapping[str, Any]) -> Origin:
    at = next((place for place in json.loads(row["at"]) if place), None)
    cell = address(*at) if at else None
    return Origin(row["team"], row["workbook"], row["sheet"], cell, row["number"])


def _order(place: Origin) -> tuple[str, str, int, str]:
    return place.team, place.sheet or "", place.row or 0, place.cell or ""


def _item(table: str, row: Mapping[str, Any]) -> str:
    """Return the row's key columns, by which people know it."""
    keys = (row[column.field] for column in BY_NAME[table].keys)
    return " · ".join(key for key in keys if key)


def _shown(row: Mapping[str, Any], field: str, typed: Any) -> str | None:
    """Return a quantity as the sheet shows it: the text that was typed, or number and unit."""
    if isinstance(typed, str):
        return typed
    amount = decode_quantity(row[field], row[f"{field}_unit"])
    if amount is not None:
        return format_quantity(amount)
    return str(typed[1]) if typed is not None else None


def _unknown_reason(row: Mapping[str, Any], language: str) -> str | None:
    """Return why it is unknown whether a campaign metric was met."""
    if row["reason"] is not None:
        return reason_text(NotComputable(row["reason"]), language)
    return say("rollup.running", language) if row["verdict"] == UNKNOWN else None


def _due_and_state(
    row: Mapping[str, Any], duty: Duty | None, period: Period
) -> tuple[date | datetime | None, str]:
    """Return when an answer is due, and the state of a :class:`MessageItem`."""
    at = period.at
    if duty is not None:
        missed = duty.missed_in(period)
        state = "overdue" if missed is not None else "in_time"
        return missed or duty.next_due(at), state if duty.judged else "unknown"
    due, answered = from_iso(row["answer_due"]), from_iso(row["answered_at"])
    if due is None:
        return due, "unknown"
    if answered is not None and happened_by(answered, at):
        return due, "in_time" if in_time(answered, due) else "late"
    if lateness(due, at) is None:
        return due, "open"
    return due, "overdue" if row["judged"] else "unknown"


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _text(key: str, language: str, params: Mapping[str, Any]) -> str:
    """Return a sentence; the key itself if a later version has dropped or changed it."""
    try:
        return say(key, language, **params)
    except (KeyError, IndexError):
        return key
