"""What can be wrong with a command line, as exceptions with the key of their sentence.

:mod:`xlflow.cli.error_report` puts them into words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click


class CommandLineError(click.UsageError):
    """Something named on the command line that doesn't exist or makes no sense.

    ``key`` names the sentence ``terminal.usage.<key>``; the parameter ``near``,
    if there is one, becomes the suggestion after it.
    """

    def __init__(self, key: str, /, ctx: click.Context | None = None, **params: Any) -> None:
        super().__init__(key, ctx)
        self.key = key
        self.params = params


class CommandSyntaxError(CommandLineError):
    """Arguments that don't follow the command's syntax; the report shows it."""


def closest_match(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most similar to a mistyped one, None if none is similar."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), 1, 0.6)), None)
