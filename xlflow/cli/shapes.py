"""What the commands answer under ``--json``: docs/contract.md's shapes, key by key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from xlflow.meaning.overdue import day_of

if TYPE_CHECKING:
    from xlflow.figures import LateItem, Report


def moment(value: date | datetime, zone: ZoneInfo) -> str:
    """Return a day as it is, a moment of the workspace with its offset."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone).isoformat(timespec="seconds")
    return value.isoformat()


def as_of(value: datetime, zone: ZoneInfo) -> str:
    """Return the moment asked about; a day's end is that day alone, as ``--as-of`` takes it."""
    return moment(value if value.time() != time.min else day_of(value), zone)


def number(value: Any) -> Any:
    """Return a figure as JSON holds it: decimals as numbers, all that lies within too."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: number(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [number(item) for item in value]
    return value


def late_item(item: LateItem, zone: ZoneInfo) -> dict[str, Any]:
    """Return one overdue item."""
    return {
        "team": item.place.team,
        "workbook": item.place.workbook,
        "sheet": item.place.sheet,
        "cell": item.place.cell,
        "row": item.place.row,
        "item": item.item,
        "owners": list(item.owners),
        "due": moment(item.due, zone),
        "late": item.late,
        "late_seconds": item.late_seconds,
    }


def report(report: Report, zone: ZoneInfo) -> dict[str, Any]:
    """Return one month's figures."""
    return {
        "month": report.month,
        "as_of": as_of(report.as_of, zone),
        "teams": len(report.teams),
        "rows": report.rows,
        "figures": {"total": number(report.total), "teams": number(report.teams)},
        "targets": {
            target.name: {
                "figure": target.figure,
                "baseline": target.baseline,
                "target": target.target,
                "benchmark": target.benchmark,
                "current": target.current,
                "progress": target.progress,
            }
            for target in report.targets
        },
    }
