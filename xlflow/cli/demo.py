"""``demo``: makes a workspace with sample teams, runs one pass, and explains the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.as_of import system_now
from xlflow.cli.command import Command
from xlflow.cli.errors import CommandLineError
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.facts import Finding
    from xlflow.figures.report import OverdueItem
    from xlflow.summary.renewal import SummaryReport
    from xlflow.sync.results import PassResult
    from xlflow.workspace import Workspace

DEFAULT_TARGET = Path("xlflow-demo")
AS_OF = date(2024, 7, 16)
MONTH = "2024-07"
EXAMPLES = 2
"""How many findings of each severity are shown, each of another rule."""


@dataclass(frozen=True, slots=True)
class _DemoResult:
    """What the pass and the summary over the samples gave; findings with their workbook."""

    workspace: Workspace
    sync: PassResult
    findings: Sequence[tuple[str, Finding]]
    overdue: Sequence[OverdueItem]
    summary: SummaryReport


@click.command(cls=Command)
@click.argument(
    "target", metavar="DIR", required=False, type=click.Path(path_type=Path), default=DEFAULT_TARGET
)
@click.pass_obj
def demo(session: Session, target: Path) -> None:
    """Make a sample workspace and run through it once."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CommandLineError("demo_exists", path=target)
    result = _run_through(session, target)
    session.answer(lambda: _json(result, session), lambda: _text(result, target, session))


def _run_through(session: Session, target: Path) -> _DemoResult:
    from xlflow.figures import rollup
    from xlflow.store import Store
    from xlflow.summary import renewal
    from xlflow.sync import run
    from xlflow.templates.samples import write_samples
    from xlflow.workspace_creation import create_workspace

    language = session.requested_language or "zh"
    made = create_workspace(target, (), language)
    write_samples(made.teams, made.settings, language)
    session.given_as_of = session.given_as_of or AS_OF
    as_of = session.as_of(made.settings)
    with session.progress() as progress:
        result = run.run(made, as_of, notify=False, progress=progress)
    with Store.open(made.state) as store:
        findings = [
            (book.workbook, finding)
            for book in result.workbooks
            for finding in store.findings(book.workbook)
        ]
        overdue = rollup.overdue_items(store, made.settings, as_of)
        summary = renewal.write_summary(made, store, MONTH, as_of, system_now())
    return _DemoResult(made, result, findings, overdue, summary)


def _json(result: _DemoResult, session: Session) -> dict[str, Any]:
    from xlflow.cli.overdue import overdue_json
    from xlflow.cli.sync import sync_json
    from xlflow.summary.document import summary_document

    return {
        "workspace": result.workspace.root.as_posix(),
        "sync": sync_json(result.sync, result.workspace, session),
        "overdue": overdue_json(result.overdue, result.workspace.settings.zone),
        "summary": summary_document(result.summary.report, result.summary.path, result.workspace),
    }


def _text(result: _DemoResult, target: Path, session: Session) -> str:
    from xlflow.cli.overdue import overdue_text
    from xlflow.cli.summary import summary_text
    from xlflow.cli.sync import sync_table

    counted = [book for book in result.sync.workbooks if book.status != "conflict"]
    example = max(counted, key=lambda book: book.findings)
    blocks = [
        session.say("demo.made", path=result.workspace.root),
        session.say(
            "demo.read",
            as_of=session.given_as_of,
            teams=len(counted),
            rows=sum(book.rows for book in counted),
        ),
        sync_table(result.sync.workbooks, session),
        _findings_text(result, session),
        f"{session.say('demo.overdue')}\n\n{overdue_text(result.overdue, session)}",
        summary_text(result.summary, result.workspace, session),
        _definitions("where", "files", session, path=target),
        _definitions("next", "steps", session, path=target, workbook=example.workbook),
    ]
    return "\n\n".join(blocks)


def _findings_text(result: _DemoResult, session: Session) -> str:
    """Return the counts of findings, and a few examples of each severity."""
    from xlflow.cli import finding_lines
    from xlflow.config import SEVERITIES

    examples = []
    for severity in SEVERITIES:
        by_code = {f.code: (book, f) for book, f in result.findings if f.severity == severity}
        for book, finding in list(by_code.values())[:EXAMPLES]:
            examples.append(finding_lines.finding_line(book, finding, session))
    counts = finding_lines.severity_counts((finding for _, finding in result.findings), session)
    return "\n".join([session.say("demo.findings", counts=counts), *examples])


def _definitions(heading: str, entries: str, session: Session, **params: Any) -> str:
    from xlflow.cli.terminal_layout import definition_list, parse_entries, readable_columns

    parsed = parse_entries(session.say(f"demo.{entries}", **params), "#")
    return f"{session.say(f'demo.{heading}')}\n{definition_list(parsed, readable_columns())}"
