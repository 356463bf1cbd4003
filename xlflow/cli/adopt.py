"""``adopt``: gives existing workbooks the columns that they lack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from xlflow.cli.as_of import system_now
from xlflow.cli.command import Command
from xlflow.cli.confirmation import on_terminal
from xlflow.cli.errors import CommandLineError
from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from xlflow.adoption.plan import TablePlan
    from xlflow.columns import Column
    from xlflow.sync.adopt import Candidate

ADOPTED, WOULD_ADOPT, COMPLETE = "adopted", "would_adopt", "complete"
LEFT, REFUSED = "left", "refused"


class _Result(NamedTuple):
    """What became of one file; ``chosen`` are the tables that got their columns, or would."""

    path: Path
    found: Candidate | None
    chosen: Sequence[TablePlan]
    status: str
    reason: str | None = None


@click.command(cls=Command)
@click.argument("files", metavar="FILE", nargs=-1, required=True)
@click.option("--yes", is_flag=True)
@click.option("--dry-run", is_flag=True)
@click.pass_obj
def adopt(session: Session, files: tuple[str, ...], yes: bool, dry_run: bool) -> int:
    """Give existing workbooks the columns that they lack."""
    asks = not yes and not dry_run
    if asks and (session.json or not on_terminal()):
        raise CommandLineError("needs_yes", command="adopt")
    as_of = session.as_of(session.workspace.settings)
    run = _Run(session, as_of, asks=asks, writes=not dry_run)
    results = [run.adopt(path) for path in _paths(files, session)]
    session.answer(
        lambda: {"files": [_json(result, session) for result in results]},
        lambda: "\n\n".join(_text(result, session, described=not asks) for result in results),
    )
    return int(any(result.status == REFUSED for result in results))


class _Run:
    """One run over some files; a mapping that is confirmed for one holds for the next."""

    def __init__(self, session: Session, as_of: datetime, *, asks: bool, writes: bool) -> None:
        from xlflow.sync import adopt as adoption

        self._session = session
        self._workspace = session.workspace
        self._as_of = as_of
        self._asks = asks
        self._writes = writes
        self._confirmed = adoption.confirmed_mappings(self._workspace)

    def adopt(self, path: Path) -> _Result:
        """Adopt one file, or say why not."""
        from xlflow.errors import UnreadableError, WriteRefusedError
        from xlflow.messages import explain
        from xlflow.sync import adopt as adoption

        found: Candidate | None = None
        chosen: list[TablePlan] = []
        try:
            found = adoption.candidate(self._workspace, path, self._as_of)
            if self._asks:
                self._session.to_stderr("\n".join(_description(path, found, (), self._session)))
            chosen = [table for table in found.plan.tables if table.addition and self._takes(table)]
            if chosen and self._writes:
                self._write(found, chosen)
        except (UnreadableError, WriteRefusedError) as error:
            return _Result(path, found, (), REFUSED, explain(error, self._session.language))
        if chosen:
            return _Result(path, found, chosen, ADOPTED if self._writes else WOULD_ADOPT)
        complete = found.plan.tables and not any(t.addition or t.refused for t in found.plan.tables)
        return _Result(path, found, chosen, COMPLETE if complete else LEFT)

    def _takes(self, table: TablePlan) -> bool:
        """Whether a table gets its columns: a person says so, or its mapping is certain."""
        from xlflow.sync.adopt import mapping_digest

        known = mapping_digest(table) in self._confirmed
        if not self._asks:
            return table.certain or known
        question = "adopt.ask_known" if known else "adopt.ask"
        sheet = one_line(table.table.sheet)
        if not click.confirm(self._session.say(question, sheet=sheet), default=known, err=True):
            return False
        self._confirmed.add(mapping_digest(table))
        return True

    def _write(self, found: Candidate, chosen: Sequence[TablePlan]) -> None:
        from xlflow.store import Store
        from xlflow.sync import adopt as adoption
        from xlflow.sync.locks import pass_lock

        workspace = self._workspace
        with pass_lock(workspace.state), Store.open(workspace.state, migrate=True) as store:
            adoption.adopt(workspace, store, found, chosen, self._as_of, system_now())
        if self._asks:
            adoption.confirm_mappings(workspace, chosen)


def _paths(files: Iterable[str], session: Session) -> list[Path]:
    """Return the workbooks named, those in a named folder included."""
    from xlflow.cli.paths import find_path
    from xlflow.sync.teams_folder import list_team_files

    paths: dict[Path, None] = {}
    for text in files:
        path = find_path(text, session)
        folder = path.is_dir() and not path.is_symlink()
        inside = [entry.path for entry in list_team_files(path)] if folder else [path]
        paths |= dict.fromkeys(inside)
    return list(paths)


def _text(result: _Result, session: Session, *, described: bool) -> str:
    lines = []
    if described and result.found is not None:
        lines = _description(result.path, result.found, result.chosen, session)
    name = one_line(result.path.name)
    workbook = name
    if result.found is not None:
        workbook = one_line(session.workspace.relative(result.found.target))
    said = session.say(
        f"adopt.{result.status}", name=name, workbook=workbook, reason=one_line(result.reason or "")
    )
    return "\n".join([*lines, said])


def _description(
    path: Path, found: Candidate, chosen: Sequence[TablePlan], session: Session
) -> list[str]:
    """Return what the headers of a workbook mean, and what would be added."""
    lines = [click.style(one_line(path.name), bold=True)]
    for plan in found.plan.tables:
        sheet = one_line(plan.table.sheet)
        title = plan.table.table.title[session.language]
        lines.append(session.say("adopt.table", sheet=sheet, title=title))
        lines += [
            session.say(
                f"adopt.{mapped.confidence}",
                cell=mapped.cell,
                header=one_line(mapped.header),
                column=mapped.column.header[session.language],
            )
            for mapped in plan.mapped
        ]
        if plan.missing:
            lines.append(session.say("adopt.missing", headers=_headers(plan.missing, session)))
        if plan.refused is not None:
            key, header = plan.refused
            lines.append(session.say(f"adopt.{key}", header=one_line(header)))
        if plan.added:
            headers = session.say("list").join(column.header for column in plan.added)
            lines.append(session.say("adopt.added", headers=headers, cell=_first_cell(plan)))
            if plan.protected:
                lines.append(session.say("adopt.protected"))
            if chosen and plan not in chosen:
                lines.append(session.say("adopt.unsure"))
    if not found.plan.tables:
        lines.append(session.say("adopt.no_table"))
    return lines


def _headers(columns: Sequence[Column], session: Session) -> str:
    return session.say("list").join(column.header[session.language] for column in columns)


def _first_cell(plan: TablePlan) -> str:
    from xlflow.facts import address

    return address(plan.table.header_row, plan.added[0].number)


def _json(result: _Result, session: Session) -> dict[str, Any]:
    workspace = session.workspace
    tables = result.found.plan.tables if result.found is not None else ()
    return {
        "file": workspace.relative(result.path),
        "workbook": workspace.relative(result.found.target) if result.found else None,
        "status": result.status,
        "reason": result.reason,
        "tables": [_table_json(plan, plan in result.chosen, session) for plan in tables],
    }


def _table_json(plan: TablePlan, chosen: bool, session: Session) -> dict[str, Any]:
    from xlflow.facts import address

    row = plan.table.header_row
    refused = plan.refused
    return {
        "table": plan.table.table.sheet.zh,
        "sheet": plan.table.sheet,
        "header_row": row,
        "chosen": chosen,
        "columns": [
            {
                "column": mapped.column.header.zh,
                "header": mapped.header,
                "cell": mapped.cell,
                "confidence": mapped.confidence,
            }
            for mapped in plan.mapped
        ],
        "missing": [column.header.zh for column in plan.missing],
        "added": [
            {"header": column.header, "cell": address(row, column.number)} for column in plan.added
        ],
        "protected": plan.protected,
        "reason": session.say(f"adopt.{refused[0]}", header=refused[1]) if refused else None,
    }
