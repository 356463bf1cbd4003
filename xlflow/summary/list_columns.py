"""The columns of each list sheet: heading, width, and value and style of every cell.

What the sheets have in common (title, table, empty state, print set-up) is in
:mod:`xlflow.summary.list_sheets`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from xlflow import look
from xlflow.figures.catalogue import HANDED_IN, LATE, MISSING, ON_TIME
from xlflow.look import Style
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.messages import say
from xlflow.schema import IMPACT
from xlflow.summary.styled_workbook import Link, file_link


class ListColumn(NamedTuple):
    """One column of a list, a pure function of some fields of a row's item.

    ``heading`` is the key of its sentence (``summary.<heading>``); ``fields`` are
    paths of attributes such as ``origin.team``, from whose values ``value`` and
    ``style`` are computed; ``kind`` is one of
    :data:`xlflow.summary.styled_workbook.KINDS`.
    """

    heading: str
    width: float
    fields: tuple[str, ...]
    value: Callable[..., Any] = lambda value: value
    kind: str = "text"
    style: Callable[..., Style | None] = lambda *_: None
    header_style: Style = look.TEAM_HEADER


def list_columns(name: str, language: str, root: Path | None = None) -> tuple[ListColumn, ...]:
    """Return the columns of one list sheet, the source (file, sheet, cell) at the right.

    Only 提交情况, which has one row a team, links to the teams' files: Excel refuses a
    sheet with more than 65,530 links, and the findings alone can exceed that.
    """
    if name == "submissions":
        return (_TEAM, *_submission_columns(language, root))
    return (_TEAM, *_OWN_COLUMNS[name](language), *_source_columns(language))


def _always(style: Style) -> Callable[..., Style]:
    return lambda *_: style


def _source_columns(language: str) -> tuple[ListColumn, ...]:
    def place(cell: str | None, row: int | None) -> str | None:
        if cell is None and row is not None:
            return say("summary.row", language, row=row)
        return cell

    columns = (
        ListColumn("workbook", 24, ("origin.workbook",)),
        ListColumn("sheet", 18, ("origin.sheet",)),
        ListColumn("cell", 9, ("origin.cell", "origin.row"), place, "centre"),
    )
    quiet = _always(look.DONE)
    return tuple(c._replace(style=quiet, header_style=look.SYSTEM_HEADER) for c in columns)


def _state_text(prefix: str, language: str) -> Callable[[str], str]:
    """Return a function for the text of a state, which is the state itself where it has none."""

    def text(state: str) -> str:
        try:
            return say(f"summary.{prefix}_{state}", language)
        except KeyError:
            return state

    return text


def _names(language: str) -> Callable[[Iterable[str]], str | None]:
    return lambda names: say("summary.list_mark", language).join(names) or None


def _overdue_columns(language: str) -> tuple[ListColumn, ...]:
    return (
        ListColumn("kind", 11, ("table",), _state_text("kind", language), "centre"),
        ListColumn("item", 44, ("item",)),
        ListColumn("owners", 18, ("owners",), _names(language)),
        ListColumn("due", 17, ("due",), kind="date", style=_always(look.BAD)),
        ListColumn("late", 15, ("late",), kind="centre", style=_always(look.BAD)),
    )


def _priority_columns(language: str) -> tuple[ListColumn, ...]:
    def impact_text(impact: str | None) -> str | None:
        return next((option[language] for option in IMPACT if option.zh == impact), impact)

    rank = Style(look.DEEP, bold=True)
    return (
        ListColumn("rank", 11, ("rank",), kind="rank", style=_always(rank)),
        ListColumn("stage", 18, ("stage",)),
        ListColumn("stage_days", 10, ("days",), kind="days"),
        ListColumn("impact", 11, ("impact",), impact_text, "centre"),
        ListColumn("owners", 16, ("owners",), _names(language)),
        ListColumn("description", 48, ("description",)),
    )


_VERDICT_STYLES = {"met": look.GOOD, "missed": look.BAD}


def _campaign_columns(language: str) -> tuple[ListColumn, ...]:
    def reason_shown(reason: str | None, verdict: str) -> str | None:
        if reason in set(NotComputable):
            return reason_text(NotComputable(reason), language)
        return reason if verdict == "unknown" else ""

    return (
        ListColumn("campaign", 18, ("name",)),
        ListColumn("metric", 12, ("metric",)),
        ListColumn("target_value", 11, ("target",), kind="figure"),
        ListColumn("actual", 11, ("actual",), kind="figure"),
        ListColumn(
            "deviation",
            10,
            ("deviation", "verdict"),
            lambda deviation, _: deviation,
            "deviation",
            lambda _, verdict: _VERDICT_STYLES.get(verdict),
        ),
        ListColumn(
            "verdict",
            11,
            ("verdict",),
            _state_text("verdict", language),
            "centre",
            _VERDICT_STYLES.get,
        ),
        ListColumn("reason", 15, ("reason", "verdict"), reason_shown),
        ListColumn("cause", 28, ("cause",)),
        ListColumn("next_step", 28, ("next_step",)),
    )


_MESSAGE_STYLES = {"in_time": look.GOOD, "late": look.SOON, "overdue": look.BAD}


def _message_columns(language: str) -> tuple[ListColumn, ...]:
    names = _names(language)
    return (
        ListColumn("topic", 24, ("topic",)),
        ListColumn("sender", 12, ("sender",), names),
        ListColumn("partners", 16, ("partners",), names),
        ListColumn("owners", 16, ("owners",), names),
        ListColumn("deadline", 14, ("deadline",), kind="centre"),
        ListColumn("asked_at", 17, ("asked_at",), kind="date"),
        ListColumn("due", 17, ("due",), kind="date"),
        ListColumn("answered_at", 17, ("answered_at",), kind="date"),
        ListColumn(
            "state", 13, ("state",), _state_text("state", language), "centre", _MESSAGE_STYLES.get
        ),
    )


_SEVERITY_STYLES = {"error": look.BAD, "warning": look.SOON}


def _finding_columns(language: str) -> tuple[ListColumn, ...]:
    def kind(code: str) -> str:
        # XF4xx rules compare two versions of a workbook.
        key = "kind_edit" if code.startswith("XF4") else "kind_check"
        return say(f"summary.{key}", language)

    return (
        ListColumn("kind", 9, ("code",), kind, "centre"),
        ListColumn(
            "severity",
            10,
            ("severity",),
            _state_text("severity", language),
            "centre",
            _SEVERITY_STYLES.get,
        ),
        ListColumn("code", 10, ("code",), kind="centre"),
        ListColumn("column", 16, ("column",)),
        ListColumn("message", 48, ("message",)),
        ListColumn("value", 24, ("value",)),
        ListColumn("fix", 24, ("fix",)),
    )


_SUBMISSION_STYLES = {ON_TIME: look.GOOD, LATE: look.SOON, MISSING: look.BAD}
_STATUS_STYLES = {"unreadable": look.BAD, "conflict": look.BAD, "deferred": look.SOON}


def _submission_columns(language: str, root: Path | None) -> tuple[ListColumn, ...]:
    def link(workbook: str) -> Link:
        return Link(file_link(workbook, root), workbook)

    def handed_in(state: str) -> str:
        return HANDED_IN[state][language] if state in HANDED_IN else state

    return (
        ListColumn("handed_in", 11, ("state",), handed_in, "centre", _SUBMISSION_STYLES.get),
        ListColumn("first_seen", 17, ("first_seen",), kind="date"),
        ListColumn("last_seen", 17, ("last_seen",), kind="date"),
        ListColumn("modified_by", 16, ("last_modified_by",)),
        ListColumn("row_count", 9, ("rows",), kind="count"),
        ListColumn(
            "status", 18, ("status",), _state_text("status", language), "centre", _STATUS_STYLES.get
        ),
        ListColumn("status_reason", 34, ("reason",), lambda reason: reason or ""),
        ListColumn("workbook", 30, ("origin.workbook",), link, header_style=look.SYSTEM_HEADER),
    )


_TEAM = ListColumn("team", 16, ("origin.team",), style=_always(Style(look.INK, bold=True)))
_OWN_COLUMNS: dict[str, Callable[[str], tuple[ListColumn, ...]]] = {
    "overdue": _overdue_columns,
    "priorities": _priority_columns,
    "campaigns": _campaign_columns,
    "messages": _message_columns,
    "findings": _finding_columns,
}


class MetricItem(NamedTuple):
    """The sums of one metric and unit, as ``metrics`` of the figures has them."""

    metric: str | None = None
    unit: str | None = None
    n: int | None = None
    target: float | None = None
    actual: float | None = None
    deviation: float | None = None
    met: int | None = None
    missed: int | None = None


# In the order of the campaigns' columns, so that the sums are beneath their values.
METRIC_COLUMNS = (
    ListColumn("metric", 16, ("metric",)),
    ListColumn("unit", 18, ("unit",)),
    ListColumn("n", 12, ("n",), kind="count"),
    ListColumn("target_sum", 11, ("target",), kind="number"),
    ListColumn("actual_sum", 11, ("actual",), kind="number"),
    ListColumn("deviation", 10, ("deviation",), kind="deviation"),
    ListColumn("met", 11, ("met",), kind="count"),
    ListColumn("missed", 15, ("missed",), kind="count"),
)
