"""反馈时限: guide.md, What is computed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.meaning.hostile import MONSTERS, MUST_END, hostile_text
from xlflow.meaning.deadline import (
    ByPlan,
    CalendarDays,
    Daily,
    DayEnd,
    DueMoment,
    FixedDeadline,
    Hours,
    Monthly,
    Phrase,
    Weekly,
    WorkingDays,
    due_moment,
    latest_unsettled,
    next_occurrence,
    parse_phrase,
)
from xlflow.meaning.overdue import lateness
from xlflow.meaning.workdays import Calendar

MAINLAND = Calendar()
BY_FIVE = Daily(time(17))


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment in July 2024, whose first is a Monday."""
    return datetime(2024, 7, day, hour, minute)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        # The guide's.
        ("24小时", Hours(Decimal(24))),
        ("两小时内", Hours(Decimal(2))),
        ("2个工作日", WorkingDays(2)),
        ("两个工作日", WorkingDays(2)),
        ("3天内", CalendarDays(3)),
        ("每日17:00前", Daily(time(17))),
        ("按计划时间节点", ByPlan()),
        ("2024-07-05", FixedDeadline(date(2024, 7, 5))),
        ("2024-07-05 15:00", FixedDeadline(at(5, 15))),
        # Ours.
        ("24h", Hours(Decimal(24))),
        ("２４小時內", Hours(Decimal(24))),
        ("24小时内反馈", Hours(Decimal(24))),
        ("1.5小时", Hours(Decimal("1.5"))),
        ("二十四小时", Hours(Decimal(24))),
        ("兩個工作日之內", WorkingDays(2)),
        ("2工作日", WorkingDays(2)),
        ("三天以内", CalendarDays(3)),
        ("十天", CalendarDays(10)),
        ("3日内", CalendarDays(3)),
        ("3个自然日", CalendarDays(3)),
        ("每天下午5点前", Daily(time(17))),
        ("每日１７：３０之前", Daily(time(17, 30))),
        ("每個工作日17點前", Daily(time(17))),
        ("每日24:00前", Daily(time.min)),
        ("半小时", Hours(Decimal("0.5"))),
        ("30分钟", Hours(Decimal("0.5"))),
        ("１５分鐘內", Hours(Decimal("0.25"))),
        ("1个半小时", Hours(Decimal("1.5"))),
        ("1周", CalendarDays(7)),
        ("一周内", CalendarDays(7)),
        ("兩個星期之內", CalendarDays(14)),
        ("T+2", WorkingDays(2)),
        ("Ｔ＋２", WorkingDays(2)),
        ("t+1工作日", WorkingDays(1)),
        ("T+0", DayEnd(0)),
        ("当天", DayEnd(0)),
        ("當天", DayEnd(0)),
        ("当天内", DayEnd(0)),
        ("当日下班前", DayEnd(0)),
        ("当天18:00前", DayEnd(0, time(18))),
        ("半天", DayEnd(0)),
        ("半个工作日内", DayEnd(0)),
        ("次日", DayEnd(1)),
        ("第二天下班前", DayEnd(1)),
        ("次日12点前", DayEnd(1, time(12))),
        ("每日下班前", Daily(time.min)),
        ("每周五17:00前", Weekly(4, time(17))),
        ("每週五下午5點前", Weekly(4, time(17))),
        ("每星期天前", Weekly(6, time.min)),
        ("每周一下班前", Weekly(0, time.min)),
        ("每月5日前", Monthly(5, time.min)),
        ("每月５號17:00前", Monthly(5, time(17))),
        ("每月二十五日前", Monthly(25, time.min)),
        ("每月底前", Monthly(31, time.min)),
        ("按计划", ByPlan()),
        ("按計劃時間節點", ByPlan()),
        ("2024年7月5日前", FixedDeadline(date(2024, 7, 5))),
        ("24 hours", Hours(Decimal(24))),
        ("within 1 hour", Hours(Decimal(1))),
        ("2 working days", WorkingDays(2)),
        ("2 business days", WorkingDays(2)),
        ("within 3 days", CalendarDays(3)),
        ("Daily by 17:00", Daily(time(17))),
        ("every working day by 5pm", Daily(time(17))),
        ("as planned", ByPlan()),
    ],
)
def test_phrases(text: str, phrase: Phrase) -> None:
    assert parse_phrase(text) == phrase


