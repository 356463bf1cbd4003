"""What each button of the ribbon does with the workbook it was pressed in.

Thin: reading, judging and rolling up are the pipeline's. A task returns what its
user is told, or None where what they see says it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from xlflow.config import SEVERITIES
from xlflow.errors import HeldError, UnreadableError, XlflowError
from xlflow.excel import summary_sheet
from xlflow.excel.excel_session import ExcelSession, busy
from xlflow.excel.summary_reader import SummaryFigures, latest_summary, month_before, summaries
from xlflow.facts import CellWrites, Outcome, Row
from xlflow.figures.catalogue import BY_KEY, FigureUnit
from xlflow.messages import error_key, explain, say
from xlflow.workspace import shown

WORDS = "xlflow.words"
"""The hidden sheet by which the master workbook is known."""
_FIRST = 8
"""How many of a list a message box names."""
_OWN_FORMULA = "XF116"


def perform(name: str, desk: ExcelSession) -> None:
    """Do a button's work; whatever goes wrong, the user is told once, in words."""
    wrong = False
    try:
        desk.progress(desk.say(f"doing_{name}"))
        told = TASKS[name](desk)
    except XlflowError as error:
        told, wrong = explain(error, desk.language), True
    except Exception as error:
        wrong = True
        if busy(error):
            told = desk.say("excel_busy")
        else:
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            told = desk.say("unexpected", what=what)
    finally:
        desk.progress(False)
    if told:
        desk.tell(told, wrong=wrong)


def refresh(desk: ExcelSession) -> str | None:
    """Fill 汇总 with the figures of the latest summary."""
    space = desk.space
    found = latest_summary(space)
    if found is None:
        return desk.say("no_summary")
    sheet = desk.sheet(summary_sheet.sheet_name())
    if sheet is not None:
        before = month_before(space, found.month)
        state = desk.say("figures_of", month=found.month, state=found.state)
        desk.write_block(sheet, *summary_sheet.STATE, [[state]])
        desk.write_block(sheet, *summary_sheet.TILE_VALUES, _tiles(found, before))
        desk.write_block(sheet, *summary_sheet.TEAMS, _teams(found))
    figures = "" if sheet is not None else _in_words(desk, found)
    idle = "" if _watched(desk) else desk.say("not_watched", state=found.state)
    return "\n\n".join(text for text in (figures, idle) if text) or None


def validate(desk: ExcelSession) -> str:
    """Check the four tables of the workbook and write 系统提示."""
    outcome = _process(desk)
    written = desk.write(_only(outcome, "remarks"))
    if not outcome.findings:
        return desk.say("no_findings", rows=len(outcome.rows))
    from xlflow.rules import message

    counts = Counter(finding.severity for finding in outcome.findings)
    counted = say("terminal.list", desk.language).join(
        say(f"terminal.findings.{severity}", desk.language, count=counts[severity])
        for severity in SEVERITIES
        if counts[severity]
    )
    first = sorted(outcome.findings, key=lambda f: SEVERITIES.index(f.severity))
    lines = [
        desk.say(
            "finding",
            place=f"{finding.sheet or desk.name}{f'!{finding.cell}' if finding.cell else ''}",
            told=message(finding, desk.language),
            code=finding.code,
        )
        for finding in first
    ]
    return desk.say("findings", counts=counted, list=_shortened(desk, lines), written=written)


def flag_overdue(desk: ExcelSession) -> str:
    """Write 逾期 into the plan and the requests, and say whose they are."""
    outcome = _process(desk)
    desk.write(_only(outcome, "late"))
    late = [row for row in outcome.rows if outcome.computed[row.id].late]
    if not late:
        return desk.say("nothing_overdue")
    late.sort(key=lambda row: -outcome.computed[row.id].late_seconds)
    lines = [
        desk.say(
            "overdue_item",
            late=outcome.computed[row.id].late_text,
            item=_item(row),
            owners=say("terminal.list", desk.language).join(row.get("owners") or ()) or "—",
            place=f"{row.sheet}!{row.number}",
        )
        for row in late
    ]
    return desk.say("overdue", count=len(late), list=_shortened(desk, lines))


