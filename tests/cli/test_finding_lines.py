"""How findings read on a terminal."""

from __future__ import annotations

import click

from xlflow.cli import finding_lines
from xlflow.cli.session import Session
from xlflow.facts import Finding

NO_SUCH_DATE = Finding(
    code="XF102",
    severity="error",
    sheet="流程优化计划",
    cell="E7",
    row=7,
    column="完成时间",
    params={"value": "2024-06-31", "example": "2024-06-30"},
    value="2024-06-31",
    fix="2024-06-30",
)
FULL_WIDTH = Finding("XF112", "info", "流程现状分析", "C3", 3, "耗时(天)", params={"value": "３"})


def test_a_line_has_place_fact_repair_and_code() -> None:
    line = click.unstyle(
        finding_lines.finding_line("teams/市场一部.xlsx", NO_SUCH_DATE, Session("zh"))
    )
    assert line == (
        "错误  市场一部.xlsx › 流程优化计划!E7："
        "“2024-06-31”不是有效日期，请改正，如 2024-06-30（XF102）"
    )


def test_in_english_it_is_padded_to_the_longest_severity() -> None:
    line = click.unstyle(
        finding_lines.finding_line("teams/市场一部.xlsx", NO_SUCH_DATE, Session("en"))
    )
    assert line.startswith("error    市场一部.xlsx › 流程优化计划!E7: ")


def test_a_location_is_as_exact_as_known() -> None:
    assert finding_lines.location("teams/a.xlsx", "表", "E7") == "a.xlsx › 表!E7"
    assert finding_lines.location("teams/a.xlsx", "表", None) == "a.xlsx › 表"
    assert finding_lines.location("teams/a.xlsx", None, None) == "a.xlsx"
    assert finding_lines.location("/else/a.xlsx", None, None) == "/else/a.xlsx"


def test_errors_come_first() -> None:
    block = click.unstyle(
        finding_lines.finding_block("teams/甲.xlsx", [FULL_WIDTH, NO_SUCH_DATE], Session("zh"))
    )
    assert [line[:2] for line in block.splitlines()] == ["错误", "提示"]


def test_only_severities_that_occur_are_counted() -> None:
    session = Session("zh")
    assert (
        finding_lines.severity_counts([NO_SUCH_DATE, FULL_WIDTH, FULL_WIDTH], session)
        == "错误 1、提示 2"
    )
    assert finding_lines.severity_counts([], session) == "没有发现问题"
