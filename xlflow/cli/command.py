"""What every command has in common: its options, its help, and how it answers.

Words stand in :mod:`xlflow.messages.manual`, found by the command's and the
parameter's names, so that one declaration serves both languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from xlflow.cli import stdio
from xlflow.cli.as_of import parse_as_of
from xlflow.cli.errors import CommandSyntaxError, nearest
from xlflow.cli.session import Session

COMMON = ("directory", "json", "as_of", "verbose", "language", "help")
"""The names of the options that every command takes, before or after its own name."""


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    session = ctx.find_object(Session)
    if session is None or not value:
        return
    if param.name == "as_of":
        session.moment = parse_as_of(value)
    elif param.name == "language":
        session.language = session.chosen = value
    else:
        setattr(session, str(param.name), value)


def _show_page(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    session = ctx.find_object(Session)
    if session is None or not value:
        return
    from xlflow.cli.help_pages import page

    stdio.write(page(ctx, session.language))
    ctx.exit()


def common_options() -> list[click.Parameter]:
    """Return fresh copies of the common options; what they say goes into the session."""

    def option(*flags: str, **attributes: Any) -> click.Option:
        return click.Option(flags, callback=_keep, expose_value=False, **attributes)

    return [
        option("-C", "directory", metavar="DIR", type=click.Path(path_type=Path)),
        option("--json", is_flag=True),
        option("--as-of", metavar="2024-07-16[T09:00]"),
        option("--language", type=click.Choice(("zh", "en")), metavar="zh|en"),
        option("-v", "--verbose", is_flag=True),
        click.Option(
            ("-h", "--help"), is_flag=True, is_eager=True, expose_value=False, callback=_show_page
        ),
    ]


@contextmanager
def _placed(ctx: click.Context) -> Iterator[None]:
    """See to it that a complaint knows which command it is about; click's own often don't."""
    try:
        yield
    except click.UsageError as error:
        error.ctx = error.ctx or ctx
        raise


class Command(click.Command):
    """One command; its function takes the session and returns the exit code (None is 0)."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes["params"] = [*(attributes.get("params") or ()), *common_options()]
        attributes["add_help_option"] = False
        super().__init__(*args, **attributes)
        # Extra arguments are complained about below, in our own words.
        self.allow_extra_args = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and refuse whatever is left over."""
        with _placed(ctx):
            rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            raise CommandSyntaxError("too_many", ctx, what=ctx.args[0])
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; under ``--json`` nobody but the session reaches standard output."""
        session = ctx.find_object(Session)
        assert session is not None
        session.log()
        if not session.json:
            return super().invoke(ctx)
        with stdio.reserved_stdout():
            code = super().invoke(ctx)
        session.deliver()
        return code


class Program(click.Group):
    """The program itself: its commands are imported when they are first asked for.

    ``sections`` maps the headings of its help page to the commands under them. A
    command is the function of its own name in the module of that name.
    """

    def __init__(
        self, *args: Any, sections: Mapping[str, Sequence[str]], **attributes: Any
    ) -> None:
        attributes["params"] = [*(attributes.get("params") or ()), *common_options()]
        attributes |= {"add_help_option": False, "invoke_without_command": True}
        super().__init__(*args, **attributes)
        self.sections = sections
        self.names = [name for section in sections.values() for name in section]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what stands before the command's name."""
        with _placed(ctx):
            return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which help lists them."""
        return self.names

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        if cmd_name not in self.names:
            return None
        found: click.Command = getattr(import_module(f"xlflow.cli.{cmd_name}"), cmd_name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one there is."""
        if args[0] not in self.names:
            near = nearest(args[0], self.names)
            raise CommandSyntaxError("no_such_command", ctx, command=args[0], near=near)
        return super().resolve_command(ctx, args)
