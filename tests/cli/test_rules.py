"""``rules`` and ``explain``."""

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


def test_one_rule_at_length(run: Run) -> None:
    ran = run("explain", "xf102")
    assert ran.code == 0
    assert "为什么：" in ran.out
    assert "完成时间" in ran.out
    english = run("explain", "XF102", "--language", "en").out
    assert "Why:" in english
    assert "Done on" in english


def test_the_title_names_the_severity(run: Run) -> None:
    ran = run("explain", "XF102", "--language", "en").out
    assert ran.startswith("XF102 no_such_date (error)\n")
