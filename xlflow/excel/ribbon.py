"""The ribbon's callbacks: what VBA calls when a button is pressed.

Each hands its work over to a process of its own and returns at once, so Excel never
waits: neither for a pass over a slow share nor for a message box, and the Python
that answers the cells stays free. That process talks to Excel from outside
(:mod:`xlflow.excel.ribbon_worker`); Excel takes its calls when it has time.
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
    _hand_over("refresh")


def validate() -> None:
    """校验: check the active workbook, write 系统提示."""
    _hand_over("validate")


def flag_overdue() -> None:
    """标记逾期: write 逾期 into the active workbook."""
    _hand_over("flag_overdue")


def roll_up() -> None:
    """月度汇总: ask for a month, read the teams' workbooks, write its summary."""
    _hand_over("roll_up")


def open_summary() -> None:
    """打开汇总: open the latest summary."""
    _hand_over("open_summary")


def new_team_workbook() -> None:
    """新建团队工作簿: ask for a name, make the workbook, open it."""
    _hand_over("new_team_workbook")


def status() -> None:
    """检查更新状态: say whether the daemon runs and how the workbooks stand."""
    _hand_over("status")


def help() -> None:  # noqa: A001 (the button's name)
    """帮助: say what the buttons do."""
    _hand_over("help")


def _hand_over(task: str) -> None:
    """Start the work on the workbook that the button was pressed in."""
    import xlwings

    book = xlwings.Book.caller()
    with suppress(Exception):  # a busy Excel shows it later
        book.app.status_bar = say(f"ribbon.doing_{task}", LANGUAGE)
    start([*_python(), "-m", "xlflow.excel.ribbon_worker", task, str(book.app.pid), str(book.name)])


def start(command: list[str]) -> None:
    """Start a process that outlives this one, without a window and without a console."""
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.CREATE_NO_WINDOW}
    nowhere = subprocess.DEVNULL
    subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, **apart)


def _python() -> list[str]:
    """Return this interpreter; it imports from nowhere but its own installation."""
    return [str(Path(sys.executable)), "-P"]
