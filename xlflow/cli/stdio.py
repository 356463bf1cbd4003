"""Standard output and error that survive any encoding, closed pipes and chatty libraries."""

from __future__ import annotations

import codecs
import io
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from xlflow.printable import printable

_ASCII_SUBSTITUTES = {"›": ">", "—": "-", "─": "-", "…": "...", "→": "->", "·": "-"}
"""Substitutes for signs of our own that some encodings lack (GBK has no ›)."""


def prepare() -> None:
    """Make the standard streams substitute what they can't encode; silence warnings."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    codecs.register_error("xlflow.substitute", _substitute)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="xlflow.substitute")


def _substitute(error: UnicodeError) -> tuple[str, int]:
    """Return an ASCII substitute, or an escape, for characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    escapes = (c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return "".join(map(_ASCII_SUBSTITUTES.get, lacking, escapes)), error.end


@contextmanager
def reserved_stdout() -> Iterator[None]:
    """Redirect standard output to standard error, so that libraries don't write to it.

    The file descriptor is redirected, too, since libraries in C don't go through
    ``sys.stdout``.
    """
    stdout = sys.stdout
    stdout.flush()
    duplicate = None
    try:
        descriptor, target = stdout.fileno(), sys.stderr.fileno()
    except (OSError, ValueError):
        descriptor = target = -1  # a replacement stream without a file descriptor
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
    """Write a text and a newline, by default to standard output; ignore a closed pipe.

    ``colour`` None keeps escape codes on a terminal only.
    """
    import click

    target = sys.stdout if stream is None else stream
    try:
        click.echo(printable(text), file=target, color=colour)
        target.flush()
    except BrokenPipeError:
        # Later output, Python's own flush at exit included, must not fail again.
        with open(os.devnull, "wb") as devnull:
            os.dup2(devnull.fileno(), target.fileno())
