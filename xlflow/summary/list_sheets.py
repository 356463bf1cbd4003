"""The list sheets of the summary: every row behind the figures, with its file, sheet and cell.

Each list is declared as its columns; what a sheet is (title, what it shows,
table that filters, frozen header, print set-up, empty state) is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from xlflow import look
from xlflow.columns import Option
from xlflow.figures.catalogue import HANDED_IN, LATE, MISSING, ON_TIME
from xlflow.figures.report import FindingItem, Origin, Report
from xlflow.look import Style
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.messages import say
from xlflow.schema import IMPACT
from xlflow.summary.styled_workbook import (
    POINTS_OF_A_LINE,
    ROWS_OF_A_SHEET,
    Link,
    StyledWorkbook,
    cell_reference,
    file_link,
    line_count,
    moment_text,
)

LISTS = ("overdue", "priorities", "campaigns", "messages", "findings", "submissions")
"""The list sheets in their order, by the names of the report's fields."""

HEADER_ROW = 2
MOST_LINES = 9
"""Lines of the tallest row of a list; the rest of a longer text is read in the formula bar."""
FEW = 12
"""Up to so many campaigns, their sums are printed on the same page."""
_OVERFLOW = {"text_wrap": False, "valign": "vcenter"}
_LINE = {"bottom": 1, "bottom_color": look.RULE}
_ONE_LINE = {**_LINE, "valign": "vcenter"}
_MARGIN = 2  # rows a list leaves free at the sheet's end, for the note that some don't fit


class Field(NamedTuple):
    """One column of a list: its heading (a name in the catalogue), width, values and states."""

    heading: str
    width: float
    value: Callable[[Any], Any]
    kind: str = "text"
    tone: Callable[[Any], Style | None] = lambda _: None
    header: Style = look.TEAM_HEADER


def fields(name: str, language: str, root: Path | None = None) -> tuple[Field, ...]:
    """Return the columns of one list sheet; the source stands at the right.

    Each team's file is linked once: where there is one row a team. Excel opens no
    sheet with more than 65,530 links, which findings alone can exceed.
    """
    if name == "submissions":
        return (_TEAM, *_submissions(language, root))
    return (_TEAM, *_OWN[name](language), *_source(language))


def write_lists(
    book: StyledWorkbook, sheets: dict[str, Any], report: Report, month: str, root: Path | None
) -> None:
    """Fill the list sheets; ``month`` is the month in words, ``sheets`` has them by name."""
    for name in LISTS:
        items: Sequence[Any] = getattr(report, name)
        sheet, columns = sheets[name], fields(name, book.language, root)
        about = {"month": month, "as_of": moment_text(report.as_of), "count": len(items)}
        _page(book, sheet, name, columns, about)
        below = _table(book, sheet, name, columns, items, HEADER_ROW)
        if name == "campaigns":
            if len(items) > FEW:
                sheet.set_h_pagebreaks([below + 2])
            _metrics(book, sheet, report.total.get("metrics") or (), below + 2)


def _page(
    book: StyledWorkbook, sheet: Any, name: str, columns: tuple[Field, ...], about: dict[str, Any]
) -> None:
    """Title, widths, frozen header and print set-up."""
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
    sheet.set_row(0, 30)
    title = {"bold": True, "font_size": look.TITLE_SIZE, "font_color": look.DEEP, **_OVERFLOW}
    book.put(sheet, 0, 0, book.say(f"title_{name}"), more=title)
    sheet.set_row(1, 24)
    book.put(sheet, 1, 0, book.say(f"about_{name}", **about), tone=look.DONE, more=_OVERFLOW)
    sheet.freeze_panes(HEADER_ROW + 1, 1)
    sheet.repeat_rows(HEADER_ROW)
    book.set_print(sheet)


