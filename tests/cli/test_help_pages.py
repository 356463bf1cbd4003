"""``--help`` of the program and of each command."""

from __future__ import annotations

import click
import pytest

from tests.cli.running import Run
from xlflow.cli.common_options import COMMON
from xlflow.cli.help_pages import usage
from xlflow.cli.program import program
from xlflow.cli.sections import COMMANDS
from xlflow.messages import manual


def test_every_command_and_parameter_has_its_text_and_no_other() -> None:
    needed = {f"common.{name}" for name in COMMON}
    ctx = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(ctx, name)
        assert command is not None
        own = [param.name for param in command.params if param.name not in COMMON]
        needed |= {name, *(f"{name}.{part}" for part in ("about", "examples", "exits", *own))}
    needed |= {f"program.{part}" for part in ("about", "examples", "exits", "version")}
    headings = {key for key in manual.CATALOGUE if key.startswith(("heading.", "usage."))}
    assert set(manual.CATALOGUE) - headings == needed


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_has_usage_examples_and_exit_codes(
    run: Run, command: list[str], language: str
) -> None:
    ran = run(*command, "--language", language, "--help")
    assert ran.code == 0
    assert not ran.err
    headings = {"zh": ("用法：", "示例", "退出码"), "en": ("Usage:", "Examples", "Exit codes")}
    assert all(heading in ran.out for heading in headings[language])
    assert f"xlflow {command[0] if command else ''}" in ran.out


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("check", "xlflow check [OPTIONS] [PATH…]"),
        ("team", "xlflow team [OPTIONS] NAME…"),
        ("summary", "xlflow summary [OPTIONS] --month 2024-07"),
        ("restore", "xlflow restore [OPTIONS] PATH --version ID"),
    ],
)
def test_usage_shows_required_and_optional_parameters(name: str, syntax: str) -> None:
    root = click.Context(program, info_name="xlflow")
    command = program.get_command(root, name)
    assert command is not None
    assert usage(click.Context(command, info_name=name, parent=root), "en") == syntax
