"""One month over all teams as data: the figures, and the rows behind them with their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """The place that a number comes from; ``workbook`` is relative to the workspace, with ``/``."""

    team: str
    workbook: str
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class OverdueItem:
    """One overdue plan item or unanswered request; ``table`` is ``"plan"`` or ``"message"``.

    ``origin.cell`` is the cell of the deadline; ``item`` is the row's key columns.
    """

    origin: Origin
    table: str
    item: str
    owners: tuple[str, ...]
    due: date | datetime
    late: str
    late_seconds: int


@dataclass(frozen=True, slots=True)
class PriorityItem:
    """One problem row with its dense rank over all teams, 1 first; None if it can't be ranked."""

    origin: Origin
    rank: int | None
    stage: str | None
    owners: tuple[str, ...]
    days: Decimal | None
    impact: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class CampaignItem:
    """One campaign metric of the month; target and actual as they are shown in the sheet.

    ``verdict`` is ``"met"``, ``"missed"`` or ``"unknown"`` (``reason`` then says why).
    """

    origin: Origin
    name: str | None
    metric: str | None
    target: str | None
    actual: str | None
    deviation: Decimal | None
    verdict: str
    reason: str | None
    cause: str | None
    next_step: str | None


@dataclass(frozen=True, slots=True)
class MessageItem:
    """One request that belongs to the month.

    ``state`` is ``"in_time"``, ``"late"``, ``"overdue"``, ``"open"`` or ``"unknown"``.
    """

    origin: Origin
    topic: str | None
    sender: tuple[str, ...]
    partners: tuple[str, ...]
    owners: tuple[str, ...]
    deadline: str | None
    asked_at: date | datetime | None
    due: date | datetime | None
    answered_at: date | datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class FindingItem:
    """One finding with its message; codes XF4xx are about edits between two versions."""

    origin: Origin
    column: str | None
    code: str
    severity: str
    message: str
    value: str | None
    fix: str | None


@dataclass(frozen=True, slots=True)
class Submission:
    """Whether a team has handed in, when that was first seen, and the state of its file now."""

    origin: Origin
    state: str
    first_seen: datetime | None
    last_seen: datetime | None
    last_modified_by: str | None
    status: str
    reason: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """A target of the settings, the current value of its figure, and the progress towards it.

    ``progress`` = (baseline − current) / (baseline − target); None if ``current`` is
    unknown or the target equals the baseline.
    """

    name: str
    figure: str
    baseline: float
    target: float
    benchmark: float | None
    current: float | None
    progress: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """One month over all teams: the figures, and every row behind them with its place.

    ``total`` and each of ``teams`` map the keys of
    :data:`xlflow.figures.catalogue.FIGURES` to numbers or None; ``metrics`` is a list
    of mappings, and ``handed_in`` of the total counts teams by state. ``previous`` is
    the total of the month before, None if nothing is known of it; ``trend`` are the
    last twelve months as (month, total), oldest first. ``until`` is T, up to which rows
    are read; ``previous_until`` the same of the month before, which for a month in
    progress is the same day. ``afterwards`` says that the month was over before the
    first pass, and is computed from the rows as they are now; ``closed`` that it no
    longer changes. ``later_edits`` are the findings about rows of closed months that were
    changed in this one.
    """

    month: str
    as_of: datetime
    until: datetime
    total: Mapping[str, Any]
    teams: Mapping[str, Mapping[str, Any]]
    rows: int
    afterwards: bool = False
    closed: bool = False
    previous_until: datetime | None = None
    previous: Mapping[str, Any] | None = None
    trend: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    targets: tuple[TargetProgress, ...] = ()
    overdue: tuple[OverdueItem, ...] = ()
    priorities: tuple[PriorityItem, ...] = ()
    campaigns: tuple[CampaignItem, ...] = ()
    messages: tuple[MessageItem, ...] = ()
    findings: tuple[FindingItem, ...] = ()
    submissions: tuple[Submission, ...] = ()
    later_edits: tuple[FindingItem, ...] = ()
