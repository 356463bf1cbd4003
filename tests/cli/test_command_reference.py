"""docs/commands.md can't rot."""

from pathlib import Path

import xlflow
from xlflow.cli.command_reference import reference
from xlflow.columns import REGENERATE


def test_the_page_of_commands_is_what_help_says() -> None:
    page = Path(xlflow.__file__).parents[1] / "docs" / "commands.md"
    stale = f"docs/commands.md is stale: run {REGENERATE}"
    assert page.read_text(encoding="utf-8") == reference(), stale
