"""How findings, changes and versions are stored as records of their tables, and read back.

States of workbooks are in :mod:`xlflow.store.state_encoding`, their rows in
:mod:`xlflow.store.row_encoding`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from xlflow.facts import Change, Finding
from xlflow.store.row_encoding import storable
from xlflow.store.state_encoding import to_json
from xlflow.store.versions import Version


def finding_records(findings: Iterable[Finding]) -> list[tuple[Any, ...]]:
    """Return findings as records of their table, without workbook, versions and moment."""
    known: dict[int, str] = {}  # findings that state the same facts share them
    records = []
    for finding in findings:
        params = known.get(id(finding.params))
        if params is None:
            params = known[id(finding.params)] = to_json(dict(finding.params))
        records.append(tuple(storable(finding._replace(params=params))))  # type: ignore[arg-type]
    return records


def decode_finding(record: Mapping[str, Any]) -> Finding:
    """Return the finding in a record."""
    values = {name: record[name] for name in Finding._fields}
    return Finding(**{**values, "params": json.loads(values["params"])})


def change_records(changes: Iterable[Change]) -> list[tuple[Any, ...]]:
    """Return changes as records of their table, without workbook, versions and moment."""
    names = [field.name for field in fields(Change)]
    return [tuple(storable([getattr(change, name) for name in names])) for change in changes]


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
