"""The ribbon's drawing and docs/coordinator/excel.md are up to date."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from xlflow.excel.udf_registry import FUNCTIONS
from xlflow.shipped import shipped

DOCS = Path(__file__).parents[2] / "docs"


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
    page = (DOCS / "coordinator/excel.md").read_text("utf-8")
    customui = shipped("macros", "customUI14.xml").read_text("utf-8")
    for label in re.findall(r'<button id="\w+" label="([^"]+)"', customui):
        assert f"| {label} |" in page
    assert all(f"`{name}(" in page for name in FUNCTIONS)
