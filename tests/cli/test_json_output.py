"""Values and texts as the JSON documents hold them."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.cli.running import Run
from xlflow.json_output import json_as_of, json_moment, json_number, to_json

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_date_stays_a_date_and_a_moment_gets_its_offset() -> None:
    assert json_moment(date(2024, 7, 15), SHANGHAI) == "2024-07-15"
    assert json_moment(datetime(2024, 7, 15, 17), SHANGHAI) == "2024-07-15T17:00:00+08:00"


def test_the_end_of_a_day_is_that_day() -> None:
    assert json_as_of(datetime(2024, 7, 17), SHANGHAI) == "2024-07-16"
    assert json_as_of(datetime(2024, 7, 16, 9), SHANGHAI) == "2024-07-16T09:00:00+08:00"


def test_decimals_become_numbers_at_any_depth() -> None:
    found = json_number({"a": Decimal("5000"), "b": [Decimal("0.25"), None], "c": ({"d": 1},)})
    assert found == {"a": 5000, "b": [0.25, None], "c": [{"d": 1}]}
    assert type(found["a"]) is int


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("utf-8", '"市"'), ("UTF8", '"市"'), ("gbk", '"\\u5e02"'), ("unheard-of", '"\\u5e02"')],
)
def test_only_utf8_holds_more_than_ascii(encoding: str, text: str) -> None:
    assert to_json("市", encoding) == text


def test_invalid_utf8_is_escaped_in_keys_and_values() -> None:
    name = b"\xd6.xlsx".decode("utf-8", "surrogateescape")
    assert json.loads(to_json({name: [name]}, "utf-8")) == {"\\xd6.xlsx": ["\\xd6.xlsx"]}


def test_documents_survive_any_encoding(run_process: Run) -> None:
    for encoding in ("utf-8", "gbk", "ascii", "latin-1"):
        rules = run_process("rules", "--json", PYTHONIOENCODING=encoding).json["rules"]
        assert rules[0]["zh"].startswith("必填的单元格没有填。")
