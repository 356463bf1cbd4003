"""docs/reference/commands.md is up to date."""

from pathlib import Path

import xlflow
from xlflow.cli.command_reference import reference
from xlflow.columns import REGENERATE


def test_the_page_of_commands_is_what_help_shows() -> None:
    page = Path(xlflow.__file__).parents[1] / "docs" / "reference" / "commands.md"
    stale = f"docs/reference/commands.md is stale: run {REGENERATE}"
    is_current = page.read_text(encoding="utf-8") == reference()
    assert is_current, stale
