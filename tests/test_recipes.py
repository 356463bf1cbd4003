"""The recipes of CONTRIBUTING, followed in a copy of the project step by step.

After each step the checks are run, and what fails must name the next file to touch
and the command to run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from xlflow.columns import REGENERATE
from xlflow.messages import rules as words

ROOT = Path(__file__).parent.parent
CHECKS = (
    "tests/rules/test_catalogue.py",
    "tests/rules/test_cases.py",
    "tests/test_columns.py",
    "tests/excel/test_build.py::test_committed_workbooks_are_up_to_date",
)
"""The checks that read what the recipes write."""

pytestmark = pytest.mark.timeout(300)


class Project:
    """A copy of the project, to be changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        kept = shutil.ignore_patterns(".*", "__pycache__", "images", "*.egg-info", "build", "dist")
        shutil.copytree(ROOT, root, ignore=kept)
        self._before = self._digests()

    def insert(self, file: str, after: str, text: str) -> None:
        """Insert ``text`` behind the first occurrence of ``after``."""
        path = self.root / file
        before, found, rest = path.read_text("utf-8").partition(after)
        assert found, f"{file} doesn't hold {after!r}"
        path.write_text(before + found + text + rest, "utf-8")

    def append(self, file: str, text: str) -> None:
        with (self.root / file).open("a", encoding="utf-8") as target:
            target.write(text)

    def import_fault(self) -> str:
        """Return the last line of what importing the rules prints; "" where it succeeds."""
        done = self._run("-c", "import xlflow.rules")
        return done.stderr.strip().rpartition("\n")[2]

    def failures(self) -> str:
        """Return what pytest prints where checks fail; "" where all pass."""
        done = self._run("-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *CHECKS)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout if done.returncode else ""

    def regenerate(self) -> None:
        done = self._run(*REGENERATE.split()[1:])
        assert done.returncode == 0, done.stderr

    def changed(self) -> set[str]:
        """Return the files that differ from the original's."""
        now = self._digests()
        return {name for name in now if now[name] != self._before.get(name)}

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        surroundings |= {"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=surroundings | {"PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def _digests(self) -> Mapping[str, str]:
        return {
            path.relative_to(self.root).as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in self.root.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "copy")


A_RULE = '''

@rule("XF240", on=PLAN, at="owners", since="0.2", severity="info")
def too_many_owners(owners: tuple[str, ...]) -> Problem | None:
    """More than five people own the item.

    Why: what everybody owns nobody does.
    Repair: name the one who answers for it.
    """
    return Problem(count=len(owners)) if len(owners) > 5 else None
'''
A_SENTENCE = '\n    "XF240": ("责任人有 {count} 位", "{count} people own it"),'
A_PAGE = f'\n    "XF240": {words.PAGES_ZH["XF217"]!r},'
CASES = """
[XF240]
table = "plan"
passes = [{ owners = "小张、小李" }]
fails = [{ row = { owners = "甲、乙、丙、丁、戊、己" }, cells = ["owners 5"], says = "6" }]
"""


def test_a_rule_is_a_function_its_sentences_its_cases_and_one_command(project: Project) -> None:
    rules, sentences, cases = (
        "xlflow/rules/rows.py",
        "xlflow/messages/rules.py",
        "tests/rules/cases/rows.toml",
    )
    project.append(rules, A_RULE)
    fault = project.import_fault()
    assert all(hint in fault for hint in (sentences, "CATALOGUE", REGENERATE)), fault

    project.insert(sentences, "CATALOGUE: dict[str, tuple[str, str]] = {", A_SENTENCE)
    fault = project.import_fault()
    assert all(hint in fault for hint in (sentences, "PAGES_ZH", REGENERATE)), fault

    project.insert(sentences, "PAGES_ZH: dict[str, str] = {", A_PAGE)
    assert project.import_fault() == ""
    output = project.failures()
    assert all(hint in output for hint in (cases, "python -m pytest tests/rules")), output
    assert f"docs/reference/rules.md is stale: run {REGENERATE}" in output

    project.append(cases, CASES)
    project.regenerate()
    assert project.failures() == ""
    assert project.changed() == {rules, sentences, cases, "docs/reference/rules.md"}


BEGUN = '    budget: Amount | None = column("预算", guide=False)\n'
A_COLUMN = """
    budget: Amount | None = column(
        "预算",
        en="Budget",
        guide=False,
        help=("这项改进的预算。", "What it may cost."),
    )
"""


def test_a_column_is_one_declaration_and_one_command(project: Project) -> None:
    schema = "xlflow/schema.py"
    original = (project.root / schema).read_text("utf-8")
    plan, _, _ = original.partition("    status: Choice | None")

    project.insert(schema, plan, BEGUN)
    fault = project.import_fault()
    assert all(hint in fault for hint in (schema, "Plan.budget", "en=", REGENERATE)), fault

    (project.root / schema).write_text(original, "utf-8")
    project.insert(schema, plan, A_COLUMN.lstrip("\n"))
    assert project.import_fault() == ""
    output = project.failures()
    for stale in ("workbooks/master.xlsm", "workbooks/team-template.xlsx"):
        assert f"{stale} is stale: run {REGENERATE}" in output

    project.regenerate()
    assert project.failures() == ""
    derived = {"docs/reference/rules.md", "workbooks/master.xlsm", "workbooks/team-template.xlsx"}
    assert project.changed() == {schema} | derived
