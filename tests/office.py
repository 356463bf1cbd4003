"""A real LibreOffice as the judge of what a workbook shows.

Where soffice is missing a test that asks it fails on Linux, where CI installs it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest

Result = TypeVar("Result")

_absent = pytest.mark.skipif(
    sys.platform != "linux" and shutil.which("soffice") is None,
    reason="LibreOffice isn't installed on this Windows or macOS",
)


def libreoffice(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that opens files in a real LibreOffice."""
    return pytest.mark.libreoffice(_absent(test))  # type: ignore[no-any-return]


def within_one_day(measure: Callable[[datetime], Result]) -> Result:
    """Return what ``measure`` gives for now, measured anew if midnight fell within.

    LibreOffice's TODAY() can't be set; a result from two days would compare them.
    """
    while True:
        now = datetime.now()  # noqa: DTZ005  # as TODAY() does
        result = measure(now)
        if datetime.now().date() == now.date():  # noqa: DTZ005
            return result


class Seen(NamedTuple):
    """One cell as LibreOffice shows it, conditional formats applied; colours as ``#RRGGBB``."""

    text: str
    color: str | None
    background: str | None
    style: str


@cache
def _profile() -> tempfile.TemporaryDirectory[str]:
    """A profile of this test run's own: a LibreOffice that somebody has open stays out of it."""
    return tempfile.TemporaryDirectory(prefix="xlflow-office-", ignore_cleanup_errors=True)


def convert(book: Path, to: str, folder: Path) -> Path:
    """Have LibreOffice open a workbook and save it as another format in ``folder``."""
    profile = f"-env:UserInstallation={Path(_profile().name).as_uri()}"
    command = ["soffice", profile, "--headless", "--norestore", "--convert-to", to]
    done = subprocess.run(
        [*command, "--outdir", str(folder), str(book)], capture_output=True, timeout=120
    )
    made = folder / f"{book.stem}.{to}"
    assert made.exists(), done.stderr.decode(errors="replace")
    return made


def sheets(book: Path, folder: Path) -> dict[str, list[list[Seen]]]:
    """Return every sheet's visible cells, row by row, by the sheet's name."""
    parser = _Page()
    parser.feed(convert(book, "html", folder).read_text(encoding="utf-8"))
    names = [name for name in parser.anchors if name]
    return dict(zip(names, parser.tables, strict=True))


def pages(book: Path, folder: Path) -> list[str]:
    """Return the text of each page as the workbook would be printed."""
    printed = convert(book, "pdf", folder)
    text = subprocess.run(["pdftotext", "-layout", printed, "-"], capture_output=True, check=True)
    return text.stdout.decode().split("\f")[:-1]


def picture(book: Path, folder: Path, *, page: int) -> list[list[tuple[int, int, int]]]:
    """Return the pixels of a printed page, row by row as (red, green, blue), 72 an inch."""
    printed = convert(book, "pdf", folder)
    command = ["pdftoppm", "-r", "72", "-f", str(page), "-l", str(page), str(printed)]
    content = subprocess.run(command, capture_output=True, check=True).stdout
    _, width, height, _, pixels = content.split(maxsplit=4)
    assert len(pixels) == 3 * int(width) * int(height)
    flat = [(pixels[at], pixels[at + 1], pixels[at + 2]) for at in range(0, len(pixels), 3)]
    return [flat[at : at + int(width)] for at in range(0, len(flat), int(width))]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[Seen]]] = []
        self.anchors: list[str] = []
        self._cell: dict[str, str | None] | None = None
        self._text: list[str] = []
        self._color: str | None = None
        self._skip = False
        self._heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag == "td":
            self._cell, self._text, self._color = given, [], None
        elif tag == "font" and self._cell is not None and given.get("color"):
            self._color = given["color"]
        elif tag == "comment":
            self._skip = True
        elif tag == "em":
            self._heading = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "td" and self._cell is not None:
            background = self._cell.get("bgcolor")
            seen = Seen(
                " ".join("".join(self._text).split()),
                self._color,
                background,
                self._cell.get("style") or "",
            )
            self.tables[-1][-1].append(seen)
            self._cell = None
        elif tag == "comment":
            self._skip = False
        elif tag == "em":
            self._heading = False

    def handle_data(self, data: str) -> None:
        if self._heading and self._cell is None:
            self.anchors.append(data.strip())
        elif self._cell is not None and not self._skip:
            self._text.append(data)


def rows_of(seen: list[list[Seen]], header_row: int) -> Iterator[dict[str, Seen]]:
    """Yield the rows below the header, each cell by its header's text."""
    headers = [cell.text for cell in seen[header_row - 1]]
    for row in seen[header_row:]:
        yield dict(zip(headers, row, strict=True))
