"""``rules``."""

from __future__ import annotations

from tests.cli.running import Run
from xlflow.rules import CATALOGUE


def test_every_rule_is_listed_in_either_language(run: Run) -> None:
    for language in ("zh", "en"):
        lines = run("rules", "--language", language).out.splitlines()
        assert [line[:5] for line in lines[2:-2]] == [rule.code for rule in CATALOGUE]


def test_rules_as_json(run: Run) -> None:
    rules = run("rules", "--json").json["rules"]
    assert [set(rule) for rule in rules] == [
        {"code", "name", "severity", "looks_at", "zh", "en", "since"}
    ] * len(CATALOGUE)
    assert [rule["code"] for rule in rules] == [rule.code for rule in CATALOGUE]
