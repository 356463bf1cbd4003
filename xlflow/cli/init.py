"""``init``: makes a workspace with its settings, master and team workbooks."""

from __future__ import annotations

from pathlib import Path

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session


@click.command(cls=Command)
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--team", "team", metavar="NAME", multiple=True)
@click.pass_obj
def init(session: Session, target: Path, team: tuple[str, ...]) -> None:
    """Make a new workspace."""
    from xlflow.workspace_creation import create_workspace

    made = create_workspace(target, team, session.requested_language or "zh")
    workbooks = [f"teams/{name}" for name in sorted(path.name for path in made.teams.iterdir())]

    def text() -> str:
        lines = [session.say("init.made", path=made.root)]
        lines += [session.say("init.workbook", name=workbook) for workbook in workbooks]
        lines.append(session.say("init.next" if workbooks else "init.next_team", path=target))
        return "\n".join(lines)

    session.answer(
        lambda: {
            "workspace": made.root.as_posix(),
            "language": made.settings.language,
            "workbooks": workbooks,
        },
        text,
    )
