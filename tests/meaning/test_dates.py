"""Dates as people type them: guide.md, What is computed."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.meaning.hostile import MONSTERS, MUST_END, hostile_text
from xlflow.meaning.dates import (
    NoSuchDate,
    ParsedDay,
    as_deadline,
    day_of_serial,
    from_serial,
    likely_day,
    parse_clock,
    parse_day,
    parse_month,
    readings_of_number,
)

JUNE_30 = date(2024, 6, 30)
JULY_1 = date(2024, 7, 1)
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-30", "2024/6/30", "2024.6.30", "2024年6月30日", "2024-6-30",
        "２０２４年６月３０日",
        "2024 年 6 月 30 日", "2024年6月30号", "2024年6月30號", "20240630", "24年6月30日",
        " 2024-06-30\n",
        "2024-06-30 00:00:00", "2024-06-30T00:00:00", "2024-06-30 24:00",
    ],
)  # fmt: skip
def test_a_complete_date(text: str) -> None:
    assert parse_day(text) == ParsedDay(JUNE_30)
    assert type(parse_day(text).value) is date  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "6月30日",
            "06月30日",
            "６月３０號",
            "6.30",
            "6/30",
            "6-30",
            "６．３０",
            "6月30",
            "六月三十日",
        ),
        *(
            "六月三十號",
            "6月30日前",
            "6月30日之前",
            "6月30日以前",
            "6月30日（周日）",
            "6月30日(星期日)前",
        ),
        *("6月30日前(礼拜天)", "六月三十"),
    ],
)
def test_a_date_without_its_year(text: str) -> None:
    assert parse_day(text, near=JULY_1, seen=JULY_1) == ParsedDay(JUNE_30, year_assumed=True)
    assert parse_day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "24.6.30",
        "24/6/30",
        "24-6-30",
        "二〇二四年六月三十日",
        "二零二四年六月三十日",
        "2024-06-30(周日)",
        "2024-06-30 周日",
        "2024年6月30日（星期日）",
        "2024-06-30前",
        "２０２４年６月３０日（週日）",
    ],
)
def test_a_complete_date_in_the_ways_of_every_day(text: str) -> None:
    assert parse_day(text) == ParsedDay(JUNE_30)


@pytest.mark.parametrize(
    ("text", "near", "expected"),
    [
        ("1月5日", date(2024, 12, 25), date(2025, 1, 5)),
        ("11.20", date(2024, 12, 25), date(2024, 11, 20)),
        ("12月20日", date(2025, 1, 5), date(2024, 12, 20)),
        ("7月1日", date(2024, 12, 30), date(2024, 7, 1)),
        ("7月2日", date(2024, 12, 31), date(2024, 7, 2)),
        ("2月29日", date(2025, 3, 1), date(2024, 2, 29)),
        ("12月底", date(2025, 1, 5), date(2024, 12, 31)),
    ],
)
def test_the_year_is_the_nearest_in_time(text: str, near: date, expected: date) -> None:
    parsed = parse_day(text, near=near)
    assert isinstance(parsed, ParsedDay)
    assert (parsed.value, parsed.year_assumed) == (expected, True)


def test_a_leap_day_that_no_near_year_has() -> None:
    assert parse_day("2月29日", near=date(2026, 7, 1)) == NoSuchDate(date(2026, 2, 28))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年6月", ParsedDay(JUNE_30, approximate=True)),
        ("2024-06", ParsedDay(JUNE_30, approximate=True)),
        ("2024.6", ParsedDay(JUNE_30, approximate=True)),
        ("六月底", ParsedDay(JUNE_30, approximate=True, year_assumed=True)),
        ("6月末前", ParsedDay(JUNE_30, approximate=True, year_assumed=True)),
        ("6月份", ParsedDay(JUNE_30, approximate=True, year_assumed=True)),
        ("2024年底", ParsedDay(date(2024, 12, 31), approximate=True)),
        ("月底", ParsedDay(date(2024, 2, 29), approximate=True, relative=True)),
        ("本月底前", ParsedDay(date(2024, 2, 29), approximate=True, relative=True)),
        ("月末", ParsedDay(date(2024, 2, 29), approximate=True, relative=True)),
        ("年底", ParsedDay(date(2024, 12, 31), approximate=True, relative=True)),
        ("今年年底", ParsedDay(date(2024, 12, 31), approximate=True, relative=True)),
    ],
)
def test_ends_of_months_and_years(text: str, expected: ParsedDay) -> None:
    assert parse_day(text, near=date(2024, 7, 1), seen=date(2024, 2, 3)) == expected


def test_a_month_end_without_the_day_it_was_seen() -> None:
    assert parse_day("月底", near=JULY_1) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7月15日左右", date(2024, 7, 15)),
        ("预计2024-07-15上线", date(2024, 7, 15)),
        ("7月1日至7月15日", None),
        ("尽快", None),
        ("2月30日左右", None),
    ],
)
def test_the_likely_day_of_a_text_that_is_no_date(text: str, expected: date | None) -> None:
    assert likely_day(text, near=JULY_1) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7.9", ("7月9日", "7.9")),
        ("7.1", ("7月1日", "7月10日")),
        ("7.15", ("7月15日", "7.15")),
        ("2024.1", ("2024-01", "2024-10")),
        ("2024.2", None),
        ("2024.11", None),
        ("13.1", None),
        ("7.45", None),
        ("45000", None),
    ],
)
def test_what_a_bare_number_may_mean(text: str, expected: tuple[str, str] | None) -> None:
    assert readings_of_number(text) == expected


def test_the_end_of_a_month_is_approximate() -> None:
    assert parse_day("2024年6月底") == ParsedDay(JUNE_30, approximate=True)
    assert parse_day("6月底", near=JULY_1, seen=JULY_1) == ParsedDay(JUNE_30, True, True)
    assert parse_day("2月末", near=JULY_1, seen=JULY_1) == ParsedDay(date(2024, 2, 29), True, True)
    assert parse_day("2月底", near=date(2023, 7, 1)) == ParsedDay(date(2023, 2, 28), True, True)


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-30 17:00", "2024-06-30T17:00:00", "2024/6/30 17:00:00.000",
        "2024年6月30日 下午5点",
        "2024年6月30日17时", "2024年6月30日 17點00分", "2024-06-30 5:00 PM", "2024-06-30 下午5:00",
        "2024-06-30　１７：００",
    ],
)  # fmt: skip
def test_a_date_with_a_time(text: str) -> None:
    assert parse_day(text) == ParsedDay(datetime(2024, 6, 30, 17))


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("2024-06-31", JUNE_30),
        ("2024年6月31日", JUNE_30),
        ("20240631", JUNE_30),
        ("2023-02-29", date(2023, 2, 28)),
        ("2月30日", date(2024, 2, 29)),
        ("2024-06-00", date(2024, 6, 1)),
        ("2024-13-01", None),
    ],
)
def test_no_such_date(text: str, nearest: date | None) -> None:
    assert parse_day(text, near=JULY_1, seen=JULY_1) == NoSuchDate(nearest)


@MUST_END
@pytest.mark.parametrize(
    "text",
    [
        "", "待定", "尽快", "2024-06/30", "6月中旬", "2024年", "45473", "13.30", "240630", "7",
        "20241399", "20240632", "2024-06-3²", "2024-6-17:00", "2024-06-30 25:00",
        "2024-06-30 17:60",
        "2024-06-30 下午", "2024-06-30至2024-07-15", "0000-01-01", "9999-12-31", *MONSTERS,
    ],
)  # fmt: skip
def test_not_understood(text: str) -> None:
    assert parse_day(text, near=JULY_1, seen=JULY_1) is None


@given(days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"]))
def test_written_dates_read_back(day: date, form: str) -> None:
    assert parse_day(day.strftime(form)) == ParsedDay(day)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)))
def test_written_moments_read_back(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    if moment.time() != time.min:
        assert parse_day(moment.isoformat()) == ParsedDay(moment)


@given(st.integers(1900, 2199), st.integers(1, 12), st.integers(0, 99))
def test_every_day_number_has_one_answer(year: int, month: int, day: int) -> None:
    last = monthrange(year, month)[1]
    parsed = parse_day(f"{year}-{month}-{day}")
    if 1 <= day <= last:
        assert parsed == ParsedDay(date(year, month, day))
    else:
        assert parsed == NoSuchDate(date(year, month, 1 if day == 0 else last))


@given(hostile_text, st.none() | st.dates(), st.none() | st.dates())
def test_no_text_raises(text: str, near: date | None, seen: date | None) -> None:
    parse_day(text, near=near, seen=seen)
    parse_month(text, near=near)
    likely_day(text, near=near)
    readings_of_number(text)
    parse_clock(text)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("17:00", time(17)), ("9:30", time(9, 30)), ("17点", time(17)), ("下午5点半", time(17, 30)),
        ("5pm", time(17)), ("5:30 pm", time(17, 30)), ("12pm", time(12)), ("中午12点", time(12)),
        ("中午1点", time(13)), ("上午9点30分", time(9, 30)), ("晚上8点整", time(20)),
        ("下午17:00", time(17)), ("24:00", time.min), ("24点", time.min),
    ],
)  # fmt: skip
def test_times_of_day(text: str, clock: time) -> None:
    assert parse_clock(text) == clock


@pytest.mark.parametrize(
    "text", ["17", "25点", "24:01", "上午17点", "12am", "晚上12点", "下午0点", "中午5点", "5:60"]
)
def test_no_certain_time_of_day(text: str) -> None:
    assert parse_clock(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-07",
        "2024年7月",
        "2024/7",
        "2024.07",
        "2024年7月份",
        "202407",
        "2024-07-15",
        "7月",
        "7月15日",
        "七月",
        "二〇二四年七月",
        "24年7月",
        "７月份",
    ],
)
def test_months(text: str) -> None:
    assert parse_month(text, near=JULY_1) == "2024-07"


@MUST_END
@pytest.mark.parametrize(
    "text", ["", "7", "2024-13", "13月", "2024-07-32", "7.1", "第三季度", *MONSTERS]
)
def test_no_month(text: str) -> None:
    assert parse_month(text, near=JULY_1) is None


def test_a_month_without_year_or_hint() -> None:
    assert parse_month("7月") is None


@pytest.mark.parametrize(
    ("serial", "shown"),
    [
        ("1", date(1900, 1, 1)),
        ("59", date(1900, 2, 28)),
        ("60", None),
        ("60.5", None),
        ("61", date(1900, 3, 1)),
        ("45473", JUNE_30),
        ("45473.7083333333", datetime(2024, 6, 30, 17)),
        ("45473.9999999", date(2024, 7, 1)),
        ("2958465", date(9999, 12, 31)),
        ("2958465.9999999", None),
        ("2958466", None),
        ("0.5", None),
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999999", None),
        ("1e-999999", None),
    ],
)
def test_serial_numbers_as_excel_shows_them(serial: str, shown: date | None) -> None:
    assert from_serial(Decimal(serial), date1904=False) == shown


def test_the_1904_system_starts_four_years_later() -> None:
    assert from_serial(Decimal(0), date1904=True) == date(1904, 1, 1)
    assert from_serial(Decimal(45473 - 1462), date1904=True) == JUNE_30


@given(st.integers(61, 2958465 - 1462))
def test_both_systems_number_the_same_days(serial: int) -> None:
    later = from_serial(Decimal(serial + 1462), date1904=False)
    assert from_serial(Decimal(serial), date1904=True) == later


def test_a_small_number_in_a_date_column_is_not_a_date() -> None:
    assert day_of_serial(Decimal(45473), date1904=False) == JUNE_30
    assert day_of_serial(Decimal(3), date1904=False) is None
    assert day_of_serial(Decimal(20240630), date1904=False) is None


def test_a_computed_midnight_is_the_day_before() -> None:
    assert as_deadline(datetime(2024, 7, 1)) == JUNE_30
    assert as_deadline(datetime(2024, 7, 1, 0, 0, 1)) == datetime(2024, 7, 1, 0, 0, 1)
    assert as_deadline(JUNE_30) == JUNE_30
    assert as_deadline(datetime.min) == datetime.min
