"""``init`` and ``team``: making a workspace and the teams' workbooks in it."""

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
    from xlflow import workspace

    made = workspace.init(target, team, session.chosen or "zh")
    workbooks = sorted(path.name for path in made.teams.iterdir())

    def text() -> str:
        lines = [session.say("init.made", path=made.root)]
        lines += [session.say("init.workbook", name=f"teams/{name}") for name in workbooks]
        lines.append(session.say("init.next" if workbooks else "init.next_team", path=target))
        return "\n".join(lines)

    session.answer(
        lambda: {
            "workspace": made.root.as_posix(),
            "language": made.settings.language,
            "workbooks": [f"teams/{name}" for name in workbooks],
        },
        text,
    )


@click.command(cls=Command)
@click.argument("names", metavar="NAME", nargs=-1, required=True)
@click.pass_obj
def team(session: Session, names: tuple[str, ...]) -> None:
    """Add team workbooks."""
    from xlflow import workspace

    space = session.workspace
    made = [space.relative(path) for path in workspace.add_teams(space, names)]
    session.answer(
        lambda: {"workbooks": made},
        lambda: "\n".join(session.say("team.made", workbook=workbook) for workbook in made),
    )
