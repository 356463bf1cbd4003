"""``status``: how each workbook stood after the last pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.store import Standing
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.pass_obj
def status(session: Session) -> None:
    """Tell how each workbook stands."""
    from xlflow.store import Store
    from xlflow.store.database import FILE_NAME

    space = session.workspace
    standings: tuple[Standing, ...] = ()
    queued = 0
    if (space.state / FILE_NAME).exists():
        with Store.open(space.state) as store:
            standings, queued = store.workbooks(), store.queued()
    session.answer(
        lambda: _shape(standings, queued, space, session),
        lambda: _text(standings, queued, session),
    )


def _shape(
    standings: tuple[Standing, ...], queued: int, space: Workspace, session: Session
) -> dict[str, Any]:
    from xlflow.cli import shapes

    return {
        "running": False,
        "pid": None,
        "watching": None,
        "workbooks": [
            {
                "team": standing.team,
                "workbook": standing.workbook,
                "status": standing.status,
                "since": shapes.moment(standing.since, space.settings.zone),
                "reason": session.reason(standing.reason),
            }
            for standing in standings
        ],
        "outbox": queued,
    }


def _text(standings: tuple[Standing, ...], queued: int, session: Session) -> str:
    from xlflow.cli import findings
    from xlflow.cli.layout import STATUS_COLOURS, table

    if not standings:
        return session.say("status.nothing")
    header = [session.say(f"status.{name}") for name in ("workbook", "status", "since")]
    rows = [
        [
            findings.place(standing.workbook, None, None),
            click.style(
                session.say(f"status.{standing.status}"), fg=STATUS_COLOURS.get(standing.status)
            ),
            f"{standing.since:%Y-%m-%d %H:%M}",
        ]
        for standing in standings
    ]
    reasons = [
        findings.because(standing.workbook, standing.reason, session)
        for standing in standings
        if standing.reason is not None
    ]
    closing = session.say("status.closing", count=len(standings), queued=queued)
    return "\n".join([table(header, rows), *reasons, "", closing])
