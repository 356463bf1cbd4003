"""Keeping what apprise logs while it sends out of every log, its warnings excepted.

apprise gives the reason for a failure in its log only; at lower levels it and
urllib3 log addresses, which are secrets. The filter installed here acts on nothing
but the records of a context that is sending, so threads don't see each other's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LIBRARIES = ("apprise", "requests", "urllib3")

_warnings: ContextVar[list[str] | None] = ContextVar("warnings", default=None)
"""The warnings captured in this context, None outside :func:`captured_warnings`."""


@contextmanager
def captured_warnings() -> Iterator[list[str]]:
    """Collect the warnings that apprise logs in this context; none of its records get any further.

    To be entered after apprise is imported, whose loggers exist from then on.
    """
    _install_filter()
    warnings: list[str] = []
    token = _warnings.set(warnings)
    try:
        yield warnings
    finally:
        _warnings.reset(token)


def _install_filter() -> None:
    # Each logger needs it: a record of a child doesn't pass the filters of its parents.
    for name in [*_LIBRARIES, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in _LIBRARIES:
            logging.getLogger(name).addFilter(_capture)  # once, however often it is added


def _capture(record: logging.LogRecord) -> bool:
    """Let a record pass outside :func:`captured_warnings`; inside, keep it if it is a warning."""
    warnings = _warnings.get()
    if warnings is None:
        return True
    if record.levelno >= logging.WARNING:
        warnings.append(record.getMessage())
    return False
