"""Reading what changed before a command answers from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from xlflow.cli.session import Session
    from xlflow.workspace import Workspace


def read_first(session: Session, space: Workspace, *, read_only: bool) -> datetime:
    """Read what changed, so that figures and lists are those of the workbooks as they lie.

    With ``read_only`` it goes on, writing nothing, where another machine watches the workspace.
    """
    from xlflow.cli import finding_lines
    from xlflow.sync import run

    as_of = session.as_of(space.settings)
    with session.progress() as progress:
        done = run.run(
            space,
            as_of,
            notify=session.moment is None,
            read_only=read_only,
            progress=progress,
        )
    if done.frozen is not None:
        session.tell(session.say("sync.frozen", reason=session.reason(done.frozen)))
    for book in done.workbooks:
        if book.status == "unreadable" and book.reason is not None:
            session.tell(finding_lines.reason_line(book.workbook, book.reason, session))
    return as_of
