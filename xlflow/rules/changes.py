"""XF4xx: what was changed since the last version that deserves a second look.

These are stored with both versions and shown in the history and the month's
summary, not in the row's 系统提示: they are for whoever follows up, and a later
version doesn't undo that they happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from xlflow.facts import Row
from xlflow.meaning.deadline import (
    CalendarDays,
    FixedDeadline,
    Hours,
    Recurring,
    WorkingDays,
)
from xlflow.meaning.overdue import happened_by, in_time
from xlflow.rules.catalogue import Problem, rule
from xlflow.schema import CAMPAIGN, CANCELLED, DONE, MESSAGE, PLAN
from xlflow.values import displayed


@rule("XF401", on=PLAN, at="due", since="0.1", severity="warning")
def due_moved_later(before: Row, now: Row) -> Problem | None:
    """The due date was moved later.

    Why: an item that is always moved is never overdue. The figures follow the new date.
    Repair: none is needed if it was agreed; otherwise restore the old date.
    """
    was, due = before.get("due"), now.get("due")
    if was is None or due is None or in_time(due, was):
        return None
    return Problem(was=was, due=due)


@rule("XF402", on=CAMPAIGN, at="target", since="0.1", severity="warning")
def target_changed_after_the_result(before: Row, now: Row) -> Problem | None:
    """The target was changed after the result was entered.

    Why: any result can be made to meet a target that is set afterwards.
    Repair: restore the old target, unless it was mistyped from the start.
    """
    was, target = before.get("target"), now.get("target")
    if before.get("actual") is None or was is None or was == target or not now.knows("target"):
        return None
    return Problem(was=was, target=_text(now, "target"))


@rule("XF403", since="0.1", severity="warning")
def row_vanished(before: Row, now: Row | None = None) -> Problem | None:
    """A row that was there is gone.

    Why: what was promised or reported no longer counts anywhere.
    Repair: restore it from the history if it was deleted by mistake; for what won't
    be done, better set the status to 已取消.
    """
    if now is not None:
        return None
    texts = (_text(before, column.field) for column in before.table.keys)
    return Problem(number=before.number, item=" · ".join(text for text in texts if text))


@rule("XF404", on=PLAN, at="status", since="0.1", severity="warning")
def finished_item_reopened(before: Row, now: Row) -> Problem | None:
    """An item that was done is open again.

    Why: it was counted as done, and perhaps reported so.
    Repair: none is needed if the work goes on; otherwise set the status back to 已完成.
    """
    if before.get("status") != DONE or not now.knows("status") or now.get("status") == DONE:
        return None
    return Problem()


@rule("XF405", on=MESSAGE, at="deadline", since="0.1", severity="warning")
def answer_deadline_extended(before: Row, now: Row) -> Problem | None:
    """The deadline for the answer was extended.

    Why: a deadline that keeps growing is never missed. Only deadlines of one kind are
    compared: hours with hours, dates with dates.
    Repair: none is needed if it was agreed; otherwise restore the old deadline.
    """
    if not _longer(before.get("deadline"), now.get("deadline")):
        return None
    return Problem(was=_text(before, "deadline"), deadline=_text(now, "deadline"))


@rule("XF406", on=(PLAN, MESSAGE, CAMPAIGN), since="0.1", severity="warning")
def closed_month_edited(
    closed: Sequence[str], before: Row | None = None, now: Row | None = None
) -> Problem | None:
    """A row of a closed month was changed, added or deleted.

    Why: the month's figures were signed and stay as they were, so they no longer agree
    with the workbook. What happened after the month's end doesn't count as a change.
    Repair: none is needed if it was meant; to count it, open the month with xlflow reopen.
    """
    months = []
    fields: list[str] = []
    for month in closed:
        was, line = closed_line(before, month), closed_line(now, month)
        if was != line:
            months.append(month)
            fields += [f for f in line or () if was is None or was[f] != (line or was)[f]]
    row = now or before
    if not months or row is None:
        return None
    texts = (_text(row, column.field) for column in row.table.keys)
    item = " · ".join(text for text in texts if text)
    at = next((field for field in fields if now is not None and field in row.table), None)
    return Problem(months="、".join(months), item=item, at=at)


def closed_line(row: Row | None, month: str) -> Mapping[str, object] | None:
    """Return what a month shows of a row as at its end, None where the row isn't in it.

    Which rows belong to a month: docs/reference/figures.md.
    """
    if row is None:
        return None
    if row.table is CAMPAIGN:
        return _line(row) if row.get("month") == month else None
    first, end = date.fromisoformat(f"{month}-01"), _end_of_month(month)
    beginning = datetime.combine(first, time())
    event, start = ("done_on", "due") if row.table is PLAN else ("answered_at", "asked_at")
    happened, began = row.get(event), row.get(start)
    by_end = happened if happened_by(happened, end) else None
    line = {**_line(row), event: by_end}
    if row.table is MESSAGE:
        carried = began is not None and _day(began) < first
        is_open = isinstance(row.get("deadline"), Recurring) or not happened_by(happened, beginning)
        return line if _within(began, month) or (carried and is_open) else None
    status = row.get("status")
    settled = status if status == CANCELLED or (status == DONE and happened is None) else None
    line["status"] = settled
    carried = began is not None and _day(began) < first
    if carried and settled is None and not happened_by(happened, beginning):
        return line
    within = _within(began, month) or (settled != CANCELLED and _within(by_end, month))
    return line if within else None


def _line(row: Row) -> dict[str, object]:
    columns = row.table.team_columns
    return {column.field: text for column, text in zip(columns, row.texts, strict=True)}


def _within(day: date | None, month: str) -> bool:
    return day is not None and f"{day:%Y-%m}" == month


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _end_of_month(month: str) -> datetime:
    year, number = int(month[:4]), int(month[5:])
    return datetime(year + number // 12, number % 12 + 1, 1)


def _longer(was: object, phrase: object) -> bool:
    if isinstance(was, FixedDeadline) and isinstance(phrase, FixedDeadline):
        return not in_time(phrase.value, was.value)
    return any(
        isinstance(was, kind) and isinstance(phrase, kind) and phrase.count > was.count
        for kind in (Hours, WorkingDays, CalendarDays)
    )


def _text(row: Row, field: str) -> str:
    value = row.value_in(field)
    return displayed(value.cell) if value is not None else ""
