"""The options of every command, which may come before or after the command's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from xlflow.cli.as_of import parse_as_of
from xlflow.cli.session import Session

COMMON = ("directory", "json", "as_of", "verbose", "language", "help")
"""Parameter names of the common options; ``help`` is added by the commands themselves."""


def common_options() -> list[click.Parameter]:
    """Return new instances of the common options but ``--help``; they fill in the session."""

    def option(*flags: str, **attributes: Any) -> click.Option:
        return click.Option(flags, callback=_store_in_session, expose_value=False, **attributes)

    return [
        option("-C", "directory", metavar="DIR", type=click.Path(path_type=Path)),
        option("--json", is_flag=True),
        option("--as-of", metavar="2024-07-16[T09:00]"),
        option("--language", type=click.Choice(("zh", "en")), metavar="zh|en"),
        option("-v", "--verbose", is_flag=True),
    ]


def _store_in_session(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    session = ctx.find_object(Session)
    # The option is parsed twice, once before and once after the command: a default
    # must not undo what was given at the other place.
    if session is None or not value:
        return
    if param.name == "as_of":
        session.given_as_of = parse_as_of(value)
    elif param.name == "language":
        session.language = session.requested_language = value
    else:
        setattr(session, str(param.name), value)
