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
from xlflow.columns import REGENERATE
from xlflow.messages import rules as words
from xlflow.rules.catalogue import RULES, SENTENCES, Problem, cell_rule, rule
from xlflow.rules.reference import reference
from xlflow.schema import MESSAGE, PLAN

ROOT = Path(__file__).parents[2]
HERE = f"{__name__.replace('.', '/')}.py"
"""The file of a rule that is declared in these tests."""


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
    monkeypatch.setitem(words.CATALOGUE, "XF297", ("甲", "a"))


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("declare", "function", "fault", "file"),
    [
        (
            rule("XF299", on=PLAN, at="due", since="1", severity="info"),
            wrong_field,
            "plan has no field finished",
            "xlflow/schema.py",
        ),
        (
            rule("XF299", on=PLAN, at="topic", since="1", severity="info"),
            documented,
            "plan has no field topic",
            HERE,
        ),
        (
            rule("XF299", on=(PLAN, MESSAGE), at="due", since="1", severity="info"),
            documented,
            "message has no field due",
            HERE,
        ),
        (
            rule("XF214", on=PLAN, at="due", since="1", severity="info"),
            documented,
            "the code is taken by done_before_it_began.* XF300",
            HERE,
        ),
        (
            rule("XF199", on=PLAN, at="due", since="1", severity="info"),
            documented,
            "XF2 and two digits",
            HERE,
        ),
        (
            rule("XF299", on=PLAN, at="due", since="1", severity="fatal"),
            documented,
            '"fatal" is no severity.* error, warning, info',
            HERE,
        ),
        (
            rule("XF298", on=PLAN, at="due", since="1", severity="info"),
            documented,
            "no sentence.* CATALOGUE",
            "xlflow/messages/rules.py",
        ),
        (
            rule("XF297", on=PLAN, at="due", since="1", severity="info"),
            documented,
            "no page in Chinese.* PAGES_ZH",
            "xlflow/messages/rules.py",
        ),
        (
            rule("XF299", on=PLAN, at="due", since="1", severity="info"),
            undocumented,
            'no line that begins with "Why: "',
            HERE,
        ),
        (
            cell_rule("XF199", since="1", severity="info", when="value"),
            wrong_field,
            "can't take finished",
            HERE,
        ),
    ],
)
def test_a_faulty_declaration_names_the_file_to_change_and_the_command_to_run(
    declare: Callable[[object], object], function: object, fault: str, file: str
) -> None:
    with pytest.raises(TypeError, match=fault) as refused:
        declare(function)
    assert file in str(refused.value)
    assert str(refused.value).endswith("then run python docs/regenerate.py")


@pytest.mark.usefixtures("catalogue")
def test_a_sound_declaration_is_accepted() -> None:
    declare = rule("XF299", on=PLAN, at="due", since="1", severity="info")
    assert declare(documented) is documented


def test_there_are_at_least_thirty_rules_in_order() -> None:
    codes = [rule.code for rule in rules.CATALOGUE]
    assert len(codes) >= 30
    assert codes == sorted(set(codes))


def test_no_two_rules_have_one_name() -> None:
    names = [rule.name for rule in rules.CATALOGUE]
    assert len(names) == len(set(names))


SHARED = {"of_column", "with_code", "joint", "more"}
"""Sentences that join those of the rules."""


def test_every_sentence_and_every_page_belongs_to_a_rule() -> None:
    file = "in xlflow/messages/rules.py; take it out, or declare its rule in xlflow/rules"
    assert set(words.CATALOGUE) - SHARED - set(RULES) == set(), f"a sentence too many {file}"
    assert set(words.PAGES_ZH) - set(RULES) == set(), f"a page too many {file}"


@pytest.mark.parametrize("key", list(words.CATALOGUE))
def test_both_languages_use_the_same_parameters(key: str) -> None:
    zh, en = (
        {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}
        for text in words.CATALOGUE[key]
    )
    assert zh == en, f"give both the same parameters in CATALOGUE of {SENTENCES}, {key}"


@pytest.mark.parametrize("code", list(words.PAGES_ZH))
def test_every_page_states_the_fault_why_and_the_repair(code: str) -> None:
    page, docstring = words.PAGES_ZH[code], RULES[code].en
    rightly = f"give it the form of its neighbours, then run {REGENERATE}"
    assert re.match(r"[^\n]+。\n\n为什么：\S.*\n怎么改：\S", page), (
        f"{code} in PAGES_ZH of {SENTENCES}: {rightly}"
    )
    assert re.match(r"[^\n]+\.\n\nWhy: \S(?s:.*)\nRepair: \S", docstring), (
        f"the docstring of {RULES[code].name} in xlflow/rules: {rightly}"
    )


def test_every_problem_and_every_hint_of_a_value_has_a_rule() -> None:
    source = (ROOT / "xlflow" / "values.py").read_text(encoding="utf-8")
    problems = set(re.findall(r'problem="(\w+)"', source))
    hints = {
        values.FULL_WIDTH,
        values.NUMBER_AS_TEXT,
        values.YEAR_ASSUMED,
        values.APPROXIMATE,
        values.ALIAS,
    }
    # A refused column has one finding at its header (XF314), not one for each cell.
    signals = {rule.when for rule in rules.CATALOGUE} | {"column_refused"}
    assert len(problems) >= 9
    assert (problems | hints) - signals == set(), "declare a @cell_rule in xlflow/rules/cells.py"


def test_a_rule_lists_the_headers_of_what_it_looks_at() -> None:
    assert RULES["XF214"].looks_at == ("开始时间", "实际完成时间")
    assert RULES["XF104"].looks_at == ("耗时(天)",)
    assert RULES["XF201"].looks_at == ("流程环节", "优化环节")
    assert RULES["XF301"].looks_at == ()


def test_the_reference_is_up_to_date() -> None:
    page = (ROOT / "docs" / "reference" / "rules.md").read_text(encoding="utf-8")
    is_current = page == reference()
    assert is_current, f"docs/reference/rules.md is stale: run {REGENERATE}"


def test_nothing_heavy_is_imported() -> None:
    heavy = "pandas numpy openpyxl xlsxwriter sqlalchemy zhconv chinese_calendar"
    code = f"import sys, xlflow.rules; print(*sorted(set(sys.modules) & set('{heavy}'.split())))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == ""
