"""The moment that stands for now, and the real one."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from xlflow.cli.errors import CommandLineError


def parse_as_of(text: str) -> date | datetime:
    """Read ``2024-07-16`` as a day, ``2024-07-16T09:00`` (offset allowed) as a moment.

    Raises:
        Misuse: it is neither, or there is no such day.
    """
    # The first and last years of the calendar leave no room for offsets and the next midnight.
    if re.match(r"(1[6-9]|[2-8]\d)\d{2}-\d{2}-\d{2}(?!\d)", text, re.ASCII):
        try:
            return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            pass
    raise CommandLineError("no_such_moment", value=text)


def in_zone(moment: date | datetime | None, zone: ZoneInfo) -> datetime:
    """Return the moment as a clock in ``zone`` shows it; None is now, a day its end (24:00)."""
    if moment is None:
        moment = datetime.now(zone)
    if not isinstance(moment, datetime):
        return datetime.combine(moment + timedelta(days=1), time())
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(zone).replace(tzinfo=None)


def system_now() -> datetime:
    """Return the real time, by which it is judged whether somebody has a file open."""
    return datetime.now().astimezone()
