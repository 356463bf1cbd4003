"""The daemon's log: one JSON object a line, in a file of bounded size in the state folder.

A line has the time, the level, what happened (an event's name that programs can
look for) and its facts; ``message`` says it in the workspace's language.
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
_SIZE, _OLD_FILES = 2_000_000, 5

log = logging.getLogger("xlflow.watch")


class _Lines(logging.Formatter):
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
        """Let a full disk stop the log and nothing else."""


@contextmanager
def log_to_file(state: Path) -> Iterator[None]:
    """Write what xlflow logs into the workspace's log file meanwhile."""
    folder = state / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    handler = _Handler(
        folder / FILE_NAME,
        maxBytes=_SIZE,
        backupCount=_OLD_FILES,
        encoding="utf-8",
        errors="backslashreplace",
        delay=True,
    )
    handler.setFormatter(_Lines())
    ours = logging.getLogger("xlflow")
    level = ours.level
    ours.setLevel(logging.INFO)
    ours.addHandler(handler)
    try:
        yield
    finally:
        ours.removeHandler(handler)
        ours.setLevel(level)
        handler.close()


class EventLog:
    """Tells of troubles once each: when they come, when they change, when they are over."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._troubles: dict[str, Reason] = {}

    def note(self, event: str, **facts: Any) -> None:
        """Log something that happened."""
        log.info(event, extra={"facts": facts})

    def trouble(self, subject: str, reason: Reason | None) -> None:
        """Log what is wrong with something, None where nothing is, unless that was said last."""
        if self._troubles.get(subject) == reason:
            return
        if reason is None:
            del self._troubles[subject]
            log.info("well_again", extra={"facts": {"subject": subject}})
            return
        self._troubles[subject] = reason
        message = say(error_key(reason.key), self.language, **reason.params)
        facts = {"subject": subject, "reason": reason.key, "message": message}
        log.warning("trouble", extra={"facts": facts})
