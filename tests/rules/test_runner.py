from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules import rule_cases
from xlflow import rules
from xlflow.config import SEVERITIES, Settings
from xlflow.errors import SettingsError
from xlflow.facts import Finding
from xlflow.rules.catalogue import RULES
from xlflow.rules.rows import done_before_it_began
from xlflow.schema import BY_NAME, PLAN, TABLES

FAULTY = {
    "table": "plan",
    "rows": [
        {"goal": "加快评审", "due": date(2024, 6, 30), "measures": ""},
        {"goal": "", "due": "2024-06-31"},
    ],
    "signed": True,
    "without": ["record"],
}


def test_a_rule_is_an_ordinary_function() -> None:
    assert done_before_it_began(date(2026, 3, 2), date(2026, 3, 1))
    assert not done_before_it_began(date(2026, 3, 1), date(2026, 3, 2))


def test_findings_are_in_the_order_of_sheets_rows_columns_and_codes() -> None:
    found = rule_cases.check(FAULTY)
    assert [(f.code, f.cell) for f in found] == [
        ("XF312", None),
        ("XF311", None),
        ("XF216", "B5"),
        ("XF217", "C5"),
        ("XF212", "E5"),
        ("XF101", "B6"),
        ("XF102", "E6"),
    ]


def test_a_finding_has_its_place_and_its_facts() -> None:
    finding = rule_cases.check(FAULTY)[-1]
    assert finding == Finding(
        code="XF102",
        severity="error",
        sheet="流程优化计划",
        cell="E6",
        row=6,
        column="完成时间",
        params={"value": "2024-06-31", "example": "2024-06-30"},
        value="2024-06-31",
        fix="2024-06-30",
        table="plan",
        row_id="plan6",
    )


def test_the_facts_of_a_finding_are_json() -> None:
    # A store keeps them; the sentence must be the same from there.
    for finding in rule_cases.check(FAULTY):
        again = finding._replace(params=json.loads(json.dumps(finding.params)))
        for language in ("zh", "en"):
            assert rules.message(again, language) == rules.message(finding, language)


def test_sheets_and_columns_are_named_as_in_the_file() -> None:
    case = {"table": "plan", "language": "en", "row": {"due": date(2024, 6, 30)}}
    (finding,) = rule_cases.check(case)
    assert (finding.sheet, finding.column) == ("Improvement plan", "Due")
    assert rules.message(finding, "en") == (
        "2024-06-30 (Sunday) isn't a working day; the one before is 2024-06-28"
    )


def test_settings_switch_rules_off_and_change_severities() -> None:
    case = {**FAULTY, "settings": {"rules": {"XF212": "off", "XF216": "error", "XF312": "off"}}}
    found = {finding.code: finding.severity for finding in rule_cases.check(case)}
    assert "XF212" not in found
    assert "XF312" not in found
    assert found["XF216"] == "error"


def test_a_missing_column_is_mentioned_only_where_a_rule_or_a_figure_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = {"table": "campaign", "without": ["deviation", "direction"]}
    (finding,) = rule_cases.check(case)
    assert finding.params["headers"]["zh"] == "差异率、指标方向"
    # No other rule, so that only a figure can need a column.
    for catalogue in ("catalogue", "runner", "workbooks"):
        monkeypatch.setattr(f"xlflow.rules.{catalogue}.RULES", {"XF304": RULES["XF304"]})
    (finding,) = rule_cases.check(case)
    assert finding.params["headers"]["zh"] == "指标方向"


def test_edits_can_be_switched_off_too() -> None:
    case = {"table": "plan", "before": {}, "settings": {"rules": {"XF403": "off"}}}
    assert rule_cases.compare(case) == []


def test_a_removed_row_keeps_its_identity_when_its_sheet_is_removed_too() -> None:
    snapshot = rule_cases.book({})
    before = snapshot.tables["plan"].rows
    without = replace(snapshot, sheets=())
    (finding,) = rules.compare(without, before, [], Settings())
    assert (finding.code, finding.sheet, finding.row_id, finding.table) == (
        "XF403",
        "流程优化计划",
        "plan5",
        "plan",
    )


@pytest.mark.parametrize("code", ["XF102", "XF106", "XF117", "XF118", "XF119", "XF214", "XF222"])
def test_a_rule_that_rejects_is_shown_at_another_level_but_never_off(code: str) -> None:
    rules.check_rule_settings(Settings(rules={code: "info"}))
    with pytest.raises(SettingsError) as refused:
        rules.check_rule_settings(Settings(rules={code: "off"}))
    assert (refused.value.key, refused.value.params) == ("settings_rule_rejects", {"code": code})


def test_a_rule_that_rejects_does_so_at_any_level() -> None:
    case = {"table": "problem", "row": {"days": 500}, "settings": {"rules": {"XF118": "info"}}}
    (finding,) = rule_cases.check(case)
    assert (finding.code, finding.severity) == ("XF118", "info")
    (row,) = rule_cases.book(case).tables["problem"].rows
    assert row.get("days") is None