def _table(
    book: StyledWorkbook,
    sheet: Any,
    name: str,
    columns: tuple[Field, ...],
    items: Sequence[Any],
    top: int,
) -> int:
    """Write header and rows from row ``top`` on; return the row below the last."""
    last_column = len(columns) - 1
    headings = [book.say(column.heading) for column in columns]
    tallest = max(line_count(h, c.width - 3) for h, c in zip(headings, columns, strict=True))
    sheet.set_row(top, 9 + POINTS_OF_A_LINE * tallest)
    heads = [book.header(column.header) for column in columns]
    if not items:
        for index, heading in enumerate(headings):
            sheet.write_string(top, index, heading, heads[index])
        empty = {"valign": "vcenter", "indent": 1}
        tone = Style(look.QUIET, look.BAND)
        sheet.set_row(top + 1, 4 * POINTS_OF_A_LINE)
        book.span(sheet, top + 1, 0, last_column, book.say(f"empty_{name}"), "text", tone, empty)
        return top + 2
    fitting = items[: ROWS_OF_A_SHEET - top - 1 - _MARGIN]
    sheet.add_table(
        top,
        0,
        top + len(fitting),
        last_column,
        {
            "name": f"xlf_{name}",
            "style": None,
            "columns": [
                {"header": heading, "header_format": head}
                for heading, head in zip(headings, heads, strict=True)
            ],
        },
    )
    for row, item in enumerate(fitting, top + 1):
        values = [column.value(item) for column in columns]
        tall = _lines(values, columns)
        sheet.set_row(row, 6 + POINTS_OF_A_LINE * tall)
        line = _LINE if tall > 1 else _ONE_LINE
        for index, (value, column) in enumerate(zip(values, columns, strict=True)):
            book.put(sheet, row, index, value, column.kind, column.tone(item), line)
    below = top + 1 + len(fitting)
    if len(fitting) < len(items):
        left = book.say("too_many", count=len(items) - len(fitting))
        book.put(sheet, below, 0, left, tone=look.BAD, more=_OVERFLOW)
    return below


def _metrics(book: StyledWorkbook, sheet: Any, metrics: Sequence[Any], top: int) -> None:
    """Write the sums of each metric beneath the campaigns, and the name ``metrics`` over them."""
    heading = {"font_size": look.SECTION_SIZE, **_OVERFLOW}
    sheet.set_row(top, 24)
    book.put(sheet, top, 0, book.say("title_metrics"), "text", Style(look.DEEP, bold=True), heading)
    sheet.set_row(top + 1, 20)
    book.put(sheet, top + 1, 0, book.say("about_metrics"), tone=look.DONE, more=_OVERFLOW)
    below = _table(book, sheet, "metrics", _METRICS, metrics, top + 2)
    name = book.say("sheet_campaigns")
    book.name("metrics", cell_reference(name, (top + 3, 0), (below - 1, len(_METRICS) - 1)))


def _lines(values: Sequence[Any], columns: Sequence[Field]) -> int:
    """Return how many lines the tallest of a row's cells takes, up to :data:`MOST_LINES`."""
    pairs = zip(values, columns, strict=True)
    most = max(line_count(v, c.width) for v, c in pairs if isinstance(v, str))
    return min(most, MOST_LINES)


def _source(language: str) -> tuple[Field, ...]:
    def cell(item: Any) -> str | None:
        where: Origin = item.origin
        if where.cell is None and where.row is not None:
            return say("summary.row", language, row=where.row)
        return where.cell

    def quiet(_: Any) -> Style:
        return look.DONE

    grey = look.SYSTEM_HEADER
    return (
        Field("workbook", 24, lambda item: item.origin.workbook, "text", quiet, grey),
        Field("sheet", 18, lambda item: item.origin.sheet, "text", quiet, grey),
        Field("cell", 9, cell, "centre", quiet, grey),
    )


def _words(prefix: str, state: str, language: str) -> str:
    """Return the catalogue's word for a state, the state itself where it has none."""
    try:
        return say(f"summary.{prefix}_{state}", language)
    except KeyError:
        return state


def _people(names: Iterable[str], language: str) -> str | None:
    return say("summary.list_mark", language).join(names) or None


def _option(options: tuple[Option, ...], value: str | None, language: str) -> str | None:
    return next((option[language] for option in options if option.zh == value), value)


def _overdue(language: str) -> tuple[Field, ...]:
    return (
        Field("kind", 11, lambda item: _words("kind", item.table, language), "centre"),
        Field("item", 44, lambda item: item.item),
        Field("owners", 18, lambda item: _people(item.owners, language)),
        Field("due", 17, lambda item: item.due, "date", lambda _: look.BAD),
        Field("late", 15, lambda item: item.late, "centre", lambda _: look.BAD),
    )


def _priorities(language: str) -> tuple[Field, ...]:
    rank = Style(look.DEEP, bold=True)
    return (
        Field("rank", 11, lambda item: item.rank, "rank", lambda _: rank),
        Field("stage", 18, lambda item: item.stage),
        Field("stage_days", 10, lambda item: item.days, "days"),
        Field("impact", 11, lambda item: _option(IMPACT, item.impact, language), "centre"),
        Field("owners", 16, lambda item: _people(item.owners, language)),
        Field("description", 48, lambda item: item.description),
    )


_VERDICTS = {"met": look.GOOD, "missed": look.BAD}


