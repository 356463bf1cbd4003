"""Findings as text: one line each with its place, the fact and the repair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING

from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line
from xlflow.config import SEVERITIES

if TYPE_CHECKING:
    from xlflow.facts import Finding
    from xlflow.store import Reason


def location(workbook: str, sheet: str | None, cell: str | None) -> str:
    """Return ``市场一部.xlsx › 流程优化计划!E7``, or as much of it as is known."""
    name = workbook if PurePath(workbook).is_absolute() else PurePath(workbook).name
    if sheet is None:
        return one_line(name)
    return one_line(f"{name} › {sheet}!{cell}" if cell else f"{name} › {sheet}")


def reason_line(workbook: str, reason: Reason, session: Session) -> str:
    """Return the reason for a workbook's status as one line."""
    return told_line(workbook, session.reason(reason) or "", session)


def told_line(workbook: str, text: str, session: Session) -> str:
    """Return what is to be said of a workbook as one line."""
    return session.say("because", place=location(workbook, None, None), reason=one_line(text))


def finding_line(workbook: str, finding: Finding, session: Session) -> str:
    """Return one finding as one line that begins with its severity."""
    from xlflow.rules import message

    return session.say(
        "finding",
        severity=session.severity(finding.severity),
        place=location(workbook, finding.sheet, finding.cell),
        told=one_line(message(finding, session.language)),
        code=finding.code,
    )


def finding_block(workbook: str, findings: Iterable[Finding], session: Session) -> str:
    """Return the findings of one workbook, a line each, the most severe first."""
    by_severity = sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))
    return "\n".join(finding_line(workbook, finding, session) for finding in by_severity)


def severity_counts(findings: Iterable[Finding], session: Session) -> str:
    """Return how many findings there are of each severity, in words."""
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return session.say("findings.none")
    return session.say("list").join(
        session.say(f"findings.{severity}", count=counts[severity])
        for severity in SEVERITIES
        if counts[severity]
    )
