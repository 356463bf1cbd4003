"""``check --cross-check``: xlflow's reading of the workbooks compared with openpyxl's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xlflow.cli.finding_lines import location
from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line, shortened
from xlflow.errors import XlflowError
from xlflow.messages import explain, say

if TYPE_CHECKING:
    from xlflow.ooxml.cross_check import Difference, KnownReason
    from xlflow.sync.check import CheckTarget

LONGEST_VALUE = 60
"""Columns of the terminal that a value in a line may take."""


def find_differences(targets: Sequence[CheckTarget], session: Session) -> list[Difference]:
    """Read each workbook with openpyxl, too, and return where the readings differ.

    Workbooks that can't be opened at all are left out; the check reports them.
    """
    from xlflow.ooxml.cross_check import OpenpyxlProcess, cross_check
    from xlflow.team_files import safe_open

    differences: list[Difference] = []
    with OpenpyxlProcess() as reader, session.progress() as progress:
        for done, target in enumerate(targets):
            if progress is not None:
                progress(done, len(targets), target.entry.name)
            try:
                data = safe_open.read_safely(target.entry.path)
            except XlflowError:
                continue
            differences += cross_check(data, target.workbook, reader)
    return differences


def unexplained(differences: Sequence[Difference]) -> list[Difference]:
    """Return the differences without a known reason."""
    return [difference for difference in differences if difference.reason is None]


def differences_json(differences: Sequence[Difference], language: str) -> list[dict[str, Any]]:
    """Return all differences as JSON."""
    return [
        {
            "workbook": difference.workbook,
            "sheet": difference.sheet,
            "cell": difference.cell,
            "xlflow": _json_value(difference.ours, language),
            "openpyxl": _json_value(difference.theirs, language),
            "reason": _reason(difference.reason, language) if difference.reason else None,
        }
        for difference in differences
    ]


def differences_text(differences: Sequence[Difference], session: Session) -> str:
    """Return a line for each unexplained difference, and the counts of the explained ones."""
    language = session.language
    reasons = Counter(difference.reason for difference in differences)
    lines = [_line(difference, language) for difference in unexplained(differences)]
    lines.append(
        say(
            "cross_check.closing",
            language,
            unexplained=reasons.pop(None, 0),
            explained=reasons.total(),
        )
    )
    lines += [
        say("cross_check.count", language, count=count, reason=_reason(reason, language))
        for reason, count in reasons.most_common()
        if reason is not None
    ]
    return "\n".join(lines)


def _line(difference: Difference, language: str) -> str:
    return say(
        f"cross_check.{difference.kind}",
        language,
        place=location(difference.workbook, difference.sheet, difference.cell),
        reader="xlflow" if difference.ours else "openpyxl",
        ours=_shown(difference.ours, language),
        theirs=_shown(difference.theirs, language),
    )


def _reason(reason: KnownReason, language: str) -> str:
    return say(f"cross_check.reason.{reason}", language)


def _shown(value: object, language: str) -> str:
    if value is None:
        return say("cross_check.blank", language)
    kind = "text" if isinstance(value, str) else "other"
    return say(f"cross_check.{kind}", language, text=shortened(one_line(str(value)), LONGEST_VALUE))


def _json_value(value: object, language: str) -> Any:
    from xlflow.json_output import json_number

    if isinstance(value, XlflowError):
        return explain(value, language)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Exception):
        return str(value)
    return json_number(value) if isinstance(value, Decimal) else value
