"""Reading what changed before a command answers from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from xlflow.cli.session import Session
    from xlflow.workspace import Workspace


def read_first(session: Session, workspace: Workspace, *, read_only: bool) -> datetime:
    """Run a pass, so that the store is up to date, and return the as-of moment.

    With ``read_only`` the store's present content will do where another machine
    watches the workspace.
    """
    from xlflow.cli import finding_lines
    from xlflow.sync import run
    from xlflow.sync.processing import command_pool

    as_of = session.as_of(workspace.settings)
    with session.progress() as progress, command_pool() as processor:
        result = run.run(
            workspace,
            as_of,
            notify=session.given_as_of is None,
            read_only=read_only,
            processor=processor,
            progress=progress,
        )
    if result.frozen is not None:
        session.to_stderr(session.say("sync.frozen", reason=session.reason(result.frozen)))
    for book in result.workbooks:
        if book.status == "unreadable" and book.reason is not None:
            session.to_stderr(finding_lines.reason_line(book.workbook, book.reason, session))
    return as_of