def roll_up(desk: ExcelSession) -> str | None:
    """Read what changed and write the summary of the month that the user names."""
    from xlflow.store import Store
    from xlflow.summary import renewal
    from xlflow.sync import run

    space = desk.space
    now = datetime.now().astimezone()
    as_of = now.astimezone(space.settings.zone).replace(tzinfo=None)
    answer = desk.ask(desk.say("which_month"), f"{as_of:%Y-%m}")
    if answer is None:
        return None
    month = renewal.parse_month(answer)

    def progress(done: int, total: int, name: str) -> None:
        text = desk.say("reading", done=done, total=total, name=shown(name))
        desk.progress(text, at_once=False)

    try:
        done = run.run(space, as_of, progress=progress)
        with Store.open(space.state) as store:
            result = renewal.write_summary(space, store, month, as_of, now)
    except HeldError as error:
        # The other machine keeps the summaries current.
        kept = summaries(space).get(month)
        if kept is None:
            raise
        desk.open(kept, read_only=True)
        return desk.say("held_so_opened", month=month, why=explain(error, desk.language))
    if done.frozen is not None:
        why = say(error_key(done.frozen.key), desk.language, **done.frozen.params)
        return desk.say("frozen", why=why)
    if result.deferred is not None:
        why = say(error_key(result.deferred.key), desk.language, **result.deferred.params)
        return desk.say("summary_waits", path=space.relative(result.path), why=why)
    return desk.say(
        "rolled_up",
        month=month,
        teams=len(result.report.teams),
        rows=result.report.rows,
        path=space.relative(result.path),
    )


def open_summary(desk: ExcelSession) -> str | None:
    """Open the latest summary, read-only so that it can go on being renewed."""
    found = summaries(desk.space)
    if not found:
        return desk.say("no_summary")
    desk.open(found[max(found)], read_only=True)
    return None


def new_team_workbook(desk: ExcelSession) -> str | None:
    """Make a new team's workbook from the template and open it."""
    from xlflow.workspace import add_teams

    space = desk.space
    name = desk.ask(desk.say("which_team"))
    if name is None:
        return None
    (path,) = add_teams(space, [name])
    desk.open(path)
    return desk.say("team_made", path=space.relative(path))


def status(desk: ExcelSession) -> str:
    """Say whether the workbooks are watched, when they were last read, what needs a look."""
    from xlflow.daemon import heartbeat
    from xlflow.daemon.daemon_lock import daemon_is_running
    from xlflow.store import Store
    from xlflow.store.database import FILE_NAME
    from xlflow.sync.lease import foreign_holder

    space = desk.space
    holder = foreign_holder(space.root)
    pulse = heartbeat.read(space.state) if daemon_is_running(space.state) else None
    if holder is not None:
        lines = [desk.say("watched_elsewhere", who=holder.who, where=holder.where)]
    elif pulse is not None:
        lines = [desk.say("watched_here", since=f"{pulse.since:%Y-%m-%d %H:%M}")]
        if pulse.problem is not None:
            lines.append(say(error_key(pulse.problem.key), desk.language, **pulse.problem.params))
    else:
        lines = [desk.say("watched_by_nobody")]
    if not (space.state / FILE_NAME).exists():
        return "\n".join([*lines, desk.say("never_read")])
    with Store.open(space.state) as store:
        standings, frozen = store.workbooks(), store.frozen()
    read = [s.valid_from for s in standings if s.valid_from is not None]
    if read:
        lines.append(desk.say("last_read", moment=f"{max(read):%Y-%m-%d %H:%M}"))
    if frozen is not None:
        lines.append(say(error_key(frozen.key), desk.language, **frozen.params))
    apart = [
        desk.say(
            "stands",
            workbook=shown(s.workbook),
            status=say(f"terminal.status.{s.status}", desk.language),
            why=say(error_key(s.reason.key), desk.language, **s.reason.params),
        )
        for s in standings
        if s.reason is not None
    ]
    lines.append(desk.say("workbooks", count=len(standings), apart=len(apart)))
    return "\n".join([*lines, *apart[:_FIRST]])


