"""How long kept versions stay: a set number of days after they were replaced.

Counted in real time, whatever ``--as-of`` said when they were kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from xlflow.store import sql_tables
from xlflow.store.database import Store

_EVERY = timedelta(hours=20)
_LAST_RUN = "retained"


def expire(store: Store, keep_days: int, now: datetime) -> int:
    """Once a day, drop the versions that had expired the day before; return how many.

    As of the day before, so that a clock that runs ahead for an hour drops nothing too
    early. ``now`` is the real time, with its zone.
    """
    table = sql_tables.meta
    with store.reading() as connection:
        recorded = connection.scalar(sa.select(table.c.value).where(table.c.name == _LAST_RUN))
    last = datetime.fromisoformat(recorded) if recorded else None
    if last is not None and last <= now < last + _EVERY:
        return 0
    dropped = 0
    if last is not None and last <= now:
        dropped = store.drop_versions(last - timedelta(days=keep_days))
    values = {"name": _LAST_RUN, "value": now.isoformat()}
    with store.begin() as connection:
        connection.execute(insert(table).values(values).on_conflict_do_update(set_=values))
    return dropped
