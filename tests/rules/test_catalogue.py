from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from xlflow import rules, values
from xlflow.messages import rules as words
from xlflow.rules.catalogue import RULES, Problem, cell_rule, rule
from xlflow.rules.reference import reference
from xlflow.schema import MESSAGE, PLAN

ROOT = Path(__file__).parents[2]


def documented() -> Problem | None:
    """A fault.

    Why: because.
    Repair: so.
    """


def wrong_field(finished: date) -> Problem | None:
    """A fault.

    Why: because.
    Repair: so.
    """


def undocumented(due: date) -> Problem | None:
    """A fault."""


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test declare rules without leaving any behind."""
    monkeypatch.setattr("xlflow.rules.catalogue.RULES", dict(RULES))
    for family in "1234":
        monkeypatch.setitem(words.CATALOGUE, f"XF{family}99", ("甲", "a"))
        monkeypatch.setitem(words.PAGES_ZH, f"XF{family}99", "甲")


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("declare", "function", "told"),
    [
        (rule("XF299", on=PLAN, at="due", since="1", severity="info"), wrong_field, "finished"),
        (rule("XF299", on=PLAN, at="topic", since="1", severity="info"), documented, "topic"),
        (
            rule("XF299", on=(PLAN, MESSAGE), at="due", since="1", severity="info"),
            documented,
            "due",
        ),
        (rule("XF214", on=PLAN, at="due", since="1", severity="info"), documented, "XF214"),
        (rule("XF199", on=PLAN, at="due", since="1", severity="info"), documented, "XF199"),
        (rule("XF299", on=PLAN, at="due", since="1", severity="fatal"), documented, "fatal"),
        (rule("XF298", on=PLAN, at="due", since="1", severity="info"), documented, "sentence"),
        (rule("XF299", on=PLAN, at="due", since="1", severity="info"), undocumented, "docstring"),
        (cell_rule("XF199", since="1", severity="info", when="value"), wrong_field, "finished"),
    ],
)
def test_what_cant_be_meant_fails_where_it_is_declared(
    declare: Callable[[object], object], function: object, told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        declare(function)


@pytest.mark.usefixtures("catalogue")
def test_a_sound_declaration_is_taken() -> None:
    declare = rule("XF299", on=PLAN, at="due", since="1", severity="info")
    assert declare(documented) is documented


def test_there_are_at_least_thirty_rules_in_order() -> None:
    codes = [rule.code for rule in rules.CATALOGUE]
    assert len(codes) >= 30
    assert codes == sorted(set(codes))


def test_names_are_said_once() -> None:
    names = [rule.name for rule in rules.CATALOGUE]
    assert len(names) == len(set(names))


def test_no_sentence_and_no_page_is_left_without_its_rule() -> None:
    assert (
        set(words.CATALOGUE) - {"of_column", "with_code", "joint", "more"}
        == set(words.PAGES_ZH)
        == set(RULES)
    )


@pytest.mark.parametrize("key", list(words.CATALOGUE))
def test_both_languages_give_the_same_facts(key: str) -> None:
    zh, en = (
        {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}
        for text in words.CATALOGUE[key]
    )
    assert zh == en


@pytest.mark.parametrize("code", list(words.PAGES_ZH))
def test_every_page_states_the_fault_why_and_the_repair(code: str) -> None:
    page = words.PAGES_ZH[code]
    assert re.match(r"[^\n]+。\n\n为什么：\S.*\n怎么改：\S", page)
    assert re.match(r"[^\n]+\.\n\nWhy: \S(?s:.*)\nRepair: \S", RULES[code].en)


def test_whatever_the_reading_says_of_a_cell_has_a_rule() -> None:
    source = (ROOT / "xlflow" / "values.py").read_text(encoding="utf-8")
    problems = set(re.findall(r'problem="(\w+)"', source))
    notices = {
        values.FULL_WIDTH,
        values.NUMBER_AS_TEXT,
        values.YEAR_ASSUMED,
        values.APPROXIMATE,
        values.ALIAS,
    }
    heard = {rule.when for rule in rules.CATALOGUE}
    assert len(problems) >= 9
    assert problems | notices <= heard


def test_what_a_rule_looks_at_are_headers() -> None:
    assert RULES["XF214"].looks_at == ("开始时间", "实际完成时间")
    assert RULES["XF104"].looks_at == ("耗时(天)",)
    assert RULES["XF201"].looks_at == ("流程环节", "优化环节")
    assert RULES["XF301"].looks_at == ()


def test_the_reference_is_up_to_date() -> None:
    # python -m xlflow.rules > docs/rules.md
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == reference()


def test_the_command_behind_the_reference_prints_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "xlflow.rules"], cwd=ROOT, capture_output=True, check=True
    )
    assert done.stdout.decode() == reference()


def test_nothing_heavy_is_imported() -> None:
    heavy = "pandas numpy openpyxl xlsxwriter sqlalchemy zhconv chinese_calendar"
    code = f"import sys, xlflow.rules; print(*sorted(set(sys.modules) & set('{heavy}'.split())))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == ""
