"""Values as the JSON documents hold them."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from xlflow.cli.json_output import json_moment, json_number

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_day_stays_a_day_and_a_moment_gets_its_offset() -> None:
    assert json_moment(date(2024, 7, 15), SHANGHAI) == "2024-07-15"
    assert json_moment(datetime(2024, 7, 15, 17), SHANGHAI) == "2024-07-15T17:00:00+08:00"


def test_decimals_become_numbers_however_deep() -> None:
    told = json_number({"a": Decimal("5000"), "b": [Decimal("0.25"), None], "c": ({"d": 1},)})
    assert told == {"a": 5000, "b": [0.25, None], "c": [{"d": 1}]}
    assert type(told["a"]) is int
