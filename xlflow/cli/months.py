"""``summary`` and ``overdue``: a month over all teams, and what is late now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.moments import real_now
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from xlflow.figures import LateItem
    from xlflow.sync.months import Reported
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.option("--month", metavar="2024-07", required=True)
@click.option("--out", metavar="PATH", type=click.Path(path_type=Path))
@click.pass_obj
def summary(session: Session, month: str, out: Path | None) -> int:
    """Write one month's summary."""
    from xlflow.store import Store
    from xlflow.sync import months
    from xlflow.sync.turn import turn

    month = months.parse_month(month)
    space = session.workspace
    as_of = _read_first(session, space, look_only=out is not None)
    with turn(space.state), Store.open(space.state) as store:
        result = months.write_summary(space, store, month, as_of, real_now(), out)
    session.answer(
        lambda: summary_shape(result, space), lambda: summary_text(result, space, session)
    )
    return 0


def _read_first(session: Session, space: Workspace, *, look_only: bool) -> datetime:
    """Read what changed, so that figures and lists are those of the workbooks as they lie.

    ``look_only`` says that it will do where another machine watches the workspace.
    """
    from xlflow.cli import findings
    from xlflow.sync import pass_

    as_of = session.as_of(space.settings)
    with session.progress() as progress:
        done = pass_.run(
            space,
            as_of,
            notices=session.moment is None,
            look_only=look_only,
            progress=progress,
        )
    if done.frozen is not None:
        session.tell(session.say("sync.frozen", reason=session.reason(done.frozen)))
    for book in done.workbooks:
        if book.status == "unreadable" and book.reason is not None:
            session.tell(findings.because(book.workbook, book.reason, session))
    return as_of


def summary_shape(result: Reported, space: Workspace) -> dict[str, Any]:
    """Return a month's summary as JSON."""
    from xlflow.cli import shapes

    return {
        **shapes.report(result.report, space.settings.zone),
        "path": space.relative(result.path),
        "html": None,
        "closed": False,
    }


TILES = (
    "overdue_rate",
    "on_time_rate",
    "cycle_days_mean",
    "in_time_rate",
    "campaigns_met",
    "handed_in",
)
"""The figures with which the summary opens."""

NONE = "—"
"""What stands where there is no figure."""


def summary_text(result: Reported, space: Workspace, session: Session) -> str:
    """Return a month's figures in short, and where the rest of them lies."""
    from xlflow.cli.layout import padded, width
    from xlflow.figures import BY_KEY, Unit

    report = result.report
    lines = [session.say("summary.title", month=report.month, teams=len(report.teams))]
    names = [
        session.say("summary.campaigns_met")
        if key == "campaigns_met"
        else BY_KEY[key].name[session.language]
        for key in TILES
    ]
    longest = max(width(name) for name in names)
    for key, name in zip(TILES, names, strict=True):
        shown = figure_text(key, report.total, session)
        if report.previous is not None and key in report.previous:
            before = figure_text(key, report.previous, session)
            if before != NONE and BY_KEY[key].unit is not Unit.STATE:
                shown = session.say("summary.before", now=shown, before=before)
        lines.append(f"  {padded(name, longest)}  {shown}")
    path = space.relative(result.path)
    if result.deferred is None:
        lines.append(session.say("summary.written", path=path))
    else:
        why = session.reason(result.deferred)
        lines.append(session.say("summary.deferred", path=path, reason=why))
    return "\n".join(lines)


def figure_text(key: str, figures: Mapping[str, Any], session: Session) -> str:
    """Return one figure as people read it: ``25%``, ``3 / 5``, ``12.5 天``, ``—`` where none."""
    from xlflow.figures import BY_KEY, HANDED_IN, Unit

    value, unit = figures[key], BY_KEY[key].unit
    if value is None or (key == "campaigns_met" and not figures["campaigns"]):
        return NONE
    if unit is Unit.RATE:
        return f"{float(value):.0%}"
    if unit in (Unit.DAYS, Unit.HOURS):
        return session.say(f"unit.{unit.value}", count=f"{float(value):.1f}".removesuffix(".0"))
    if unit is Unit.STATE:
        named = ((HANDED_IN[state][session.language], count) for state, count in value.items())
        return session.say("list").join(f"{name} {count}" for name, count in named)
    if key == "campaigns_met":
        return f"{value} / {figures['campaigns']}"
    return str(value)


@click.command(cls=Command)
@click.pass_obj
def overdue(session: Session) -> int:
    """List what is overdue."""
    from xlflow.cli import shapes
    from xlflow.store import Store
    from xlflow.sync import rollup

    space = session.workspace
    as_of = _read_first(session, space, look_only=True)
    zone = space.settings.zone
    with Store.open(space.state) as store:
        late = rollup.overdue(store, space.settings, as_of)
    session.answer(
        lambda: {"as_of": shapes.as_of(as_of, zone), "overdue": overdue_shape(late, zone)},
        lambda: overdue_text(late, session),
    )
    return 0


def overdue_shape(late: Sequence[LateItem], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the overdue items as JSON."""
    from xlflow.cli import shapes

    return [shapes.late_item(item, zone) for item in late]


def overdue_text(late: Sequence[LateItem], session: Session) -> str:
    """Return the overdue items as a table, the latest first."""
    from xlflow.cli import findings
    from xlflow.cli.layout import one_line, shortened, table

    if not late:
        return session.say("overdue.none")
    header = [session.say(f"overdue.{name}") for name in ("late", "item", "owners", "due", "place")]
    rows = [
        [
            item.late,
            shortened(one_line(item.item), 36),
            shortened(one_line(session.say("list").join(item.owners)), 24),
            f"{item.due:%Y-%m-%d %H:%M}" if hasattr(item.due, "hour") else f"{item.due}",
            findings.place(item.place.workbook, item.place.sheet, item.place.cell),
        ]
        for item in sorted(late, key=lambda item: -item.late_seconds)
    ]
    return f"{table(header, rows)}\n\n{session.say('overdue.closing', count=len(late))}"
