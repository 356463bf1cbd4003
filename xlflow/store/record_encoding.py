"""How findings, changes and versions are stored as records of their tables, and read back.

States of workbooks are in :mod:`xlflow.store.state_encoding`, their rows in
:mod:`xlflow.store.row_encoding`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import Any

from xlflow.facts import Change, Finding
from xlflow.store.state_encoding import to_json
from xlflow.store.versions import Version


def encode_finding(finding: Finding) -> dict[str, Any]:
    """Return the columns of a finding's record, without workbook and versions."""
    record = finding._asdict()
    return {**record, "params": to_json(dict(finding.params))}


def decode_finding(record: Mapping[str, Any]) -> Finding:
    """Return the finding in a record."""
    values = {name: record[name] for name in Finding._fields}
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
