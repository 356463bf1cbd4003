"""What the commands answer under ``--json``: docs/contract.md's shapes, key by key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from xlflow.meaning.overdue import day_of

if TYPE_CHECKING:
    from xlflow.figures.report import OverdueItem, Report


def json_moment(value: date | datetime, zone: ZoneInfo) -> str:
    """Return a day as it is, a moment of the workspace with its offset."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone).isoformat(timespec="seconds")
    return value.isoformat()


def json_as_of(value: datetime, zone: ZoneInfo) -> str:
    """Return the moment asked about; a day's end is that day alone, as ``--as-of`` takes it."""
    return json_moment(value if value.time() != time.min else day_of(value), zone)


def json_number(value: Any) -> Any:
    """Return a figure as JSON holds it: decimals as numbers, all that lies within too."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: json_number(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_number(item) for item in value]
    return value


def overdue_item(item: OverdueItem, zone: ZoneInfo) -> dict[str, Any]:
    """Return one overdue item."""
    return {
        "team": item.origin.team,
        "workbook": item.origin.workbook,
        "sheet": item.origin.sheet,
        "cell": item.origin.cell,
        "row": item.origin.row,
        "item": item.item,
        "owners": list(item.owners),
        "due": json_moment(item.due, zone),
        "late": item.late,
        "late_seconds": item.late_seconds,
    }


def month_report(report: Report, zone: ZoneInfo) -> dict[str, Any]:
    """Return one month's figures."""
    return {
        "month": report.month,
        "as_of": json_as_of(report.as_of, zone),
        "teams": len(report.teams),
        "rows": report.rows,
        "figures": {"total": json_number(report.total), "teams": json_number(report.teams)},
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
