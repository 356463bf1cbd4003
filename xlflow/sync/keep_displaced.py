"""Keeping whatever stood in a workbook's place, whether it can be read or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from xlflow.facts import Row
from xlflow.process import Inputs, process
from xlflow.store import Store, Version
from xlflow.workspace import Workspace


def keep_displaced(
    workspace: Workspace, store: Store, path: Path, data: bytes, as_of: datetime
) -> Version:
    """Keep a content of a workbook as a version; it is somebody's, so it is never refused.

    Raises:
        StoreError: the disk refuses; nothing may then be replaced.
    """
    workbook = workspace.relative(path)
    rows: Sequence[Row] = ()
    author = None
    try:
        inputs = Inputs(path.stem, workspace.settings, workbook)
        outcome = process(data, inputs, store.memory(workbook), as_of)
    except Exception:  # what can't be read is kept by its bytes
        content = sha256(data).hexdigest()
    else:
        content, rows = outcome.content, outcome.rows
        author = outcome.snapshot.last_modified_by
    return store.keep(
        workbook, data, content=content, seen=as_of, rows=rows, last_modified_by=author
    )
