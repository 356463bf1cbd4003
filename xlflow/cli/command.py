"""The classes of commands and of the program: common options, help, errors, lazy loading.

The texts are in :mod:`xlflow.messages.manual` under the names of command and
parameter, so that one declaration serves both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from xlflow.cli import stdio
from xlflow.cli.common_options import common_options
from xlflow.cli.errors import CommandSyntaxError, closest_match
from xlflow.cli.sections import COMMANDS
from xlflow.cli.session import Session


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    session = ctx.find_object(Session)
    if session is None or not value:
        return
    from xlflow.cli.help_pages import page

    stdio.write(page(ctx, session.language))
    ctx.exit()


def _with_common_options(params: list[click.Parameter] | None) -> list[click.Parameter]:
    show_help = click.Option(
        ("-h", "--help"), is_flag=True, is_eager=True, expose_value=False, callback=_show_help
    )
    return [*(params or ()), *common_options(), show_help]


@contextmanager
def _errors_in(ctx: click.Context) -> Iterator[None]:
    """Attach the context to usage errors; click raises some without."""
    try:
        yield
    except click.UsageError as error:
        error.ctx = error.ctx or ctx
        raise


class Command(click.Command):
    """One command; its function takes the session and returns the exit code (None is 0)."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes["params"] = _with_common_options(attributes.get("params"))
        attributes["add_help_option"] = False
        super().__init__(*args, **attributes)
        # Extra arguments are refused below, with a sentence of our own.
        self.allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments and refuse extra ones."""
        with _errors_in(ctx):
            rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            raise CommandSyntaxError("too_many", ctx, what=ctx.args[0])
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; under ``--json`` only the session writes to standard output."""
        session = ctx.find_object(Session)
        assert session is not None
        session.configure_logging()
        if not session.json:
            return super().invoke(ctx)
        with stdio.reserved_stdout():
            code = super().invoke(ctx)
        session.write_document()
        return code


class Program(click.Group):
    """The program itself; a command's module is imported when the command is first needed."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes["params"] = _with_common_options(attributes.get("params"))
        attributes |= {"add_help_option": False, "invoke_without_command": True}
        super().__init__(*args, **attributes)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments before the command's name."""
        with _errors_in(ctx):
            return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the help page."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"xlflow.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or raise an error that suggests the closest one."""
        if args[0] not in COMMANDS:
            near = closest_match(args[0], COMMANDS)
            raise CommandSyntaxError("no_such_command", ctx, command=args[0], near=near)
        return super().resolve_command(ctx, args)
