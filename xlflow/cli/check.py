"""``check``: validates workbooks without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.config import SEVERITIES

if TYPE_CHECKING:
    from xlflow.facts import Finding
    from xlflow.sync.check import CheckResult


@click.command(cls=Command)
@click.argument("paths", metavar="PATH", nargs=-1)
@click.option("--team", "teams", metavar="NAME", multiple=True)
@click.option("--severity", type=click.Choice(SEVERITIES))
@click.option("--cross-check", is_flag=True)
@click.pass_obj
def check(
    session: Session,
    paths: tuple[str, ...],
    teams: tuple[str, ...],
    severity: str | None,
    cross_check: bool,
) -> int:
    """Validate without writing anything."""
    from xlflow import json_output
    from xlflow.cli import reader_differences
    from xlflow.cli.paths import find_path, known_teams, workspace_if_any
    from xlflow.config import Settings
    from xlflow.sync import check

    found = [find_path(path, session) for path in paths]
    workspace = workspace_if_any(session) if paths else session.workspace
    targets = check.check_targets(workspace, found)
    chosen = known_teams(teams, [target.entry.team for target in targets])
    targets = [target for target in targets if not chosen or target.entry.team in chosen]
    nearest = [target.settings for target in targets]
    settings = workspace.settings if workspace is not None else next(iter(nearest), Settings())
    as_of = session.as_of(settings)
    with session.progress() as progress:
        results = check.check(targets, as_of, progress)
    if severity is not None:
        shown = SEVERITIES[: SEVERITIES.index(severity) + 1]
        results = [
            replace(book, findings=tuple(f for f in book.findings if f.severity in shown))
            for book in results
        ]
    differences = reader_differences.find_differences(targets, session) if cross_check else []

    def document() -> dict[str, Any]:
        document: dict[str, Any] = {
            "as_of": json_output.json_as_of(as_of, settings.zone),
            "workbooks": [
                {
                    "team": book.team,
                    "workbook": book.workbook,
                    "status": book.status,
                    "reason": session.reason(book.reason),
                }
                for book in results
            ],
            "findings": [
                _finding_json(book, finding, session.language)
                for book in results
                for finding in book.findings
            ],
        }
        if cross_check:
            document["differences"] = reader_differences.differences_json(
                differences, session.language
            )
        return document

    def text() -> str:
        blocks = [_results_text(results, session)]
        if cross_check and results:
            blocks.append(reader_differences.differences_text(differences, session))
        return "\n\n".join(blocks)

    session.answer(document, text)
    return int(
        any(book.status == check.UNREADABLE for book in results)
        or any(finding.severity == "error" for book in results for finding in book.findings)
        or bool(reader_differences.unexplained(differences))
    )


def _finding_json(book: CheckResult, finding: Finding, language: str) -> dict[str, Any]:
    from xlflow.rules import message

    return {
        "team": book.team,
        "workbook": book.workbook,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "row": finding.row,
        "column": finding.column,
        "code": finding.code,
        "severity": finding.severity,
        "message": message(finding, language),
        "value": finding.value,
        "fix": finding.fix,
    }


def _results_text(results: Sequence[CheckResult], session: Session) -> str:
    from xlflow.cli import finding_lines

    if not results:
        return session.say("check.nothing")
    blocks = [
        finding_lines.finding_block(book.workbook, book.findings, session) for book in results
    ]
    blocks.append(
        "\n".join(
            session.say(
                f"check.{book.status}",
                because=finding_lines.reason_line(book.workbook, book.reason, session),
            )
            for book in results
            if book.reason is not None
        )
    )
    counts = [
        session.say(f"check.count_{status}", count=count)
        for status in ("unreadable", "conflict")
        if (count := sum(book.status == status for book in results))
    ]
    findings = [finding for book in results for finding in book.findings]
    if findings or not counts:
        counts.insert(0, finding_lines.severity_counts(findings, session))
    summary = session.say("list").join(counts)
    blocks.append(session.say("check.closing", workbooks=len(results), counts=summary))
    return "\n\n".join(filter(None, blocks))
