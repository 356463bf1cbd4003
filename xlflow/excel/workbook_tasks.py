"""The ribbon's tasks on the active workbook: 校验 and 标记逾期."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from xlflow.config import SEVERITIES
from xlflow.errors import UnreadableError
from xlflow.excel.excel_session import ExcelSession
from xlflow.facts import CellWrites, Outcome, Row
from xlflow.messages import say
from xlflow.templates.master_workbook import TEXTS_SHEET
from xlflow.workspace import display_name

MAX_LINES = 8
"""The findings or rows that a message box lists."""
_OWN_FORMULA = "XF116"


def validate(session: ExcelSession) -> str:
    """Check the four tables of the workbook and write 系统提示."""
    outcome = _process(session)
    written = session.write(_column_writes(outcome, "remarks"))
    if not outcome.findings:
        return session.say("no_findings", rows=len(outcome.rows))
    from xlflow.rules import message

    counts = Counter(finding.severity for finding in outcome.findings)
    counted = say("terminal.list", session.language).join(
        say(f"terminal.findings.{severity}", session.language, count=counts[severity])
        for severity in SEVERITIES
        if counts[severity]
    )
    by_severity = sorted(outcome.findings, key=lambda f: SEVERITIES.index(f.severity))
    lines = [
        session.say(
            "finding",
            place=f"{finding.sheet or session.name}{f'!{finding.cell}' if finding.cell else ''}",
            told=message(finding, session.language),
            code=finding.code,
        )
        for finding in by_severity
    ]
    listed = _first_lines(session, lines)
    return session.say("findings", counts=counted, list=listed, written=written)


def flag_overdue(session: ExcelSession) -> str:
    """Write 逾期 into the plan and the requests; return what is overdue and its owners."""
    outcome = _process(session)
    session.write(_column_writes(outcome, "late"))
    late = [row for row in outcome.rows if outcome.computed[row.id].late]
    if not late:
        return session.say("nothing_overdue")
    late.sort(key=lambda row: -outcome.computed[row.id].late_seconds)
    lines = [
        session.say(
            "overdue_item",
            late=outcome.computed[row.id].late_text,
            item=_item(row),
            owners=say("terminal.list", session.language).join(row.get("owners") or ()) or "—",
            place=f"{row.sheet}!{row.number}",
        )
        for row in late
    ]
    return session.say("overdue", count=len(late), list=_first_lines(session, lines))


def _process(session: ExcelSession) -> Outcome:
    from xlflow.process import Inputs, process

    settings = session.settings
    if session.sheet(TEXTS_SHEET) is not None:
        # This is the master workbook, where 逾期 is a formula by design.
        settings = replace(settings, rules={**settings.rules, _OWN_FORMULA: "off"})
    name = session.name
    now = datetime.now(settings.zone).replace(tzinfo=None)
    outcome = process(session.content(), Inputs(PurePath(name).stem, settings, name), (), now)
    if not outcome.snapshot.sheets:
        raise UnreadableError("ribbon.no_tables", name=display_name(name))
    return outcome


def _column_writes(outcome: Outcome, field: str) -> CellWrites:
    """Return the wanted cells of one column of each table."""
    found = outcome.snapshot.sheets
    return {
        sheet: {
            cell: value
            for cell, value in cells.items()
            if any(
                table.sheet == sheet
                and table.header_row < cell[0] <= table.last_row
                and table.columns.get(field) == cell[1]
                for table in found
            )
        }
        for sheet, cells in outcome.cells.items()
    }


def _item(row: Row) -> str:
    return str(row.get(row.table.columns[0].field) or f"#{row.number}")


def _first_lines(session: ExcelSession, lines: list[str]) -> str:
    more = len(lines) - MAX_LINES
    rest = [session.say("and_more", count=more)] if more > 0 else []
    return "\n".join([*lines[:MAX_LINES], *rest])
