"""A fake Excel behind the real ``xlwings.Book``: an engine with what the ribbon needs.

Its workbooks are openpyxl's. It records status bar texts, message boxes and written
ranges, can be busy, and can have read-only workbooks and protected sheets. It fails when
anything else is used, such as the selection or the calculation mode.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import xlwings as xw
from xlwings import base_classes

Values = tuple[tuple[Any, ...], ...]


class BusyError(Exception):
    """pywin32's error for RPC_E_CALL_REJECTED."""

    hresult = -2147418111


class Engine:
    """The attributes of an engine that xlwings uses."""

    name, type = "memory", "desktop"

    @property
    def apps(self) -> Apps:
        raise NotImplementedError

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None else value

    @staticmethod
    def clean_value_data(data: Values, dates: Any, empty: Any, *_: Any) -> list[list[Any]]:
        return [[empty if value is None else value for value in row] for row in data]


class Apps(base_classes.Apps):
    """The only running Excel, by its process id."""

    def __init__(self, app: App) -> None:
        self.app = app

    def __iter__(self) -> Iterator[App]:
        return iter([self.app])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        return {self.app.pid: self.app}[pid]


class App(base_classes.App):
    """One Excel; ``busy`` is the number of calls that it still rejects."""

    engine = Engine()
    pid = 4711
    api: Any = None  # replaces a property without a setter

    def __init__(self) -> None:
        self.open_books: list[Book] = []
        self.busy = 0
        self.alerts: list[tuple[str, str | None]] = []
        self.answers: list[Any] = []
        self.questions: list[str] = []
        self.status_bar_texts: list[Any] = []
        self.writes: list[str] = []
        self.flicker: list[bool] = []
        self.switches = {"screen_updating": True, "enable_events": True}
        self.api = SimpleNamespace(InputBox=self._input_box)

    def call(self) -> None:
        """Accept or reject one call."""
        if self.busy:
            self.busy -= 1
            raise BusyError(BusyError.hresult, "Call was rejected by callee.", None, None)

    def _input_box(self, prompt: str, title: str, default: str, Type: int) -> Any:  # noqa: N803
        self.call()
        self.questions.append(prompt)
        answer = self.answers.pop(0)
        return default if answer is None else answer

    @property
    def books(self) -> Books:
        return Books(self)

    @property
    def status_bar(self) -> Any:
        return self.status_bar_texts[-1] if self.status_bar_texts else False

    @status_bar.setter
    def status_bar(self, text: Any) -> None:
        self.call()
        self.status_bar_texts.append(text)

    def alert(self, prompt: str, title: str, buttons: str, mode: str, callback: Any) -> str:
        self.alerts.append((prompt, mode))
        return "ok"

    @property
    def screen_updating(self) -> bool:
        self.call()
        return self.switches["screen_updating"]

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        self.call()
        self.switches["screen_updating"] = value
        self.flicker.append(value)

    @property
    def enable_events(self) -> bool:
        return self.switches["enable_events"]

    @enable_events.setter
    def enable_events(self, value: bool) -> None:
        self.switches["enable_events"] = value


class Books(base_classes.Books):
    """The open workbooks."""

    api: Any = None

    def __init__(self, app: App) -> None:
        self.app = app

    def __call__(self, name: str | int) -> Book:
        if isinstance(name, int):
            return self.app.open_books[name - 1]
        return {book.name: book for book in self.app.open_books}[name]

    def __len__(self) -> int:
        return len(self.app.open_books)

    def __iter__(self) -> Iterator[Book]:
        return iter(self.app.open_books)

    def open(self, fullname: str, update_links: Any = None, read_only: Any = None, *_: Any) -> Book:
        self.app.call()
        book = Book(self.app, Path(fullname))
        book.api.ReadOnly = bool(read_only)
        self.app.open_books.append(book)
        return book


