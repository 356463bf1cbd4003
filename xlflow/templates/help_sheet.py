"""The 使用说明 sheet of a team workbook: the purpose of each sheet and the use of each column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlflow import look, text_width
from xlflow.columns import Owner
from xlflow.config import Settings
from xlflow.messages import say
from xlflow.schema import TABLES
from xlflow.templates.table_sheet import FIRST_ROW

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

WIDTHS = (26.0, 22.0, 11.0, 10.0, 60.0)


def add_help_sheet(book: Workbook, *, team: str, language: str, settings: Settings) -> None:
    """Add the sheet; it has no formulas and nothing to fill in."""
    _HelpSheet(book, team, language, settings).write()


class _HelpSheet:
    """The sheet, written from top to bottom; ``row`` is the next free row, counted from 0."""

    def __init__(self, book: Workbook, team: str, language: str, settings: Settings) -> None:
        self.book = book
        self.language = language
        self.settings = settings
        self.sheet: Worksheet = book.add_worksheet(self._say("manual_sheet"))
        self.row = 0
        self._write_title(team)

    def write(self) -> None:
        """Write everything below the title."""
        self._write_heading("manual_sheets")
        for table in TABLES:
            name = table.sheet[self.language]
            link = self._format(look.Style(look.DEEP, bold=True), underline=1)
            self.sheet.write_url(self.row, 0, f"internal:'{name}'!A{FIRST_ROW}", link, name)
            self._write_across(1, table.purpose[self.language])
        self._write_heading("manual_filling")
        limit = f"{self.settings.deviation * 100:g}%"
        for key in ("rows", "notes", "free", "typed", "done", "deviation"):
            self._write_bullet(self._say(f"filling_{key}", limit=limit))
        self._write_heading("manual_columns")
        for key, style in (
            ("team", look.TEAM_HEADER),
            ("computed", look.COMPUTED_HEADER),
            ("system", look.SYSTEM_HEADER),
        ):
            self._write_sample(f"columns_{key}", style)
        self._write_heading("manual_colours")
        for key, style in (
            ("late", look.BAD),
            ("soon", look.SOON),
            ("good", look.GOOD),
            ("bad", look.BAD),
            ("done", look.DONE),
        ):
            self._write_sample(f"colours_{key}", style)
        self._write_heading("manual_remarks")
        for key in ("read", "mend", "open"):
            self._write_bullet(self._say(f"remarks_{key}"))
        self._write_dictionary()
        self._set_up_page()

    def _write_title(self, team: str) -> None:
        heading = self._say("title", title=self._say("manual_sheet"), team=team)
        title = self._format(look.Style(look.DEEP, bold=True), font_size=look.TITLE_SIZE)
        self.sheet.set_row(0, 30)
        self.sheet.write_string(0, 0, heading, title)
        self.sheet.write_string(
            1, 0, self._say("manual_purpose"), self._format(look.Style(look.QUIET))
        )
        self.row = 2

    def _write_heading(self, key: str) -> None:
        cell_format = self._format(
            look.Style(look.DEEP, bold=True),
            font_size=look.SECTION_SIZE,
            bottom=1,
            bottom_color=look.LIGHT,
        )
        self.row += 1
        self.sheet.set_row(self.row, 24)
        for number in range(len(WIDTHS)):
            self.sheet.write_blank(self.row, number, None, cell_format)
        self.sheet.write_string(self.row, 0, self._say(key), cell_format)
        self.row += 1

    def _write_bullet(self, text: str) -> None:
        self._write_across(0, "·  " + text)

    def _write_sample(self, key: str, style: look.Style) -> None:
        cell_format = self._format(style, align="center", border=1, border_color=look.RULE)
        self.sheet.write_string(self.row, 0, self._say(key), cell_format)
        self._write_across(1, self._say(f"{key}_more"))

    def _write_across(self, first: int, text: str) -> None:
        """Write a text over the columns from ``first`` to the last; go on to the next row."""
        cell_format = self._format(look.Style(look.INK), text_wrap=True, indent=min(first, 1))
        self.sheet.merge_range(self.row, first, self.row, len(WIDTHS) - 1, text, cell_format)
        self._set_row_height(text, sum(WIDTHS[first:]))
        self.row += 1

    def _set_row_height(self, text: str, width: float) -> None:
        lines = text_width.line_count(text, width * text_width.COLUMN_UNIT)
        self.sheet.set_row(self.row, text_width.LINE * lines + 2)

    def _write_dictionary(self) -> None:
        self._write_heading("manual_dictionary")
        header_format = self._format(
            look.TEAM_HEADER, align="center", border=1, border_color=look.RULE
        )
        for number, key in enumerate(("sheet", "column", "who", "required", "help")):
            self.sheet.write_string(self.row, number, self._say(f"dictionary_{key}"), header_format)
        self.row += 1
        for table in TABLES:
            for column in table.columns:
                color = look.QUIET if column.owner is Owner.XLFLOW else look.INK
                borders: dict[str, Any] = {
                    "border": 1,
                    "border_color": look.RULE,
                    "text_wrap": True,
                }
                left = self._format(look.Style(color), **borders)
                centre = self._format(look.Style(color), align="center", **borders)
                help_ = column.help[self.language]
                cells = (
                    (table.sheet[self.language] if column is table.columns[0] else "", left),
                    (column.header[self.language], left),
                    (self._say(f"who_{column.owner.value}"), centre),
                    (self._say("yes") if column.required else "", centre),
                    (help_, left),
                )
                for number, (text, cell_format) in enumerate(cells):
                    self.sheet.write_string(self.row, number, text, cell_format)
                self._set_row_height(help_, WIDTHS[-1])
                self.row += 1

    def _set_up_page(self) -> None:
        for number, width in enumerate(WIDTHS):
            self.sheet.set_column(number, number, width)
        self.sheet.hide_gridlines(2)
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        self.sheet.set_footer(f"&R&9{self._say('footer_pages')}")

    def _say(self, key: str, **facts: Any) -> str:
        return say(f"template.{key}", self.language, days=look.SOON_DAYS, **facts)

    def _format(self, style: look.Style, **properties: Any) -> Any:
        combined = {
            "font_color": style.color,
            "bold": style.bold,
            "valign": "vcenter",
            **properties,
        }
        if style.background:
            combined["bg_color"] = style.background
        return self.book.add_format(combined)
