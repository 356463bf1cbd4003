"""The columns of each list sheet: heading, width, value and style of every cell.

What the sheets have in common (title, table, empty state, print set-up) is in
:mod:`xlflow.summary.list_sheets`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from xlflow import look
from xlflow.columns import Option
from xlflow.figures.catalogue import HANDED_IN, LATE, MISSING, ON_TIME
from xlflow.figures.report import FindingItem, Origin
from xlflow.look import Style
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.messages import say
from xlflow.schema import IMPACT
from xlflow.summary.styled_workbook import Link, file_link


class ListColumn(NamedTuple):
    """One column of a list.

    ``heading`` is the key of its sentence (``summary.<heading>``), ``value`` and
    ``style`` are computed from the row's item, ``kind`` is one of
    :data:`xlflow.summary.styled_workbook.KINDS`.
    """

    heading: str
    width: float
    value: Callable[[Any], Any]
    kind: str = "text"
    style: Callable[[Any], Style | None] = lambda _: None
    header_style: Style = look.TEAM_HEADER


def list_columns(name: str, language: str, root: Path | None = None) -> tuple[ListColumn, ...]:
    """Return the columns of one list sheet, the source (file, sheet, cell) at the right.

    Only 提交情况, which has one row a team, links to the teams' files: Excel refuses a
    sheet with more than 65,530 links, and the findings alone can exceed that.
    """
    if name == "submissions":
        return (_TEAM, *_submission_columns(language, root))
    return (_TEAM, *_OWN_COLUMNS[name](language), *_source_columns(language))


def _source_columns(language: str) -> tuple[ListColumn, ...]:
    def cell(item: Any) -> str | None:
        where: Origin = item.origin
        if where.cell is None and where.row is not None:
            return say("summary.row", language, row=where.row)
        return where.cell

    def quiet(_: Any) -> Style:
        return look.DONE

    header = look.SYSTEM_HEADER
    return (
        ListColumn("workbook", 24, lambda item: item.origin.workbook, "text", quiet, header),
        ListColumn("sheet", 18, lambda item: item.origin.sheet, "text", quiet, header),
        ListColumn("cell", 9, cell, "centre", quiet, header),
    )


def _state_text(prefix: str, state: str, language: str) -> str:
    """Return the text of a state in the catalogue, the state itself where it has none."""
    try:
        return say(f"summary.{prefix}_{state}", language)
    except KeyError:
        return state


def _names(names: Iterable[str], language: str) -> str | None:
    return say("summary.list_mark", language).join(names) or None


def _option_text(options: tuple[Option, ...], value: str | None, language: str) -> str | None:
    return next((option[language] for option in options if option.zh == value), value)


def _overdue_columns(language: str) -> tuple[ListColumn, ...]:
    return (
        ListColumn("kind", 11, lambda item: _state_text("kind", item.table, language), "centre"),
        ListColumn("item", 44, lambda item: item.item),
        ListColumn("owners", 18, lambda item: _names(item.owners, language)),
        ListColumn("due", 17, lambda item: item.due, "date", lambda _: look.BAD),
        ListColumn("late", 15, lambda item: item.late, "centre", lambda _: look.BAD),
    )


def _priority_columns(language: str) -> tuple[ListColumn, ...]:
    rank = Style(look.DEEP, bold=True)
    return (
        ListColumn("rank", 11, lambda item: item.rank, "rank", lambda _: rank),
        ListColumn("stage", 18, lambda item: item.stage),
        ListColumn("stage_days", 10, lambda item: item.days, "days"),
        ListColumn(
            "impact", 11, lambda item: _option_text(IMPACT, item.impact, language), "centre"
        ),
        ListColumn("owners", 16, lambda item: _names(item.owners, language)),
        ListColumn("description", 48, lambda item: item.description),
    )


_VERDICT_STYLES = {"met": look.GOOD, "missed": look.BAD}


def _campaign_columns(language: str) -> tuple[ListColumn, ...]:
    def reason(item: Any) -> str | None:
        if item.reason in set(NotComputable):
            return reason_text(NotComputable(item.reason), language)
        return item.reason if item.verdict == "unknown" else ""

    def style(item: Any) -> Style | None:
        return _VERDICT_STYLES.get(item.verdict)

    return (
        ListColumn("campaign", 18, lambda item: item.name),
        ListColumn("metric", 12, lambda item: item.metric),
        ListColumn("target_value", 11, lambda item: item.target, "figure"),
        ListColumn("actual", 11, lambda item: item.actual, "figure"),
        ListColumn("deviation", 10, lambda item: item.deviation, "deviation", style),
        ListColumn(
            "verdict",
            11,
            lambda item: _state_text("verdict", item.verdict, language),
            "centre",
            style,
        ),
        ListColumn("reason", 15, reason),
        ListColumn("cause", 28, lambda item: item.cause),
        ListColumn("next_step", 28, lambda item: item.next_step),
    )


_MESSAGE_STYLES = {"in_time": look.GOOD, "late": look.SOON, "overdue": look.BAD}


def _message_columns(language: str) -> tuple[ListColumn, ...]:
    return (
        ListColumn("topic", 24, lambda item: item.topic),
        ListColumn("sender", 12, lambda item: _names(item.sender, language)),
        ListColumn("partners", 16, lambda item: _names(item.partners, language)),
        ListColumn("owners", 16, lambda item: _names(item.owners, language)),
        ListColumn("deadline", 14, lambda item: item.deadline, "centre"),
        ListColumn("asked_at", 17, lambda item: item.asked_at, "date"),
        ListColumn("due", 17, lambda item: item.due, "date"),
        ListColumn("answered_at", 17, lambda item: item.answered_at, "date"),
        ListColumn(
            "state",
            13,
            lambda item: _state_text("state", item.state, language),
            "centre",
            lambda item: _MESSAGE_STYLES.get(item.state),
        ),
    )


_SEVERITY_STYLES = {"error": look.BAD, "warning": look.SOON}


def _finding_columns(language: str) -> tuple[ListColumn, ...]:
    def kind(item: FindingItem) -> str:
        # XF4xx rules compare two versions of a workbook.
        key = "kind_edit" if item.code.startswith("XF4") else "kind_check"
        return say(f"summary.{key}", language)

    return (
        ListColumn("kind", 9, kind, "centre"),
        ListColumn(
            "severity",
            10,
            lambda item: _state_text("severity", item.severity, language),
            "centre",
            lambda item: _SEVERITY_STYLES.get(item.severity),
        ),
        ListColumn("code", 10, lambda item: item.code, "centre"),
        ListColumn("column", 16, lambda item: item.column),
        ListColumn("message", 48, lambda item: item.message),
        ListColumn("value", 24, lambda item: item.value),
        ListColumn("fix", 24, lambda item: item.fix),
    )


_SUBMISSION_STYLES = {ON_TIME: look.GOOD, LATE: look.SOON, MISSING: look.BAD}
_STATUS_STYLES = {"unreadable": look.BAD, "conflict": look.BAD, "deferred": look.SOON}


def _submission_columns(language: str, root: Path | None) -> tuple[ListColumn, ...]:
    def workbook(item: Any) -> Link:
        return Link(file_link(item.origin.workbook, root), item.origin.workbook)

    def state(item: Any) -> str:
        return HANDED_IN[item.state][language] if item.state in HANDED_IN else item.state

    return (
        ListColumn(
            "handed_in", 11, state, "centre", lambda item: _SUBMISSION_STYLES.get(item.state)
        ),
        ListColumn("first_seen", 17, lambda item: item.first_seen, "date"),
        ListColumn("last_seen", 17, lambda item: item.last_seen, "date"),
        ListColumn("modified_by", 16, lambda item: item.last_modified_by),
        ListColumn("row_count", 9, lambda item: item.rows, "count"),
        ListColumn(
            "status",
            18,
            lambda item: _state_text("status", item.status, language),
            "centre",
            lambda item: _STATUS_STYLES.get(item.status),
        ),
        ListColumn("status_reason", 34, lambda item: item.reason or ""),
        ListColumn("workbook", 30, workbook, header_style=look.SYSTEM_HEADER),
    )


_TEAM = ListColumn(
    "team", 16, lambda item: item.origin.team, style=lambda _: Style(look.INK, bold=True)
)
_OWN_COLUMNS: dict[str, Callable[[str], tuple[ListColumn, ...]]] = {
    "overdue": _overdue_columns,
    "priorities": _priority_columns,
    "campaigns": _campaign_columns,
    "messages": _message_columns,
    "findings": _finding_columns,
}


def _metric_value(key: str) -> Callable[[Any], Any]:
    return lambda metric: metric.get(key)


# In the order of the campaigns' columns, so that the sums are beneath their values.
METRIC_COLUMNS = (
    ListColumn("metric", 16, _metric_value("metric")),
    ListColumn("unit", 18, _metric_value("unit")),
    ListColumn("n", 12, _metric_value("n"), "count"),
    ListColumn("target_sum", 11, _metric_value("target"), "number"),
    ListColumn("actual_sum", 11, _metric_value("actual"), "number"),
    ListColumn("deviation", 10, _metric_value("deviation"), "deviation"),
    ListColumn("met", 11, _metric_value("met"), "count"),
    ListColumn("missed", 15, _metric_value("missed"), "count"),
)
