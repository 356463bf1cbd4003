"""One open workbook in a running Excel: reads and writes it, and shows messages to its user.

A task runs in its own process while the user works in Excel, so Excel may be busy at
any moment (somebody edits a cell, a dialog is open) and reject calls; these are
repeated for a while. Writing covers whole ranges, and leaves selection and calculation
mode unchanged.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from xlflow.config import Settings
from xlflow.errors import UnavailableError, WorkspaceError, WriteRefusedError
from xlflow.facts import CellWrites
from xlflow.messages import say
from xlflow.team_files.excel_writer import ExcelWriter
from xlflow.workspace import Workspace, display_name, find, nearest

Answer = TypeVar("Answer")

BUSY_TIMEOUT = 20.0
"""Seconds for which calls to a busy Excel are repeated."""
_RETRY_INTERVAL = 0.25
_PROGRESS_INTERVAL = 0.3

# RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, VBA_E_IGNORE.
_BUSY = frozenset((-2147418111, -2147417846, -2146777998))


class ExcelSession:
    """An open workbook (an ``xlwings.Book``) and the Excel that has it open."""

    def __init__(self, book: Any, sleep: Callable[[float], None] = time.sleep) -> None:
        self.book = book
        self.app = book.app
        self._sleep = sleep
        self._progress_at = 0.0
        self._writer = ExcelWriter(book.app, self.patiently)

    @property
    def name(self) -> str:
        """The workbook's file name."""
        return str(self.patiently(lambda: self.book.name))

    @cached_property
    def path(self) -> Path | None:
        """The workbook's path on this machine, None if it was never saved.

        Raises:
            WorkspaceError: Excel knows only its cloud address.
        """
        import xlwings

        try:
            full = str(self.patiently(lambda: self.book.fullname))
        except xlwings.XlwingsError as error:
            # xlwings couldn't match the address with a OneDrive folder from the environment.
            raise WorkspaceError("ribbon.cloud_address", address=self.name) from error
        if "://" in full:
            raise WorkspaceError("ribbon.cloud_address", address=full)
        path = Path(full)
        return path if path.is_absolute() else None

    @cached_property
    def own_workspace(self) -> Workspace | None:
        """The workspace that contains the workbook, if any."""
        return nearest(self.path.parent) if self.path else None

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace that contains the workbook, else the one of XLFLOW_WORKSPACE.

        Raises:
            WorkspaceError: there is no workspace.
            SettingsError: its settings are invalid.
        """
        if self.own_workspace is not None:
            return self.own_workspace
        if os.environ.get("XLFLOW_WORKSPACE"):
            return find()
        raise WorkspaceError("ribbon.no_workspace", name=display_name(self.name))

    @property
    def settings(self) -> Settings:
        """The settings of the workspace that contains the workbook, else the defaults."""
        return self.own_workspace.settings if self.own_workspace else Settings()

    @property
    def language(self) -> str:
        """The language of messages to the user."""
        try:
            return self.settings.language
        except Exception:
            return Settings().language

    def say(self, name: str, /, **params: Any) -> str:
        """Return a message of the ribbon."""
        return say(f"ribbon.{name}", self.language, **params)

    def content(self) -> bytes:
        """Return the workbook's content as bytes, with its unsaved changes."""
        if sys.platform == "darwin":
            # Excel for macOS can't save a copy.
            self.patiently(self.book.save)
            assert self.path is not None
            return self.path.read_bytes()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / self.name
            self.patiently(lambda: self.book.api.SaveCopyAs(str(copy)))
            return copy.read_bytes()

    def sheet(self, name: str) -> Any | None:
        """Return a sheet of the workbook, None if there is no sheet of that name."""
        sheets = self.patiently(lambda: {sheet.name: sheet for sheet in self.book.sheets})
        return sheets.get(name)

    def write(self, edits: CellWrites) -> int:
        """Write cells by sheet, a range at a time, never over a formula; returns how many.

        Raises:
            WriteRefusedError: the workbook is read-only, or a sheet protected.
        """
        wanted = {name: cells for name, cells in edits.items() if cells}
        if not wanted:
            return 0
        if self._holds(self.book, "ReadOnly"):
            raise WriteRefusedError("ribbon.read_only", name=display_name(self.name))
        for name in wanted:
            if self._holds(self.sheet(name), "ProtectContents"):
                raise WriteRefusedError("ribbon.protected", sheet=name)
        count = 0
        with self._writer.undisturbed():
            for name, cells in wanted.items():
                self._writer.write_cells(self.sheet(name), cells)
                count += len(cells)
        return count

    def write_block(self, sheet: Any, row: int, column: int, rows: Sequence[Sequence[Any]]) -> None:
        """Write rows of values in one go, their corner at row and column."""
        if self._holds(self.book, "ReadOnly"):
            raise WriteRefusedError("ribbon.read_only", name=display_name(self.name))
        if self._holds(sheet, "ProtectContents"):
            raise WriteRefusedError("ribbon.protected", sheet=sheet.name)
        with self._writer.undisturbed():
            self._writer.write_range(sheet, row, column, rows)

    def show_progress(self, text: str | bool, *, at_once: bool = True) -> None:
        """Show a text in the status bar, or restore the bar (False), unless Excel is busy.

        Without ``at_once`` texts that follow each other too quickly are skipped.
        """
        now = time.monotonic()
        if at_once or now - self._progress_at >= _PROGRESS_INTERVAL:
            self._progress_at = now
            with suppress(Exception):
                self.app.status_bar = text

    def show_message(self, text: str, *, failed: bool = False) -> None:
        """Show a message box."""
        self.app.alert(text, title="xlflow", mode="critical" if failed else "info")

    def ask(self, question: str, default: str = "") -> str | None:
        """Ask the user for a text; None if they cancel or enter nothing."""
        if sys.platform == "darwin":
            return _ask_macos(question, default)
        answer = self.patiently(lambda: self.app.api.InputBox(question, "xlflow", default, Type=2))
        return None if answer is False or not str(answer).strip() else str(answer).strip()

    def open(self, path: Path, *, read_only: bool = False) -> None:
        """Open another workbook in the same Excel."""
        self.patiently(lambda: self.app.books.open(str(path), read_only=read_only))

    def patiently(self, action: Callable[[], Answer]) -> Answer:
        """Perform an action in Excel; repeat it while Excel is busy.

        Raises:
            UnavailableError: Excel is still busy after :data:`BUSY_TIMEOUT` seconds.
        """
        waited = 0.0
        while True:
            try:
                return action()
            except Exception as error:
                if not is_busy(error):
                    raise
                if waited >= BUSY_TIMEOUT:
                    raise UnavailableError("ribbon.excel_busy") from error
            self._sleep(_RETRY_INTERVAL)
            waited += _RETRY_INTERVAL

    def _holds(self, thing: Any, attribute: str) -> bool:
        """Return whether a boolean property of Excel's own object is set; False on macOS."""
        if sys.platform == "darwin":
            return False
        return bool(self.patiently(lambda: getattr(thing.api, attribute)))


def is_busy(error: BaseException) -> bool:
    """Return whether an error means that Excel rejected a call because it was busy."""
    codes = {getattr(error, "hresult", None)}
    details = getattr(error, "excepinfo", None)
    if isinstance(details, tuple) and details:
        codes.add(details[-1])
    # pywin32 can't look up a name in an Excel that rejects calls.
    failed_lookup = isinstance(error, AttributeError) and str(error).startswith("<unknown>.")
    return failed_lookup or bool(codes & _BUSY)


def _ask_macos(question: str, default: str) -> str | None:
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in (question, default)]
    script = (
        f'text returned of (display dialog "{quoted[0]}" default answer "{quoted[1]}" '
        'with title "xlflow")'
    )
    dialog = subprocess.run(["osascript", "-e", script], capture_output=True, text=True)
    return dialog.stdout.strip() or None