class Book(base_classes.Book):
    """One workbook, as on the disk until something is written into it."""

    api: Any = None
    app: Any = None
    fullname: Any = None

    def __init__(self, app: App, path: Path, fullname: str | None = None) -> None:
        self.app = app
        self.path = path
        self.fullname = fullname or str(path)
        self.changed = False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about features that openpyxl drops
            self.content = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")
            self.cached = openpyxl.load_workbook(path, data_only=True)
        self.api = SimpleNamespace(ReadOnly=False, SaveCopyAs=self._save_copy)
        self.protected: set[str] = set()

    def _save_copy(self, path: str) -> None:
        self.app.call()
        if self.changed:
            self.content.save(path)
        else:
            # The original file has cached values, which openpyxl would drop.
            Path(path).write_bytes(self.path.read_bytes())

    @property
    def name(self) -> str:
        self.app.call()
        return self.path.name

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)


class Sheets(base_classes.Sheets):
    """The sheets of a workbook."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, name: str | int) -> Sheet:
        names = self.book.content.sheetnames
        return Sheet(self.book, names[name - 1] if isinstance(name, int) else name)

    def __len__(self) -> int:
        return len(self.book.content.sheetnames)

    def __iter__(self) -> Iterator[Sheet]:
        return (Sheet(self.book, name) for name in self.book.content.sheetnames)


class Sheet(base_classes.Sheet):
    """One sheet."""

    def __init__(self, book: Book, name: str) -> None:
        self._book, self._name = book, name
        self.worksheet = book.content[name]

    @property
    def api(self) -> Any:
        return SimpleNamespace(ProtectContents=self._name in self._book.protected)

    @property
    def name(self) -> str:
        return self._name

    @property
    def book(self) -> Book:
        return self._book

    def range(self, first: Any, last: Any = None) -> Range:
        corners = [c.first if isinstance(c, Range) else c for c in (first, last or first)]
        return Range(self, *corners)


class Range(base_classes.Range):
    """A rectangle of cells, corners by (row, column)."""

    api: Any = True  # xlwings writes only to ranges with an api

    def __init__(self, sheet: Sheet, first: tuple[int, int], last: tuple[int, int]) -> None:
        self._sheet, self.first, self.last = sheet, first, last

    @property
    def sheet(self) -> Sheet:
        return self._sheet

    @property
    def row(self) -> int:
        return self.first[0]

    @property
    def column(self) -> int:
        return self.first[1]

    @property
    def shape(self) -> tuple[int, int]:
        return self.last[0] - self.first[0] + 1, self.last[1] - self.first[1] + 1

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int) -> Range:
        cell = (self.first[0] + row - 1, self.first[1] + column - 1)
        return Range(self._sheet, cell, cell)

    @property
    def address(self) -> str:
        corners = (openpyxl.utils.get_column_letter(c) + str(r) for r, c in (self.first, self.last))
        return ":".join(corners)

    def _values(self, book: Any) -> Values:
        self._sheet.book.app.call()
        (top, left), (bottom, right) = self.first, self.last
        rows = book[self._sheet.name].iter_rows(top, bottom, left, right, values_only=True)
        return tuple(rows)

    @property
    def raw_value(self) -> Values:
        book = self._sheet.book
        return self._values(book.content if book.changed else book.cached)

    @raw_value.setter
    def raw_value(self, values: Values) -> None:
        book = self._sheet.book
        book.app.call()
        assert not book.api.ReadOnly
        assert self._sheet.name not in book.protected
        assert not book.app.switches["screen_updating"]
        book.app.writes.append(f"{self._sheet.name}!{self.address}")
        book.changed = True
        rows = values if isinstance(values, list | tuple) else [[values]]
        for row, values_of_row in enumerate(rows, self.first[0]):
            for column, value in enumerate(values_of_row, self.first[1]):
                cell = self._sheet.worksheet.cell(row, column)
                # As in Excel, an apostrophe marks a text and "" clears the cell.
                text = value.removeprefix("'") if isinstance(value, str) else value
                cell.value = None if value == "" else text
                if text != value:
                    cell.data_type = "s"

    @property
    def formula(self) -> str | tuple[tuple[str, ...], ...]:
        rows = self._values(self._sheet.book.content)
        texts = tuple(tuple("" if v is None else str(v) for v in row) for row in rows)
        return texts[0][0] if self.shape == (1, 1) else texts


def excel(path: Path, fullname: str | None = None) -> tuple[App, xw.Book]:
    """Return a running Excel and its open workbook as xlwings' object."""
    app = App()
    app.open_books.append(Book(app, path, fullname))
    return app, xw.Book(impl=app.open_books[0])
