"""The options of every command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run
from xlflow.cli.common_options import COMMON, common_options


def test_their_names_are_those_that_help_groups() -> None:
    assert [option.name for option in common_options()] + ["help"] == [
        "directory",
        "json",
        "as_of",
        "language",
        "verbose",
        "help",
    ]
    assert {option.name for option in common_options()} | {"help"} == set(COMMON)


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("options", "command"),
    [
        (["--json"], "rules"),
        (["--language", "en"], "rules"),
        (["--as-of", "2024-07-01"], "overdue"),
        (["-C", "teams"], "status"),
    ],
)
def test_they_come_before_or_after_the_command(run: Run, options: list[str], command: str) -> None:
    before, after = run(*options, command), run(command, *options)
    assert before == after
    assert before != run(command)


def test_the_last_one_counts(run: Run, root: Path, tmp_path: Path) -> None:
    assert run("-C", tmp_path, "status", "-C", root).code == 0
    assert run("-C", root, "status", "-C", tmp_path).code == 2


def test_verbose_shows_more(run: Run) -> None:
    assert "Traceback" not in run("check", "none.xlsx").err
    assert "Traceback" in run("-v", "check", "none.xlsx").err
