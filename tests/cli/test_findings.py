"""How findings read on a terminal and as JSON."""

from __future__ import annotations

from xlflow.cli import findings
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
LATER = Finding("XF212", "warning", "流程优化计划", "E8", 8, "完成时间")


def plain(text: str) -> str:
    import click

    return click.unstyle(text)


def test_a_line_gives_place_fact_mend_and_code() -> None:
    line = plain(findings.line("teams/市场一部.xlsx", NO_SUCH_DATE, Session("zh")))
    assert line == (
        "错误  市场一部.xlsx › 流程优化计划!E7:"
        "「2024-06-31」不是有效日期,请改为如 2024-06-30 (XF102)"
    )


def test_in_english_it_lines_up_with_the_longest_severity() -> None:
    line = plain(findings.line("teams/市场一部.xlsx", NO_SUCH_DATE, Session("en")))
    assert line.startswith("error    市场一部.xlsx › 流程优化计划!E7: ")


def test_places_are_as_exact_as_they_can_be() -> None:
    assert findings.place("teams/a.xlsx", "表", "E7") == "a.xlsx › 表!E7"
    assert findings.place("teams/a.xlsx", "表", None) == "a.xlsx › 表"
    assert findings.place("teams/a.xlsx", None, None) == "a.xlsx"
    assert findings.place("/else/a.xlsx", None, None) == "/else/a.xlsx"


def test_errors_come_first_in_each_workbook() -> None:
    session = Session("zh")
    early = Finding(
        "XF301", "error", params={"table": {"zh": "流程优化计划", "en": "Improvement plan"}}
    )
    found = [("甲", "teams/甲.xlsx", NO_SUCH_DATE), ("乙", "teams/乙.xlsx", early)]
    blocks = findings.grouped(found, session)
    assert ["甲.xlsx" in blocks[0], "乙.xlsx" in blocks[1]] == [True, True]
    assert findings.errors_first([LATER, NO_SUCH_DATE]) == [NO_SUCH_DATE, LATER]


def test_counts_name_only_what_there_is() -> None:
    session = Session("zh")
    assert findings.counted([NO_SUCH_DATE, LATER, LATER], session) == "错误 1、警告 2"
    assert findings.counted([], session) == "没有发现问题"


def test_a_finding_as_json() -> None:
    assert findings.shape("市场一部", "teams/市场一部.xlsx", NO_SUCH_DATE, "zh") == {
        "team": "市场一部",
        "workbook": "teams/市场一部.xlsx",
        "sheet": "流程优化计划",
        "cell": "E7",
        "row": 7,
        "column": "完成时间",
        "code": "XF102",
        "severity": "error",
        "message": "「2024-06-31」不是有效日期,请改为如 2024-06-30",
        "value": "2024-06-31",
        "fix": "2024-06-30",
    }
