"""``restore``: brings a kept version of a workbook back."""

from __future__ import annotations

import click

from xlflow.cli.as_of import system_now
from xlflow.cli.command import Command
from xlflow.cli.session import Session


@click.command(cls=Command)
@click.argument("path", metavar="PATH")
@click.option("--version", "version", metavar="ID", required=True)
@click.pass_obj
def restore(session: Session, path: str, version: str) -> None:
    """Bring a kept version back."""
    from xlflow.cli.paths import team_workbook
    from xlflow.store import Store
    from xlflow.sync import history as versions
    from xlflow.sync.locks import pass_lock

    workspace = session.workspace
    with pass_lock(workspace.state), Store.open(workspace.state) as store:
        file, workbook = team_workbook(path, store, session)
        as_of = session.as_of(workspace.settings)
        versions.restore(workspace, store, file, version, as_of, system_now())
    session.answer(
        lambda: {"workbook": workbook, "version": version},
        lambda: session.say("restore.done", workbook=workbook, version=version),
    )
