"""The summaries in a workspace: their file names, by month."""

from __future__ import annotations

import re
from pathlib import Path

from xlflow.atomic_write import write_atomically
from xlflow.errors import WriteRefusedError
from xlflow.workspace import Workspace

_FILE_NAME = re.compile(r"汇总-((?:19|20)\d{2}-(?:0[1-9]|1[0-2]))\.xlsx")


def summary_path(workspace: Workspace, month: str) -> Path:
    """Return the path of a month's summary, which need not exist."""
    return workspace.summaries / f"汇总-{month}.xlsx"


def write_summary_file(path: Path, content: bytes) -> None:
    """Write a summary or its document, and its folder if there is none.

    Raises:
        WriteRefusedError: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteRefusedError("sync.summary_refused", path=str(path), reason=reason) from error


def document_path(workspace: Workspace, month: str) -> Path:
    """Return the path of the JSON document beside a month's summary."""
    return summary_path(workspace, month).with_suffix(".json")


def summary_files(workspace: Workspace) -> dict[str, Path]:
    """Return the existing summaries by month, such as ``2024-07``."""
    if not workspace.summaries.is_dir():
        return {}
    found = ((_FILE_NAME.fullmatch(path.name), path) for path in workspace.summaries.iterdir())
    return {name[1]: path for name, path in found if name}