def test_a_date_without_its_year_takes_the_hint() -> None:
    assert parse_phrase("7月5日", near=date(2024, 7, 1)) == FixedDeadline(
        date(2024, 7, 5), year_assumed=True
    )
    assert parse_phrase("7月5日") is None


@MUST_END
@pytest.mark.parametrize(
    "text",
    [
        "", "尽快", "24", "小时", "0小时", "0天", "1.5天", "1.5个工作日", "3日", "3-5天", "约3天",
        "每日",
        "每日0:00前", "每日9:00-17:00", "每日25:00前", "100000小时", "2024-06-31",
        "1.5", "每周八前", "每月32日前",
        *MONSTERS,
    ],
)  # fmt: skip
def test_phrases_that_are_not_certain(text: str) -> None:
    assert parse_phrase(text) is None


@pytest.mark.parametrize(
    ("phrase", "start", "expected"),
    [
        (Hours(Decimal(24)), at(1, 9, 30), DueMoment(at(2, 9, 30))),
        (Hours(Decimal(2)), at(1, 9, 30), DueMoment(at(1, 11, 30))),
        (Hours(Decimal("1.5")), at(1, 9), DueMoment(at(1, 10, 30))),
        # From a start without a time, from the end of that day; midnight is the day before.
        (Hours(Decimal(24)), date(2024, 7, 1), DueMoment(date(2024, 7, 2))),
        (Hours(Decimal(2)), date(2024, 7, 1), DueMoment(at(2, 2))),
        (Hours(Decimal(8)), at(1, 16), DueMoment(date(2024, 7, 1))),
        (WorkingDays(2), date(2024, 6, 7), DueMoment(date(2024, 6, 12))),
        (WorkingDays(2), datetime(2024, 6, 7, 18), DueMoment(date(2024, 6, 12))),
        (WorkingDays(2), date(2999, 9, 30), DueMoment(date(2999, 10, 2), published=False)),
        (CalendarDays(3), date(2024, 7, 1), DueMoment(date(2024, 7, 4))),
        (DayEnd(0), at(1, 9, 30), DueMoment(date(2024, 7, 1))),
        (DayEnd(1), date(2024, 7, 1), DueMoment(date(2024, 7, 2))),
        (DayEnd(1, time(12)), at(1, 9, 30), DueMoment(at(2, 12))),
        (DayEnd(1), date.max, DueMoment(date.max)),
        (CalendarDays(3), at(1, 9, 30), DueMoment(date(2024, 7, 4))),
        (FixedDeadline(date(2024, 7, 5)), None, DueMoment(date(2024, 7, 5))),
        (FixedDeadline(at(5, 15)), at(1), DueMoment(at(5, 15))),
        (ByPlan(), at(1), DueMoment(None)),
        (BY_FIVE, at(1), DueMoment(None)),
        (Hours(Decimal(24)), None, DueMoment(None)),
        (WorkingDays(2), None, DueMoment(None)),
        (Hours(Decimal(9999)), datetime.max, DueMoment(datetime.max)),
        (CalendarDays(9999), date.max, DueMoment(date.max)),
    ],
)
def test_when_a_phrase_ends(phrase: Phrase, start: date | None, expected: DueMoment) -> None:
    assert due_moment(phrase, start, MAINLAND) == expected


