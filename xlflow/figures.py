"""The figures of a month, declared once, and the report that carries them.

Keys and formulas are those of docs/figures.md; they are the keys of
``summary --json`` and the hidden names in the summary workbook.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from typing import Any

from xlflow.columns import Words
from xlflow.config import Settings
from xlflow.errors import SettingsError


class Unit(Enum):
    """How a figure is shown."""

    COUNT = "count"
    RATE = "rate"
    DAYS = "days"
    HOURS = "hours"
    STATE = "state"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its key, its name for people, how it is shown, which way is better.

    ``better`` is +1 where higher is better, −1 where lower is, 0 where neither.
    """

    key: str
    name: Words
    unit: Unit
    better: int = 0


def _figure(key: str, zh: str, en: str, unit: Unit = Unit.COUNT, better: int = 0) -> Figure:
    return Figure(key, Words(zh, en), unit, better)


FIGURES: tuple[Figure, ...] = (
    _figure("plan_rows", "计划项数", "Plan items"),
    _figure("plan_cancelled", "已取消", "Cancelled"),
    _figure("plan_done", "已完成", "Done"),
    _figure("plan_undated", "完成未注明日期", "Done, no date"),
    _figure("plan_on_time", "按期完成", "Done on time", better=1),
    _figure("plan_late", "延期完成", "Done late", better=-1),
    _figure("plan_overdue", "逾期未完成", "Overdue", better=-1),
    _figure("plan_due", "到期或已完成", "Due or done"),
    _figure("overdue_rate", "任务逾期率", "Overdue rate", Unit.RATE, -1),
    _figure("on_time_rate", "按期完成率", "On-time rate", Unit.RATE, 1),
    _figure("late_days_mean", "平均延期天数", "Mean days late", Unit.DAYS, -1),
    _figure("cycle_days_mean", "平均周期", "Mean cycle", Unit.DAYS, -1),
    _figure("messages", "协作事项数", "Requests"),
    _figure("messages_answered", "已反馈", "Answered"),
    _figure("messages_in_time", "按时反馈", "Answered in time", better=1),
    _figure("messages_late", "超时反馈", "Answered late", better=-1),
    _figure("messages_overdue", "逾期未反馈", "Answer overdue", better=-1),
    _figure("in_time_rate", "按时反馈率", "In-time rate", Unit.RATE, 1),
    _figure("answer_hours_mean", "平均反馈时长", "Mean hours to answer", Unit.HOURS, -1),
    _figure("campaigns", "活动指标数", "Campaign metrics"),
    _figure("campaigns_met", "达标", "Met", better=1),
    _figure("campaigns_missed", "未达标", "Missed", better=-1),
    _figure("campaigns_unknown", "无法判断", "Unknown"),
    _figure("metrics", "各项指标", "Metrics", Unit.LIST),
    _figure("problems", "流程问题数", "Problems"),
    _figure("problems_high", "影响高", "High impact"),
    _figure("problems_medium", "影响中", "Medium impact"),
    _figure("problems_low", "影响低", "Low impact"),
    _figure("problem_days", "问题环节总耗时", "Days in problem stages", Unit.DAYS),
    _figure("errors", "错误", "Errors", better=-1),
    _figure("warnings", "警告", "Warnings", better=-1),
    _figure("undated", "未注明月份", "Undated"),
    _figure("handed_in", "提交情况", "Handed in", Unit.STATE),
)
BY_KEY: Mapping[str, Figure] = {figure.key: figure for figure in FIGURES}


def configure(settings: Settings) -> None:
    """Refuse targets for a figure that there is none of, or that is no number.

    Raises:
        SettingsError: a target of the settings names no such figure; the nearest is named.
    """
    numbers = [f.key for f in FIGURES if f.unit not in (Unit.STATE, Unit.LIST)]
    for name, target in settings.targets.items():
        if target.figure not in numbers:
            near = get_close_matches(target.figure, numbers, 1, cutoff=0)[0]
            raise SettingsError("settings_figure", name=name, figure=target.figure, near=near)


ON_TIME, LATE, MISSING = "on_time", "late", "missing"
HANDED_IN: Mapping[str, Words] = {
    ON_TIME: Words("已交", "Handed in"),
    LATE: Words("迟交", "Late"),
    MISSING: Words("未交", "Missing"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number comes from. ``workbook`` is relative to the workspace, with ``/``."""

    team: str
    workbook: str
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class LateItem:
    """One overdue plan item or unanswered request; ``table`` is ``"plan"`` or ``"message"``.

    ``place.cell`` is the deadline's cell; ``item`` names the row by its keys.
    """

    place: Place
    table: str
    item: str
    owners: tuple[str, ...]
    due: date | datetime
    late: str
    late_seconds: int


@dataclass(frozen=True, slots=True)
class PriorityItem:
    """One problem row, ranked over all teams (dense, 1 first); unranked rows have None."""

    place: Place
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

    place: Place
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

    place: Place
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

    place: Place
    column: str | None
    code: str
    severity: str
    message: str
    value: str | None
    fix: str | None


@dataclass(frozen=True, slots=True)
class Submission:
    """Which team handed in, when it was first seen to have, and how its file stands now."""

    place: Place
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

    ``total`` and each of ``teams`` map the keys of :data:`FIGURES` to numbers or
    None; ``metrics`` is a list of mappings, ``handed_in`` of the total counts
    teams by state. ``previous`` is the month before's total (None where nothing
    is known of it), ``trend`` the last twelve months' totals, oldest first, as
    (month, figures).
    """

    month: str
    as_of: datetime
    total: Mapping[str, Any]
    teams: Mapping[str, Mapping[str, Any]]
    rows: int
    previous: Mapping[str, Any] | None = None
    trend: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    targets: tuple[TargetProgress, ...] = ()
    overdue: tuple[LateItem, ...] = ()
    priorities: tuple[PriorityItem, ...] = ()
    campaigns: tuple[CampaignItem, ...] = ()
    messages: tuple[MessageItem, ...] = ()
    findings: tuple[FindingItem, ...] = ()
    submissions: tuple[Submission, ...] = field(default=())
