"""``status``: shows whether the daemon runs, and each workbook's status after the last pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.messages import error_key

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from xlflow.daemon.heartbeat import Heartbeat
    from xlflow.store import Reason, WorkbookState
    from xlflow.store.status import StoreStatus


@click.command(cls=Command)
@click.pass_obj
def status(session: Session) -> None:
    """Show the status of daemon and workbooks."""
    from xlflow.daemon import heartbeat
    from xlflow.daemon.daemon_lock import daemon_is_running
    from xlflow.summary import closed_months
    from xlflow.sync import write_policy

    workspace = session.workspace
    workbooks, queued, queue_reasons, frozen, shared = _status(workspace.state)
    running = daemon_is_running(workspace.state)
    beat = heartbeat.read(workspace.state) if running else None
    share = session.reason(write_policy.share_reason(workspace)[1])
    differences = [
        session.sentence(error_key(error.key), **error.params)
        for error in closed_months.differences(workspace)
    ]
    session.answer(
        lambda: {
            "running": running,
            "pid": beat.pid if beat else None,
            "watching": beat.watching if beat else None,
            "workbooks": _workbooks_json(workbooks, workspace.settings.zone, session),
            "share": share,
            "closed_months": differences,
            "shared": [
                {"workbook": workbook, "code": code, "message": _shared_text(code, facts, session)}
                for workbook, code, facts in shared
            ],
            "outbox": queued,
            "frozen": session.reason(frozen),
            "problem": session.reason(beat.problem) if beat else None,
            "outbox_reasons": [session.reason(reason) for reason in queue_reasons],
        },
        lambda: "\n".join(
            [
                *_daemon_lines(running, beat, session),
                *([share] if share else []),
                *differences,
                "",
                *_workbook_lines(workbooks, queued, frozen, shared, session),
                *(
                    session.sentence("notify.waits", count=queued, reason=session.reason(reason))
                    for reason in queue_reasons
                ),
            ]
        ),
    )


def _status(state: Path) -> StoreStatus:
    """Return the store's status; an empty one if there is no store."""
    from xlflow.store.status import FILE_NAME, StoreStatus, read_status

    if not (state / FILE_NAME).exists():
        return StoreStatus((), 0, (), None)
    found = read_status(state / FILE_NAME)
    if found is not None:
        return found
    from xlflow.store import Store

    with Store.open(state) as store:
        queued = store.queued()
        reasons = store.outbox.reasons() if queued else ()
        return StoreStatus(store.workbooks(), queued, reasons, store.frozen())


def _workbooks_json(
    workbooks: Sequence[WorkbookState], zone: ZoneInfo, session: Session
) -> list[dict[str, Any]]:
    from xlflow.json_output import json_moment

    return [
        {
            "team": workbook.team,
            "workbook": workbook.workbook,
            "status": workbook.status,
            "since": json_moment(workbook.since, zone),
            "reason": session.reason(workbook.reason),
        }
        for workbook in workbooks
    ]


def _daemon_lines(running: bool, beat: Heartbeat | None, session: Session) -> list[str]:
    """Return whether the daemon runs, and what is wrong with it, if anything."""
    if not running:
        return [session.say("status.not_running")]
    if beat is None:
        return [session.say("status.starting")]
    watching = session.say(f"status.{beat.watching or 'starting'}")
    line = session.say("status.running", pid=beat.pid, since=beat.since, watching=watching)
    if beat.problem is None:
        return [line]
    problem = session.say("status.problem", reason=session.reason(beat.problem))
    return [line, click.style(problem, fg="red")]


def _shared_text(code: str, facts: Mapping[str, Any], session: Session) -> str:
    return session.sentence(f"rules.{code}", **facts)


def _workbook_lines(
    workbooks: Sequence[WorkbookState],
    queued: int,
    frozen: Reason | None,
    shared: Sequence[tuple[str, str, Mapping[str, Any]]],
    session: Session,
) -> list[str]:
    from xlflow.cli import finding_lines
    from xlflow.cli.terminal_layout import STATUS_COLOURS, table

    if not workbooks:
        return [session.say("status.nothing")]
    header = [session.say(f"status.{name}") for name in ("workbook", "status", "since")]
    rows = [
        [
            finding_lines.location(workbook.workbook, None, None),
            click.style(
                session.say(f"status.{workbook.status}"), fg=STATUS_COLOURS.get(workbook.status)
            ),
            f"{workbook.since:%Y-%m-%d %H:%M}",
        ]
        for workbook in workbooks
    ]
    reasons = [
        finding_lines.reason_line(workbook.workbook, workbook.reason, session)
        for workbook in workbooks
        if workbook.reason is not None
    ]
    reasons += [
        finding_lines.told_line(workbook, _shared_text(code, facts, session), session)
        for workbook, code, facts in shared
    ]
    closing = session.say("status.closing", count=len(workbooks), queued=queued)
    lines = [table(header, rows), *reasons, "", closing]
    if frozen is not None:
        line = session.say("sync.frozen", reason=session.reason(frozen))
        lines.append(click.style(line, fg="red"))
    return lines
