"""``summary``: writes one month's summary over all teams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.as_of import system_now
from xlflow.cli.command import Command
from xlflow.cli.read_first import read_first
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.summary.renewal import SummaryReport
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.option("--month", metavar="2024-07", required=True)
@click.option("--out", metavar="PATH", type=click.Path(path_type=Path))
@click.pass_obj
def summary(session: Session, month: str, out: Path | None) -> int:
    """Write one month's summary."""
    from xlflow.store import Store
    from xlflow.summary import renewal
    from xlflow.sync.locks import pass_lock

    month = renewal.parse_month(month)
    space = session.workspace
    as_of = read_first(session, space, look_only=out is not None)
    with pass_lock(space.state), Store.open(space.state) as store:
        result = renewal.write_summary(space, store, month, as_of, system_now(), out)
    session.answer(
        lambda: summary_json(result, space), lambda: summary_text(result, space, session)
    )
    return 0


def summary_json(result: SummaryReport, space: Workspace) -> dict[str, Any]:
    """Return a month's summary as JSON."""
    from xlflow.cli import json_output

    return {
        **json_output.month_report(result.report, space.settings.zone),
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


def summary_text(result: SummaryReport, space: Workspace, session: Session) -> str:
    """Return a month's figures in short, and where the rest of them lies."""
    from xlflow.cli.terminal_layout import padded, visible_width
    from xlflow.figures.catalogue import BY_KEY, FigureUnit

    report = result.report
    lines = [session.say("summary.title", month=report.month, teams=len(report.teams))]
    names = [
        session.say("summary.campaigns_met")
        if key == "campaigns_met"
        else BY_KEY[key].name[session.language]
        for key in TILES
    ]
    longest = max(visible_width(name) for name in names)
    for key, name in zip(TILES, names, strict=True):
        shown = figure_text(key, report.total, session)
        if report.previous is not None and key in report.previous:
            before = figure_text(key, report.previous, session)
            if before != NONE and BY_KEY[key].unit is not FigureUnit.STATE:
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
    from xlflow.figures.catalogue import BY_KEY, HANDED_IN, FigureUnit

    value, unit = figures[key], BY_KEY[key].unit
    if value is None or (key == "campaigns_met" and not figures["campaigns"]):
        return NONE
    if unit is FigureUnit.RATE:
        return f"{float(value):.0%}"
    if unit in (FigureUnit.DAYS, FigureUnit.HOURS):
        return session.say(f"unit.{unit.value}", count=f"{float(value):.1f}".removesuffix(".0"))
    if unit is FigureUnit.STATE:
        named = ((HANDED_IN[state][session.language], count) for state, count in value.items())
        return session.say("list").join(f"{name} {count}" for name, count in named)
    if key == "campaigns_met":
        return f"{value} / {figures['campaigns']}"
    return str(value)