def test_an_unknown_code_in_the_settings_is_refused_with_the_nearest() -> None:
    rules.check_rule_settings(Settings(rules={"XF212": "off"}))
    with pytest.raises(SettingsError) as refused:
        rules.check_rule_settings(Settings(rules={"XF1O2": "off"}))
    assert refused.value.key == "settings_rule"
    assert refused.value.params == {"code": "XF1O2", "near": "XF102"}


def test_a_remark_is_one_line_with_the_most_severe_first() -> None:
    found = [finding for finding in rule_cases.check(FAULTY) if finding.row == 5]
    assert rules.remark(found, "zh") == (
        "优化目标：目标里没有可衡量的数，请写明数量、比例或期限，如“提升至90%”（XF216）；"
        "有目标“加快评审”，但没有具体措施，请补上打算怎么做（XF217）；"
        "完成时间：2024-06-30（星期日）不是工作日，可改为前一个工作日 2024-06-28（XF212）"
    )
    severe = [found[0]._replace(severity="info"), found[1], found[2]._replace(severity="error")]
    codes = [part.rpartition("(")[2] for part in rules.remark(severe, "en").split("; XF")]
    assert codes[-1] == "XF216)"
    assert rules.remark(severe, "en").index("XF212") < rules.remark(severe, "en").index("XF217")


def test_a_remark_names_a_column_as_its_header_reads() -> None:
    (finding,) = rule_cases.check({"table": "plan", "language": "en", "row": {"status": "Done"}})
    assert rules.remark([finding], "en").startswith("Done on: the status is done;")
    broken = finding._replace(column="实际\n完成时间")
    assert rules.remark([broken], "zh").startswith("实际 完成时间：状态是已完成")


def test_a_remark_names_a_column_once_and_leaves_out_edits() -> None:
    (blank,) = rule_cases.check({"table": "plan", "row": {"due": ""}})
    (moved,) = rule_cases.compare({"table": "plan", "before": {}, "now": {"due": date(2024, 7, 5)}})
    assert rules.remark([blank, moved], "zh") == "“完成时间”是必填项，请补上（XF101）"
    assert rules.remark([moved], "zh") == ""
    assert rules.remark([], "zh") == ""


def test_a_remark_counts_findings_beyond_the_first_five() -> None:
    (blank,) = rule_cases.check({"table": "plan", "row": {"due": ""}})
    assert rules.remark([blank] * 7, "zh").endswith("；另有 2 处，见校验结果")
    assert "\n" not in rules.remark([blank] * 7, "en")


def test_long_and_broken_text_stays_short_and_on_one_line() -> None:
    text = "看情况\n" + "再说" * 400
    (finding,) = rule_cases.check({"table": "plan", "row": {"due": text}})
    assert finding.value == text
    assert "\n" not in rules.remark([finding], "zh")
    assert len(rules.remark([finding], "zh")) < 100


def test_braces_in_a_cell_are_just_text() -> None:
    (finding,) = rule_cases.check({"table": "plan", "row": {"due": "{value} {0}"}})
    assert "{value} {0}" in rules.message(finding, "zh")


def test_every_finding_has_a_known_severity() -> None:
    assert {finding.severity for finding in rule_cases.check(FAULTY)} <= set(SEVERITIES)


CONTENTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["5000条", "8%", "6月底", "2024-02-30", "已完成", "每日17:00前", "-16%", "优先1"]
    ),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(),
    st.booleans(),
    st.just({"error": "#REF!"}),
    st.just({"uncomputed": True}),
)
ROWS = st.sampled_from(TABLES).flatmap(
    lambda table: st.fixed_dictionaries(
        {
            "table": st.just(table.name),
            "row": st.dictionaries(st.sampled_from([c.field for c in table.columns]), CONTENTS),
            "without": st.lists(st.sampled_from([c.field for c in table.columns]), max_size=3),
        }
    )
)


@settings(max_examples=150, deadline=None)
@given(ROWS)
def test_any_row_can_be_checked_and_its_findings_worded(case: dict[str, Any]) -> None:
    found = rule_cases.check(case)
    for language in ("zh", "en"):
        assert "\n" not in rules.remark(found, language)
        assert all(rules.message(finding, language) for finding in found)


@settings(max_examples=100, deadline=None)
@given(ROWS, st.dictionaries(st.sampled_from([c.field for c in PLAN.columns]), CONTENTS))
def test_any_two_versions_of_a_row_can_be_compared(
    case: dict[str, Any], other: dict[str, Any]
) -> None:
    known = {column.field for column in BY_NAME[case["table"]].columns}
    was = {field: content for field, content in other.items() if field in known}
    for finding in rule_cases.compare({**case, "before": was, "now": case["row"]}):
        assert rules.message(finding, "zh")
