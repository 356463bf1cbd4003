"""The ribbon's callbacks, which VBA calls when a button is pressed.

Each starts its task in a new process (:mod:`xlflow.excel.ribbon_worker`) and returns at
once. So neither Excel nor the Python that serves the worksheet functions waits for a
pass over a slow share or for a message box.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from xlflow.messages import say

LANGUAGE = "zh"


def refresh() -> None:
    """刷新: fill 汇总 from the workspace's latest summary."""
    _start_task("refresh")


def validate() -> None:
    """校验: check the active workbook, write 系统提示."""
    _start_task("validate")


def flag_overdue() -> None:
    """标记逾期: write 逾期 into the active workbook."""
    _start_task("flag_overdue")


def roll_up() -> None:
    """月度汇总: ask for a month, read the team workbooks, write the month's summary."""
    _start_task("roll_up")


def open_summary() -> None:
    """打开汇总: open the latest summary."""
    _start_task("open_summary")


def new_team_workbook() -> None:
    """新建团队工作簿: ask for a name, create the workbook, open it."""
    _start_task("new_team_workbook")


def status() -> None:
    """检查更新状态: show whether the daemon runs and which workbooks have a problem."""
    _start_task("status")


def help() -> None:  # noqa: A001 (the button's name)
    """帮助: show what the buttons do."""
    _start_task("help")


def _start_task(task: str) -> None:
    """Start a task on the workbook whose button was pressed."""
    import xlwings

    book = xlwings.Book.caller()
    with suppress(Exception):  # the worker shows it again once Excel isn't busy
        book.app.status_bar = say(f"ribbon.doing_{task}", LANGUAGE)
    worker = [*_python(), "-m", "xlflow.excel.ribbon_worker"]
    start_detached([*worker, task, str(book.app.pid), str(book.name)])


def start_detached(command: list[str]) -> None:
    """Start a process without a window that outlives this one."""
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": subprocess.CREATE_NO_WINDOW}
    null = subprocess.DEVNULL
    subprocess.Popen(command, stdin=null, stdout=null, stderr=null, **options)


def _python() -> list[str]:
    """Return the command of this interpreter; ``-P`` keeps the current folder off its path."""
    return [str(Path(sys.executable)), "-P"]
