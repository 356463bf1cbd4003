"""Findings for people: one line each with its place, the fact and the mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING

from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line
from xlflow.config import SEVERITIES
from xlflow.facts import Finding
from xlflow.rules import message

if TYPE_CHECKING:
    from xlflow.store import Reason

Placed = tuple[str, str, Finding]
"""A finding with its team and workbook."""


def location(workbook: str, sheet: str | None, cell: str | None) -> str:
    """Return ``市场一部.xlsx › 流程优化计划!E7``, as much of it as there is."""
    name = workbook if PurePath(workbook).is_absolute() else PurePath(workbook).name
    if sheet is None:
        return one_line(name)
    return one_line(f"{name} › {sheet}!{cell}" if cell else f"{name} › {sheet}")


def reason_line(workbook: str, reason: Reason, session: Session) -> str:
    """Return why a workbook stands as it does, as one line."""
    why = one_line(session.reason(reason) or "")
    return session.say("because", place=location(workbook, None, None), reason=why)


def line(workbook: str, finding: Finding, session: Session) -> str:
    """Return one finding as one line, its severity in front."""
    severity = session.severity(finding.severity)
    told = one_line(message(finding, session.language))
    where = location(workbook, finding.sheet, finding.cell)
    return session.say("finding", severity=severity, place=where, told=told, code=finding.code)


def block(workbook: str, findings: Iterable[Finding], session: Session) -> str:
    """Return one workbook's findings, a line each, errors first."""
    return "\n".join(line(workbook, finding, session) for finding in errors_first(findings))


def errors_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by severity, otherwise in the order in which they came."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity))


def counted(findings: Iterable[Finding], session: Session) -> str:
    """Return how many findings there are of each severity, in words."""
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return session.say("findings.none")
    return session.say("list").join(
        session.say(f"findings.{severity}", count=counts[severity])
        for severity in SEVERITIES
        if counts[severity]
    )
