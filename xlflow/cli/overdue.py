"""``overdue``: lists what is overdue, and who owns it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.read_first import read_first
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from xlflow.figures.report import OverdueItem


@click.command(cls=Command)
@click.option("--team", "teams", metavar="NAME", multiple=True)
@click.option("--owner", "owners", metavar="NAME", multiple=True)
@click.option("--format", "form", type=click.Choice(["text", "markdown", "csv"]))
@click.pass_obj
def overdue(
    session: Session, teams: tuple[str, ...], owners: tuple[str, ...], form: str | None
) -> None:
    """List what is overdue."""
    from xlflow import json_output
    from xlflow.cli import chase_list
    from xlflow.cli.paths import known_teams
    from xlflow.figures import rollup
    from xlflow.meaning.people import split_people
    from xlflow.store import Store

    workspace = session.workspace
    as_of = read_first(session, workspace, read_only=True)
    zone = workspace.settings.zone
    with Store.open(workspace.state) as store:
        chosen = known_teams(teams, [book.team for book in store.workbooks()])
        items = rollup.overdue_items(store, workspace.settings, as_of)
    aliases = workspace.settings.people
    people = {name for owner in owners for name in split_people(owner, aliases)}
    items = tuple(
        item
        for item in items
        if (not chosen or item.origin.team in chosen)
        and (not people or people.intersection(item.owners))
    )
    session.answer(
        lambda: {
            "as_of": json_output.json_as_of(as_of, zone),
            "overdue": overdue_json(items, zone),
        },
        lambda: (
            chase_list.FORMATS[form](items, people, session)
            if form is not None
            else overdue_text(items, session)
        ),
    )


def overdue_json(items: Sequence[OverdueItem], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the overdue items as JSON."""
    from xlflow.json_output import json_moment

    return [
        {
            "team": item.origin.team,
            "workbook": item.origin.workbook,
            "sheet": item.origin.sheet,
            "cell": item.origin.cell,
            "row": item.origin.row,
            "item": item.item,
            "owners": list(item.owners),
            "due": json_moment(item.due, zone),
            "late": item.late,
            "late_seconds": item.late_seconds,
        }
        for item in items
    ]


def overdue_text(items: Sequence[OverdueItem], session: Session) -> str:
    """Return the overdue items as a table, the latest first."""
    from xlflow.cli import finding_lines
    from xlflow.cli.chase_list import due_text
    from xlflow.cli.terminal_layout import one_line, shortened, table

    if not items:
        return session.say("overdue.none")
    header = [session.say(f"overdue.{name}") for name in ("late", "item", "owners", "due", "place")]
    rows = [
        [
            item.late,
            shortened(one_line(item.item), 36),
            shortened(one_line(session.say("list").join(item.owners)), 24),
            due_text(item),
            finding_lines.location(item.origin.workbook, item.origin.sheet, item.origin.cell),
        ]
        for item in sorted(items, key=lambda item: -item.late_seconds)
    ]
    return f"{table(header, rows)}\n\n{session.say('overdue.closing', count=len(items))}"
