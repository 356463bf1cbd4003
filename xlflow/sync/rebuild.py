"""Recording what people changed again, after the database had to be made anew.

Rows and findings follow from the workbooks as they are. What changed before, and the findings
about it (XF4xx), follow from the kept versions alone.
"""

from __future__ import annotations

import logging
from itertools import pairwise

from xlflow.store import Store
from xlflow.store.database import DEFERRED, RECORDED
from xlflow.workspace import Workspace

log = logging.getLogger(__name__)


def settle_rebuild(workspace: Workspace, store: Store) -> str | None:
    """Record the changes between the kept versions of all workbooks, once after a rebuild.

    Returns:
        Where the former database lies, "" if it is gone; None if there was no rebuild.
    """
    former = store.former_database()
    if former is None:
        return None
    from xlflow.sync.history import history

    with store.begin():
        for state in store.workbooks():
            if state.status not in (RECORDED, DEFERRED):
                continue
            try:
                steps = history(workspace, store, state.workbook)[::-1]
            except Exception:  # one workbook's history must not stop the pass
                log.exception("%s", state.workbook)
                continue
            for before, after in pairwise(steps):
                store.record_step(
                    before.version, after.version, after.changes, after.change_findings
                )
        store.end_rebuild()
    return former
