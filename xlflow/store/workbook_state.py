"""What the store returns about a workbook: its state, its changes, writes under way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from xlflow.facts import Change, Finding


class Reason(NamedTuple):
    """Why a workbook has its status: the key of a sentence of :mod:`xlflow.messages`, its facts."""

    key: str
    params: Mapping[str, Any] = MappingProxyType({})

    def __reduce__(self) -> tuple[Any, ...]:
        return Reason, (self.key, dict(self.params))


class WorkbookState(NamedTuple):
    """What is known of one workbook after the last pass.

    ``sha256`` is the digest of the bytes last processed, ``inputs`` of everything
    else that went in; it is blank once the store's row tables have changed, so that
    the workbook is processed again. What was recorded holds from ``valid_from``
    until ``valid_until``. While ``waiting``, its flags are still to be written.
    ``since`` is when this status began, ``last_good`` when rows were last recorded:
    an unreadable workbook keeps those rows. Moments are as-of, in the workspace's
    zone.
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
    """The data from which a month's summary was last written (:mod:`xlflow.summary.renewal`).

    ``as_of`` is the moment taken as now when they were last compared with the store's,
    None if an earlier xlflow recorded it.
    """

    digest: str
    path: str
    source: str
    as_of: datetime | None


class WriteIntent(NamedTuple):
    """A write into a workbook that was begun and whose end was not recorded.

    ``before`` and ``after`` are the SHA-256 of the bytes read and of their replacement.
    """

    id: int
    workbook: str
    before: str
    after: str
    intended_at: datetime


class RecordedChange(NamedTuple):
    """A change, or a finding about one (XF4xx), with the versions before and after it."""

    what: Change | Finding
    version_before: str | None
    version_after: str
    seen: datetime
