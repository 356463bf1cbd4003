"""One month over all teams: the figures, and the rows behind them, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a number comes from. ``workbook`` is relative to the workspace, with ``/``."""

    team: str
    workbook: str
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class OverdueItem:
    """One overdue plan item or unanswered request; ``table`` is ``"plan"`` or ``"message"``.

    ``origin.cell`` is the deadline's cell; ``item`` names the row by its keys.
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
    """One problem row, ranked over all teams (dense, 1 first); unranked rows have None."""

    origin: Origin
    rank: int | None
    stage: str | None
    owners: tuple[str, ...]
    days: Decimal | None
    impact: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class CampaignItem:
    """One campaign metric of the month; values as their owners see them, deviation as a number.

    ``verdict`` is ``"met"``, ``"missed"`` or ``"unknown"`` (then ``reason`` says why).
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
    """One request that the month takes in.

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
    """One finding, in words; ``code`` XF4xx are edits between two versions."""

    origin: Origin
    column: str | None
    code: str
    severity: str
    message: str
    value: str | None
    fix: str | None


@dataclass(frozen=True, slots=True)
class Submission:
    """Which team handed in, when it was first seen to have, and how its file stands now."""

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
    """A target of the settings, where its figure stands, and how far it has come.

    ``progress`` = (baseline − current) / (baseline − target); None where either
    is unknown or the target equals the baseline.
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
    of mappings, ``handed_in`` of the total counts teams by state. ``previous`` is
    the month before's total (None where nothing is known of it), ``trend`` the last
    twelve months' totals, oldest first, as (month, figures).
    """

    month: str
    as_of: datetime
    total: Mapping[str, Any]
    teams: Mapping[str, Mapping[str, Any]]
    rows: int
    previous: Mapping[str, Any] | None = None
    trend: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    targets: tuple[TargetProgress, ...] = ()
    overdue: tuple[OverdueItem, ...] = ()
    priorities: tuple[PriorityItem, ...] = ()
    campaigns: tuple[CampaignItem, ...] = ()
    messages: tuple[MessageItem, ...] = ()
    findings: tuple[FindingItem, ...] = ()
    submissions: tuple[Submission, ...] = ()
