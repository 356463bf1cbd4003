"""XF2xx: what is wrong between the cells of one row."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from xlflow.columns import Words
from xlflow.config import Settings
from xlflow.facts import Computed
from xlflow.meaning.acceptance import measurable
from xlflow.meaning.deadline import ByPlan, FixedDeadline, Hours, Phrase
from xlflow.meaning.folding import fold, nearest
from xlflow.meaning.overdue import day_of, happened_by, in_time
from xlflow.meaning.priority import priority_text
from xlflow.meaning.quantity import PERCENT, Quantity, format_quantity
from xlflow.meaning.variance import (
    NotComputable,
    OwnDeviation,
    agrees,
    bare_beside_unit,
    deviation_text,
    variance,
)
from xlflow.meaning.workdays import Calendar
from xlflow.rules.catalogue import Problem, rule
from xlflow.schema import CAMPAIGN, DONE, MESSAGE, NOT_STARTED, PLAN, PROBLEM, STATUS

WEEKDAYS = (
    Words("星期一", "Monday"),
    Words("星期二", "Tuesday"),
    Words("星期三", "Wednesday"),
    Words("星期四", "Thursday"),
    Words("星期五", "Friday"),
    Words("星期六", "Saturday"),
    Words("星期日", "Sunday"),
)


@rule("XF201", on=(PROBLEM, PLAN), at="stage", since="0.1", severity="warning")
def stage_not_in_register(stage: str, settings: Settings) -> Problem | None:
    """The stage isn't in the process register.

    Why: figures by stage need one name for one stage; a second name splits them.
    Repair: use the register's name, or add the stage to ``register.stages`` in xlflow.toml.
    """
    if not settings.stages or fold(stage) in map(fold, settings.stages):
        return None
    near = nearest(stage, settings.stages)
    return Problem(fix=near, suggestion=near or " / ".join(settings.stages))


@rule("XF202", on=PROBLEM, at="priority", since="0.1", severity="info")
def own_priority_disagrees(priority: int, computed: Computed) -> Problem | None:
    """A priority that somebody typed isn't the computed one.

    Why: impact comes first and then the shorter time, so that everybody ranks
    alike. A person's own judgement stays where it is; the summary shows the computed rank.
    Repair: clear the cell to have it computed, or leave it if it is intended.
    """
    rank = computed.priority
    if rank is None or rank == priority:
        return None
    return Problem(computed=Words(priority_text(rank, "zh"), priority_text(rank, "en")))


@rule("XF210", on=PLAN, at="status", since="0.1", severity="warning")
def date_without_done(
    done_on: date, as_of: datetime, language: str, status: str | None = None
) -> Problem | None:
    """It has a completion date, but the status isn't done.

    Why: one of the two is wrong. In the figures the date counts, so the item counts as done.
    Repair: set the status to 已完成, or clear the date if it isn't done.
    """
    if status == DONE or not happened_by(done_on, as_of):
        return None
    names = {option.zh: option for option in STATUS}
    now, then = names[status or NOT_STARTED], names[DONE]
    return Problem(fix=then[language], done=done_on, status=Words(now.zh, now.en))


@rule("XF211", on=PLAN, at="done_on", since="0.1", severity="warning")
def done_without_date(status: str, done_on: date | None = None) -> Problem | None:
    """The item is done, but the completion date is missing.

    Why: whether it was on time and how long it took can't be known; it is counted
    as done without a date.
    Repair: fill in the day it was done.
    """
    return Problem() if status == DONE and done_on is None else None


@rule("XF212", on=PLAN, at="due", since="0.1", severity="warning")
def due_on_a_day_off(due: date, calendar: Calendar, computed: Computed) -> Problem | None:
    """It is due on a day off.

    Why: work that is handed in on the next working day is late by the calendar.
    The mainland holidays with their make-up days count, and the team's own days off.
    The last day of a month that was named as a whole isn't asked about (XF114 names it).
    Repair: move it to a working day; the one before is suggested.
    Example: 2024-06-30 is a Sunday, the working day before it is 2024-06-28.
    """
    day = _date(due)
    if calendar.is_workday(day) or computed.settled or computed.approximate:
        return None
    before = calendar.add_workdays(day, -1).day
    return Problem(fix=before.isoformat(), weekday=WEEKDAYS[day.weekday()])


@rule("XF213", on=PLAN, at="due", since="0.1", severity="info")
def due_in_an_unpublished_year(due: date, calendar: Calendar, computed: Computed) -> Problem | None:
    """It is due in a year whose holidays aren't published yet.

    Why: until then Monday to Friday count as working days; that day may become a holiday.
    Repair: nothing now. Look again once the calendar is out (each November) and xlflow is updated.
    """
    if calendar.published(due.year) or computed.settled:
        return None
    return Problem(year=due.year)


@rule("XF214", on=PLAN, at="done_on", since="0.1", severity="error", rejects=True)
def done_before_it_began(started_on: date, done_on: date) -> Problem | None:
    """The work ended before it started.

    Why: cycle times count from the start, and a negative one distorts the month's mean.
    Repair: correct whichever date was mistyped.
    """
    if in_time(started_on, done_on):
        return None
    return Problem(started=started_on, done=done_on)


@rule("XF215", on=PLAN, at="done_on", since="0.1", severity="warning")
def done_in_the_future(done_on: date, as_of: datetime) -> Problem | None:
    """The day it was done is in the future.

    Why: the column is for what has happened; until then the item counts as not done.
    Repair: correct the date, or fill it in afterwards.
    """
    return Problem() if _date(done_on) > day_of(as_of) else None


@rule("XF216", on=PLAN, at="goal", since="0.1", severity="warning")
def goal_without_a_figure(goal: str, computed: Computed) -> Problem | None:
    """The goal names nothing that can be measured.

    Why: without a figure nobody can say afterwards whether it was reached.
    Repair: say how much, how many or how fast.
    Example: "faster reviews" becomes "评审缩短至2个工作日".
    """
    return None if measurable(goal) or computed.settled else Problem()


@rule("XF217", on=PLAN, at="measures", since="0.1", severity="warning")
def goal_without_measures(
    goal: str, computed: Computed, measures: str | None = None
) -> Problem | None:
    """There is a goal, but no measures to reach it.

    Why: a goal without measures is a wish; nobody knows where to begin.
    Repair: write down what will be done.
    """
    return None if measures or computed.settled else Problem(goal=goal)


@rule("XF218", on=PLAN, at="acceptance", since="0.1", severity="warning")
def acceptance_without_a_figure(acceptance: str, computed: Computed) -> Problem | None:
    """The acceptance criterion can't be checked.

    Why: whether it is met would be a matter of opinion.
    Repair: give a figure, such as ≤1天, ≥90% or 3个以上.
    """
    return None if measurable(acceptance) or computed.settled else Problem()


@rule("XF221", on=MESSAGE, at="partners", since="0.1", severity="warning")
def own_department_as_partner(sender: tuple[str, ...], partners: tuple[str, ...]) -> Problem | None:
    """The requesting department is among the partners.

    Why: a request to one's own department isn't cooperation, and inflates the count.
    Repair: remove your own department from the list.
    """
    asking = {fold(name) for name in sender}
    both = [name for name in partners if fold(name) in asking]
    others = [name for name in partners if fold(name) not in asking]
    return Problem(own=both, fix="、".join(others) or None) if both else None


@rule("XF222", on=MESSAGE, at="answered_at", since="0.1", severity="error", rejects=True)
def answered_before_asked(asked_at: date, answered_at: date) -> Problem | None:
    """The answer came before the question.

    Why: the time to answer would be negative, which distorts the mean.
    Repair: correct whichever date was mistyped.
    """
    if in_time(asked_at, answered_at):
        return None
    return Problem(asked=asked_at, answered=answered_at)


@rule("XF223", on=MESSAGE, at="answered_at", since="0.1", severity="warning")
def answered_in_the_future(answered_at: date, as_of: datetime) -> Problem | None:
    """The day of the answer is in the future.

    Why: the column is for what has happened; until then the request counts as open.
    Repair: correct the date, or fill it in when the answer has come.
    """
    return Problem() if _date(answered_at) > day_of(as_of) else None


@rule("XF224", on=MESSAGE, at="deadline", since="0.1", severity="info")
def deadline_points_at_a_plan(deadline: Phrase, computed: Computed) -> Problem | None:
    """The deadline depends on a plan, so it can't be judged here.

    Why: the plan's date stands elsewhere; this request is never shown as overdue.
    Repair: write the date, or leave it if nobody needs a reminder.
    """
    return Problem() if isinstance(deadline, ByPlan) and not computed.settled else None


@rule("XF225", on=MESSAGE, at="asked_at", since="0.1", severity="info")
def request_without_a_start(deadline: Phrase, asked_at: date | None = None) -> Problem | None:
    """The time of the request is missing, so the deadline can't be judged.

    Why: 24小时 and 2个工作日 count from the time of the request; without it the
    request also belongs to no month.
    Repair: fill in when it was asked; a date alone will do.
    """
    return (
        Problem() if asked_at is None and not isinstance(deadline, FixedDeadline | ByPlan) else None
    )


@rule("XF226", on=MESSAGE, at="asked_at", since="0.1", severity="info")
def hours_from_the_end_of_the_day(asked_at: date, deadline: Phrase) -> Problem | None:
    """Hours count from a start that has no time.

    Why: they are counted from the end of that day, which may be later than was meant.
    Repair: add the time at which it was asked.
    """
    if not isinstance(deadline, Hours) or isinstance(asked_at, datetime):
        return None
    return Problem(asked=asked_at)


@rule("XF227", on=MESSAGE, at="deadline", since="0.1", severity="info")
def deadline_in_an_unpublished_year(computed: Computed) -> Problem | None:
    """Working days were counted in a year whose holidays aren't published yet.

    Why: until then Monday to Friday count as working days, so the deadline may move.
    Repair: nothing now. Look again once the calendar is out (each November) and xlflow is updated.
    """
    if computed.published or computed.due is None or computed.settled:
        return None
    return Problem(year=computed.due.year, due=computed.due)


@rule("XF231", on=CAMPAIGN, at="actual", since="0.1", severity="error")
def units_differ(target: Quantity, actual: Quantity) -> Problem | None:
    """Target and actual value are counted in different units.

    Why: 5000条 and 8% can't be compared; the campaign counts as unknown.
    Repair: give both in the same unit.
    """
    if "" in (target.unit, actual.unit) or target.unit == actual.unit:
        return None
    return Problem(target=target, actual=actual)


@rule("XF232", on=CAMPAIGN, at="actual", since="0.1", severity="error")
def bare_number_against_percent(target: Quantity, actual: Quantity) -> Problem | None:
    """One of target and actual value is a percentage, the other a bare number.

    Why: 10 may mean 10% or 1000%, and 0.1 may mean 10% or 0.1%, so nothing is computed.
    Repair: write the percent sign in both.
    """
    if {target.unit, actual.unit} != {"", PERCENT}:
        return None
    bare = target if target.unit == "" else actual
    return Problem(at=_bare(target), bare=bare, target=target, actual=actual)


@rule("XF233", on=CAMPAIGN, at="actual", since="0.1", severity="info")
def bare_number_beside_unit(target: Quantity, actual: Quantity) -> Problem | None:
    """One of target and actual value has a unit, the other has none.

    Why: the deviation was computed as if they were the same; usually they are.
    Repair: give both with the unit.
    """
    if not bare_beside_unit(target, actual):
        return None
    unit = target.unit or actual.unit
    bare = target if target.unit == "" else actual
    meant = format_quantity(Quantity(bare.amount, unit))
    return Problem(at=_bare(target), fix=meant, bare=bare, unit=unit)


@rule("XF234", on=CAMPAIGN, at="target", since="0.1", severity="warning")
def target_is_zero(target: Quantity, actual: Quantity) -> Problem | None:
    """The target is zero, so there is no deviation.

    Why: nothing can be divided by zero; the campaign counts as unknown.
    Repair: set a target other than zero, or track the metric in another way.
    """
    return Problem() if variance(target, actual) is NotComputable.TARGET_ZERO else None


@rule("XF235", on=CAMPAIGN, at="cause", since="0.1", severity="warning")
def deviation_without_cause(
    target: Quantity, actual: Quantity, settings: Settings, cause: str | None = None
) -> Problem | None:
    """The result is far from the target, and no cause is given.

    Why: a large deviation that isn't understood will come again; a good one is worth
    understanding, too. The limit is ``limits.deviation`` in xlflow.toml.
    Repair: write down the cause.
    """
    return _unexplained(target, actual, settings) if not cause else None


@rule("XF236", on=CAMPAIGN, at="next_step", since="0.1", severity="warning")
def deviation_without_next_step(
    target: Quantity, actual: Quantity, settings: Settings, next_step: str | None = None
) -> Problem | None:
    """The result is far from the target, and no next step is given.

    Why: the table is kept so that the next campaign does better, or as well. The
    limit is ``limits.deviation`` in xlflow.toml.
    Repair: write down what to change, or what to keep.
    """
    return _unexplained(target, actual, settings) if not next_step else None


@rule("XF237", on=CAMPAIGN, at="deviation", since="0.1", severity="warning")
def own_deviation_disagrees(
    target: Quantity, actual: Quantity, deviation: OwnDeviation
) -> Problem | None:
    """A deviation that somebody typed isn't (actual − target) / |target|.

    Why: 8% against 10% is +25%, not two points. What was typed stays; the summary
    counts the computed one. It is compared at the precision that was typed.
    Repair: clear the cell to have it computed, or correct it.
    """
    true = variance(target, actual)
    if not isinstance(true, Decimal) or agrees(deviation, true):
        return None
    return Problem(fix=deviation_text(true), computed=deviation_text(true))


@rule("XF238", on=CAMPAIGN, at="month", since="0.1", severity="info")
def result_without_a_month(month: str | None = None) -> Problem | None:
    """The row doesn't say which month it counts for.

    Why: no month's summary takes it in; it is listed as undated.
    Repair: fill in the month, such as 2024-07.
    """
    return None if month else Problem()


def _unexplained(target: Quantity, actual: Quantity, settings: Settings) -> Problem | None:
    deviation, limit = variance(target, actual), Decimal(str(settings.deviation))
    if not isinstance(deviation, Decimal) or abs(deviation) <= limit:
        return None
    return Problem(deviation=_percent(deviation, "+"), limit=_percent(limit))


def _percent(share: Decimal, sign: str = "") -> str:
    """Return a percentage fine enough to show on which side of the limit it lies."""
    text = f"{share * 100:{sign}.2f}".rstrip("0").rstrip(".")
    return f"{text}%"


def _bare(target: Quantity) -> str:
    return "target" if target.unit == "" else "actual"


def _date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
