"""The moment to be taken for now, as ``--as-of`` gives it."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from xlflow.cli.errors import CommandLineError


def parse_as_of(text: str) -> date | datetime:
    """Parse ``2024-07-16`` as a date, ``2024-07-16T09:00`` (offset allowed) as a moment.

    Raises:
        CommandLineError: it is neither, or there is no such day.
    """
    # The calendar's first and last years leave no room for offsets and the next midnight.
    if re.match(r"(1[6-9]|[2-8]\d)\d{2}-\d{2}-\d{2}(?!\d)", text, re.ASCII):
        try:
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            pass
    raise CommandLineError("no_such_moment", value=text)


def in_zone(moment: date | datetime | None, zone: ZoneInfo) -> datetime:
    """Return a moment in a zone's local time, without offset.

    None is now, a date alone its end, the next day's midnight.
    """
    if moment is None:
        moment = datetime.now(zone)
    if not isinstance(moment, datetime):
        return datetime.combine(moment + timedelta(days=1), time())
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(zone).replace(tzinfo=None)


def system_now() -> datetime:
    """Return the real time, by which lock files and deliveries are judged despite ``--as-of``."""
    return datetime.now().astimezone()
