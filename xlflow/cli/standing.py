"""``status``: how each workbook stood after the last pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.store import Reason, Standing
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.pass_obj
def status(session: Session) -> None:
    """Tell how each workbook stands."""
    from xlflow.store import Store
    from xlflow.store.database import FILE_NAME

    space = session.workspace
    standings: tuple[Standing, ...] = ()
    queued, frozen = 0, None
    if (space.state / FILE_NAME).exists():
        with Store.open(space.state) as store:
            standings, queued, frozen = store.workbooks(), store.queued(), store.frozen()
    session.answer(
        lambda: _shape(standings, queued, frozen, space, session),
        lambda: _text(standings, queued, frozen, session),
    )


def _shape(
    standings: tuple[Standing, ...],
    queued: int,
    frozen: Reason | None,
    space: Workspace,
    session: Session,
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
        "frozen": session.reason(frozen),
    }


def _text(
    standings: tuple[Standing, ...], queued: int, frozen: Reason | None, session: Session
) -> str:
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
    lines = [table(header, rows), *reasons, "", closing]
    if frozen is not None:
        told = session.say("sync.frozen", reason=session.reason(frozen))
        lines.append(click.style(told, fg="red"))
    return "\n".join(lines)
