"""The summary workbook of one month: 总览 with its charts, then a sheet for each list.

The same report gives the same bytes, in any process. Other programs find a figure by
its name: every key of :data:`xlflow.figures.catalogue.FIGURES` is a hidden defined name
that refers to the total's cell in 总览 (``metrics`` to its rows in 活动效果), and is
the same in both languages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any

from xlflow import __version__
from xlflow.figures.report import Report
from xlflow.meaning.overdue import day_of
from xlflow.summary.list_sheets import LISTS, write_lists
from xlflow.summary.overview import write_overview
from xlflow.summary.row_insertion import insert_rows
from xlflow.summary.styled_workbook import StyledWorkbook, finite

SHEETS = ("overview", *LISTS, "charts")

_CHUNK = 1000
_TIME_FIELDS = frozenset({"last_seen", "late_seconds"})
"""Fields that change with the time of reading alone."""


def write_workbook(report: Report, *, language: str, root: Path | None = None) -> bytes:
    """Return the bytes of the summary workbook.

    Links to the teams' files are relative to ``summaries/``. For a summary that is
    stored elsewhere pass ``root``, the workspace's folder; its links are then absolute.
    """
    book = StyledWorkbook(language, report.as_of)
    sheets = {name: book.file.add_worksheet(book.say(f"sheet_{name}")) for name in SHEETS}
    sheets["charts"].hide()
    month = month_text(report.month, book)
    write_overview(book, sheets, report, month, sorted(report.teams))
    lists = write_lists(book, sheets, report, month, root)
    return insert_rows(book.close(), lists)


def report_digest(report: Report, language: str) -> str:
    """Return a digest of the summary's data; the file is rewritten only when it changes.

    The as-of, the time of each file's last reading and the seconds of a lateness are
    left out. The text of a lateness is included, so the summary is renewed when
    逾期3天 becomes 逾期4天, and so is the day up to which rows are read. The moment that
    a summary shows is that of its last change. A new version of the program changes the
    digest, too.
    """
    figures = [report.month, f"{day_of(report.until)}", report.afterwards, report.rows]
    figures += [report.total, report.teams, report.previous, report.trend, report.targets]
    content = json.dumps([__version__, language, _canonical(figures)], ensure_ascii=True)
    digest = hashlib.sha256(content.encode("ascii"))
    for name in LISTS:
        items: Sequence[Any] = getattr(report, name)
        digest.update(f"\n{name} {len(items)}".encode())
        if items:
            data = attrgetter(*_data_fields(items[0]))
            for start in range(0, len(items), _CHUNK):
                # Equal rows hold the same types, and repr escapes what UTF-8 can't encode.
                rows = list(map(data, items[start : start + _CHUNK]))
                digest.update(repr(rows).encode())
    return digest.hexdigest()


def _data_fields(item: Any) -> list[str]:
    """Return the paths of an item's fields, without those of :data:`_TIME_FIELDS`."""
    own = [f.name for f in fields(item) if f.name not in (*_TIME_FIELDS, "origin")]
    return [*(f"origin.{f.name}" for f in fields(item.origin)), *own]


def month_text(month: str, book: StyledWorkbook) -> str:
    """Return ``2024年7月`` or ``July 2024``; any other text unchanged."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return month
    return book.say("month", year=first.year, month=book.say(f"month_{first.month}"))


def _canonical(value: Any) -> Any:
    """Return JSON data that is equal for equal reports, whatever number types they hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return [
            _canonical(getattr(value, f.name)) for f in fields(value) if f.name not in _TIME_FIELDS
        ]
    if isinstance(value, Mapping):
        return sorted((str(key), _canonical(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    number = finite(value)
    return str(value) if number is None else str(number)
