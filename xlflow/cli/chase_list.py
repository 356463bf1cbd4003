"""Overdue items as a list to be pasted into a chat or a sheet, owner by owner."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING

from xlflow.cli import finding_lines
from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line

if TYPE_CHECKING:
    from xlflow.figures.report import OverdueItem

    Items = Sequence[OverdueItem]

_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")
_FORMULA_STARTS = ("=", "+", "-", "@")
"""A spreadsheet takes a text that begins so for a formula."""


def as_text(items: Items, owners: Collection[str], session: Session) -> str:
    """Return a paragraph for each owner."""
    return _by_owner(items, owners, session, "{owner}", "· {line}", str)


def as_markdown(items: Items, owners: Collection[str], session: Session) -> str:
    """Return a heading and a list for each owner."""
    return _by_owner(items, owners, session, "**{owner}**\n", "- {line}", _escaped)


def as_csv(items: Items, owners: Collection[str], session: Session) -> str:
    """Return a line for each item, below the headings."""
    names = ("team", "workbook", "sheet", "cell", "item", "owners", "due", "late")
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([session.say(f"overdue.csv_{name}") for name in names])
    for item in _ordered(items):
        origin = item.origin
        place = [origin.team, origin.workbook, origin.sheet or "", origin.cell or ""]
        people = session.say("list").join(item.owners)
        row = [*place, item.item, people, due_text(item), item.late]
        writer.writerow([_no_formula(one_line(text)) for text in row])
    return stream.getvalue().rstrip("\n")


FORMATS: Mapping[str, Callable[[Items, Collection[str], Session], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "csv": as_csv,
}


def due_text(item: OverdueItem) -> str:
    """Return when an item was due: a day, or a day and a time."""
    return f"{item.due:%Y-%m-%d %H:%M}" if isinstance(item.due, datetime) else f"{item.due}"


def _by_owner(
    items: Items,
    owners: Collection[str],
    session: Session,
    heading: str,
    entry: str,
    escaped: Callable[[str], str],
) -> str:
    """Return the items of each owner, or of the given ones; those of nobody come last."""
    found: dict[str | None, list[OverdueItem]] = {}
    for item in _ordered(items):
        for owner in item.owners or (None,):
            if not owners or owner in owners:
                found.setdefault(owner, []).append(item)
    if not found:
        return session.say("overdue.none")
    blocks = []
    for owner, own in sorted(found.items(), key=lambda entry: (entry[0] is None, entry[0] or "")):
        name = one_line(owner) if owner is not None else session.say("overdue.nobody")
        title = session.say("overdue.of_owner", owner=escaped(name), count=len(own))
        lines = [
            session.say(
                "overdue.chased",
                item=escaped(one_line(item.item)),
                late=item.late,
                due=due_text(item),
                place=escaped(
                    finding_lines.location(
                        item.origin.workbook, item.origin.sheet, item.origin.cell
                    )
                ),
            )
            for item in own
        ]
        parts = [heading.format(owner=title), *(entry.format(line=line) for line in lines)]
        blocks.append("\n".join(parts))
    return "\n\n".join(blocks)


def _ordered(items: Items) -> list[OverdueItem]:
    return sorted(items, key=lambda item: -item.late_seconds)


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
