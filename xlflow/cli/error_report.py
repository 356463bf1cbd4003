"""How a failed run is reported: a few plain lines on standard error, and the exit code."""

from __future__ import annotations

from typing import Any

import click

from xlflow.cli.errors import CommandLineError, CommandSyntaxError, closest_match
from xlflow.cli.session import Session
from xlflow.errors import XlflowError
from xlflow.messages import explain

COULD_NOT_RUN = 2
INTERRUPTED = 130


def report(error: BaseException, session: Session) -> int:
    """Report a failure on standard error and return the exit code.

    The traceback is shown only under ``-v``.
    """
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    if session.verbose:
        import traceback

        session.to_stderr("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, click.UsageError):
        session.to_stderr("\n".join(_usage_error_lines(error, session)))
        return COULD_NOT_RUN
    if isinstance(error, XlflowError):
        session.to_stderr(session.say("error", message=explain(error, session.language)))
        return error.exit_code
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    session.to_stderr(session.say("unexpected", what=what))
    return COULD_NOT_RUN


def _usage_error_lines(error: click.UsageError, session: Session) -> list[str]:
    """Return one line, and two more with the command's syntax if that was violated."""
    key, params = _sentence(error)
    near = params.pop("near", None)
    line = session.say(f"usage.{key}", **params)
    if near:
        line += session.say("usage.near", near=near)
    lines = [session.say("error", message=line)]
    # Every complaint of click's own is about the syntax.
    is_syntax = isinstance(error, CommandSyntaxError) or not isinstance(error, CommandLineError)
    if is_syntax and error.ctx is not None:
        from xlflow.cli.help_pages import usage

        lines.append(session.say("usage.form", usage=usage(error.ctx, session.language)))
        lines.append(session.say("usage.more", path=error.ctx.command_path))
    return lines


def _sentence(error: click.UsageError) -> tuple[str, dict[str, Any]]:
    """Return the key and parameters of the sentence for one of click's errors or our own."""
    if isinstance(error, CommandLineError):
        return error.key, dict(error.params)
    params = [] if error.ctx is None else error.ctx.command.get_params(error.ctx)
    options = [param for param in params if isinstance(param, click.Option)]
    if isinstance(error, click.NoSuchOption):
        near = closest_match(error.option_name, [name for o in options for name in o.opts])
        return "no_such_option", {"option": error.option_name, "near": near}
    if isinstance(error, click.BadOptionUsage):
        flags = [name for option in options if option.is_flag for name in option.opts]
        key = "flag_with_value" if error.option_name in flags else "no_value"
        return key, {"option": error.option_name}
    if isinstance(error, click.MissingParameter):
        return "missing", {"what": _displayed_name(error.param)}
    if isinstance(error, click.BadParameter) and error.param is not None:
        what = _displayed_name(error.param)
        if isinstance(error.param.type, click.Choice):
            choices = " | ".join(str(choice) for choice in error.param.type.choices)
            return "not_a_choice", {"what": what, "choices": choices}
        return "bad_value", {"what": what}
    return "other", {"message": error.format_message()}


def _displayed_name(param: click.Parameter | None) -> str:
    """Return an option's longest flag, or an argument's metavar."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return (param.metavar or param.name or "") if param is not None else ""
