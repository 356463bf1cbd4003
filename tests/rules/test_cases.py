"""Every rule by its case file: what passes, what fails, and where it is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.rules import rule_cases
from xlflow import rules
from xlflow.facts import Finding

FAMILIES = {"cells": "XF1", "rows": "XF2", "workbooks": "XF3", "changes": "XF4"}


def cases(outcome: str) -> Iterator[Any]:
    for family in FAMILIES:
        for code, held in rule_cases.load(family).items():
            shared = {k: v for k, v in held.items() if k not in ("passes", "fails")}
            for number, case in enumerate(held.get(outcome, ())):
                yield pytest.param(code, {**shared, **case}, id=f"{code}-{number}")


def findings(code: str, case: dict[str, Any]) -> list[Finding]:
    found = rule_cases.compare(case) if code.startswith("XF4") else rule_cases.check(case)
    return [finding for finding in found if finding.code == code]


def test_the_faultless_workbook_has_no_findings() -> None:
    assert rule_cases.check({}) == []


@pytest.mark.parametrize(("code", "case"), list(cases("passes")))
def test_passes(code: str, case: dict[str, Any]) -> None:
    assert findings(code, case) == []


@pytest.mark.parametrize(("code", "case"), list(cases("fails")))
def test_fails_at_its_cell(code: str, case: dict[str, Any]) -> None:
    found = findings(code, case)
    places = [rule_cases.address_of(place, case) for place in case["cells"]]
    assert [finding.cell or "" for finding in found] == places
    if "fix" in case:
        assert found[0].fix == (case["fix"] or None)
    if "value" in case:
        assert found[0].value == case["value"]
    assert case["says"] in rules.message(found[0], case.get("language", "zh"))


def test_every_rule_has_cases_that_pass_and_cases_that_fail() -> None:
    held = {code: cases for family in FAMILIES for code, cases in rule_cases.load(family).items()}
    missing = [
        f"[{rule.code}] {outcome} = [{{ … }}] in tests/rules/cases/{family}.toml"
        for family, prefix in FAMILIES.items()
        for rule in rules.CATALOGUE
        for outcome in ("passes", "fails")
        if rule.code.startswith(prefix) and not held.get(rule.code, {}).get(outcome)
    ]
    assert not missing, f"add {', '.join(missing)}; then run python -m pytest tests/rules"
    assert set(held) == {rule.code for rule in rules.CATALOGUE}, "cases without a rule"


@pytest.mark.parametrize(("family", "prefix"), list(FAMILIES.items()))
def test_a_case_file_holds_one_family_in_order(family: str, prefix: str) -> None:
    codes = list(rule_cases.load(family))
    file = f"tests/rules/cases/{family}.toml"
    assert codes == sorted(codes), f"bring {file} into the order of the codes"
    strange = [code for code in codes if not code.startswith(prefix)]
    assert not strange, f"{file} holds only {prefix}xx"
