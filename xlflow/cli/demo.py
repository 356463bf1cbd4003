"""``demo``: a workspace with sample teams, one pass, one summary, and what it all means."""

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
    from xlflow.cli.finding_lines import Placed
    from xlflow.figures.report import OverdueItem
    from xlflow.summary.renewal import SummaryReport
    from xlflow.sync.run import PassResult
    from xlflow.workspace import Workspace

DEFAULT = Path("xlflow-demo")
AS_OF = date(2024, 7, 16)
MONTH = "2024-07"
EXAMPLES = 2
"""How many findings of each severity are shown, each of another rule."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that the run through the samples gave."""

    space: Workspace
    done: PassResult
    found: Sequence[Placed]
    late: Sequence[OverdueItem]
    summary: SummaryReport


@click.command(cls=Command)
@click.argument(
    "target", metavar="DIR", required=False, type=click.Path(path_type=Path), default=DEFAULT
)
@click.pass_obj
def demo(session: Session, target: Path) -> None:
    """Make a sample workspace and run through it once."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CommandLineError("demo_exists", path=target)
    seen = _run_through(session, target)
    session.answer(lambda: _shape(seen, session), lambda: _text(seen, target, session))


def _run_through(session: Session, target: Path) -> _Seen:
    from xlflow.figures import rollup
    from xlflow.store import Store
    from xlflow.summary import renewal
    from xlflow.sync import run
    from xlflow.templates.samples import write_samples
    from xlflow.workspace_creation import create_workspace

    language = session.chosen or "zh"
    space = create_workspace(target, (), language)
    write_samples(space.teams, space.settings, language)
    session.moment = session.moment or AS_OF
    as_of = session.as_of(space.settings)
    with session.progress() as progress:
        done = run.run(space, as_of, notices=False, progress=progress)
    with Store.open(space.state) as store:
        found = [
            (book.team, book.workbook, finding)
            for book in done.workbooks
            for finding in store.findings(book.workbook)
        ]
        late = rollup.overdue_items(store, space.settings, as_of)
        summary = renewal.write_summary(space, store, MONTH, as_of, system_now())
    return _Seen(space, done, found, late, summary)


def _shape(seen: _Seen, session: Session) -> dict[str, Any]:
    from xlflow.cli.overdue import overdue_json
    from xlflow.cli.summary import summary_json
    from xlflow.cli.sync import sync_json

    return {
        "workspace": seen.space.root.as_posix(),
        "sync": sync_json(seen.done, seen.space, session),
        "overdue": overdue_json(seen.late, seen.space.settings.zone),
        "summary": summary_json(seen.summary, seen.space),
    }


def _text(seen: _Seen, target: Path, session: Session) -> str:
    from xlflow.cli.overdue import overdue_text
    from xlflow.cli.summary import summary_text
    from xlflow.cli.sync import sync_table

    counted = [book for book in seen.done.workbooks if book.status != "conflict"]
    richest = max(counted, key=lambda book: book.findings)
    blocks = [
        session.say("demo.made", path=seen.space.root),
        session.say(
            "demo.read",
            as_of=session.moment,
            teams=len(counted),
            rows=sum(book.rows for book in counted),
        ),
        sync_table(seen.done.workbooks, session),
        _findings(seen, session),
        f"{session.say('demo.overdue')}\n\n{overdue_text(seen.late, session)}",
        summary_text(seen.summary, seen.space, session),
        _listed("where", "files", session, path=target),
        _listed("next", "steps", session, path=target, workbook=richest.workbook),
    ]
    return "\n\n".join(blocks)


def _findings(seen: _Seen, session: Session) -> str:
    """Return the counts of findings, and a few examples of each severity."""
    from xlflow.cli import finding_lines
    from xlflow.config import SEVERITIES

    examples = []
    for severity in SEVERITIES:
        by_code = {f.code: (book, f) for _, book, f in seen.found if f.severity == severity}
        chosen = list(by_code.values())[:EXAMPLES]
        examples += [finding_lines.line(book, finding, session) for book, finding in chosen]
    counts = finding_lines.counted((found for _, _, found in seen.found), session)
    return "\n".join([session.say("demo.findings", counts=counts), *examples])


def _listed(heading: str, entries: str, session: Session, **params: Any) -> str:
    from xlflow.cli.terminal_layout import listed, pairs, readable_columns

    told = pairs(session.say(f"demo.{entries}", **params), "#")
    return f"{session.say(f'demo.{heading}')}\n{listed(told, readable_columns())}"