def _campaigns(language: str) -> tuple[Field, ...]:
    def reason(item: Any) -> str | None:
        if item.reason in set(NotComputable):
            return reason_text(NotComputable(item.reason), language)
        return item.reason if item.verdict == "unknown" else ""

    def tone(item: Any) -> Style | None:
        return _VERDICTS.get(item.verdict)

    return (
        Field("campaign", 18, lambda item: item.name),
        Field("metric", 12, lambda item: item.metric),
        Field("target_value", 11, lambda item: item.target, "figure"),
        Field("actual", 11, lambda item: item.actual, "figure"),
        Field("deviation", 10, lambda item: item.deviation, "deviation", tone),
        Field(
            "verdict", 11, lambda item: _words("verdict", item.verdict, language), "centre", tone
        ),
        Field("reason", 15, reason),
        Field("cause", 28, lambda item: item.cause),
        Field("next_step", 28, lambda item: item.next_step),
    )


_STATES = {"in_time": look.GOOD, "late": look.SOON, "overdue": look.BAD}


def _messages(language: str) -> tuple[Field, ...]:
    return (
        Field("topic", 24, lambda item: item.topic),
        Field("sender", 12, lambda item: _people(item.sender, language)),
        Field("partners", 16, lambda item: _people(item.partners, language)),
        Field("owners", 16, lambda item: _people(item.owners, language)),
        Field("deadline", 14, lambda item: item.deadline, "centre"),
        Field("asked_at", 17, lambda item: item.asked_at, "date"),
        Field("due", 17, lambda item: item.due, "date"),
        Field("answered_at", 17, lambda item: item.answered_at, "date"),
        Field(
            "state",
            13,
            lambda item: _words("state", item.state, language),
            "centre",
            lambda item: _STATES.get(item.state),
        ),
    )


_SEVERITIES = {"error": look.BAD, "warning": look.SOON}


def _findings(language: str) -> tuple[Field, ...]:
    def kind(item: FindingItem) -> str:
        return say("summary.kind_edit" if is_edit(item) else "summary.kind_check", language)

    return (
        Field("kind", 9, kind, "centre"),
        Field(
            "severity",
            10,
            lambda item: _words("severity", item.severity, language),
            "centre",
            lambda item: _SEVERITIES.get(item.severity),
        ),
        Field("code", 10, lambda item: item.code, "centre"),
        Field("column", 16, lambda item: item.column),
        Field("message", 48, lambda item: item.message),
        Field("value", 24, lambda item: item.value),
        Field("fix", 24, lambda item: item.fix),
    )


def is_edit(item: FindingItem) -> bool:
    """Whether the finding is a change between two versions, not a fault of one."""
    return item.code.startswith("XF4")


_HANDED_IN = {ON_TIME: look.GOOD, LATE: look.SOON, MISSING: look.BAD}
_STATUSES = {"unreadable": look.BAD, "conflict": look.BAD, "deferred": look.SOON}


def _submissions(language: str, root: Path | None) -> tuple[Field, ...]:
    def workbook(item: Any) -> Link:
        return Link(file_link(item.origin.workbook, root), item.origin.workbook)

    def state(item: Any) -> str:
        return HANDED_IN[item.state][language] if item.state in HANDED_IN else item.state

    return (
        Field("handed_in", 11, state, "centre", lambda item: _HANDED_IN.get(item.state)),
        Field("first_seen", 17, lambda item: item.first_seen, "date"),
        Field("last_seen", 17, lambda item: item.last_seen, "date"),
        Field("modified_by", 16, lambda item: item.last_modified_by),
        Field("row_count", 9, lambda item: item.rows, "count"),
        Field(
            "status",
            18,
            lambda item: _words("status", item.status, language),
            "centre",
            lambda item: _STATUSES.get(item.status),
        ),
        Field("status_reason", 34, lambda item: item.reason or ""),
        Field("workbook", 30, workbook, header=look.SYSTEM_HEADER),
    )


_TEAM = Field("team", 16, lambda item: item.origin.team, tone=lambda _: Style(look.INK, bold=True))
_OWN: dict[str, Callable[[str], tuple[Field, ...]]] = {
    "overdue": _overdue,
    "priorities": _priorities,
    "campaigns": _campaigns,
    "messages": _messages,
    "findings": _findings,
}


def _of(key: str) -> Callable[[Any], Any]:
    return lambda metric: metric.get(key)


# One under the other with the campaigns' own columns, so that sums stand beneath their values.
_METRICS = (
    Field("metric", 16, _of("metric")),
    Field("unit", 18, _of("unit")),
    Field("n", 12, _of("n"), "count"),
    Field("target_sum", 11, _of("target"), "number"),
    Field("actual_sum", 11, _of("actual"), "number"),
    Field("deviation", 10, _of("deviation"), "deviation"),
    Field("met", 11, _of("met"), "count"),
    Field("missed", 15, _of("missed"), "count"),
)
