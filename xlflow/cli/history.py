"""``history``: lists the kept versions of a workbook and what changed between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.change_text import cell_text, changed_column
from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from xlflow.facts import Change, Finding
    from xlflow.sync.history import Step


_SHOWN = 50
"""How many versions are shown without ``--limit``; programs get all of them."""


@click.command(cls=Command)
@click.argument("path", metavar="PATH")
@click.option("--limit", type=click.IntRange(min=1), metavar="N")
@click.pass_obj
def history(session: Session, path: str, limit: int | None) -> None:
    """List the kept versions of a workbook."""
    from xlflow.cli.paths import team_workbook
    from xlflow.store import Store
    from xlflow.sync import history as versions

    workspace = session.workspace
    if limit is None and not session.json:
        limit = _SHOWN
    with Store.open(workspace.state) as store:
        _, workbook = team_workbook(path, store, session)
        steps = versions.history(workspace, store, workbook, limit)
        count = store.version_count(workbook)
    zone = workspace.settings.zone
    session.answer(
        lambda: {
            "workbook": workbook,
            "versions": [_version_json(step, zone, session) for step in steps],
        },
        lambda: _text(workbook, steps, count, session),
    )


def _version_json(step: Step, zone: ZoneInfo, session: Session) -> dict[str, Any]:
    from xlflow import json_output
    from xlflow.rules import message

    version = step.version
    return {
        "id": version.id,
        "time": json_output.json_moment(version.seen, zone),
        "sha256": version.sha256,
        "size": version.size,
        "written_by": version.written_by,
        "last_modified_by": version.last_modified_by,
        "changes": [
            {
                "kind": change.kind,
                "sheet": change.sheet,
                "cell": change.cell,
                "row": change.row,
                "column": changed_column(change, session),
                "item": step.items.get(change.row_id) if change.field is None else None,
                "before": change.before,
                "after": change.after,
            }
            for change in step.changes
        ],
        "findings": [
            {
                "sheet": finding.sheet,
                "cell": finding.cell,
                "row": finding.row,
                "column": finding.column,
                "code": finding.code,
                "severity": finding.severity,
                "message": message(finding, session.language),
            }
            for finding in step.change_findings
        ],
    }


def _text(workbook: str, steps: Sequence[Step], count: int, session: Session) -> str:
    blocks = [session.say("history.title", workbook=workbook, count=count)]
    for step in steps:
        version = step.version
        by = session.say(f"history.by_{version.written_by}")
        if version.last_modified_by:
            by = session.say("history.by_name", by=by, name=one_line(version.last_modified_by))
        title = session.say(
            "history.version",
            id=version.id,
            time=f"{version.seen:%Y-%m-%d %H:%M}",
            size=f"{version.size / 1024:.0f}",
            by=by,
        )
        lines = [_change_line(change, step.items, session) for change in step.changes]
        lines += [_finding_line(finding, session) for finding in step.change_findings]
        blocks.append("\n".join([title, *lines]))
    if count > len(steps):
        more = count - len(steps)
        blocks.append(session.say("history.more", count=more, limit=len(steps) + more))
    closing = session.say("history.closing", workbook=workbook, id=steps[-1].version.id)
    return "\n\n".join([*blocks, closing])


def _change_line(change: Change, items: Mapping[str, str], session: Session) -> str:
    item = items.get(change.row_id)
    kind = f"{change.kind}_item" if change.field is None and item else change.kind
    return session.say(
        f"history.{kind}",
        item=shortened(one_line(item or ""), 40),
        sheet=one_line(change.sheet),
        cell=change.cell,
        row=change.row,
        column=changed_column(change, session),
        before=cell_text(change.before, session),
        after=cell_text(change.after, session),
    )


def _finding_line(finding: Finding, session: Session) -> str:
    from xlflow.rules import message

    return session.say(
        "history.finding",
        severity=session.severity(finding.severity),
        told=one_line(message(finding, session.language)),
        code=finding.code,
    )
