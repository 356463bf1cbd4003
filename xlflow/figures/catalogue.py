"""The figures of a month, declared once.

Their keys are those of ``summary --json`` and of the hidden names in the summary
workbook. Formulas: docs/reference/figures.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum

from xlflow.columns import Words
from xlflow.config import Settings
from xlflow.errors import SettingsError


class FigureUnit(Enum):
    """How a figure is shown."""

    COUNT = "count"
    RATE = "rate"
    DAYS = "days"
    HOURS = "hours"
    STATE = "state"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its key, its name in both languages, its unit, and which way is better.

    ``better`` is +1 if higher is better, −1 if lower is, 0 if neither. ``table`` is the
    table that it is computed from, None if it isn't computed from one alone.
    """

    key: str
    name: Words
    unit: FigureUnit
    better: int = 0
    table: str | None = None


def _figure(
    key: str, zh: str, en: str, unit: FigureUnit = FigureUnit.COUNT, better: int = 0
) -> Figure:
    return Figure(key, Words(zh, en), unit, better)


def _of_table(table: str, *figures: Figure) -> tuple[Figure, ...]:
    return tuple(replace(figure, table=table) for figure in figures)


FIGURES: tuple[Figure, ...] = (
    *_of_table(
        "plan",
        _figure("plan_rows", "计划项数", "Plan items"),
        _figure("plan_cancelled", "已取消", "Cancelled"),
        _figure("plan_done", "已完成", "Done"),
        _figure("plan_undated", "完成未注明日期", "Done, no date"),
        _figure("plan_on_time", "按期完成", "Done on time", better=1),
        _figure("plan_late", "延期完成", "Done late", better=-1),
        _figure("plan_overdue", "逾期未完成", "Overdue", better=-1),
        _figure("plan_due", "到期或已完成", "Due or done"),
        _figure("overdue_rate", "任务逾期率", "Overdue rate", FigureUnit.RATE, -1),
        _figure("on_time_rate", "按期完成率", "On-time rate", FigureUnit.RATE, 1),
        _figure("late_days_mean", "平均延期天数", "Mean days late", FigureUnit.DAYS, -1),
        _figure("cycle_days_mean", "平均周期", "Mean cycle", FigureUnit.DAYS, -1),
    ),
    *_of_table(
        "message",
        _figure("messages", "协作事项数", "Requests"),
        _figure("messages_answered", "已反馈", "Answered"),
        _figure("messages_in_time", "按时反馈", "Answered in time", better=1),
        _figure("messages_late", "超时反馈", "Answered late", better=-1),
        _figure("messages_overdue", "逾期未反馈", "Answer overdue", better=-1),
        _figure("in_time_rate", "按时反馈率", "In-time rate", FigureUnit.RATE, 1),
        _figure("answer_hours_mean", "平均反馈时长", "Mean hours to answer", FigureUnit.HOURS, -1),
    ),
    *_of_table(
        "campaign",
        _figure("campaigns", "活动指标数", "Campaign metrics"),
        _figure("campaigns_met", "达标", "Met", better=1),
        _figure("campaigns_missed", "未达标", "Missed", better=-1),
        _figure("campaigns_unknown", "无法判断", "Unknown"),
        _figure("metrics", "各项指标", "Metrics", FigureUnit.LIST),
    ),
    *_of_table(
        "problem",
        _figure("problems", "流程问题数", "Problems"),
        _figure("problems_high", "影响高", "High impact"),
        _figure("problems_medium", "影响中", "Medium impact"),
        _figure("problems_low", "影响低", "Low impact"),
        _figure("problem_days", "问题环节总耗时", "Days in problem stages", FigureUnit.DAYS),
    ),
    _figure("errors", "错误", "Errors", better=-1),
    _figure("warnings", "警告", "Warnings", better=-1),
    _figure("undated", "未注明月份", "Undated"),
    _figure("handed_in", "提交情况", "Handed in", FigureUnit.STATE),
)
BY_KEY: Mapping[str, Figure] = {figure.key: figure for figure in FIGURES}


def check_targets(settings: Settings) -> None:
    """Refuse targets for figures that don't exist or aren't numbers.

    Raises:
        SettingsError: a target has such a figure; the most similar key is suggested.
    """
    numbers = [f.key for f in FIGURES if f.unit not in (FigureUnit.STATE, FigureUnit.LIST)]
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

MAIN_FIGURES = (
    "overdue_rate",
    "on_time_rate",
    "cycle_days_mean",
    "in_time_rate",
    "campaigns_met",
    "handed_in",
)
"""The figures that a summary shows first."""
