"""One open workbook in a running Excel: reading it, writing into it, talking to its user.

A button's work goes on in a process of its own while the user goes on in Excel, so
Excel may be busy at any moment (a cell being edited, a dialog open) and turns calls
away; they are tried again for a while. Writing takes whole ranges, moves no
selection and leaves calculation alone.
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

from xlflow import workspace
from xlflow.config import Settings
from xlflow.errors import UnavailableError, WorkspaceError, WriteRefusedError
from xlflow.facts import CellWrites
from xlflow.messages import say
from xlflow.team_files.excel_writer import ExcelWriter
from xlflow.workspace import Workspace, shown

Answer = TypeVar("Answer")

PATIENCE = 20.0
"""Seconds for which a busy Excel is asked again."""
_PAUSE = 0.25
_SPEAK_EVERY = 0.3

# RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, VBA_E_IGNORE.
_BUSY = frozenset((-2147418111, -2147417846, -2146777998))


class ExcelSession:
    """An open workbook (an ``xlwings.Book``) and the Excel that has it open."""

    def __init__(self, book: Any, sleep: Callable[[float], None] = time.sleep) -> None:
        self.book = book
        self.app = book.app
        self._sleep = sleep
        self._said = 0.0
        self._writer = ExcelWriter(book.app, self.patiently)

    @property
    def name(self) -> str:
        """The workbook's file name."""
        return str(self.patiently(lambda: self.book.name))

    @cached_property
    def path(self) -> Path | None:
        """Where the workbook lies on this machine's disk, None while it was never saved.

        Raises:
            WorkspaceError: Excel knows only an address in the cloud.
        """
        import xlwings

        try:
            full = str(self.patiently(lambda: self.book.fullname))
        except xlwings.XlwingsError as error:
            # It knows OneDrive's folders from the environment, and couldn't match the address.
            raise WorkspaceError("ribbon.cloud_address", address=self.name) from error
        if "://" in full:
            raise WorkspaceError("ribbon.cloud_address", address=full)
        path = Path(full)
        return path if path.is_absolute() else None

    @cached_property
    def nearest(self) -> Workspace | None:
        """The workspace that the workbook lies in, if any."""
        return workspace.nearest(self.path.parent) if self.path else None

    @cached_property
    def space(self) -> Workspace:
        """The workspace that is meant: the workbook's own, else XLFLOW_WORKSPACE's.

        Raises:
            WorkspaceError: there is none.
            SettingsError: its settings can't be meant.
        """
        if self.nearest is not None:
            return self.nearest
        if os.environ.get("XLFLOW_WORKSPACE"):
            return workspace.find()
        raise WorkspaceError("ribbon.no_workspace", name=shown(self.name))

    @property
    def settings(self) -> Settings:
        """The settings of the workspace that the workbook lies in, else the defaults."""
        return self.nearest.settings if self.nearest else Settings()

    @property
    def language(self) -> str:
        """The language that the user is spoken to in."""
        try:
            return self.settings.language
        except Exception:
            return Settings().language

    def say(self, name: str, /, **params: Any) -> str:
        """Return a sentence of the ribbon's."""
        return say(f"ribbon.{name}", self.language, **params)

    def content(self) -> bytes:
        """Return the workbook as it stands in Excel, unsaved changes included."""
        if sys.platform == "darwin":
            # Excel can't be asked for a copy there.
            self.patiently(self.book.save)
            assert self.path is not None
            return self.path.read_bytes()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / self.name
            self.patiently(lambda: self.book.api.SaveCopyAs(str(copy)))
            return copy.read_bytes()

    def sheet(self, name: str) -> Any | None:
        """Return a sheet of the workbook, None where it has none of that name."""
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
            raise WriteRefusedError("ribbon.read_only", name=shown(self.name))
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
            raise WriteRefusedError("ribbon.read_only", name=shown(self.name))
        if self._holds(sheet, "ProtectContents"):
            raise WriteRefusedError("ribbon.protected", sheet=sheet.name)
        with self._writer.undisturbed():
            self._writer.write_range(sheet, row, column, rows)

    def progress(self, text: str | bool, *, at_once: bool = True) -> None:
        """Show a text in the status bar, or give the bar back (False); a busy Excel is let be."""
        now = time.monotonic()
        if at_once or now - self._said >= _SPEAK_EVERY:
            self._said = now
            with suppress(Exception):
                self.app.status_bar = text

    def tell(self, text: str, *, wrong: bool = False) -> None:
        """Show a message box."""
        self.app.alert(text, title="xlflow", mode="critical" if wrong else "info")

    def ask(self, question: str, default: str = "") -> str | None:
        """Ask for a text; None where the user doesn't want to say."""
        if sys.platform == "darwin":
            return _ask_macos(question, default)
        answer = self.patiently(lambda: self.app.api.InputBox(question, "xlflow", default, Type=2))
        return None if answer is False or not str(answer).strip() else str(answer).strip()

    def open(self, path: Path, *, read_only: bool = False) -> None:
        """Open a workbook beside this one."""
        self.patiently(lambda: self.app.books.open(str(path), read_only=read_only))

    def patiently(self, action: Callable[[], Answer]) -> Answer:
        """Do something with Excel, again and again while it is busy.

        Raises:
            UnavailableError: it is still busy after :data:`PATIENCE` seconds.
        """
        waited = 0.0
        while True:
            try:
                return action()
            except Exception as error:
                if not busy(error):
                    raise
                if waited >= PATIENCE:
                    raise UnavailableError("ribbon.excel_busy") from error
            self._sleep(_PAUSE)
            waited += _PAUSE

    def _holds(self, thing: Any, attribute: str) -> bool:
        """Whether a switch of Excel's own object is on; on macOS it has another name there."""
        if sys.platform == "darwin":
            return False
        return bool(self.patiently(lambda: getattr(thing.api, attribute)))


def busy(error: BaseException) -> bool:
    """Tell whether an error is Excel's way of saying that it has no time now."""
    codes = {getattr(error, "hresult", None)}
    details = getattr(error, "excepinfo", None)
    if isinstance(details, tuple) and details:
        codes.add(details[-1])
    # pywin32 can't even look a name up in an Excel that turns calls away.
    unnamed = isinstance(error, AttributeError) and str(error).startswith("<unknown>.")
    return unnamed or bool(codes & _BUSY)


def _ask_macos(question: str, default: str) -> str | None:
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in (question, default)]
    script = (
        f'text returned of (display dialog "{quoted[0]}" default answer "{quoted[1]}" '
        'with title "xlflow")'
    )
    asked = subprocess.run(["osascript", "-e", script], capture_output=True, text=True)
    return asked.stdout.strip() or None
