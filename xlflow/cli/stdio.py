"""Standard output and error, made safe: any encoding, closed pipes, chatty libraries."""

from __future__ import annotations

import codecs
import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


def prepare() -> None:
    """Let no character be too much for the terminal, and no library's warning reach it."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    codecs.register_error("xlflow.plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="xlflow.plainer")


_PLAINER = {"›": ">", "—": "-", "─": "-", "…": "...", "→": "->", "·": "-"}
"""Signs of our own that not every encoding has (GBK lacks the first), and what does as well."""


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Put a plainer sign, or an escape, for what an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    escaped = (c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return "".join(map(_PLAINER.get, lacking, escaped)), error.end


def printable(text: str) -> str:
    """Return ``text`` with bytes that were no UTF-8 (in a file's name) escaped as ``\\xff``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@contextmanager
def reserved_stdout() -> Iterator[None]:
    """Keep standard output for ourselves: what anybody else prints meanwhile goes to stderr.

    The file descriptor is turned round too, since libraries in C print past
    ``sys.stdout``.
    """
    stdout = sys.stdout
    stdout.flush()
    duplicate = None
    try:
        descriptor, target = stdout.fileno(), sys.stderr.fileno()
    except (OSError, ValueError):
        descriptor = target = -1  # a stand-in without a file descriptor
    else:
        duplicate = os.dup(descriptor)
        os.dup2(target, descriptor)
    sys.stdout = sys.stderr
    try:
        yield
    finally:
        sys.stdout = stdout
        if duplicate is not None:
            os.dup2(duplicate, descriptor)
            os.close(duplicate)


def write(text: str, stream: IO[str] | None = None, *, colour: bool | None = None) -> None:
    """Write a text with its newline; a reader that has gone away is no error.

    ``colour`` None keeps escape codes on a terminal only.
    """
    import click

    target = sys.stdout if stream is None else stream
    try:
        click.echo(printable(text), file=target, color=colour)
        target.flush()
    except BrokenPipeError:
        # Nobody listens any more; later output, Python's own flush at exit
        # included, must not fail on it again.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), target.fileno())
