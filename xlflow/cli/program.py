"""The program ``xlflow``: its commands, and how one run of it begins and ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import click

from xlflow import __version__
from xlflow.cli import language, stdio
from xlflow.cli.command import Program
from xlflow.cli.error_report import report
from xlflow.cli.errors import CommandSyntaxError
from xlflow.cli.session import Session


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        stdio.write(f"xlflow {__version__}")
        ctx.exit()


@click.command(cls=Program)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
@click.pass_context
def program(ctx: click.Context) -> None:
    """Run the command that was named."""
    if ctx.invoked_subcommand is None:
        raise CommandSyntaxError("no_command", ctx)


def run(arguments: Sequence[str]) -> int:
    """Run the program once and return its exit code; every failure is put into plain words."""
    session = Session(language.asked_for(arguments) or language.of_locale(os.environ))
    if not arguments:
        arguments = ["--help"]
    try:
        code: Any = program.main(
            args=list(arguments), prog_name="xlflow", standalone_mode=False, obj=session
        )
    except Exception as error:
        return report(error, session)
    return code if isinstance(code, int) else 0
