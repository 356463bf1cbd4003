"""The tasks behind the ribbon's buttons, by name.

A task returns the message for its user, or None where the user sees the result
anyway. Tasks only connect Excel with the rest of the package: reading, checking and
rolling up are done there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xlflow.errors import XlflowError
from xlflow.excel.excel_session import ExcelSession, is_busy
from xlflow.excel.summary_tasks import open_summary, refresh, roll_up
from xlflow.excel.workbook_tasks import flag_overdue, validate
from xlflow.messages import error_key, explain, say
from xlflow.workspace import display_name

MAX_WORKBOOKS = 8
"""The workbooks with a problem that the status names."""


def perform(name: str, session: ExcelSession) -> None:
    """Perform a task and show its message; an error is shown once, without a traceback."""
    failed = False
    try:
        session.show_progress(session.say(f"doing_{name}"))
        message = TASKS[name](session)
    except XlflowError as error:
        message, failed = explain(error, session.language), True
    except Exception as error:
        failed = True
        if is_busy(error):
            message = session.say("excel_busy")
        else:
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            message = session.say("unexpected", what=what)
    finally:
        session.show_progress(False)
    if message:
        session.show_message(message, failed=failed)


def new_team_workbook(session: ExcelSession) -> str | None:
    """Create the workbook of a new team from the template and open it."""
    from xlflow.workspace_creation import add_teams

    workspace = session.workspace
    name = session.ask(session.say("which_team"))
    if name is None:
        return None
    (path,) = add_teams(workspace, [name])
    session.open(path)
    return session.say("team_made", path=workspace.relative(path))


def status(session: ExcelSession) -> str:
    """Return whether the daemon runs, the time of the last pass, and workbooks with a problem."""
    from xlflow.daemon import heartbeat
    from xlflow.daemon.daemon_lock import daemon_is_running
    from xlflow.store import Store
    from xlflow.store.status import FILE_NAME
    from xlflow.sync.lease import foreign_holder

    workspace = session.workspace
    holder = foreign_holder(workspace.root)
    running = daemon_is_running(workspace.state)
    beat = heartbeat.read(workspace.state) if running else None
    if holder is not None:
        lines = [session.say("watched_elsewhere", who=holder.who, where=holder.where)]
    elif beat is not None:
        lines = [session.say("watched_here", since=f"{beat.since:%Y-%m-%d %H:%M}")]
        if beat.problem is not None:
            key = error_key(beat.problem.key)
            lines.append(say(key, session.language, **beat.problem.params))
    else:
        lines = [session.say("watched_by_nobody")]
    if not (workspace.state / FILE_NAME).exists():
        return "\n".join([*lines, session.say("never_read")])
    with Store.open(workspace.state) as store:
        workbooks, frozen = store.workbooks(), store.frozen()
    read_at = [w.valid_from for w in workbooks if w.valid_from is not None]
    if read_at:
        lines.append(session.say("last_read", moment=f"{max(read_at):%Y-%m-%d %H:%M}"))
    if frozen is not None:
        lines.append(say(error_key(frozen.key), session.language, **frozen.params))
    problems = [
        session.say(
            "stands",
            workbook=display_name(w.workbook),
            status=say(f"terminal.status.{w.status}", session.language),
            why=say(error_key(w.reason.key), session.language, **w.reason.params),
        )
        for w in workbooks
        if w.reason is not None
    ]
    lines.append(session.say("workbooks", count=len(workbooks), apart=len(problems)))
    return "\n".join([*lines, *problems[:MAX_WORKBOOKS]])


def help_(session: ExcelSession) -> str:
    """Return what each button does and what to do if something doesn't work."""
    return session.say("help")


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
