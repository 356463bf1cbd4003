"""The figures in plain Python, straight from docs/reference/figures.md, without SQL or shared code.

Slow and literal on purpose: :mod:`tests.figures.test_rollup` compares the roll-up with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from re import compile as pattern
from typing import Any

from xlflow.facts import Row
from xlflow.meaning.deadline import Daily, due_moment
from xlflow.meaning.workdays import Calendar

RATIO = pattern("率|占比|单价|均价|人均|单客成本|ROI|CPA|CPC|CPM")

Point = date | datetime


def day(point: Point) -> date:
    return point.date() if isinstance(point, datetime) else point


def alone(point: Point) -> bool:
    return not isinstance(point, datetime)


def last_day(at: datetime) -> date:
    """The day that a moment belongs to; 24:00 belongs to the day that ends."""
    return at.date() - timedelta(days=1) if at.time() == time.min else at.date()


def happened(event: Point | None, at: datetime) -> bool:
    if event is None:
        return False
    return day(event) <= last_day(at) if alone(event) else event <= at  # type: ignore[operator]


def passed(deadline: Point | None, at: datetime) -> bool:
    if deadline is None:
        return False
    return day(deadline) < last_day(at) if alone(deadline) else deadline < at  # type: ignore[operator]


def by(event: Point, deadline: Point) -> bool:
    if alone(event) or alone(deadline):
        return day(event) <= day(deadline)
    return event <= deadline


def ratio(part: Any, whole: Any) -> float | None:
    return float(Fraction(part) / Fraction(whole)) if whole else None


def figures(rows: Sequence[Row], month: str, as_of: datetime) -> dict[str, Any]:
    """Return the figures of one month over some rows; not those about whole workbooks."""
    year, number = int(month[:4]), int(month[5:])
    start = datetime(year, number, 1)
    end = datetime(year + number // 12, number % 12 + 1, 1)
    t = min(as_of, end)
    of = {
        name: [row for row in rows if row.table.name == name]
        for name in ("plan", "message", "campaign", "problem")
    }

    def in_month(point: Point | None) -> bool:
        return point is not None and start.date() <= day(point) < end.date()

    result: dict[str, Any] = {}
    result |= plan(of["plan"], start, t, in_month)
    result |= message(of["message"], start, end, t, in_month)
    result |= campaign(of["campaign"], month)
    result |= problem(of["problem"])
    undated = [
        r
        for r in of["plan"]
        if r.get("due") is None and (r.get("done_on") is None or r.get("status") == "已取消")
    ]
    undated += [r for r in of["message"] if r.get("asked_at") is None]
    undated += [r for r in of["campaign"] if r.get("month") is None]
    result["undated"] = len(undated)
    return result


def plan(rows: Sequence[Row], start: datetime, t: datetime, in_month: Any) -> dict[str, Any]:
    counts = dict.fromkeys(
        (
            *("plan_rows", "plan_cancelled", "plan_done", "plan_undated", "plan_on_time"),
            *("plan_late", "plan_overdue", "plan_due"),
        ),
        0,
    )
    late_days, cycles = [], []
    for row in rows:
        deadline, done_on, status = row.get("due"), row.get("done_on"), row.get("status")
        if status == "已取消":
            counts["plan_cancelled"] += in_month(deadline)
            continue
        # An event after T hasn't happened yet.
        done_on_t = done_on if happened(done_on, t) else None
        undated = status == "已完成" and done_on is None
        carried = (
            deadline is not None
            and day(deadline) < start.date()
            and not happened(done_on_t, start)
            and not undated
        )
        if not (in_month(deadline) or in_month(done_on_t) or carried):
            continue
        counts["plan_rows"] += 1
        is_done = done_on_t is not None or undated
        counts["plan_done"] += is_done
        counts["plan_undated"] += undated
        if done_on_t is not None and deadline is not None:
            if by(done_on_t, deadline):
                counts["plan_on_time"] += 1
            else:
                counts["plan_late"] += 1
                late_days.append((day(done_on_t) - day(deadline)).days)
        # A date that isn't used says that it isn't done, a status that isn't known nothing.
        status, done_cell = row.value_in("status"), row.value_in("done_on")
        knows = [status.problem is None] if status is not None else []
        knows += [done_cell.problem != "uncomputed"] if done_cell is not None else []
        overdue = not is_done and bool(knows) and all(knows) and passed(deadline, t)
        counts["plan_overdue"] += overdue
        counts["plan_due"] += overdue or is_done
        started = row.get("started_on")
        if in_month(done_on_t) and started is not None and by(started, done_on_t):
            cycles.append((day(done_on_t) - day(started)).days)  # type: ignore[arg-type]
    return {
        **counts,
        "overdue_rate": ratio(counts["plan_overdue"] + counts["plan_late"], counts["plan_due"]),
        "on_time_rate": ratio(counts["plan_on_time"], counts["plan_on_time"] + counts["plan_late"]),
        "late_days_mean": ratio(sum(late_days), len(late_days)),
        "cycle_days_mean": ratio(sum(cycles), len(cycles)),
    }


def message(
    rows: Sequence[Row], start: datetime, end: datetime, t: datetime, in_month: Any
) -> dict[str, Any]:
    keys = ("messages", "messages_answered", "messages_in_time", "messages_late")
    counts = dict.fromkeys((*keys, "messages_overdue"), 0)
    hours = []
    for row in rows:
        asked, answered, phrase = (row.get(f) for f in ("asked_at", "answered_at", "deadline"))
        if asked is None:
            continue
        answered = answered if happened(answered, t) else None
        answer = row.value_in("answered_at")
        judged = answer is not None and answer.problem != "uncomputed"
        if isinstance(phrase, Daily):
            if day(asked) >= end.date():
                continue
            overdue = judged and last_occurrence_was_missed(phrase, asked, answered, start, t)
            in_time = judged and not overdue
            late = False
        else:
            carried = day(asked) < start.date() and not happened(answered, start)
            if not (in_month(asked) or carried):
                continue
            deadline = due_moment(phrase, asked, Calendar()).value if phrase is not None else None
            overdue = judged and answered is None and passed(deadline, t)
            in_time = answered is not None and deadline is not None and by(answered, deadline)
            late = answered is not None and deadline is not None and not in_time
        counts["messages"] += 1
        counts["messages_answered"] += answered is not None
        counts["messages_in_time"] += in_time
        counts["messages_late"] += late
        counts["messages_overdue"] += overdue
        if answered is not None and not alone(answered) and not alone(asked) and asked <= answered:
            hours.append(Fraction(int((answered - asked).total_seconds()), 3600))
    answers = counts["messages_in_time"] + counts["messages_late"] + counts["messages_overdue"]
    return {
        **counts,
        "in_time_rate": ratio(counts["messages_in_time"], answers),
        "answer_hours_mean": ratio(sum(hours, Fraction(0)), len(hours)),
    }


def last_occurrence_was_missed(
    daily: Daily, asked: Point, answered: Point | None, start: datetime, t: datetime
) -> bool:
    """Walk through the working days from the request on; the answer settles one of them.

    The last one that had passed at ``t`` counts (docs/reference/figures.md).
    """
    calendar = Calendar()
    settled, missed = False, False
    all_day = daily.at == time.min  # 24:00, which is a date alone
    current = day(asked)
    while current <= last_day(t):
        moment = datetime.combine(current, daily.at)
        ends = moment + timedelta(days=all_day)
        counts = calendar.is_workday(current) and (
            alone(asked) or all_day or moment >= asked  # type: ignore[operator]
        )
        if counts:
            settles = (
                answered is not None
                and not settled
                and (
                    current >= day(answered) if alone(answered) or all_day else moment >= answered  # type: ignore[operator]
                )
            )
            settled = settled or settles
            if ends < t:
                missed = not settles and current >= start.date()
        current += timedelta(days=1)
    return missed


def campaign(rows: Sequence[Row], month: str) -> dict[str, Any]:
    counts = dict.fromkeys(
        ("campaigns", "campaigns_met", "campaigns_missed", "campaigns_unknown"), 0
    )
    metrics: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        if row.get("month") != month:
            continue
        counts["campaigns"] += 1
        target, actual = row.get("target"), row.get("actual")
        units = {q.unit for q in (target, actual) if q is not None}
        fits = len(units) == 1 or ("" in units and "%" not in units)
        if target is None or actual is None or not fits or not target.amount:
            counts["campaigns_unknown"] += 1
            continue
        difference = (actual.amount - target.amount) / target.amount
        bad = difference > 0 if row.get("direction") == "越低越好" else difference < 0
        counts["campaigns_missed" if bad else "campaigns_met"] += 1
        unit = target.unit or actual.unit
        sums = metrics.setdefault(
            (row.get("metric"), unit),
            {"n": 0, "target": Decimal(0), "actual": Decimal(0), "met": 0, "missed": 0},
        )
        sums["n"] += 1
        sums["target"] += target.amount
        sums["actual"] += actual.amount
        sums["missed" if bad else "met"] += 1
    listed = []
    for (metric, unit), sums in metrics.items():
        deviation = ratio(sums["actual"] - sums["target"], abs(sums["target"]))
        if unit == "%" or RATIO.search(metric or ""):
            sums |= {"target": None, "actual": None}
            deviation = None
        listed.append({"metric": metric, "unit": unit, **sums, "deviation": deviation})
    return {**counts, "metrics": listed}


def problem(rows: Sequence[Row]) -> dict[str, Any]:
    levels = {"problems_high": "高", "problems_medium": "中", "problems_low": "低"}
    return {
        "problems": len(rows),
        **{key: sum(r.get("impact") == level for r in rows) for key, level in levels.items()},
        "problem_days": sum((r.get("days") or 0 for r in rows), Decimal(0)),
    }


def comparable(figures: Any, like: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that the oracle knows, sums as the floats they become in JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value)
        if isinstance(value, list):
            return sorted(
                ({k: plain(v) for k, v in item.items()} for item in value),
                key=lambda item: (str(item["metric"]), item["unit"]),
            )
        return value

    return {key: plain(figures[key]) for key in like}
