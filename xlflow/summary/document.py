"""A month's summary as a JSON document: the file beside the workbook, and ``summary --json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xlflow.figures.report import Report
from xlflow.json_output import json_as_of, json_number, to_json
from xlflow.summary.summary_files import document_path, summary_path, write_summary_file
from xlflow.workspace import Workspace


def write_document(workspace: Workspace, report: Report) -> None:
    """Write the document beside a month's workbook, if its data have changed.

    The time of day alone doesn't count.

    Raises:
        WriteRefusedError: it can't be written.
    """
    path = document_path(workspace, report.month)
    content = document_content(workspace, report)
    if _without_times(_read(path)) != _without_times(content):
        write_summary_file(path, content)


def document_content(workspace: Workspace, report: Report) -> bytes:
    """Return the document of a month's summary as its file holds it."""
    document = summary_document(report, summary_path(workspace, report.month), workspace)
    return (to_json(document, "utf-8") + "\n").encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _without_times(content: bytes) -> Any:
    try:
        document = json.loads(content)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    until = str(document.get("until"))[:10]
    return {**document, "as_of": None, "made_at": None, "until": until}


def summary_document(report: Report, path: Path, workspace: Workspace) -> dict[str, Any]:
    """Return a month's figures; ``path`` is that of its workbook."""
    return {
        "month": report.month,
        "as_of": json_as_of(report.as_of, workspace.settings.zone),
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
        "until": json_as_of(report.until, workspace.settings.zone),
        "made_at": json_as_of(report.as_of, workspace.settings.zone),
        "afterwards": report.afterwards,
        "later_edits": [
            {
                "team": edit.origin.team,
                "workbook": edit.origin.workbook,
                "sheet": edit.origin.sheet,
                "cell": edit.origin.cell,
                "row": edit.origin.row,
                "column": edit.column,
                "code": edit.code,
                "severity": edit.severity,
                "message": edit.message,
                "value": edit.value,
                "fix": edit.fix,
            }
            for edit in report.later_edits
        ],
        "path": workspace.relative(path),
        "html": None,
        "closed": report.closed,
    }
