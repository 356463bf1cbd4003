"""Documentation that can't rot: what it names exists, and what exists is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from xlflow.figures.catalogue import FIGURES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/*.md")])


def test_every_figure_is_explained() -> None:
    named = set(re.findall(r"`(\w+)`", (ROOT / "docs/reference/figures.md").read_text("utf-8")))
    assert {figure.key for figure in FIGURES} <= named


def test_every_dependency_has_its_reason_and_a_lower_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    reasons = (ROOT / "docs/dependencies.md").read_text("utf-8")
    lowest = (ROOT / "constraints-lowest.txt").read_text("utf-8")
    for requirement in project["dependencies"]:
        name, bound = re.match(r"([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)", requirement).groups()  # type: ignore[union-attr]
        assert f"| {name} |" in reasons, name
        assert f"{name}=={bound}" in lowest, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_gives_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "python -m pip install . && xlflow demo" in readme
    assert 'python -m pip install -e ".[test]" && python -m pytest' in readme
