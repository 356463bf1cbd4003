"""A month's rows as lines of JSON, and the report that they and its document make again.

The document (:mod:`xlflow.summary.document`) has the figures; the lines have the rows
of every list, the figures of the month before, and the trend. Together they are what a
closed month keeps: the workbook can be made again from them alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlflow.figures.report import (
    CampaignItem,
    FindingItem,
    MessageItem,
    Origin,
    OverdueItem,
    PriorityItem,
    Report,
    Submission,
    TargetProgress,
)
from xlflow.json_output import json_number
from xlflow.meaning.overdue import moment_of
from xlflow.store.row_encoding import from_iso

_ITEMS: Mapping[str, type[Any]] = {
    "overdue": OverdueItem,
    "priorities": PriorityItem,
    "campaigns": CampaignItem,
    "messages": MessageItem,
    "findings": FindingItem,
    "submissions": Submission,
}
"""The lists of a report and the class of their items."""


def encode_rows(report: Report) -> Iterator[str]:
    """Yield the lines of a report, each one JSON object that names its list."""
    until = _encoded(report.previous_until)
    yield _line("previous", {"until": until, "figures": json_number(report.previous)})
    for month, figures in report.trend:
        yield _line("trend", {"month": month, "figures": json_number(figures)})
    for name, kind in _ITEMS.items():
        own = list(_decoders(kind))
        for item in getattr(report, name):
            place = {f.name: getattr(item.origin, f.name) for f in fields(Origin)}
            yield _line(name, place | {field: _encoded(getattr(item, field)) for field in own})


def decode_report(document: Mapping[str, Any], lines: Iterable[str]) -> Report:
    """Return the report of a month, given its document and the lines of its rows.

    Raises:
        KeyError: a key is missing.
        ValueError: a line isn't JSON, or a value not what :func:`encode_rows` wrote.
    """
    records: dict[str, list[Any]] = {name: [] for name in _ITEMS}
    trend: list[tuple[str, Any]] = []
    previous: Mapping[str, Any] = {}
    for line in lines:
        record = json.loads(line)
        match record.pop("list"):
            case "previous":
                previous = record
            case "trend":
                trend.append((record["month"], record["figures"]))
            case name:
                records[name].append(record)
    until = previous["until"]
    return Report(
        month=document["month"],
        as_of=_moment(document["made_at"]),
        until=_moment(document["until"]),
        total=document["figures"]["total"],
        teams=document["figures"]["teams"],
        rows=document["rows"],
        afterwards=document["afterwards"],
        closed=document["closed"],
        previous_until=datetime.fromisoformat(until) if until else None,
        previous=previous["figures"],
        trend=tuple(trend),
        later_edits=tuple(_items(FindingItem, document["later_edits"])),
        targets=tuple(
            TargetProgress(name=name, **target) for name, target in document["targets"].items()
        ),
        **{name: tuple(_items(kind, records[name])) for name, kind in _ITEMS.items()},
    )


def _items(kind: type[Any], records: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    names = [f.name for f in fields(Origin)]
    decoders = _decoders(kind)
    for record in records:
        own = {field: decode(record[field]) for field, decode in decoders.items()}
        yield kind(origin=Origin(*map(record.__getitem__, names)), **own)


def _decoders(kind: type[Any]) -> dict[str, Callable[[Any], Any]]:
    """Return how each field of an item but its place is read back, by its annotation."""
    own = [f for f in fields(kind) if f.name != "origin"]
    return {f.name: _DECODERS.get(str(f.type), _unchanged) for f in own}


def _line(name: str, record: Mapping[str, Any]) -> str:
    return json.dumps({"list": name, **record}, ensure_ascii=False)


def _encoded(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _moment(text: str) -> datetime:
    """Return a moment of a document, in which a day stands for its end."""
    if len(text) == 10:
        return moment_of(date.fromisoformat(text))
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _unchanged(value: Any) -> Any:
    return value


def _decimal(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


_DECODERS: Mapping[str, Callable[[Any], Any]] = {
    "date | datetime": from_iso,
    "date | datetime | None": from_iso,
    "datetime | None": from_iso,
    "Decimal | None": _decimal,
    "tuple[str, ...]": tuple,
}
