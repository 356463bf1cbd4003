"""The latest summary workbook of a workspace, read back as figures.

The file is asked, not the store: a coordinator's machine need not be the one whose
daemon keeps the summaries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from xlflow.facts import CellValue
from xlflow.figures.catalogue import FIGURES
from xlflow.messages import LANGUAGES, say
from xlflow.ooxml.book import Book, Sheet
from xlflow.workspace import Workspace

_NAME = re.compile(r"汇总-(\d{4}-(?:0[1-9]|1[0-2]))\.xlsx")

Figures = Mapping[str, str | Decimal | None]


@dataclass(frozen=True, slots=True)
class SummaryFigures:
    """A month's figures; ``state`` is the line that says as of when they are."""

    month: str
    path: Path
    state: str
    teams: Mapping[str, Figures]
    total: Figures


def summaries(workspace: Workspace) -> dict[str, Path]:
    """Return the summary workbooks that lie there, by month."""
    if not workspace.summaries.is_dir():
        return {}
    found = ((_NAME.fullmatch(path.name), path) for path in workspace.summaries.iterdir())
    return {name[1]: path for name, path in found if name}


def latest_summary(workspace: Workspace) -> SummaryFigures | None:
    """Return the latest month's summary, None where there is none yet.

    Raises:
        UnreadableError: the file can't be read as a workbook.
        OSError: nor from the disk.
    """
    months = summaries(workspace)
    return summary_of(months[max(months)], max(months)) if months else None


def month_before(workspace: Workspace, month: str) -> SummaryFigures | None:
    """Return the summary before a month's, if it is of the month before."""
    year, number = map(int, month.split("-"))
    before = f"{year - (number == 1)}-{12 if number == 1 else number - 1:02}"
    path = summaries(workspace).get(before)
    return summary_of(path, before) if path else None


def summary_of(path: Path, month: str) -> SummaryFigures:
    """Read one summary workbook, in whichever language it was written."""
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
    naming = False
    name_column = 0
    for _, values in sorted(_rows(sheet).items()):
        first = min(values)
        if values[first] == heading:
            columns = {c: keys[str(v)] for c, v in values.items() if str(v) in keys}
            name_column, naming = first, True
        elif naming and (team := values.get(name_column)):
            figures = teams.setdefault(str(team), {})
            figures |= {key: _figure(values.get(c)) for c, key in columns.items()}
            naming = team != total
    state = _rows(sheet).get(2, {})
    return SummaryFigures(
        month, path, str(next(iter(state.values()), "")), teams, teams.pop(total, {})
    )


def _rows(sheet: Sheet) -> dict[int, dict[int, CellValue]]:
    rows: dict[int, dict[int, CellValue]] = {}
    for (row, column), cell in sheet.cells.items():
        if cell.value not in (None, ""):
            rows.setdefault(row, {})[column] = cell.value
    return rows


def _figure(value: CellValue) -> str | Decimal | None:
    if isinstance(value, Decimal):
        return value
    # 「—」 stands where there is no figure; several states stand on lines of their own.
    text = str(value or "").replace("\n", " ")
    return text if text != "—" else None
