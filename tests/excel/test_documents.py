"""What is handed to people opens cleanly, and what the docs show is what there is."""

from __future__ import annotations

import importlib.util
import re
from datetime import datetime
from pathlib import Path
from types import ModuleType

import pytest

from tests.excel import validators
from xlflow.excel.udf_registry import FUNCTIONS
from xlflow.shipped import shipped
from xlflow.sync import run
from xlflow.templates.sample_rows import CLEAN_TEAM, GUIDE_TEAM
from xlflow.templates.samples import write_samples
from xlflow.workspace_creation import create_workspace

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after a pass: team workbooks with flags, a summary."""
    folder = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XLFLOW_STATE_DIR", str(folder / "state"))
        space = create_workspace(folder / "share", ["新团队"], "zh")
        write_samples(space.teams, space.settings, "zh")
        run.run(space, datetime(2024, 7, 17), notices=False)
    return space.root


@pytest.mark.parametrize(
    "name",
    [
        "master.xlsm",
        "teams/新团队.xlsx",
        f"teams/{GUIDE_TEAM}.xlsx",
        f"teams/{CLEAN_TEAM}.xlsx",
        "summaries/汇总-2024-07.xlsx",
    ],
)
def test_both_validators_pass(name: str, share: Path) -> None:
    assert validators.ooxml_validator_errors(share / name) == []
    assert validators.openxml_audit_errors(share / name) == []


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ribbon_drawing", DOCS / "ribbon_drawing.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_ribbon_drawing_is_up_to_date() -> None:
    customui = shipped("macros", "customUI14.xml").read_text("utf-8")
    assert (DOCS / "images/ribbon.svg").read_text("utf-8") == drawing().draw(customui)


def test_the_page_names_every_button_and_function() -> None:
    page = (DOCS / "excel.md").read_text("utf-8")
    customui = shipped("macros", "customUI14.xml").read_text("utf-8")
    for label in re.findall(r'<button id="\w+" label="([^"]+)"', customui):
        assert f"| {label} |" in page
    assert all(f"`{name}(" in page for name in FUNCTIONS)
