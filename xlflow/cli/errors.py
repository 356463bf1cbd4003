"""Every way in which a run can fail to start or to finish, in words and with its exit code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from xlflow.cli.session import Session
from xlflow.errors import XlflowError
from xlflow.messages import explain

COULD_NOT_RUN = 2
INTERRUPTED = 130


class CommandLineError(click.UsageError):
    """Something asked for on the command line that doesn't exist or makes no sense.

    ``key`` names the sentence ``usage.<key>`` of the terminal's catalogue; a
    parameter ``near`` is what was most likely meant.
    """

    def __init__(self, key: str, /, ctx: click.Context | None = None, **params: Any) -> None:
        super().__init__(key, ctx)
        self.key = key
        self.params = params


class CommandSyntaxError(CommandLineError):
    """Arguments that don't have the command's form, which is therefore shown."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was most likely meant, if one is near enough."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), 1, 0.6)), None)


def usage_error_lines(error: click.UsageError, session: Session) -> list[str]:
    """Return what to say about arguments that can't be meant, in three lines at most."""
    key, params = _sentence(error)
    near = params.pop("near", None)
    line = session.say(f"usage.{key}", **params)
    if near:
        line += session.say("usage.near", near=near)
    lines = [session.say("error", message=line)]
    shows_form = isinstance(error, CommandSyntaxError) or not isinstance(error, CommandLineError)
    if not shows_form or error.ctx is None:
        return lines
    from xlflow.cli.help_pages import usage

    lines.append(session.say("usage.form", usage=usage(error.ctx, session.language)))
    lines.append(session.say("usage.more", path=error.ctx.command_path))
    return lines


def _sentence(error: click.UsageError) -> tuple[str, dict[str, Any]]:
    """Return the key and the facts of our own sentence for one of click's complaints."""
    if isinstance(error, CommandLineError):
        return error.key, dict(error.params)
    if isinstance(error, click.NoSuchOption):
        known = [] if error.ctx is None else _options(error.ctx)
        near = nearest(error.option_name, known)
        return "no_such_option", {"option": error.option_name, "near": near}
    if isinstance(error, click.BadOptionUsage):
        known = [] if error.ctx is None else _flags(error.ctx)
        flag = error.option_name in known
        return "flag_with_value" if flag else "no_value", {"option": error.option_name}
    if isinstance(error, click.MissingParameter):
        return "missing", {"what": _name(error.param)}
    if isinstance(error, click.BadParameter) and error.param is not None:
        if isinstance(error.param.type, click.Choice):
            choices = " | ".join(str(choice) for choice in error.param.type.choices)
            return "not_a_choice", {"what": _name(error.param), "choices": choices}
        return "bad_value", {"what": _name(error.param)}
    return "other", {"message": error.format_message()}


def _name(param: click.Parameter | None) -> str:
    """Return what the user calls a parameter: its longest flag, or its place's name."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return (param.metavar or param.name or "") if param is not None else ""


def _options(ctx: click.Context) -> list[str]:
    return [opt for param in ctx.command.get_params(ctx) for opt in param.opts if opt[0] == "-"]


def _flags(ctx: click.Context) -> list[str]:
    params = ctx.command.get_params(ctx)
    return [opt for p in params if isinstance(p, click.Option) and p.is_flag for opt in p.opts]


def report(error: BaseException, session: Session) -> int:
    """Tell the user what went wrong and return the exit code.

    A traceback is shown only to those who asked for it with ``-v``.
    """
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    if session.verbose:
        import traceback

        session.tell("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, click.UsageError):
        session.tell("\n".join(usage_error_lines(error, session)))
        return COULD_NOT_RUN
    if isinstance(error, XlflowError):
        session.tell(session.say("error", message=explain(error, session.language)))
        return error.exit_code
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    session.tell(session.say("unexpected", what=what))
    return COULD_NOT_RUN
