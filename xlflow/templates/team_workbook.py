"""A new team workbook: 使用说明 and the four tables of the schema as sheets to work in.

The file has no macros and no function newer than Excel 2016, and the same input
gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlflow import look
from xlflow.config import Settings
from xlflow.messages import say
from xlflow.schema import TABLES
from xlflow.templates.help_sheet import add_help_sheet
from xlflow.templates.table_sheet import add_table_sheet

if TYPE_CHECKING:
    from xlsxwriter import Workbook

CREATED = datetime(2024, 1, 1)
"""The creation time of every new workbook, since the same input must give the same bytes."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows to start with: table name → rows → field → value (text, number, date, datetime,
:class:`xlflow.facts.ErrorValue`, :class:`xlflow.templates.column_formats.FormattedNumber`
or None)."""


def write(
    path: Path, *, team: str, language: str, settings: Settings, rows: Rows | None = None
) -> None:
    """Write the workbook of one team to ``path``, which it replaces if it exists.

    Raises:
        OSError: the file can't be written.
    """
    path.write_bytes(team_workbook(team=team, language=language, settings=settings, rows=rows))


def team_workbook(
    *, team: str, language: str, settings: Settings, rows: Rows | None = None
) -> bytes:
    """Return the workbook of one team; with rows it opens at the first table."""
    rows = rows or {}
    content = BytesIO()
    book = new_book(content, team, language)
    add_help_sheet(book, team=team, language=language, settings=settings)
    for table in TABLES:
        add_table_sheet(
            book,
            table,
            team=team,
            language=language,
            settings=settings,
            rows=rows.get(table.name, ()),
        )
    if any(rows.values()):
        book.get_worksheet_by_name(TABLES[0].sheet[language]).activate()
    book.close()
    return content.getvalue()


def new_book(content: BytesIO, title: str, language: str) -> Workbook:
    """Start a workbook in xlflow's look, which is written to ``content`` when it is closed."""
    from xlsxwriter import Workbook

    book = Workbook(
        content,
        {
            "in_memory": True,
            # Pixels: one line with some padding.
            "default_row_height": 24,
            "default_format_properties": {"font_name": look.FONT, "font_size": look.TEXT_SIZE},
        },
    )
    book.set_properties(
        {
            "title": title,
            "subject": say("template.subject", language),
            "author": "xlflow",
            "created": CREATED,
        }
    )
    return book
