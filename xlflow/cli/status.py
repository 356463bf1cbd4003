"""``status``: how the daemon fares, and how each workbook stood after the last pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.messages import say

if TYPE_CHECKING:
    from xlflow.daemon.heartbeat import Heartbeat
    from xlflow.store import Reason, WorkbookState
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.pass_obj
def status(session: Session) -> None:
    """Tell how each workbook stands."""
    from xlflow.daemon import heartbeat
    from xlflow.daemon.daemon_lock import daemon_is_running
    from xlflow.store import Store
    from xlflow.store.database import FILE_NAME

    space = session.workspace
    standings: tuple[WorkbookState, ...] = ()
    queued, frozen = 0, None
    why_queued: tuple[Reason, ...] = ()
    if (space.state / FILE_NAME).exists():
        with Store.open(space.state) as store:
            standings, queued, frozen = store.workbooks(), store.queued(), store.frozen()
            why_queued = store.outbox.reasons() if queued else ()
    running = daemon_is_running(space.state)
    pulse = heartbeat.read(space.state) if running else None
    session.answer(
        lambda: {
            "running": running,
            "pid": pulse.pid if pulse else None,
            "watching": pulse.watching if pulse else None,
            **_shape(standings, queued, frozen, space, session),
            "problem": session.reason(pulse.problem) if pulse else None,
            "outbox_reasons": [session.reason(reason) for reason in why_queued],
        },
        lambda: "\n".join(
            [
                *_daemon(running, pulse, session),
                "",
                _text(standings, queued, frozen, session),
                *(_waits(queued, reason, session) for reason in why_queued),
            ]
        ),
    )


def _daemon(running: bool, pulse: Heartbeat | None, session: Session) -> list[str]:
    """Return in words whether the daemon runs, and what is wrong with it if anything is."""
    if not running:
        return [session.say("status.not_running")]
    if pulse is None:
        return [session.say("status.starting")]
    watching = session.say(f"status.{pulse.watching or 'starting'}")
    told = session.say("status.running", pid=pulse.pid, since=pulse.since, watching=watching)
    if pulse.problem is None:
        return [told]
    problem = session.say("status.problem", reason=session.reason(pulse.problem))
    return [told, click.style(problem, fg="red")]


def _waits(queued: int, reason: Reason, session: Session) -> str:
    return say("notify.waits", session.language, count=queued, reason=session.reason(reason))


def _shape(
    standings: tuple[WorkbookState, ...],
    queued: int,
    frozen: Reason | None,
    space: Workspace,
    session: Session,
) -> dict[str, Any]:
    from xlflow.cli import json_output

    return {
        "workbooks": [
            {
                "team": standing.team,
                "workbook": standing.workbook,
                "status": standing.status,
                "since": json_output.json_moment(standing.since, space.settings.zone),
                "reason": session.reason(standing.reason),
            }
            for standing in standings
        ],
        "outbox": queued,
        "frozen": session.reason(frozen),
    }


def _text(
    standings: tuple[WorkbookState, ...], queued: int, frozen: Reason | None, session: Session
) -> str:
    from xlflow.cli import finding_lines
    from xlflow.cli.terminal_layout import STATUS_COLOURS, table

    if not standings:
        return session.say("status.nothing")
    header = [session.say(f"status.{name}") for name in ("workbook", "status", "since")]
    rows = [
        [
            finding_lines.location(standing.workbook, None, None),
            click.style(
                session.say(f"status.{standing.status}"), fg=STATUS_COLOURS.get(standing.status)
            ),
            f"{standing.since:%Y-%m-%d %H:%M}",
        ]
        for standing in standings
    ]
    reasons = [
        finding_lines.reason_line(standing.workbook, standing.reason, session)
        for standing in standings
        if standing.reason is not None
    ]
    closing = session.say("status.closing", count=len(standings), queued=queued)
    lines = [table(header, rows), *reasons, "", closing]
    if frozen is not None:
        told = session.say("sync.frozen", reason=session.reason(frozen))
        lines.append(click.style(told, fg="red"))
    return "\n".join(lines)
