"""The daemon's log: one JSON object a line, in a file of bounded size in the state folder.

A line has the time, the level, the event (a name that programs can look for) and its
facts; ``message`` is a sentence in the workspace's language.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from xlflow.messages import error_key, say
from xlflow.store import Reason

FOLDER, FILE_NAME = "logs", "xlflow.log"
_MAX_BYTES, _BACKUPS = 2_000_000, 5

log = logging.getLogger("xlflow.watch")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created).astimezone().isoformat(),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class _Handler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Ignore errors, so that a full disk stops the log and nothing else."""


@contextmanager
def log_to_file(state: Path) -> Iterator[None]:
    """Write what xlflow logs to the workspace's log file while the context lasts."""
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    handler = _Handler(
        folder / FILE_NAME,
        maxBytes=_MAX_BYTES,
        backupCount=_BACKUPS,
        encoding="utf-8",
        errors="backslashreplace",
        delay=True,
    )
    handler.setFormatter(_JsonLines())
    logger = logging.getLogger("xlflow")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()


class EventLog:
    """Logs events, and each problem once: when it appears, when it changes, when it is over."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._problems: dict[str, Reason] = {}
        self._outage = False

    def info(self, event: str, **facts: Any) -> None:
        """Log an event."""
        log.info(event, extra={"facts": facts})

    def problem(self, subject: str, reason: Reason | None) -> None:
        """Log what is wrong with a subject, None if nothing is, unless it was logged already.

        While the share is away, what else is wrong isn't logged: it follows from that.
        """
        if self._outage or self._problems.get(subject) == reason:
            return
        if reason is None:
            del self._problems[subject]
            log.info("well_again", extra={"facts": {"subject": subject}})
            return
        self._problems[subject] = reason
        self._warn("trouble", subject, reason)

    def outage_begins(self, reason: Reason) -> None:
        """Log that the share can't be used any more."""
        self._outage = True
        self._warn("share_away", "share", reason)

    def outage_ends(self, seconds: int) -> None:
        """Log that the share can be used again."""
        self._outage = False
        self.info("share_back", seconds=seconds)

    def _warn(self, event: str, subject: str, reason: Reason) -> None:
        message = say(error_key(reason.key), self.language, **reason.params)
        facts = {"subject": subject, "reason": reason.key, "message": message}
        log.warning(event, extra={"facts": facts})
