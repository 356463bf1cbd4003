"""How a workbook's state, and a reason, are stored as records, and read back.

It imports nothing that takes long, since ``xlflow status`` reads states without the rest.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from xlflow.store.workbook_state import Reason, WorkbookState

STATE = WorkbookState._fields
"""The columns of the table ``workbook`` from which a state is decoded, in this order."""


def decode_state(record: Sequence[Any]) -> WorkbookState:
    """Return the state in a record of the columns :data:`STATE`."""
    workbook, team, status, reason, since, sha256, inputs, content, version, *rest = record
    valid_from, valid_until, waiting, rows, findings, overdue, author, first, last, good = rest
    return WorkbookState(
        workbook,
        team,
        status,
        decode_reason(reason) if reason else None,
        datetime.fromisoformat(since),
        sha256,
        inputs,
        content,
        version,
        datetime.fromisoformat(valid_from) if valid_from else None,
        datetime.fromisoformat(valid_until) if valid_until else None,
        bool(waiting),
        rows,
        findings,
        overdue,
        author,
        datetime.fromisoformat(first),
        datetime.fromisoformat(last),
        datetime.fromisoformat(good) if good else None,
    )


def encode_reason(reason: Reason | None) -> str | None:
    """Return a reason as JSON text."""
    return to_json([reason.key, dict(reason.params)]) if reason is not None else None


def decode_reason(text: str | None) -> Reason | None:
    """Return the reason in a JSON text."""
    return _decoded_reason(text) if text else None


@lru_cache(maxsize=256)
def _decoded_reason(text: str) -> Reason:
    # Most workbooks of a folder have the same reason, if any.
    return Reason(*json.loads(text))


def to_json(value: Any) -> str:
    """Return JSON text; values of other types (dates, decimals) become strings."""
    return json.dumps(value, ensure_ascii=False, default=str)
