"""``explain``."""

from __future__ import annotations

from tests.cli.running import Run


def test_one_rule_in_either_language(run: Run) -> None:
    ran = run("explain", "xf102")
    assert ran.code == 0
    assert "为什么：" in ran.out
    assert "完成时间" in ran.out
    english = run("explain", "XF102", "--language", "en").out
    assert english.startswith("XF102 no_such_date (error)\n")
    assert "Why:" in english
    assert "Done on" in english


def test_one_rule_as_json(run: Run) -> None:
    rules = run("rules", "--json").json["rules"]
    assert run("explain", "XF102", "--json").json in rules


def test_an_unknown_code_is_refused(run: Run) -> None:
    ran = run("explain", "XF999")
    assert (ran.code, ran.out) == (2, "")
    assert "没有 XF999 这条规则" in ran.err
    assert len(ran.err.splitlines()) == 1
