"""The cell formats of a table's columns, derived from their declarations and the look."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from xlflow import look
from xlflow.columns import Column, Kind, Owner

_HEADER_STYLES = {
    Owner.TEAM: look.TEAM_HEADER,
    Owner.COMPUTED: look.COMPUTED_HEADER,
    Owner.XLFLOW: look.SYSTEM_HEADER,
}


class FormattedNumber(NamedTuple):
    """A number with its own number format, as in ``FormattedNumber(Decimal("0.08"), "0%")``."""

    value: Decimal
    number_format: str


def header_style(column: Column) -> look.Style:
    """Return the style of a column's header, which shows who writes the column."""
    return _HEADER_STYLES[column.owner]


def header_properties(style: look.Style) -> dict[str, Any]:
    """Return the properties of a header cell as XlsxWriter takes them."""
    return {
        "bold": style.bold,
        "font_color": style.color,
        "bg_color": style.background,
        "align": "center",
        "valign": "vcenter",
        "text_wrap": True,
        "border": 1,
        "border_color": look.RULE,
    }


def cell_properties(column: Column) -> dict[str, Any]:
    """Return the properties of a column's cells, whatever their value, without borders."""
    properties: dict[str, Any] = {"valign": "top", "text_wrap": True, "font_color": look.INK}
    properties |= {"align": "left", "indent": 1}
    centred, right = {"align": "center", "indent": 0}, {"align": "right", "indent": 0}
    if column.owner is Owner.XLFLOW:
        properties["font_color"] = look.QUIET
    if column.field == "remarks":
        # The remarks are whole sentences.
        properties["font_size"] = look.SMALL_SIZE
    if column.kind is Kind.DATE:
        # By convention a field that ends in _at has a time of day.
        moment = column.field.endswith("_at")
        properties |= centred | {"num_format": look.MOMENT if moment else look.DATE}
    elif column.kind is Kind.MONTH:
        # As text, because Excel turns a typed 2024-07 into the first day of the month.
        properties |= centred | {"num_format": look.TEXT}
    elif column.kind is Kind.DEVIATION:
        properties |= right | {"num_format": look.DEVIATION}
    elif column.kind in (Kind.DAYS, Kind.QUANTITY):
        properties |= right
    elif column.kind in (Kind.CHOICE, Kind.PRIORITY, Kind.DEADLINE) or column.field == "late":
        properties |= centred
    return properties


def border_properties(column: Column) -> dict[str, Any]:
    """Return the borders of a column's cells, with the background of xlflow's own columns."""
    properties: dict[str, Any] = {"border": 1, "border_color": look.RULE}
    if column.owner is Owner.XLFLOW:
        properties["bg_color"] = look.SYSTEM
    return properties


def number_format(column: Column, value: Any) -> str:
    """Return the number format of a value in a column."""
    if isinstance(value, FormattedNumber):
        return value.number_format
    if isinstance(value, datetime):
        return look.MOMENT
    if isinstance(value, date):
        return look.DATE
    return str(cell_properties(column).get("num_format", "General"))
