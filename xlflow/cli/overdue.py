"""``overdue``: lists what is overdue now, and who owns it."""

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
@click.pass_obj
def overdue(session: Session) -> int:
    """List what is overdue."""
    from xlflow.cli import json_output
    from xlflow.figures import rollup
    from xlflow.store import Store

    space = session.workspace
    as_of = read_first(session, space, read_only=True)
    zone = space.settings.zone
    with Store.open(space.state) as store:
        late = rollup.overdue_items(store, space.settings, as_of)
    session.answer(
        lambda: {"as_of": json_output.json_as_of(as_of, zone), "overdue": overdue_json(late, zone)},
        lambda: overdue_text(late, session),
    )
    return 0


def overdue_json(late: Sequence[OverdueItem], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the overdue items as JSON."""
    from xlflow.cli import json_output

    return [json_output.overdue_item(item, zone) for item in late]


def overdue_text(late: Sequence[OverdueItem], session: Session) -> str:
    """Return the overdue items as a table, the latest first."""
    from xlflow.cli import finding_lines
    from xlflow.cli.terminal_layout import one_line, shortened, table

    if not late:
        return session.say("overdue.none")
    header = [session.say(f"overdue.{name}") for name in ("late", "item", "owners", "due", "place")]
    rows = [
        [
            item.late,
            shortened(one_line(item.item), 36),
            shortened(one_line(session.say("list").join(item.owners)), 24),
            f"{item.due:%Y-%m-%d %H:%M}" if hasattr(item.due, "hour") else f"{item.due}",
            finding_lines.location(item.origin.workbook, item.origin.sheet, item.origin.cell),
        ]
        for item in sorted(late, key=lambda item: -item.late_seconds)
    ]
    return f"{table(header, rows)}\n\n{session.say('overdue.closing', count=len(late))}"
