"""What the store tells about workbooks, and how it lies in its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from xlflow.facts import Change, Finding
from xlflow.store.versions import Version

_MOMENTS = ("since", "valid_from", "valid_until", "first_seen", "last_seen", "last_good")


class Reason(NamedTuple):
    """Why a workbook stands as it does: a sentence of :mod:`xlflow.messages` and its facts."""

    key: str
    params: Mapping[str, Any] = MappingProxyType({})

    def __reduce__(self) -> tuple[Any, ...]:
        return Reason, (self.key, dict(self.params))


@dataclass(frozen=True, slots=True)
class WorkbookState:
    """How one workbook stands.

    ``sha256`` is of the bytes last dealt with, ``inputs`` digests what else went
    in; what was recorded holds from ``valid_from`` until ``valid_until``. While
    ``waiting``, its flags are still to be written. ``since`` is when it came into
    this status, ``last_good`` when its rows were last recorded: an unreadable
    workbook keeps the rows of then. Moments are as-of, in the workspace's zone.
    """

    workbook: str
    team: str
    status: str
    reason: Reason | None
    since: datetime
    sha256: str | None
    inputs: str | None
    content: str | None
    version: str | None
    valid_from: datetime | None
    valid_until: datetime | None
    waiting: bool
    rows: int
    findings: int
    overdue: int
    last_modified_by: str | None
    first_seen: datetime
    last_seen: datetime
    last_good: datetime | None


class WrittenSummary(NamedTuple):
    """From what a month's summary was last written (:mod:`xlflow.summary.renewal`)."""

    digest: str
    path: str
    source: str


class WriteIntent(NamedTuple):
    """A write into a workbook that was begun and of which no end was recorded.

    ``before`` and ``after`` are the SHA-256 of the bytes read and of those to be put
    in their place.
    """

    id: int
    workbook: str
    before: str
    after: str
    intended_at: datetime


class RecordedChange(NamedTuple):
    """A change, or a finding about one (XF4xx), and the versions on either side of it."""

    what: Change | Finding
    version_before: str | None
    version_after: str
    seen: datetime


def decode_state(record: Mapping[str, Any]) -> WorkbookState:
    """Return the standing that a record of the table ``workbook`` holds."""
    values = {f.name: record[f.name] for f in fields(WorkbookState)}
    for name in _MOMENTS:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    values["reason"] = decode_reason(values["reason"])
    return WorkbookState(**values)


def encode_reason(reason: Reason | None) -> str | None:
    """Return a reason as one text."""
    return to_json([reason.key, dict(reason.params)]) if reason is not None else None


def decode_reason(text: str | None) -> Reason | None:
    """Return the reason that one text holds."""
    return Reason(*json.loads(text)) if text else None


def to_json(value: Any) -> str:
    """Return JSON; what JSON has no form for stands as its text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def encode_finding(finding: Finding) -> dict[str, Any]:
    """Return the columns of a finding's record, but for workbook and versions."""
    record = {f.name: getattr(finding, f.name) for f in fields(Finding)}
    return {**record, "params": to_json(dict(finding.params))}


def decode_finding(record: Mapping[str, Any]) -> Finding:
    """Return the finding that was recorded."""
    values = {f.name: record[f.name] for f in fields(Finding)}
    return Finding(**{**values, "params": json.loads(values["params"])})


def encode_change(change: Change) -> dict[str, Any]:
    """Return the columns of a change's record, but for workbook and versions."""
    return {f.name: getattr(change, f.name) for f in fields(Change)}


def decode_change(record: Mapping[str, Any]) -> Change:
    """Return the change that was recorded."""
    return Change(**{f.name: record[f.name] for f in fields(Change)})


def encode_version(version: Version) -> dict[str, Any]:
    """Return the columns of a version's record in the index."""
    record = {f.name: getattr(version, f.name) for f in fields(Version)}
    months = {
        month: first.isoformat() if first else None for month, first in version.months.items()
    }
    return {**record, "seen": version.seen.isoformat(), "months": to_json(months)}


def decode_version(record: Mapping[str, Any]) -> Version:
    """Return the version that the index holds."""
    values = {f.name: record[f.name] for f in fields(Version)}
    months = {
        month: datetime.fromisoformat(first) if first else None
        for month, first in json.loads(values["months"]).items()
    }
    seen = datetime.fromisoformat(values["seen"])
    return Version(**{**values, "seen": seen, "months": MappingProxyType(months)})
