"""``team``: adds workbooks of new teams to a workspace."""

from __future__ import annotations

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session


@click.command(cls=Command)
@click.argument("names", metavar="NAME", nargs=-1, required=True)
@click.pass_obj
def team(session: Session, names: tuple[str, ...]) -> None:
    """Add team workbooks."""
    from xlflow.workspace_creation import add_teams

    workspace = session.workspace
    workbooks = [workspace.relative(path) for path in add_teams(workspace, names)]
    session.answer(
        lambda: {"workbooks": workbooks},
        lambda: "\n".join(session.say("team.made", workbook=workbook) for workbook in workbooks),
    )
