"""How states, findings, changes and versions are stored as records of their tables, and read back.

Rows of workbooks have a module of their own, :mod:`xlflow.store.row_encoding`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from xlflow.facts import Change, Finding
from xlflow.store.versions import Version
from xlflow.store.workbook_state import Reason, WorkbookState

STATE = tuple(field.name for field in fields(WorkbookState))
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
    return Reason(*json.loads(text)) if text else None


def to_json(value: Any) -> str:
    """Return JSON text; values of other types (dates, decimals) become strings."""
    return json.dumps(value, ensure_ascii=False, default=str)


def encode_finding(finding: Finding) -> dict[str, Any]:
    """Return the columns of a finding's record, without workbook and versions."""
    record = {f.name: getattr(finding, f.name) for f in fields(Finding)}
    return {**record, "params": to_json(dict(finding.params))}


def decode_finding(record: Mapping[str, Any]) -> Finding:
    """Return the finding in a record."""
    values = {f.name: record[f.name] for f in fields(Finding)}
    return Finding(**{**values, "params": json.loads(values["params"])})


def encode_change(change: Change) -> dict[str, Any]:
    """Return the columns of a change's record, without workbook and versions."""
    return {f.name: getattr(change, f.name) for f in fields(Change)}


def decode_change(record: Mapping[str, Any]) -> Change:
    """Return the change in a record."""
    return Change(**{f.name: record[f.name] for f in fields(Change)})


def encode_version(version: Version) -> dict[str, Any]:
    """Return the columns of a version's record."""
    record = {f.name: getattr(version, f.name) for f in fields(Version)}
    months = {
        month: first.isoformat() if first else None for month, first in version.months.items()
    }
    return {**record, "seen": version.seen.isoformat(), "months": to_json(months)}


def decode_version(record: Mapping[str, Any]) -> Version:
    """Return the version in a record."""
    values = {f.name: record[f.name] for f in fields(Version)}
    months = {
        month: datetime.fromisoformat(first) if first else None
        for month, first in json.loads(values["months"]).items()
    }
    seen = datetime.fromisoformat(values["seen"])
    return Version(**{**values, "seen": seen, "months": MappingProxyType(months)})
