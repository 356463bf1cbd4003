"""``sync``: runs one pass over the teams' workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line

if TYPE_CHECKING:
    from xlflow.sync.results import PassResult, WorkbookResult
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.option("--accept", is_flag=True)
@click.option("--all", "everything", is_flag=True)
@click.pass_obj
def sync(session: Session, accept: bool, everything: bool) -> int:
    """Run one pass."""
    from xlflow.sync import run
    from xlflow.sync.processing import command_pool

    workspace = session.workspace
    as_of = session.as_of(workspace.settings)
    real_time = session.given_as_of is None
    with session.progress() as progress, command_pool() as processor:
        result = run.run(
            workspace,
            as_of,
            accept=accept,
            everything=everything,
            notify=real_time,
            processor=processor,
            progress=progress,
        )
    if (former := result.former_database) is not None:
        name = "sync.rebuilt" if former else "sync.rebuilt_lost"
        session.to_stderr(session.say(name, path=one_line(former)))
    session.answer(
        lambda: sync_json(result, workspace, session), lambda: _text(result, workspace, session)
    )
    if real_time:
        from xlflow.cli.notify import send_after_pass

        send_after_pass(session, workspace, news=result.news)
    return int(result.needs_attention)


def sync_json(result: PassResult, workspace: Workspace, session: Session) -> dict[str, Any]:
    """Return the result of one pass as JSON."""
    from xlflow import json_output

    return {
        "as_of": json_output.json_as_of(result.as_of, workspace.settings.zone),
        "workbooks": [
            {
                "team": book.team,
                "workbook": book.workbook,
                "status": book.status,
                "reason": session.reason(book.reason),
                "rows": book.rows,
                "findings": book.findings,
                "overdue": book.overdue,
                "cells_written": book.cells_written,
            }
            for book in result.workbooks
        ],
        "gone": list(result.gone),
        "frozen": session.reason(result.frozen),
        "summaries": [workspace.relative(s.path) for s in result.summaries if s.written],
    }


def _text(result: PassResult, workspace: Workspace, session: Session) -> str:
    unchanged = sum(book.status == "unchanged" for book in result.workbooks)
    listed = [b for b in result.workbooks if b.status != "unchanged" or session.verbose]
    blocks = []
    if listed:
        blocks.append(sync_table(listed, session))
    closing = []
    if unchanged and not session.verbose:
        closing.append(session.say("sync.unchanged", count=unchanged))
    closing += [session.say("sync.gone", workbook=one_line(workbook)) for workbook in result.gone]
    if not result.workbooks:
        closing.append(session.say("sync.nothing"))
    for summary in result.summaries:
        path = workspace.relative(summary.path)
        if summary.written:
            closing.append(session.say("sync.summary", path=path))
        elif summary.deferred is not None:
            reason = session.reason(summary.deferred)
            closing.append(session.say("sync.summary_waits", path=path, reason=reason))
    if result.frozen is not None:
        frozen = session.say("sync.frozen", reason=session.reason(result.frozen))
        closing.append(click.style(frozen, fg="red"))
    if closing:
        blocks.append("\n".join(closing))
    return "\n\n".join(blocks)


def sync_table(workbooks: Sequence[WorkbookResult], session: Session) -> str:
    """Return status and counts of each workbook as a table, followed by the reasons."""
    from xlflow.cli import finding_lines
    from xlflow.cli.terminal_layout import table

    names = ("workbook", "status", "rows", "findings", "overdue", "written")
    header = [session.say(f"sync.{name}") for name in names]
    rows = [_table_row(book, session) for book in workbooks]
    reasons = [
        finding_lines.reason_line(book.workbook, book.reason, session)
        for book in workbooks
        if book.reason is not None
    ]
    return "\n".join([table(header, rows, right=range(2, len(header))), *reasons])


def _table_row(book: WorkbookResult, session: Session) -> list[str]:
    from xlflow.cli import finding_lines
    from xlflow.cli.terminal_layout import STATUS_COLOURS

    status = session.say(f"status.{book.status}")
    counts = (book.rows, book.findings, book.overdue, book.cells_written)
    return [
        finding_lines.location(book.workbook, None, None),
        click.style(status, fg=STATUS_COLOURS.get(book.status)),
        *(str(count) for count in counts),
    ]
