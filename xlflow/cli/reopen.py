"""``reopen``: opens a closed month again."""

from __future__ import annotations

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session


@click.command(cls=Command)
@click.argument("month", metavar="MONTH")
@click.option("--reason", metavar="TEXT", required=True)
@click.pass_obj
def reopen(session: Session, month: str, reason: str) -> None:
    """Open a closed month again."""
    from xlflow.errors import UsageError
    from xlflow.summary import closing, renewal
    from xlflow.sync.lease import foreign_holder, held_error
    from xlflow.sync.locks import pass_lock

    month = renewal.parse_month(month)
    if not reason.strip():
        raise UsageError("sync.no_reason")
    workspace = session.workspace
    holder = foreign_holder(workspace.root)
    if holder is not None:
        raise held_error(holder)
    with pass_lock(workspace.state):
        closing.reopen(workspace, month, reason.strip(), session.as_of(workspace.settings))
    session.answer(
        lambda: {"month": month, "closed": False, "reason": reason.strip()},
        lambda: session.say("reopen.done", month=month),
    )
