"""XF1xx: what is wrong with a cell by itself, derived from what the schema says of its column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from xlflow.columns import DATED, Column, Kind, Owner, Words
from xlflow.config import Settings
from xlflow.facts import Value
from xlflow.meaning.dates import readings_of_number
from xlflow.rules.catalogue import BLANK, FORMULA, Problem, cell_rule
from xlflow.values import (
    ALIAS,
    APPROXIMATE,
    ESTIMATE,
    FULL_WIDTH,
    NUMBER_AS_TEXT,
    YEAR_ASSUMED,
    day_in,
    readings,
    shown,
)

_EXAMPLE_DATE = "2024-06-30"
_LAST_YEAR_OF_SMALL_NUMBERS = 1903
_COUNTED = (Kind.DAYS, Kind.QUANTITY, *DATED)


def _required(column: Column) -> bool:
    return column.required and column.owner is Owner.TEAM


def _xlflows(column: Column) -> bool:
    return column.owner is Owner.XLFLOW


def _not_xlflows(column: Column) -> bool:
    return column.owner is not Owner.XLFLOW


def _computed(column: Column) -> bool:
    return column.owner is Owner.COMPUTED


def _of(*kinds: Kind) -> Callable[[Column], bool]:
    return lambda column: column.kind in kinds and column.owner is Owner.TEAM


@cell_rule("XF101", since="0.1", severity="error", when=BLANK, columns=_required)
def required_cell_blank() -> Problem | None:
    """A cell that every row needs is blank.

    Why: without it the row can't be found again, assigned to anybody or counted,
    so the month's figures miss it.
    Repair: fill it in.
    """
    return Problem()


@cell_rule("XF102", since="0.1", severity="error", when="no_such_date", columns=_of(Kind.DATE))
def no_such_date(value: Value) -> Problem | None:
    """The calendar has no such date.

    Why: nothing can be due or done on 31 June, so the row is neither on time nor late.
    Repair: type the day that was meant; the closest valid day is suggested.
    Example: 2024-06-31 becomes 2024-06-30.
    """
    return Problem(fix=value.fix, example=value.fix or _EXAMPLE_DATE)


@cell_rule("XF103", since="0.1", severity="error", when="not_a_date", columns=_of(Kind.DATE))
def not_a_date(value: Value) -> Problem | None:
    """The column holds dates, and this isn't one.

    Why: deadlines and cycle times are counted from dates.
    Repair: type a day such as 2024-06-30, with a time if it matters; 6月底 is understood, too.
    """
    return Problem(fix=value.fix, example=value.fix or _EXAMPLE_DATE)


@cell_rule("XF104", since="0.1", severity="error", when="not_a_number", columns=_of(Kind.DAYS))
def not_a_number() -> Problem | None:
    """The column holds a number of days, and this isn't one.

    Why: the priority is ranked by it and the days are added up over all teams.
    Repair: type the number alone; the header gives the unit.
    Example: "about a week" becomes 7.
    """
    return Problem()


@cell_rule(
    "XF105", since="0.1", severity="error", when="not_a_quantity", columns=_of(Kind.QUANTITY)
)
def not_a_quantity() -> Problem | None:
    """The cell holds neither a number nor a number with its unit.

    Why: the deviation can't be computed, and the campaign counts as unknown.
    Repair: type one number, with its unit if it has one, such as 5000条, 8% or 1.2万.
    """
    return Problem()


@cell_rule("XF106", since="0.1", severity="error", when="not_a_choice", columns=_of(Kind.CHOICE))
def not_a_choice(column: Column, value: Value, language: str) -> Problem | None:
    """The value isn't one of the column's choices.

    Why: an unknown status or impact counts as none, and the row drops out of the figures.
    Repair: choose from the list in the cell. Where one choice is clearly nearest, it is suggested.
    """
    shown = {option.zh: option[language] for option in column.choices}
    fix = shown[value.fix] if value.fix else None
    return Problem(fix=fix, suggestion=fix or " / ".join(shown.values()))


@cell_rule("XF107", since="0.1", severity="error", when="not_a_phrase", columns=_of(Kind.DEADLINE))
def deadline_not_understood() -> Problem | None:
    """These words don't say when an answer is due.

    Why: without a deadline a request is never overdue, and nobody is reminded.
    Repair: write 24小时, 2个工作日, 3天内, 每日17:00前, or a date.
    """
    return Problem()


@cell_rule("XF108", since="0.1", severity="error", when="not_a_month", columns=_of(Kind.MONTH))
def not_a_month() -> Problem | None:
    """The column holds months, and this isn't one.

    Why: the result belongs to no month, so no month's summary shows it.
    Repair: type year and month, such as 2024-07.
    """
    return Problem()


@cell_rule("XF109", since="0.1", severity="error", when="error_value", columns=_not_xlflows)
def error_value() -> Problem | None:
    """The cell shows an Excel error such as #REF! or #N/A.

    Why: the formula lost what it referred to; there is no value to count.
    Repair: fix the formula, or type the value itself.
    """
    return Problem()


@cell_rule("XF110", since="0.1", severity="warning", when="uncomputed", columns=_not_xlflows)
def uncomputed_formula() -> Problem | None:
    """The cell holds a formula whose result was never computed.

    Why: some programs save formulas without results, so what the cell says isn't known.
    Repair: open the workbook in Excel or WPS and save it once.
    """
    return Problem()


@cell_rule(
    "XF111",
    since="0.1",
    severity="warning",
    when=NUMBER_AS_TEXT,
    columns=_of(Kind.DAYS, Kind.QUANTITY),
)
def number_as_text() -> Problem | None:
    """The number is stored as text.

    Why: xlflow reads it, but Excel leaves it out of sums and sorts it after all numbers.
    Repair: choose "convert to number" at the green corner of the cell, or type it again.
    """
    return Problem()


@cell_rule("XF112", since="0.1", severity="info", when=FULL_WIDTH, columns=_of(*_COUNTED))
def full_width_typing() -> Problem | None:
    """Digits, letters or signs were typed full-width.

    Why: xlflow reads them, but Excel treats them as text and doesn't calculate with them.
    Repair: switch the input method to half-width and type it again.
    """
    return Problem()


@cell_rule(
    "XF113",
    since="0.1",
    severity="warning",
    when=YEAR_ASSUMED,
    columns=_of(*DATED),
)
def year_assumed(value: Value) -> Problem | None:
    """The date has no year.

    Why: the year was taken that brings it nearest to the nearest full date in the column,
    or to the day on which it was first seen, and may be wrong. If the row would be more
    than half a year late by it, the date isn't used at all.
    Repair: type the date with its year.
    """
    taken = value.fix if value.value is None else _shown(value)
    if value.value is None and value.problem != "year_in_doubt":
        return None
    how = _YEAR_TAKEN[value.value is None]
    taken_as = Words(how.zh.format(assumed=taken), how.en.format(assumed=taken))
    return Problem(fix=taken, assumed=taken_as)


@cell_rule(
    "XF114",
    since="0.1",
    severity="info",
    when=APPROXIMATE,
    columns=_of(Kind.DATE, Kind.DEADLINE),
)
def approximate_date(value: Value) -> Problem | None:
    """The date is given as a month, or as the end of a month or year.

    Why: it counts as the last day; only the team knows whether that was meant.
    Repair: type the exact day if it is another one.
    """
    if value.value is None:
        return None
    return Problem(fix=_shown(value), taken=_shown(value))


@cell_rule("XF115", since="0.1", severity="info", when=ALIAS, columns=_of(Kind.CHOICE))
def other_word_for_a_choice(column: Column, value: Value, language: str) -> Problem | None:
    """A choice isn't written as in the list.

    Why: xlflow knows what is meant, but filters and conditional formats in Excel don't.
    Repair: choose it from the list in the cell.
    """
    meant = next(option[language] for option in column.choices if option.zh == value.value)
    return Problem(fix=meant, meant=meant)


@cell_rule("XF116", since="0.1", severity="warning", when=FORMULA, columns=_xlflows)
def formula_in_xlflows_column() -> Problem | None:
    """A formula stands in a column that xlflow writes.

    Why: formulas are never overwritten, so this row's flag can't be shown.
    Repair: clear the cell; keep formulas in columns of your own.
    """
    return Problem()


@cell_rule("XF117", since="0.1", severity="error", when="negative_days", columns=_of(Kind.DAYS))
def negative_days() -> Problem | None:
    """A length of time is negative.

    Why: it would be the first in the ranking and lower the total of all teams, so it isn't used.
    Repair: type the actual number of days.
    """
    return Problem()


@cell_rule("XF118", since="0.1", severity="error", when="implausible_days", columns=_of(Kind.DAYS))
def implausible_days(settings: Settings) -> Problem | None:
    """A length of time is implausibly long.

    Why: most likely hours were typed as days, or one digit too many, so it isn't used. The
    limit is ``limits.longest_days`` in xlflow.toml.
    Repair: correct the number, or ask for a higher limit if it is right.
    """
    return Problem(limit=Decimal(str(settings.longest_days)))


@cell_rule("XF119", since="0.1", severity="error", when="implausible_date", columns=_of(*DATED))
def implausible_date(value: Value) -> Problem | None:
    """The year of the date can't be right.

    Why: a small number with a date format shows as a day in 1900, and everything
    counted from it would be off by more than a century, so it isn't used.
    Repair: type the date with the right year.
    """
    number = _number_behind(value)
    found = readings_of_number(number) if number else None
    days = [day for day in found if day != number] if found else []
    zh, en = " 或 ".join(days), " or ".join(days)
    return Problem(
        value=number or value.text,
        meant=Words(f"（想写的是 {zh}？）", f" (was it {en}?)") if days else _UNSAID,
    )


@cell_rule("XF120", since="0.1", severity="info", when="not_a_number", columns=_computed)
def own_value_not_understood() -> Problem | None:
    """A value that somebody typed into a computed column isn't understood.

    Why: it stays where it is and isn't compared; the summary counts the computed value.
    Repair: clear the cell to have it computed, or type a value such as -16% or 优先1.
    """
    return Problem()


@cell_rule("XF121", since="0.1", severity="error", when="two_readings", columns=_of(*DATED))
def number_with_two_readings(column: Column, value: Value) -> Problem | None:
    """A bare number can be two different days or months.

    Why: Excel keeps 7.10 and 7.1 as one number, and 2024.10 and 2024.1 as well, so which
    one was typed can't be known, and nothing is counted from it.
    Repair: type the whole date or month, such as 2024-07-09 or 2024-10.
    """
    found = readings(value.cell, value.text)
    one, other = found if found is not None else (value.text, value.text)
    if other == value.text:
        zh, en = f"Excel 的日期序号 {other}", f"Excel's serial number {other}"
    else:
        zh = en = other
    example = "2024-10" if column.kind is Kind.MONTH else "2024-07-09"
    return Problem(one=one, other=Words(zh, en), example=example)


@cell_rule("XF122", since="0.1", severity="error", when="not_days", columns=_of(Kind.DAYS))
def other_unit_than_days() -> Problem | None:
    """A length of time is given in hours, weeks or months.

    Why: a working day has no fixed number of hours, and a week or month no fixed number of
    working days, so it can't be converted; as a number of days it would be far off.
    Repair: type the number of days.
    Example: 24小时 becomes 3 where a day has eight working hours.
    """
    return Problem()


@cell_rule("XF123", since="0.1", severity="info", when=ESTIMATE, columns=_of(Kind.QUANTITY))
def estimate(value: Value) -> Problem | None:
    """The number is an estimate or a bound.

    Why: 约5000, 5000+ and 90%以上 count as the number alone, and so does the deviation.
    Repair: type the exact number where it is known.
    """
    return Problem(taken=value.value)


_UNSAID = Words("", "")
_YEAR_TAKEN = {
    False: Words("暂按 {assumed} 计", "is taken as {assumed}"),
    True: Words(
        "如按 {assumed} 计已逾期半年以上，所以先不计入",
        "would be more than half a year late as {assumed}, so it isn't counted",
    ),
}


def _number_behind(value: Value) -> str | None:
    """Return the small number that a date of the first years of Excel's calendar is."""
    content = value.cell.value
    if not isinstance(content, date) or content.year > _LAST_YEAR_OF_SMALL_NUMBERS:
        return None
    moment = content if isinstance(content, datetime) else datetime.combine(content, time.min)
    # Excel counts a 29 February that 1900 didn't have.
    passed = moment - datetime(1899, 12, 31 if moment < datetime(1900, 3, 1) else 30)
    return shown(round(Decimal(passed // timedelta(seconds=1)) / 86400, 2))


def _shown(value: Value) -> str:
    return value.value if isinstance(value.value, str) else shown(day_in(value))
