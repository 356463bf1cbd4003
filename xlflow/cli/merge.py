"""``merge``: takes rows over from a conflict copy into its original."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli import confirmation
from xlflow.cli.as_of import system_now
from xlflow.cli.change_text import cell_text
from xlflow.cli.command import Command
from xlflow.cli.errors import CommandLineError, closest_match
from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from xlflow.sync.merge import MergedRow, MergePlan, Place

MERGED, LEFT, NOTHING = "merged", "left", "nothing"

_ALL, _EXAMPLE = "all", "流程优化计划!7"
_ROW = re.compile(r"(?:'(?P<quoted>.+)'|(?P<sheet>.+))[!！]\$?[A-Za-z]{0,3}\$?(?P<row>[0-9]{1,7})")


@click.command(cls=Command)
@click.argument("copy", metavar="COPY")
@click.option("--rows", metavar="all|CELL", multiple=True)
@click.option("--yes", is_flag=True)
@click.pass_obj
def merge(session: Session, copy: str, rows: tuple[str, ...], yes: bool) -> int:
    """Take rows over from a conflict copy into its original."""
    from xlflow.store import Store
    from xlflow.sync.locks import pass_lock
    from xlflow.sync.merge import Merge, originals

    if not yes and (session.json or not confirmation.on_terminal()):
        raise CommandLineError("merge_needs_yes")
    workspace = session.workspace
    with Store.open(workspace.state) as store:
        known = originals(store)
    workbook = _copy_named(copy, known, session)
    original = known[workbook]
    merging = Merge(workspace, workbook, original, session.as_of(workspace.settings))
    plan = merging.plan(_chosen(rows, merging.places))
    status = NOTHING
    if plan.taken:
        merging.check_writable(system_now())
        shown = "\n".join(_description(workbook, original, plan, session))
        question = session.say("merge.ask", original=one_line(original))
        status = LEFT
        if yes or confirmation.confirmed(session, shown, question):
            with pass_lock(workspace.state), Store.open(workspace.state) as store:
                merging.write(store, plan, system_now())
            status = MERGED
    session.answer(
        lambda: _json(workbook, original, status, plan, session),
        lambda: _text(workbook, original, status, plan, session, described=yes or not plan.taken),
    )
    return int(len(plan.taken) < len(plan.rows))


def _copy_named(text: str, copies: Collection[str], session: Session) -> str:
    """Return the copy that a PATH names.

    Raises:
        CommandLineError: it isn't known as a copy; the most similar one is suggested.
    """
    import os

    from xlflow.cli.paths import exists

    workspace = session.workspace
    starts = (Path.cwd(), workspace.root)
    paths = [Path(os.path.normpath(start / text)) for start in starts]
    names = [workspace.relative(path) for path in paths]
    for name in names:
        if name in copies:
            return name
    near = closest_match(names[-1], copies) or closest_match(f"teams/{text}", copies)
    if any(map(exists, paths)):
        raise CommandLineError("not_a_copy", path=one_line(text), near=near)
    raise CommandLineError("no_such_path", path=one_line(text), near=near)


def _chosen(texts: Sequence[str], places: Collection[Place]) -> set[Place] | None:
    """Return the rows of the copy that ``--rows`` names; None for all.

    Raises:
        CommandLineError: one isn't a data row of the copy; the nearest one is suggested.
    """
    if not texts or _ALL in texts:
        return None
    chosen = set()
    for text in texts:
        found = _ROW.fullmatch(text.strip())
        sheet = (found["quoted"] or found["sheet"]).replace("''", "'") if found else text
        number = int(found["row"]) if found else 0
        if (sheet, number) not in places:
            near = _nearest(sheet, number, places)
            raise CommandLineError("no_such_row", row=one_line(text), example=_EXAMPLE, near=near)
        chosen.add((sheet, number))
    return chosen


def _nearest(sheet: str, number: int, places: Collection[Place]) -> str | None:
    sheets = {name for name, _ in places}
    near = sheet if sheet in sheets else closest_match(sheet, sheets)
    if near is None:
        return None
    row = min((n for name, n in places if name == near), key=lambda n: (abs(n - number), n))
    return f"{one_line(near)}!{row}"


def _description(workbook: str, original: str, plan: MergePlan, session: Session) -> list[str]:
    """Return what merging changes, row by row and cell by cell."""
    names = {"workbook": one_line(workbook), "original": one_line(original)}
    lines = [session.say("merge.title", **names)]
    for row in plan.rows:
        item = shortened(one_line(row.item), 40)
        if row.refused is not None:
            sheet, number = row.source
            reason = one_line(session.reason(row.refused) or "")
            place: Mapping[str, Any] = {"sheet": one_line(sheet), "row": number, "reason": reason}
            lines.append(session.say("merge.refused", item=item, **place))
            continue
        assert row.target is not None, "what is taken over has a place"
        place = {"sheet": one_line(row.target[0]), "row": row.target[1]}
        lines.append(session.say(f"merge.{row.kind}", item=item, **place))
        lines += [
            session.say(
                "merge.cell",
                cell=cell.address,
                column=cell.column.header[session.language],
                before=cell_text(cell.before, session),
                after=cell_text(cell.after, session),
            )
            for cell in row.cells
        ]
    if plan.kept:
        lines.append(session.say("merge.kept", count=len(plan.kept)))
    return lines


def _text(
    workbook: str,
    original: str,
    status: str,
    plan: MergePlan,
    session: Session,
    *,
    described: bool,
) -> str:
    lines = _description(workbook, original, plan, session) if described else []
    count = len(plan.taken)
    return "\n".join(
        [*lines, session.say(f"merge.{status}", count=count, original=one_line(original))]
    )


def _json(
    workbook: str, original: str, status: str, plan: MergePlan, session: Session
) -> dict[str, Any]:
    return {
        "workbook": workbook,
        "original": original,
        "status": status,
        "rows": [_row_json(row, session) for row in plan.rows],
        "kept": [
            {"sheet": sheet, "row": number, "item": item} for (sheet, number), item in plan.kept
        ],
    }


def _row_json(row: MergedRow, session: Session) -> dict[str, Any]:
    target = row.target if row.refused is None else None
    return {
        "kind": row.kind,
        "sheet": row.source[0],
        "row": row.source[1],
        "item": row.item,
        "merged_into": {"sheet": target[0], "row": target[1]} if target else None,
        "reason": session.reason(row.refused),
        "cells": [
            {
                "cell": cell.address,
                "column": cell.column.header[session.language],
                "original": cell.before,
                "copy": cell.after,
            }
            for cell in row.cells
        ],
    }