def test_exactly_at_the_deadline_is_not_late() -> None:
    end = due_moment(Hours(Decimal(24)), at(1, 9, 30), MAINLAND).value
    assert end is not None
    assert lateness(end, at(2, 9, 30)) is None
    assert lateness(end, at(2, 9, 31)) is not None


spans = st.one_of(
    st.integers(1, 9999).map(lambda n: Hours(Decimal(n))),
    st.integers(1, 9999).map(WorkingDays),
    st.integers(1, 9999).map(CalendarDays),
)
starts = st.one_of(st.dates(), st.datetimes())


@given(spans, starts)
def test_no_deadline_lies_before_its_start(phrase: Phrase, start: date) -> None:
    end = due_moment(phrase, start, MAINLAND).value
    assert end is not None
    assert (
        lateness(end, start if isinstance(start, datetime) else datetime.combine(start, time.min))
        is None
    )


@given(hostile_text)
def test_no_text_raises(text: str) -> None:
    parse_phrase(text, near=date(2024, 7, 1), seen=date(2024, 7, 1))


@pytest.mark.parametrize(
    ("start", "answered", "as_of", "late"),
    [
        # No answer: the latest occurrence that passed.
        (date(2024, 7, 1), None, at(16, 9), at(15, 17)),
        (date(2024, 7, 1), None, at(15, 9), at(12, 17)),
        # Exactly at the deadline is not late.
        (date(2024, 7, 1), None, at(1, 17), None),
        (date(2024, 7, 1), None, at(1, 17, 1), at(1, 17)),
        # A start after the day's occurrence begins with the next; at it, with it.
        (at(1, 17, 30), None, at(2, 9), None),
        (at(1, 17), None, at(2, 9), at(1, 17)),
        # A start without a time includes its own day, a weekend begins on Monday.
        (date(2024, 7, 6), None, at(8, 16), None),
        (date(2024, 7, 6), None, at(8, 18), at(8, 17)),
        # The last answer settles the first occurrence at or after it; of those before, one that
        # an answer came too late for stays late until the next has passed.
        (date(2024, 7, 15), at(15, 16), at(16, 9), None),
        (date(2024, 7, 15), at(15, 17), at(16, 9), None),
        (date(2024, 7, 15), at(15, 18), at(16, 9), at(15, 17)),
        (date(2024, 7, 1), at(12, 16), at(16, 9), at(15, 17)),
        (date(2024, 7, 1), at(15, 16), at(16, 9), None),
        # An answer without a time settles that day's, on a Sunday Monday's.
        (date(2024, 7, 15), date(2024, 7, 15), at(16, 9), None),
        (date(2024, 7, 15), date(2024, 7, 14), at(16, 9), None),
        # An answer that hadn't come by then settles nothing; one before the start the first.
        (date(2024, 7, 15), at(15, 16), at(15, 15), None),
        (date(2024, 7, 15), at(16, 10), at(16, 9), at(15, 17)),
        (date(2024, 7, 15), at(2, 10), at(16, 9), None),
        (date(2024, 7, 20), None, at(16, 9), None),
        (None, None, at(16, 9), None),
    ],
)
def test_the_latest_unsettled_occurrence(
    start: date | None, answered: date | None, as_of: datetime, late: datetime | None
) -> None:
    assert latest_unsettled(BY_FIVE, start, answered, as_of, MAINLAND) == late


def test_a_duty_until_24_00_ends_with_its_day() -> None:
    all_day = Daily(time.min)
    assert latest_unsettled(all_day, date(2024, 7, 1), None, at(2), MAINLAND) is None
    assert latest_unsettled(all_day, date(2024, 7, 1), None, at(2, 0, 1), MAINLAND) == date(
        2024, 7, 1
    )
    assert next_occurrence(all_day, date(2024, 7, 1), at(1, 23), MAINLAND) == date(2024, 7, 1)


