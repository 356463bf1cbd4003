"""How long kept versions stay: a set number of days from when they gave way to another.

Counted in real time, whatever moment stood for now when they were kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xlflow.store import sql_tables
from xlflow.store.database import Store

_EVERY = timedelta(hours=20)
_NAME = "retained"


def expire(store: Store, keep_days: int, now: datetime) -> int:
    """Once a day, drop the versions whose time was up the day before; return how many went.

    The day before, so that a clock which jumps ahead for an hour drops nothing that
    it hadn't been time to drop anyway. ``now`` is the real time, with its zone.
    """
    table = sql_tables.meta
    with store.reading() as connection:
        noted = connection.scalar(sa.select(table.c.value).where(table.c.name == _NAME))
    last = datetime.fromisoformat(noted) if noted else None
    if last is not None and last <= now < last + _EVERY:
        return 0
    dropped = 0
    if last is not None and last <= now:
        dropped = store.drop_versions(last - timedelta(days=keep_days))
    values = {"name": _NAME, "value": now.isoformat()}
    with store.begin() as connection:
        connection.execute(insert(table).values(values).on_conflict_do_update(set_=values))
    return dropped
