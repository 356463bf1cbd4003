"""The moment to be taken for now."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from xlflow.cli.as_of import in_zone, parse_as_of
from xlflow.cli.errors import CommandLineError

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-07-16", datetime(2024, 7, 17)),
        ("2024-07-16T09:00", datetime(2024, 7, 16, 9)),
        ("2024-07-16T09:00:30", datetime(2024, 7, 16, 9, 0, 30)),
        ("2024-07-16T09:00+00:00", datetime(2024, 7, 16, 17)),
        ("2024-07-16T09:00Z", datetime(2024, 7, 16, 17)),
        ("2024-12-31", datetime(2025, 1, 1)),
    ],
)
def test_a_date_alone_lasts_until_its_end(text: str, moment: datetime) -> None:
    assert in_zone(parse_as_of(text), SHANGHAI) == moment


def test_without_one_it_is_now_in_the_zone() -> None:
    now = datetime.now(SHANGHAI).replace(tzinfo=None)
    assert now <= in_zone(None, SHANGHAI) < now + timedelta(minutes=1)


@pytest.mark.parametrize(
    "text",
    ["2024-13-01", "2024-02-30", "20240716", "2024-W29-2", "0000-01-01", "9999-12-31", "now", ""],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CommandLineError, match="no_such_moment"):
        parse_as_of(text)


def test_a_date_alone_stays_a_date() -> None:
    assert type(parse_as_of("2024-07-16")) is date