def test_the_next_occurrence() -> None:
    assert next_occurrence(BY_FIVE, date(2024, 7, 1), at(5, 16), MAINLAND) == at(5, 17)
    assert next_occurrence(BY_FIVE, date(2024, 7, 1), at(5, 17), MAINLAND) == at(5, 17)
    assert next_occurrence(BY_FIVE, date(2024, 7, 1), at(5, 18), MAINLAND) == at(8, 17)
    assert next_occurrence(BY_FIVE, at(9, 18), at(5, 18), MAINLAND) == at(10, 17)
    assert next_occurrence(BY_FIVE, None, at(5, 18), MAINLAND) is None


moments = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31))
maybe_days = st.one_of(st.none(), st.dates(date(2024, 1, 1), date(2024, 12, 31)), moments)
clocks = st.times().map(lambda clock: Daily(clock.replace(microsecond=0)))


@given(
    clocks, st.one_of(st.dates(date(2024, 1, 1), date(2024, 12, 31)), moments), maybe_days, moments
)
def test_a_recurring_duty_by_walking_every_day(
    daily: Daily, start: date, answered: date | None, as_of: datetime
) -> None:
    def end(day: date) -> datetime:
        if daily.at == time.min:
            return datetime.combine(day + timedelta(days=1), time.min)
        return datetime.combine(day, daily.at)

    def from_(day: date, moment: date) -> bool:
        if isinstance(moment, datetime) and daily.at != time.min:
            return end(day) >= moment
        return day >= (moment.date() if isinstance(moment, datetime) else moment)

    year = [date(2024, 1, 1) + timedelta(days=n) for n in range(380)]
    duties = [day for day in year if MAINLAND.is_workday(day) and from_(day, start)]
    settled = None
    if answered is not None:
        known = answered if isinstance(answered, datetime) else datetime.combine(answered, time.min)
        if known <= as_of and not (known == as_of and not isinstance(answered, datetime)):
            settled = next(day for day in duties if from_(day, answered))
    late = [day for day in duties if end(day) < as_of]
    expected = None
    if late and late[-1] != settled:
        expected = late[-1] if daily.at == time.min else end(late[-1])
    assert latest_unsettled(daily, start, answered, as_of, MAINLAND) == expected


@pytest.mark.parametrize(
    ("duty", "start", "answered", "as_of", "late", "coming"),
    [
        # Fridays: 2024-07-05, 12, 19.
        (Weekly(4, time(17)), at(8, 10), None, at(16), at(12, 17), at(19, 17)),
        (Weekly(4, time(17)), at(8, 10), at(12, 16), at(16), None, at(19, 17)),
        (Weekly(4, time(17)), at(8, 10), at(12, 18), at(16), at(12, 17), at(19, 17)),
        (Weekly(4, time(17)), at(12, 18), None, at(16), None, at(19, 17)),
        (
            Weekly(4, time.min),
            date(2024, 7, 12),
            None,
            at(13, 1),
            date(2024, 7, 12),
            date(2024, 7, 19),
        ),
        (Weekly(4, time(17)), at(8, 10), None, at(12, 17), None, at(12, 17)),
        (Monthly(5, time.min), at(1), None, at(16), date(2024, 7, 5), date(2024, 8, 5)),
        (Monthly(5, time.min), at(8), None, at(16), None, date(2024, 8, 5)),
        (
            Monthly(31, time.min),
            datetime(2024, 2, 1),
            None,
            datetime(2024, 3, 2),
            date(2024, 2, 29),
            date(2024, 3, 31),
        ),
        (Monthly(15, time(9)), at(1), at(15, 8), at(16), None, datetime(2024, 8, 15, 9)),
    ],
)
def test_weekly_and_monthly_duties(
    duty: Weekly | Monthly,
    start: date,
    answered: date | None,
    as_of: datetime,
    late: date | None,
    coming: date,
) -> None:
    assert latest_unsettled(duty, start, answered, as_of, MAINLAND) == late
    assert next_occurrence(duty, start, as_of, MAINLAND) == coming
