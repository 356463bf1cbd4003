"""Reads the figures out of a workspace's summary workbooks.

The figures come from the file and not from the store, because the daemon, and with it
the store, may be on another machine than the coordinator's Excel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from xlflow.facts import CellValue
from xlflow.figures.catalogue import FIGURES
from xlflow.messages import LANGUAGES, say
from xlflow.ooxml.book import Book, Sheet
from xlflow.summary.summary_files import summary_files
from xlflow.workspace import Workspace

Figures = Mapping[str, str | Decimal | None]
"""Figures by key; a state is a text, an unknown figure None."""


@dataclass(frozen=True, slots=True)
class SummaryFigures:
    """A month's figures; ``state`` is the summary's line with their as-of."""

    month: str
    path: Path
    state: str
    teams: Mapping[str, Figures]
    total: Figures


def latest_summary(workspace: Workspace) -> SummaryFigures | None:
    """Return the latest month's summary, None if there is none yet.

    Raises:
        UnreadableError: the file isn't a workbook that can be read.
        OSError: the file can't be read.
    """
    files = summary_files(workspace)
    return read_summary(files[max(files)], max(files)) if files else None


def previous_summary(workspace: Workspace, month: str) -> SummaryFigures | None:
    """Return the summary of the month before, None if there is none."""
    year, number = map(int, month.split("-"))
    previous = f"{year - (number == 1)}-{12 if number == 1 else number - 1:02}"
    path = summary_files(workspace).get(previous)
    return read_summary(path, previous) if path else None


def read_summary(path: Path, month: str) -> SummaryFigures:
    """Read one summary workbook, in either language."""
    overviews = {say("summary.sheet_overview", language): language for language in LANGUAGES}
    book = Book(path.read_bytes())
    sheet = next((sheet for sheet in map(book.sheet, overviews) if sheet is not None), None)
    if sheet is None:
        return SummaryFigures(month, path, "", {}, {})
    language = overviews[sheet.name]
    teams: dict[str, dict[str, str | Decimal | None]] = {}
    heading, total = say("summary.team", language), say("summary.total", language)
    keys = {figure.name[language]: figure.key for figure in FIGURES}
    columns: dict[int, str] = {}
    in_team_table = False
    name_column = 0
    for _, values in sorted(_rows(sheet).items()):
        first = min(values)
        if values[first] == heading:
            columns = {c: keys[str(v)] for c, v in values.items() if str(v) in keys}
            name_column, in_team_table = first, True
        elif in_team_table and (team := values.get(name_column)):
            figures = teams.setdefault(str(team), {})
            figures |= {key: _figure(values.get(c)) for c, key in columns.items()}
            in_team_table = team != total
    state = _rows(sheet).get(2, {})
    return SummaryFigures(
        month, path, str(next(iter(state.values()), "")), teams, teams.pop(total, {})
    )


def _rows(sheet: Sheet) -> dict[int, dict[int, CellValue]]:
    rows: dict[int, dict[int, CellValue]] = {}
    for number, row in sheet.rows.items():
        for column, cell in row.items():
            if cell.value not in (None, ""):
                rows.setdefault(number, {})[column] = cell.value
    return rows


def _figure(value: CellValue) -> str | Decimal | None:
    if isinstance(value, Decimal):
        return value
    # 「—」 means that there is no figure; the total's states are on several lines.
    text = str(value or "").replace("\n", " ")
    return text if text != "—" else None
