"""``check`` and ``sync``: validating without a trace, and one pass over the teams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.sync.checking import Checked
    from xlflow.sync.pass_ import PassResult, WorkbookResult
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.argument("paths", metavar="PATH", nargs=-1)
@click.pass_obj
def check(session: Session, paths: tuple[str, ...]) -> int:
    """Validate without writing anything."""
    from xlflow.cli import findings, shapes
    from xlflow.cli.places import find_path, workspace_if_any
    from xlflow.config import Settings
    from xlflow.sync import checking

    found = [find_path(path, session) for path in paths]
    space = workspace_if_any(session) if paths else session.workspace
    wanted = checking.targets(space, found)
    homes = [target.settings for target in wanted]
    settings = space.settings if space is not None else next(iter(homes), Settings())
    as_of = session.as_of(settings)
    with session.progress() as progress:
        checked = checking.check(wanted, as_of, progress)
    session.answer(
        lambda: {
            "as_of": shapes.as_of(as_of, settings.zone),
            "workbooks": [
                {
                    "team": book.team,
                    "workbook": book.workbook,
                    "status": book.status,
                    "reason": session.reason(book.reason),
                }
                for book in checked
            ],
            "findings": [
                findings.shape(book.team, book.workbook, finding, session.language)
                for book in checked
                for finding in book.findings
            ],
        },
        lambda: _check_text(checked, session),
    )
    return int(
        any(book.status == checking.UNREADABLE for book in checked)
        or any(finding.severity == "error" for book in checked for finding in book.findings)
    )


def _check_text(checked: Sequence[Checked], session: Session) -> str:
    from xlflow.cli import findings

    if not checked:
        return session.say("check.nothing")
    blocks = [findings.block(book.workbook, book.findings, session) for book in checked]
    blocks.append(
        "\n".join(
            session.say(
                f"check.{book.status}",
                because=findings.because(book.workbook, book.reason, session),
            )
            for book in checked
            if book.reason is not None
        )
    )
    counts = [
        session.say(f"check.count_{status}", count=count)
        for status in ("unreadable", "conflict")
        if (count := sum(book.status == status for book in checked))
    ]
    found = [finding for book in checked for finding in book.findings]
    if found or not counts:
        counts.insert(0, findings.counted(found, session))
    told = session.say("list").join(counts)
    blocks.append(session.say("check.closing", workbooks=len(checked), counts=told))
    return "\n\n".join(filter(None, blocks))


@click.command(cls=Command)
@click.option("--accept", is_flag=True)
@click.pass_obj
def sync(session: Session, accept: bool) -> int:
    """Do one pass."""
    from xlflow.sync import pass_

    space = session.workspace
    as_of = session.as_of(space.settings)
    with session.progress() as progress:
        result = pass_.run(
            space, as_of, accept=accept, notices=session.moment is None, progress=progress
        )
    session.answer(
        lambda: sync_shape(result, space, session),
        lambda: _sync_text(result, space, session),
    )
    if session.moment is None:
        from xlflow.cli.notifying import send_after_pass

        send_after_pass(session, space)
    return int(result.needs_attention)


def sync_shape(result: PassResult, space: Workspace, session: Session) -> dict[str, Any]:
    """Return what one pass did as JSON."""
    from xlflow.cli import shapes

    return {
        "as_of": shapes.as_of(result.as_of, space.settings.zone),
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
        "summaries": [space.relative(s.path) for s in result.summaries if s.written],
    }


def _sync_text(result: PassResult, space: Workspace, session: Session) -> str:
    unchanged = sum(book.status == "unchanged" for book in result.workbooks)
    listed = [b for b in result.workbooks if b.status != "unchanged" or session.verbose]
    blocks = []
    if listed:
        blocks.append(sync_table(listed, session))
    closing = []
    if unchanged and not session.verbose:
        closing.append(session.say("sync.unchanged", count=unchanged))
    closing += [session.say("sync.gone", workbook=workbook) for workbook in result.gone]
    if not result.workbooks:
        closing.append(session.say("sync.nothing"))
    for summary in result.summaries:
        path = space.relative(summary.path)
        if summary.written:
            closing.append(session.say("sync.summary", path=path))
        elif summary.deferred is not None:
            why = session.reason(summary.deferred)
            closing.append(session.say("sync.summary_waits", path=path, reason=why))
    if result.frozen is not None:
        frozen = session.say("sync.frozen", reason=session.reason(result.frozen))
        closing.append(click.style(frozen, fg="red"))
    if closing:
        blocks.append("\n".join(closing))
    return "\n\n".join(blocks)


def sync_table(workbooks: Sequence[WorkbookResult], session: Session) -> str:
    """Return how each workbook fared as a table, and beneath it why."""
    from xlflow.cli import findings
    from xlflow.cli.layout import table

    names = ("workbook", "status", "rows", "findings", "overdue", "written")
    header = [session.say(f"sync.{name}") for name in names]
    rows = [_sync_row(book, session) for book in workbooks]
    reasons = [
        findings.because(book.workbook, book.reason, session)
        for book in workbooks
        if book.reason is not None
    ]
    return "\n".join([table(header, rows, right=range(2, len(header))), *reasons])


def _sync_row(book: WorkbookResult, session: Session) -> list[str]:
    from xlflow.cli import findings
    from xlflow.cli.layout import STATUS_COLOURS

    status = session.say(f"status.{book.status}")
    counts = (book.rows, book.findings, book.overdue, book.cells_written)
    return [
        findings.place(book.workbook, None, None),
        click.style(status, fg=STATUS_COLOURS.get(book.status)),
        *(str(count) for count in counts),
    ]
