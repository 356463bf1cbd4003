"""``history`` and ``restore``: the kept versions of a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from xlflow.facts import Change
    from xlflow.store import Edit, Version


@click.command(cls=Command)
@click.argument("path", metavar="PATH")
@click.pass_obj
def history(session: Session, path: str) -> None:
    """List the kept versions of a workbook."""
    from xlflow.cli.places import team_workbook
    from xlflow.store import Store

    space = session.workspace
    with Store.open(space.state) as store:
        _, workbook = team_workbook(path, store, session)
        versions, edits = store.versions(workbook), store.changes(workbook)
    session.answer(
        lambda: {
            "workbook": workbook,
            "versions": [
                _shape(version, _leading_to(version, edits), space.settings.zone, session)
                for version in versions
            ],
        },
        lambda: _text(workbook, versions, edits, session),
    )


def _leading_to(version: Version, edits: Sequence[Edit]) -> list[Edit]:
    return [edit for edit in edits if edit.version_after == version.id]


def _shape(
    version: Version, edits: Sequence[Edit], zone: ZoneInfo, session: Session
) -> dict[str, Any]:
    from xlflow.cli import shapes
    from xlflow.facts import Change
    from xlflow.rules import message

    return {
        "id": version.id,
        "time": shapes.moment(version.seen, zone),
        "sha256": version.sha256,
        "size": version.size,
        "written_by": version.written_by,
        "last_modified_by": version.last_modified_by,
        "changes": [
            {
                "kind": edit.what.kind,
                "sheet": edit.what.sheet,
                "cell": edit.what.cell,
                "row": edit.what.row,
                "column": _header(edit.what, session),
                "before": edit.what.before,
                "after": edit.what.after,
            }
            for edit in edits
            if isinstance(edit.what, Change)
        ],
        "findings": [
            {
                "sheet": edit.what.sheet,
                "cell": edit.what.cell,
                "row": edit.what.row,
                "column": edit.what.column,
                "code": edit.what.code,
                "severity": edit.what.severity,
                "message": message(edit.what, session.language),
            }
            for edit in edits
            if not isinstance(edit.what, Change)
        ],
    }


def _text(
    workbook: str, versions: Sequence[Version], edits: Sequence[Edit], session: Session
) -> str:
    if not versions:
        return session.say("history.none", workbook=workbook)
    blocks = [session.say("history.title", workbook=workbook, count=len(versions))]
    for version in versions:
        by = session.say(f"history.by_{version.written_by}")
        if version.last_modified_by:
            by = session.say("history.by_name", by=by, name=version.last_modified_by)
        title = session.say(
            "history.version",
            id=version.id,
            time=f"{version.seen:%Y-%m-%d %H:%M}",
            size=f"{version.size / 1024:.0f}",
            by=by,
        )
        lines = [_edit_line(edit, session) for edit in _leading_to(version, edits)]
        blocks.append("\n".join([title, *lines]))
    blocks.append(session.say("history.closing", workbook=workbook, id=versions[-1].id))
    return "\n\n".join(blocks)


def _edit_line(edit: Edit, session: Session) -> str:
    from xlflow.cli.layout import COLOURS, one_line
    from xlflow.facts import Change
    from xlflow.rules import message

    what = edit.what
    if not isinstance(what, Change):
        severity = click.style(session.say(f"severity.{what.severity}"), COLOURS[what.severity])
        told = one_line(message(what, session.language))
        return session.say("history.finding", severity=severity, told=told, code=what.code)
    return session.say(
        f"history.{what.kind}",
        sheet=one_line(what.sheet),
        cell=what.cell,
        row=what.row,
        column=_header(what, session),
        before=_value(what.before, session),
        after=_value(what.after, session),
    )


def _header(change: Change, session: Session) -> str | None:
    from xlflow.schema import BY_NAME

    if change.field is None:
        return None
    return BY_NAME[change.table][change.field].header[session.language]


def _value(text: str | None, session: Session) -> str:
    from xlflow.cli.layout import one_line, shortened

    return shortened(one_line(text), 40) if text else session.say("history.blank")


@click.command(cls=Command)
@click.argument("path", metavar="PATH")
@click.option("--version", "version", metavar="ID", required=True)
@click.pass_obj
def restore(session: Session, path: str, version: str) -> None:
    """Bring a kept version back."""
    from xlflow.cli.places import team_workbook
    from xlflow.store import Store
    from xlflow.sync import history as kept

    space = session.workspace
    with Store.open(space.state) as store:
        place, workbook = team_workbook(path, store, session)
    kept.restore(space, place, version, session.as_of(space.settings))
    session.answer(
        lambda: {"workbook": workbook, "version": version},
        lambda: session.say("restore.done", workbook=workbook, version=version),
    )
