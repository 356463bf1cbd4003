"""``check``: validates workbooks without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.sync.check import CheckResult


@click.command(cls=Command)
@click.argument("paths", metavar="PATH", nargs=-1)
@click.pass_obj
def check(session: Session, paths: tuple[str, ...]) -> int:
    """Validate without writing anything."""
    from xlflow.cli import finding_lines, json_output
    from xlflow.cli.paths import find_path, workspace_if_any
    from xlflow.config import Settings
    from xlflow.sync import check

    found = [find_path(path, session) for path in paths]
    space = workspace_if_any(session) if paths else session.workspace
    wanted = check.check_targets(space, found)
    homes = [target.settings for target in wanted]
    settings = space.settings if space is not None else next(iter(homes), Settings())
    as_of = session.as_of(settings)
    with session.progress() as progress:
        checked = check.check(wanted, as_of, progress)
    session.answer(
        lambda: {
            "as_of": json_output.json_as_of(as_of, settings.zone),
            "workbooks": [
                {
                    "team": book.team,
                    "workbook": book.workbook,
                    "status": book.status,
                    "reason": session.reason(book.reason),
                }
                for book in checked
            ],
            "findings": [
                finding_lines.finding_json(book.team, book.workbook, finding, session.language)
                for book in checked
                for finding in book.findings
            ],
        },
        lambda: _check_text(checked, session),
    )
    return int(
        any(book.status == check.UNREADABLE for book in checked)
        or any(finding.severity == "error" for book in checked for finding in book.findings)
    )


def _check_text(checked: Sequence[CheckResult], session: Session) -> str:
    from xlflow.cli import finding_lines

    if not checked:
        return session.say("check.nothing")
    blocks = [finding_lines.block(book.workbook, book.findings, session) for book in checked]
    blocks.append(
        "\n".join(
            session.say(
                f"check.{book.status}",
                because=finding_lines.reason_line(book.workbook, book.reason, session),
            )
            for book in checked
            if book.reason is not None
        )
    )
    counts = [
        session.say(f"check.count_{status}", count=count)
        for status in ("unreadable", "conflict")
        if (count := sum(book.status == status for book in checked))
    ]
    found = [finding for book in checked for finding in book.findings]
    if found or not counts:
        counts.insert(0, finding_lines.counted(found, session))
    told = session.say("list").join(counts)
    blocks.append(session.say("check.closing", workbooks=len(checked), counts=told))
    return "\n\n".join(filter(None, blocks))
