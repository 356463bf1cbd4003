"""Keeping a content that was displaced from a workbook's file, readable or not."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from pathlib import Path

from xlflow.process import Inputs, process
from xlflow.store import Store, Version
from xlflow.store.row_encoding import months_of
from xlflow.workspace import Workspace


def keep_displaced(
    workspace: Workspace, store: Store, path: Path, data: bytes, as_of: datetime
) -> Version:
    """Keep a displaced content of a workbook as a version; it may be somebody's only copy.

    Raises:
        StoreError: it can't be kept; the file must not be replaced then.
    """
    workbook = workspace.relative(path)
    months: frozenset[str] = frozenset()
    author = None
    try:
        inputs = Inputs(path.stem, workspace.settings, workbook)
        outcome = process(data, inputs, store.memory(workbook), as_of)
    except Exception:  # an unreadable content is identified by its bytes
        content = sha256(data).hexdigest()
    else:
        content, months = outcome.content, months_of(outcome.rows)
        author = outcome.snapshot.last_modified_by
    return store.keep(
        workbook, data, content=content, seen=as_of, months=months, last_modified_by=author
    )
