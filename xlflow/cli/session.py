"""One run of the program: what the common options said, and how results leave it.

A command does its work and then answers once, with a JSON document or with a
text; nothing else of it reaches standard output.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlflow.cli import stdio
from xlflow.messages import error_key, say

if TYPE_CHECKING:
    from xlflow.config import Settings
    from xlflow.store import Reason
    from xlflow.workspace import Workspace

Progress = Callable[[int, int, str], None]


class Session:
    """What holds for one run; the common options fill it in, before or after the command.

    ``language`` is the terminal's; ``chosen`` the one that was asked for by
    name, if any, in which a new workspace is then made. ``moment`` is what
    ``--as-of`` said.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.chosen: str | None = None
        self.directory: Path | None = None
        self.json = False
        self.verbose = False
        self.moment: date | datetime | None = None
        self._workspace: Workspace | None = None
        self._document: Any = None

    def say(self, name: str, /, **params: Any) -> str:
        """Return a sentence of the terminal's catalogue."""
        return say(f"terminal.{name}", self.language, **params)

    @property
    def workspace(self) -> Workspace:
        """The workspace that this run is about.

        Raises:
            WorkspaceError: there is none; SettingsError: its settings can't be meant.
        """
        if self._workspace is None:
            from xlflow import rules, workspace
            from xlflow.figures import catalogue

            found = workspace.find(self.directory)
            rules.check_rule_settings(found.settings)
            catalogue.check_targets(found.settings)
            self._workspace = found
        return self._workspace

    def as_of(self, settings: Settings) -> datetime:
        """Return the moment that stands for now, in the workspace's zone, without an offset.

        A day alone means its end, which is the next day's midnight.
        """
        from xlflow.cli.as_of import in_zone

        return in_zone(self.moment, settings.zone)

    def answer(self, document: Callable[[], Any], text: Callable[[], str]) -> None:
        """Give the run's one answer: the JSON document under ``--json``, else the text."""
        if self.json:
            self._document = document()
        else:
            stdio.write(text(), colour=colour_wanted())

    def deliver(self) -> None:
        """Write the JSON document, once standard output is our own again."""
        stdio.write(as_json(self._document, sys.stdout.encoding or "ascii"), colour=False)

    def reason(self, reason: Reason | None) -> str | None:
        """Return in words why something is as it is."""
        if reason is None:
            return None
        return say(error_key(reason.key), self.language, **reason.params)

    def severity(self, severity: str, *, wide: bool = True) -> str:
        """Return a severity's word in its colour; all of them equally ``wide`` for tables."""
        import click

        from xlflow.cli.terminal_layout import COLOURS, padded, visible_width

        words = {name: self.say(f"severity.{name}") for name in COLOURS}
        widest = max(visible_width(word) for word in words.values()) if wide else 0
        return click.style(padded(words[severity], widest), fg=COLOURS[severity])

    def log(self) -> None:
        """Let what is logged, tracebacks above all, reach only those who asked for details."""
        import logging

        if self.verbose:
            logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
        else:
            logging.basicConfig(handlers=[logging.NullHandler()])

    def tell(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        stdio.write(text, sys.stderr, colour=colour_wanted())

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """Give a function that shows how far long work has come, if anybody is watching.

        None where standard error is no terminal, or under ``--json``.
        """
        if self.json or not sys.stderr.isatty():
            yield None
            return
        from xlflow.cli.terminal_layout import progress_line

        shown = False

        def show(done: int, total: int, name: str) -> None:
            nonlocal shown
            shown = True
            columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            line = progress_line(done, total, stdio.printable(name), columns)
            sys.stderr.write(f"\r\x1b[2K{line}")
            sys.stderr.flush()

        try:
            yield show
        finally:
            if shown:
                sys.stderr.write("\r\x1b[2K")
                sys.stderr.flush()


def colour_wanted() -> bool | None:
    """Return False where the user wants no colour (no-color.org), None where the terminal says."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None


def as_json(document: Any, encoding: str) -> str:
    """Return a document as JSON in the user's own script.

    An output that isn't UTF-8 gets everything beyond ASCII escaped, which any
    reader understands whatever it takes the encoding to be.
    """
    import codecs
    import json

    try:
        unicode = codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        unicode = False
    return json.dumps(_without_surrogates(document), ensure_ascii=not unicode, indent=2)


def _without_surrogates(document: Any) -> Any:
    if isinstance(document, str):
        return stdio.printable(document)
    if isinstance(document, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in document.items()}
    if isinstance(document, list | tuple):
        return [_without_surrogates(item) for item in document]
    return document
