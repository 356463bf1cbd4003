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

NO_FIGURE = "—"


@click.command(cls=Command)
@click.option("--month", metavar="2024-07", required=True)
@click.option("--out", metavar="PATH", type=click.Path(path_type=Path))
@click.pass_obj
def summary(session: Session, month: str, out: Path | None) -> None:
    """Write one month's summary."""
    from xlflow.store import Store
    from xlflow.summary import renewal
    from xlflow.summary.document import summary_document
    from xlflow.sync.locks import pass_lock

    month = renewal.parse_month(month)
    workspace = session.workspace
    as_of = read_first(session, workspace, read_only=out is not None)
    with pass_lock(workspace.state), Store.open(workspace.state) as store:
        result = renewal.write_summary(workspace, store, month, as_of, system_now(), out)
    session.answer(
        lambda: summary_document(result.report, result.path, workspace),
        lambda: summary_text(result, workspace, session),
    )


def summary_text(result: SummaryReport, workspace: Workspace, session: Session) -> str:
    """Return a month's most important figures, and the path of the workbook with all of them."""
    from xlflow.cli.terminal_layout import padded, visible_width
    from xlflow.figures.catalogue import BY_KEY, MAIN_FIGURES, FigureUnit

    report = result.report
    lines = [session.say("summary.title", month=report.month, teams=len(report.teams))]
    names = [
        session.say("summary.campaigns_met")
        if key == "campaigns_met"
        else BY_KEY[key].name[session.language]
        for key in MAIN_FIGURES
    ]
    columns = max(visible_width(name) for name in names)
    for key, name in zip(MAIN_FIGURES, names, strict=True):
        figure = figure_text(key, report.total, session)
        if report.previous is not None and key in report.previous:
            before = figure_text(key, report.previous, session)
            if before != NO_FIGURE and BY_KEY[key].unit is not FigureUnit.STATE:
                figure = session.say("summary.before", now=figure, before=before)
        lines.append(f"  {padded(name, columns)}  {figure}")
    if report.closed:
        lines.append(session.say("summary.closed", month=report.month))
    if report.afterwards:
        lines.append(session.say("summary.afterwards", month=report.month))
    path = workspace.relative(result.path)
    if result.deferred is None:
        lines.append(session.say("summary.written", path=path))
    else:
        reason = session.reason(result.deferred)
        lines.append(session.say("summary.deferred", path=path, reason=reason))
    return "\n".join(lines)


def figure_text(key: str, figures: Mapping[str, Any], session: Session) -> str:
    """Return one figure for display: ``25%``, ``3 / 5``, ``12.5 天``, ``—`` where there is none."""
    from xlflow.figures.catalogue import BY_KEY, HANDED_IN, FigureUnit

    value, unit = figures[key], BY_KEY[key].unit
    if value is None or (key == "campaigns_met" and not figures["campaigns"]):
        return NO_FIGURE
    if unit is FigureUnit.RATE:
        return f"{float(value):.0%}"
    if unit in (FigureUnit.DAYS, FigureUnit.HOURS):
        return session.say(f"unit.{unit.value}", count=f"{float(value):.1f}".removesuffix(".0"))
    if unit is FigureUnit.STATE:
        counts = ((HANDED_IN[state][session.language], count) for state, count in value.items())
        return session.say("list").join(f"{name} {count}" for name, count in counts)
    if key == "campaigns_met":
        return f"{value} / {figures['campaigns']}"
    return str(value)
