"""``close``: freezes a month's figures."""

from __future__ import annotations

import click

from xlflow.cli.as_of import system_now
from xlflow.cli.command import Command
from xlflow.cli.read_first import read_first
from xlflow.cli.session import Session


@click.command(cls=Command)
@click.argument("month", metavar="MONTH")
@click.pass_obj
def close(session: Session, month: str) -> None:
    """Close a month, so that its figures no longer change."""
    from xlflow.store import Store
    from xlflow.summary import closing, renewal
    from xlflow.summary.summary_files import summary_path
    from xlflow.sync.locks import pass_lock

    month = renewal.parse_month(month)
    workspace = session.workspace
    as_of = read_first(session, workspace, read_only=False)
    with pass_lock(workspace.state), Store.open(workspace.state) as store:
        was_open = closing.close(workspace, store, month, as_of, system_now())
    path = workspace.relative(summary_path(workspace, month))
    session.answer(
        lambda: {"month": month, "closed": True, "already": not was_open, "path": path},
        lambda: session.say("close.done" if was_open else "close.already", month=month, path=path),
    )
