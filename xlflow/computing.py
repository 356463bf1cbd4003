"""What xlflow computes for each row as of one moment: 逾期, 改进优先级, 差异率.

The same functions serve the flags in the workbook, the rules, the overdue list
and the recurring duties of the roll-up, so a number can't differ between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from xlflow.columns import Table
from xlflow.facts import Computed, Row
from xlflow.meaning.deadline import (
    ByPlan,
    Daily,
    FixedDeadline,
    due_moment,
    latest_unsettled,
    next_occurrence,
)
from xlflow.meaning.overdue import (
    changes_after,
    day_of,
    end_of_day,
    happened_by,
    late_text,
    lateness,
)
from xlflow.meaning.priority import priorities
from xlflow.meaning.quantity import Quantity
from xlflow.meaning.variance import NotComputable, variance
from xlflow.meaning.workdays import Calendar
from xlflow.schema import CAMPAIGN, CANCELLED, DONE, MESSAGE, PLAN, PROBLEM

NOTHING = Computed()


def compute(row: Row, calendar: Calendar, as_of: datetime, language: str = "zh") -> Computed:
    """Compute one row by itself; its priority needs the others (see :func:`compute_all`).

    ``as_of`` is a moment in the workspace's zone; a date alone is its 24:00.
    """
    return _BY_TABLE[row.table.name](row, calendar, as_of, language)


def compute_all(
    rows: Sequence[Row], calendar: Calendar, as_of: datetime, language: str = "zh"
) -> dict[str, Computed]:
    """Compute all rows of a workbook, by row id; priorities are ranked within each sheet.

    Rows with the same values share one result, which is worked out once.
    """
    result: dict[str, Computed] = {}
    known: dict[tuple[object, ...], Computed] = {}
    sheets = defaultdict(list)
    for row in rows:
        if row.table is PROBLEM:
            sheets[row.sheet].append(row)
            continue
        # By identity: values that are the same are one, for as long as the rows live.
        key = row.table.name, *(id(row.values[place]) for place in _PLACES[row.table.name])
        if key not in known:
            known[key] = compute(row, calendar, as_of, language)
        result[row.id] = known[key]
    for problems in sheets.values():
        ranks = priorities([(row.get("impact"), row.get("days")) for row in problems])
        by_rank = {rank: Computed(priority=rank) for rank in ranks}
        for row, rank in zip(problems, ranks, strict=True):
            result[row.id] = by_rank[rank]
    return result


def valid_until(rows: Sequence[Row], computed: Mapping[str, Computed], now: datetime) -> datetime:
    """Return until when the computed values hold: lateness changes within the day, too."""
    moments = [end_of_day(day_of(now)) if now > datetime.min else now]
    dues = {each.due for each in computed.values() if each.due is not None}
    moments += [changes_after(due, now) for due in dues]
    for row in rows:
        field = _HAPPENED.get(row.table.name)
        event = row.get(field) if field is not None else None
        if isinstance(event, datetime) and event > now:
            moments.append(event)
    return min(moments)


def _problem(row: Row, calendar: Calendar, as_of: datetime, language: str) -> Computed:
    return NOTHING


def _plan(row: Row, calendar: Calendar, as_of: datetime, language: str) -> Computed:
    deadline = row.get("due")
    if deadline is None:
        return NOTHING
    late = lateness(deadline, as_of)
    if late is None or row.get("status") in (DONE, CANCELLED):
        return Computed(due=deadline, late=False)
    if happened_by(row.get("done_on"), as_of):
        return Computed(due=deadline, late=False)
    unsure = [f for f in ("status", "done_on") if not row.knows(f)]
    if len(unsure) == 2:
        return Computed(due=deadline, unknown="no_status")
    if unsure and row.value_in(unsure[0]) is not None:
        return Computed(due=deadline, unknown="ill_status")
    return Computed(
        due=deadline,
        late=True,
        late_text=late_text(late, language),
        late_seconds=late.seconds,
    )


def _message(row: Row, calendar: Calendar, as_of: datetime, language: str) -> Computed:
    phrase = row.get("deadline")
    if phrase is None:
        return NOTHING
    if isinstance(phrase, ByPlan):
        return Computed(unknown="by_plan")
    start = row.get("asked_at")
    if start is None and not isinstance(phrase, FixedDeadline):
        return Computed(unknown="no_start")
    answered = row.get("answered_at")
    if isinstance(phrase, Daily):
        if not row.knows("answered_at"):
            return Computed(unknown="no_answer_known")
        moment = latest_unsettled(phrase, start, answered, as_of, calendar)
        if moment is None:
            coming = next_occurrence(phrase, start, as_of, calendar)
            return Computed(due=coming, late=False)
        published = calendar.published(moment.year)
    else:
        end = due_moment(phrase, start, calendar)
        moment, published = end.value, end.published
        if moment is None:
            return Computed(unknown="no_start")
        if happened_by(answered, as_of):
            return Computed(due=moment, late=False, published=published)
    late = lateness(moment, as_of)
    if late is None:
        return Computed(due=moment, late=False, published=published)
    if not row.knows("answered_at"):
        return Computed(due=moment, unknown="no_answer_known", published=published)
    return Computed(
        due=moment,
        late=True,
        late_text=late_text(late, language),
        late_seconds=late.seconds,
        published=published,
    )


def _campaign(row: Row, calendar: Calendar, as_of: datetime, language: str) -> Computed:
    outcome = variance(_operand(row, "target"), _operand(row, "actual"))
    if isinstance(outcome, NotComputable):
        return Computed(reason=outcome)
    return Computed(deviation=outcome if isinstance(outcome, Decimal) else None)


def _operand(row: Row, field: str) -> Quantity | str | None:
    """Return a quantity, None if blank, the text itself if it isn't a number."""
    value = row.value_in(field)
    if value is not None and value.problem is not None:
        return str(value.cell.value)
    quantity: Quantity | None = row.get(field)
    return quantity


_BY_TABLE: Mapping[str, Callable[[Row, Calendar, datetime, str], Computed]] = {
    PROBLEM.name: _problem,
    PLAN.name: _plan,
    MESSAGE.name: _message,
    CAMPAIGN.name: _campaign,
}

# The fields on which the results depend; a priority depends on all rows of its sheet.
_FIELDS: Mapping[Table, tuple[str, ...]] = {
    PLAN: ("due", "status", "done_on"),
    MESSAGE: ("deadline", "asked_at", "answered_at"),
    CAMPAIGN: ("target", "actual"),
}
_PLACES = {
    table.name: tuple(table.places[field] for field in fields) for table, fields in _FIELDS.items()
}
_HAPPENED = {PLAN.name: "done_on", MESSAGE.name: "answered_at"}
