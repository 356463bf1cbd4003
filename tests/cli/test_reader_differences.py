"""Differences between the two readers, as lines and as JSON."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest

from xlflow.cli.reader_differences import differences_json, differences_text
from xlflow.cli.session import Session
from xlflow.errors import UnreadableError
from xlflow.messages import cross_check as messages
from xlflow.ooxml.cross_check import Difference, KnownReason


def test_every_known_reason_has_its_sentence() -> None:
    reasons = {key.removeprefix("reason.") for key in messages.CATALOGUE if "reason." in key}
    assert reasons == set(get_args(KnownReason))


@pytest.mark.parametrize(
    ("difference", "line"),
    [
        (
            Difference("value", "teams/a.xlsx", "表", "E7", Decimal("5.5"), None, None),
            "读法不同  a.xlsx › 表!E7：xlflow 读作 5.5，openpyxl 读作空白",
        ),
        (
            Difference("value", "teams/a.xlsx", "表", "E7", "两行\n文字", True, None),
            "读法不同  a.xlsx › 表!E7：xlflow 读作“两行 文字”，openpyxl 读作 True",
        ),
        (
            Difference("number_format", "teams/a.xlsx", "表", "E7", "0.0", "0.00", None),
            "读法不同  a.xlsx › 表!E7：数字格式 xlflow 读作“0.0”，openpyxl 读作“0.00”",
        ),
        (
            Difference("sheet", "teams/a.xlsx", "表", None, True, False, None),
            "读法不同  a.xlsx › 表：只有 xlflow 读到这张工作表",
        ),
        (
            Difference("sheet", "teams/a.xlsx", "表", None, False, True, None),
            "读法不同  a.xlsx › 表：只有 openpyxl 读到这张工作表",
        ),
        (
            Difference(
                "workbook", "/a.xlsx", None, None, UnreadableError("file_empty"), None, None
            ),
            "读法不同  /a.xlsx：xlflow 无法读取，openpyxl 可以",
        ),
    ],
)
def test_an_unexplained_difference_is_one_line(difference: Difference, line: str) -> None:
    assert differences_text([difference], Session("zh")).splitlines() == [
        line,
        "与 openpyxl 对照：原因不明的差异 1 处，原因已知的差异 0 处。",
    ]


def test_explained_differences_are_counted_by_reason() -> None:
    merged = Difference("value", "a.xlsx", "S", "B1", Decimal(5), None, "under_merge")
    elapsed = Difference("value", "a.xlsx", "S", "C1", Decimal(2), timedelta(2), "elapsed_time")
    assert differences_text([elapsed, merged, merged], Session("en")).splitlines() == [
        "Compared with openpyxl: 0 unexplained differences, 3 explained.",
        "  2 × openpyxl drops the content of cells that a merged cell covers",
        "  1 × openpyxl reads elapsed times as time spans, xlflow as numbers",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        ("x", "x"),
        (True, True),
        (Decimal("5000"), 5000),
        (Decimal("0.25"), 0.25),
        (0.25, 0.25),
        (datetime(2024, 7, 16), "2024-07-16T00:00:00"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=30), "1 day, 6:00:00"),
        (RuntimeError("odd"), "odd"),
    ],
)
def test_values_as_json(value: Any, shown: Any) -> None:
    (found,) = differences_json(
        [Difference("value", "a.xlsx", "S", "A1", value, value, "escape")], "en"
    )
    assert found == {
        "workbook": "a.xlsx",
        "sheet": "S",
        "cell": "A1",
        "xlflow": shown,
        "openpyxl": shown,
        "reason": "openpyxl doesn't decode escapes such as _x000D_",
    }


def test_a_refusal_is_explained_in_json() -> None:
    refused = Difference(
        "workbook", "a.xlsx", None, None, UnreadableError("file_empty"), None, None
    )
    (found,) = differences_json([refused], "zh")
    assert "0" in found["xlflow"]
    assert (found["openpyxl"], found["reason"]) == (None, None)