def help_(desk: ExcelSession) -> str:
    """Say what each button does and what to do when something doesn't work."""
    return desk.say("help")


TASKS: Mapping[str, Callable[[ExcelSession], str | None]] = {
    "refresh": refresh,
    "validate": validate,
    "flag_overdue": flag_overdue,
    "roll_up": roll_up,
    "open_summary": open_summary,
    "new_team_workbook": new_team_workbook,
    "status": status,
    "help": help_,
}


def _process(desk: ExcelSession) -> Outcome:
    from pathlib import PurePath

    from xlflow.process import Inputs, process

    settings = desk.settings
    if desk.sheet(WORDS) is not None:
        # In the master workbook 逾期 is a formula, by design.
        settings = replace(settings, rules={**settings.rules, _OWN_FORMULA: "off"})
    name = desk.name
    now = datetime.now(settings.zone).replace(tzinfo=None)
    outcome = process(desk.content(), Inputs(PurePath(name).stem, settings, name), (), now)
    if not outcome.snapshot.tables:
        raise UnreadableError("ribbon.no_tables", name=shown(name))
    return outcome


def _only(outcome: Outcome, field: str) -> CellWrites:
    """Return the wanted cells of one column of each table."""
    columns = {t.sheet: t.columns.get(field) for t in outcome.snapshot.tables.values()}
    return {
        sheet: {place: value for place, value in cells.items() if place[1] == columns.get(sheet)}
        for sheet, cells in outcome.cells.items()
    }


def _item(row: Row) -> str:
    return str(row.get(row.table.columns[0].field) or f"#{row.number}")


def _shortened(desk: ExcelSession, lines: list[str]) -> str:
    more = len(lines) - _FIRST
    return "\n".join([*lines[:_FIRST], *([desk.say("and_more", count=more)] if more > 0 else [])])


def _tiles(found: SummaryFigures, before: SummaryFigures | None) -> list[list[Any]]:
    return [
        [_number(found.total.get(key)), _number(before.total.get(key)) if before else None]
        for key in summary_sheet.TILES
    ]


def _teams(found: SummaryFigures) -> list[list[Any]]:
    """Return the team table, padded with blanks to its full height; the total comes last."""
    named = list(found.teams.items())[: summary_sheet.MOST_TEAMS]
    if found.total:
        named.append((say("excel.overview_total", summary_sheet.LANGUAGE), found.total))
    rows: list[list[Any]] = [
        [team, *(_number(figures.get(key)) for key in summary_sheet.COLUMNS)]
        for team, figures in named
    ]
    blank = [None] * (1 + len(summary_sheet.COLUMNS))
    return rows + [blank] * (summary_sheet.MOST_TEAMS + 1 - len(rows))


def _number(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else float(value)


def _in_words(desk: ExcelSession, found: SummaryFigures) -> str:
    lines = [desk.say("figures_of", month=found.month, state=found.state)]
    for key in summary_sheet.TILES:
        value = found.total.get(key)
        if isinstance(value, str) or value is None:
            text = value or "—"
        else:
            text = f"{value:.0%}" if BY_KEY[key].unit is FigureUnit.RATE else f"{value:.4g}"
        lines.append(f"{summary_sheet.figure_name(key)}  {text}")
    return "\n".join(lines)


def _watched(desk: ExcelSession) -> bool:
    from xlflow.daemon.daemon_lock import daemon_is_running
    from xlflow.sync.lease import foreign_holder

    return daemon_is_running(desk.space.state) or foreign_holder(desk.space.root) is not None
