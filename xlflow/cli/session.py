"""One run of the program: what the common options say, and where its output goes.

A command does its work and then answers once, with a JSON document or with text;
nothing else is written to standard output.
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
from xlflow.printable import printable

if TYPE_CHECKING:
    from xlflow.config import Settings
    from xlflow.store import Reason
    from xlflow.workspace import Workspace

Progress = Callable[[int, int, str], None]


class Session:
    """The state of one run, filled in by the common options.

    ``language`` is the terminal's. ``requested_language`` is what ``--language``
    says, None without it; ``init`` and ``demo`` make their workbooks in it.
    ``given_as_of`` is what ``--as-of`` says, None without it.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.requested_language: str | None = None
        self.directory: Path | None = None
        self.json = False
        self.verbose = False
        self.given_as_of: date | datetime | None = None
        self._workspace: Workspace | None = None
        self._document: Any = None

    @property
    def workspace(self) -> Workspace:
        """The workspace named by ``-C`` or the environment, else the one around this folder.

        Raises:
            WorkspaceError: there is none.
            SettingsError: its settings are invalid.
        """
        if self._workspace is None:
            from xlflow import workspace

            found = workspace.find(self.directory)
            # Most workspaces set neither, and rules and figures take long to import.
            if found.settings.rules:
                from xlflow import rules

                rules.check_rule_settings(found.settings)
            if found.settings.words:
                from xlflow import own_words

                own_words.check_own_words(found.settings)
            if found.settings.targets:
                from xlflow.figures import catalogue

                catalogue.check_targets(found.settings)
            self._workspace = found
        return self._workspace

    def as_of(self, settings: Settings) -> datetime:
        """Return the moment to be taken for now, in the workspace's zone, without an offset.

        A date alone means its end, which is the next day's midnight.
        """
        from xlflow.cli.as_of import in_zone

        return in_zone(self.given_as_of, settings.zone)

    def sentence(self, key: str, /, **params: Any) -> str:
        """Return a sentence in the terminal's language."""
        return say(key, self.language, **params)

    def say(self, name: str, /, **params: Any) -> str:
        """Return the sentence ``terminal.<name>`` in the terminal's language."""
        return self.sentence(f"terminal.{name}", **params)

    def reason(self, reason: Reason | None) -> str | None:
        """Return the sentence of a reason that was stored or returned with a result."""
        if reason is None:
            return None
        return self.sentence(error_key(reason.key), **reason.params)

    def severity(self, severity: str, *, wide: bool = True) -> str:
        """Return a severity's name in its colour; ``wide``, padded to the longest of them."""
        import click

        from xlflow.cli.terminal_layout import COLOURS, padded, visible_width

        names = {severity: self.say(f"severity.{severity}") for severity in COLOURS}
        columns = max(visible_width(name) for name in names.values()) if wide else 0
        return click.style(padded(names[severity], columns), fg=COLOURS[severity])

    def answer(self, document: Callable[[], Any], text: Callable[[], str]) -> None:
        """Give the run's one answer: the document under ``--json``, else the text."""
        if self.json:
            self._document = document()
        else:
            stdio.write(text(), colour=_colour())

    def write_document(self) -> None:
        """Write the JSON document, once standard output is no longer redirected."""
        from xlflow.json_output import to_json

        stdio.write(to_json(self._document, sys.stdout.encoding or "ascii"), colour=False)

    def to_stderr(self, text: str) -> None:
        """Write a line that isn't part of the answer to standard error."""
        stdio.write(text, sys.stderr, colour=_colour())

    def configure_logging(self) -> None:
        """Send log records, tracebacks included, to standard error under ``-v`` only."""
        import logging

        if self.verbose:
            logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
        else:
            logging.basicConfig(handlers=[logging.NullHandler()])

    @contextmanager
    def progress(self) -> Iterator[Progress | None]:
        """Yield a function that draws a progress bar on standard error.

        None if standard error isn't a terminal, or under ``--json``.
        """
        if self.json or not sys.stderr.isatty():
            yield None
            return
        from xlflow.cli.terminal_layout import progress_line

        drawn = False

        def draw(done: int, total: int, name: str) -> None:
            nonlocal drawn
            drawn = True
            columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            line = progress_line(done, total, printable(name), columns)
            sys.stderr.write(f"\r\x1b[2K{line}")
            sys.stderr.flush()

        try:
            yield draw
        finally:
            if drawn:
                sys.stderr.write("\r\x1b[2K")
                sys.stderr.flush()


def _colour() -> bool | None:
    """Return False where the environment asks for no colour, None to let the stream decide."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
