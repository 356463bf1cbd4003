"""What xlflow computes for each row as of one moment: 逾期, 改进优先级, 差异率.

The same functions serve the flags in the workbook, the rules, the overdue list
and the recurring duties of the roll-up, so a number can't differ between them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from xlflow.columns import Table
from xlflow.facts import Computed, Row
from xlflow.meaning.deadline import (
    ByPlan,
    FixedDeadline,
    Recurring,
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
from xlflow.values import APPROXIMATE, YEAR_ASSUMED, day_in, shown

NOTHING = Computed()
_SETTLED = Computed(settled=True)

MOST_DAYS_LATE = 183
"""By how much a row can be late on a year that was assumed; half a year is what that can be off."""


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


def plan_judged(row: Row) -> bool:
    """Return whether it is known if a plan item is done.

    The sheet has at least one of the two columns, and neither cell leaves it open: an
    unknown status may mean that it is done, a date that is rejected that it isn't.
    """
    known = (row.knows("status"), row.knows_event("done_on"))
    present = (row.value_in("status") is not None, row.value_in("done_on") is not None)
    return any(present) and known == present


def with_doubted_years(row: Row, calendar: Calendar, as_of: datetime) -> Row:
    """Return the row without the dates on whose assumed year it would be very late.

    A date typed without its year that makes a row more than 183 days late is more likely
    of another year; it is asked about and counts nowhere.
    """
    fields: tuple[str, ...]
    if row.table is PLAN:
        deadline, event, fields = row.get("due"), row.get("done_on"), ("due", "done_on")
        if deadline is None or not _assumed(row, fields):
            return row
        settled = row.get("status") in (DONE, CANCELLED)
    elif row.table is MESSAGE:
        fields = ("deadline", "asked_at", "answered_at")
        phrase, event, settled = row.get("deadline"), row.get("answered_at"), False
        if phrase is None or not _assumed(row, fields):
            return row
        deadline = due_moment(phrase, row.get("asked_at"), calendar).value
        if deadline is None:
            return row
    else:
        return row
    if happened_by(event, as_of):
        until = day_of(end_of_day(event) if type(event) is date else event)
    elif settled:
        return row
    else:
        until = day_of(as_of)
    due = deadline.date() if isinstance(deadline, datetime) else deadline
    if (until - due).days <= MOST_DAYS_LATE:
        return row
    values = list(row.values)
    for field in _assumed(row, fields):
        place = row.table.places[field]
        value = values[place]
        assert value is not None, "only filled cells have hints"
        fix = shown(day_in(value))
        values[place] = value._replace(value=None, problem="year_in_doubt", fix=fix)
    return row._replace(values=tuple(values))


def _assumed(row: Row, fields: Iterable[str]) -> list[str]:
    """Return the fields whose date was typed without its year."""
    return [f for f in fields if (value := row.value_in(f)) and YEAR_ASSUMED in value.hints]


def _problem(row: Row, calendar: Calendar, as_of: datetime, language: str) -> Computed:
    return NOTHING


def _plan(row: Row, calendar: Calendar, as_of: datetime, language: str) -> Computed:
    deadline = row.get("due")
    settled = row.get("status") in (DONE, CANCELLED) or happened_by(row.get("done_on"), as_of)
    if deadline is None:
        return _SETTLED if settled else NOTHING
    dated = row.value_in("due")
    computed = Computed(
        due=deadline, approximate=dated is not None and APPROXIMATE in dated.hints, settled=settled
    )
    late = lateness(deadline, as_of)
    if late is None or settled:
        return computed._replace(late=False)
    status = row.value_in("status")
    if status is None and not row.knows_event("done_on"):
        return computed._replace(unknown="no_status")
    if not plan_judged(row):
        return computed._replace(unknown="ill_status")
    return computed._replace(
        late=True,
        late_text=late_text(late, language),
        late_seconds=late.seconds,
    )


def _message(row: Row, calendar: Calendar, as_of: datetime, language: str) -> Computed:
    phrase = row.get("deadline")
    answered = row.get("answered_at")
    settled = happened_by(answered, as_of) and not isinstance(phrase, Recurring)
    if phrase is None:
        return _SETTLED if settled else NOTHING
    if isinstance(phrase, ByPlan):
        return Computed(unknown="by_plan", settled=settled)
    start = row.get("asked_at")
    if start is None and not isinstance(phrase, FixedDeadline):
        return Computed(unknown="no_start", settled=settled)
    if isinstance(phrase, Recurring):
        if not row.knows_event("answered_at"):
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
        if settled:
            return Computed(due=moment, late=False, published=published, settled=True)
    late = lateness(moment, as_of)
    if late is None:
        return Computed(due=moment, late=False, published=published)
    if not row.knows_event("answered_at"):
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
