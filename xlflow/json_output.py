"""JSON documents: how moments and figures are written in them, and in which encoding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from xlflow.meaning.overdue import day_of
from xlflow.printable import printable


def json_moment(value: date | datetime, zone: ZoneInfo) -> str:
    """Return a date as it is, a moment in the workspace's zone with its offset."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone).isoformat(timespec="seconds")
    return value.isoformat()


def json_as_of(value: datetime, zone: ZoneInfo) -> str:
    """Return the as-of moment; the end of a day as that day, which is how ``--as-of`` takes it."""
    return json_moment(value if value.time() != time.min else day_of(value), zone)


def json_number(value: Any) -> Any:
    """Return a figure with its decimals as JSON numbers, those in mappings and lists included."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: json_number(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_number(item) for item in value]
    return value


def to_json(document: Any, encoding: str) -> str:
    """Return a document as JSON text in the user's own script.

    For an output that isn't UTF-8 everything beyond ASCII is escaped, so that a
    reader needn't know its encoding.
    """
    import codecs
    import json

    try:
        is_utf8 = codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        is_utf8 = False
    return json.dumps(_printable(document), ensure_ascii=not is_utf8, indent=2)


def _printable(document: Any) -> Any:
    if isinstance(document, str):
        return printable(document)
    if isinstance(document, dict):
        return {_printable(key): _printable(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [_printable(item) for item in document]
    return document
