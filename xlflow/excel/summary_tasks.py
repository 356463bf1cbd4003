"""The ribbon's tasks on summaries: 刷新, 月度汇总 and 打开汇总."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from xlflow.errors import HeldError
from xlflow.excel import summary_sheet
from xlflow.excel.excel_session import ExcelSession
from xlflow.excel.summary_reader import SummaryFigures, latest_summary, previous_summary
from xlflow.figures.catalogue import BY_KEY, MAIN_FIGURES, FigureUnit
from xlflow.messages import error_key, explain, say
from xlflow.summary.summary_files import summary_files
from xlflow.workspace import display_name


def refresh(session: ExcelSession) -> str | None:
    """Fill 汇总 with the figures of the latest summary."""
    workspace = session.workspace
    latest = latest_summary(workspace)
    if latest is None:
        return session.say("no_summary")
    sheet = session.sheet(summary_sheet.sheet_name())
    if sheet is not None:
        previous = previous_summary(workspace, latest.month)
        state = session.say("figures_of", month=latest.month, state=latest.state)
        session.write_block(sheet, *summary_sheet.STATE, [[state]])
        session.write_block(sheet, *summary_sheet.MAIN_VALUES, _main_values(latest, previous))
        session.write_block(sheet, *summary_sheet.TEAMS, _team_values(latest))
    figures = "" if sheet is not None else _figures_text(session, latest)
    note = "" if _is_watched(session) else session.say("not_watched", state=latest.state)
    return "\n\n".join(text for text in (figures, note) if text) or None


def roll_up(session: ExcelSession) -> str | None:
    """Read changed workbooks and write the summary of a month that the user enters."""
    from xlflow.store import Store
    from xlflow.summary import renewal
    from xlflow.sync import run

    workspace = session.workspace
    now = datetime.now().astimezone()
    as_of = now.astimezone(workspace.settings.zone).replace(tzinfo=None)
    answer = session.ask(session.say("which_month"), f"{as_of:%Y-%m}")
    if answer is None:
        return None
    month = renewal.parse_month(answer)

    def progress(done: int, total: int, name: str) -> None:
        text = session.say("reading", done=done, total=total, name=display_name(name))
        session.show_progress(text, at_once=False)

    try:
        sync = run.run(workspace, as_of, progress=progress)
        with Store.open(workspace.state) as store:
            summary = renewal.write_summary(workspace, store, month, as_of, now)
    except HeldError as error:
        # Another machine's daemon keeps the summaries up to date.
        existing = summary_files(workspace).get(month)
        if existing is None:
            raise
        session.open(existing, read_only=True)
        return session.say("held_so_opened", month=month, why=explain(error, session.language))
    if sync.frozen is not None:
        why = say(error_key(sync.frozen.key), session.language, **sync.frozen.params)
        return session.say("frozen", why=why)
    path = workspace.relative(summary.path)
    if summary.deferred is not None:
        why = say(error_key(summary.deferred.key), session.language, **summary.deferred.params)
        return session.say("summary_waits", path=path, why=why)
    teams, rows = len(summary.report.teams), summary.report.rows
    return session.say("rolled_up", month=month, teams=teams, rows=rows, path=path)


def open_summary(session: ExcelSession) -> str | None:
    """Open the latest summary, read-only so that it can still be renewed."""
    files = summary_files(session.workspace)
    if not files:
        return session.say("no_summary")
    session.open(files[max(files)], read_only=True)
    return None


def _main_values(latest: SummaryFigures, previous: SummaryFigures | None) -> list[list[Any]]:
    return [
        [_number(latest.total.get(key)), _number(previous.total.get(key)) if previous else None]
        for key in MAIN_FIGURES
    ]


def _team_values(latest: SummaryFigures) -> list[list[Any]]:
    """Return the rows of the team table and the total, filled up with blank rows."""
    named = list(latest.teams.items())[: summary_sheet.MAX_TEAMS]
    if latest.total:
        named.append((say("excel.overview_total", summary_sheet.LANGUAGE), latest.total))
    rows: list[list[Any]] = [
        [team, *(_number(figures.get(key)) for key in summary_sheet.TEAM_FIGURES)]
        for team, figures in named
    ]
    blank = [None] * (1 + len(summary_sheet.TEAM_FIGURES))
    return rows + [blank] * (summary_sheet.MAX_TEAMS + 1 - len(rows))


def _number(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else float(value)


def _figures_text(session: ExcelSession, latest: SummaryFigures) -> str:
    lines = [session.say("figures_of", month=latest.month, state=latest.state)]
    for key in MAIN_FIGURES:
        value = latest.total.get(key)
        if isinstance(value, str) or value is None:
            text = value or "—"
        else:
            text = f"{value:.0%}" if BY_KEY[key].unit is FigureUnit.RATE else f"{value:.4g}"
        lines.append(f"{summary_sheet.figure_name(key)}  {text}")
    return "\n".join(lines)


def _is_watched(session: ExcelSession) -> bool:
    from xlflow.daemon.daemon_lock import daemon_is_running
    from xlflow.sync.lease import foreign_holder

    workspace = session.workspace
    return daemon_is_running(workspace.state) or foreign_holder(workspace.root) is not None
