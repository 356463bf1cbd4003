"""The list of commands."""

from __future__ import annotations

import click

from xlflow.cli.program import program
from xlflow.cli.sections import COMMANDS


def test_each_command_is_the_function_of_its_name() -> None:
    ctx = click.Context(program)
    found = [program.get_command(ctx, name) for name in COMMANDS]
    assert [command.name for command in found if command is not None] == list(COMMANDS)
