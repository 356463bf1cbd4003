"""What is kept of a closed month: plain files beside the summaries, which nothing renews.

``summaries/.closed/2024-07/`` holds the figures (``figures.json``), the rows behind
them (``rows.jsonl``) and the version of each workbook that they come from
(``sources.json``). A reopened month's files go to ``.closed/2024-07.1/``, with the reason
(``reopened.json``). A copy in the state folder shows whether somebody changed them since.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlflow.atomic_write import sync_folder
from xlflow.errors import WorkspaceError, WriteRefusedError
from xlflow.workspace import Workspace

if TYPE_CHECKING:
    from xlflow.figures.report import Report

FOLDER = ".closed"
FIGURES, ROWS, SOURCES, REOPENED = "figures.json", "rows.jsonl", "sources.json", "reopened.json"
FILES = (FIGURES, ROWS, SOURCES)

_MONTH = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])")


def closed_months(workspace: Workspace) -> list[str]:
    """Return the closed months, such as ``2024-07``, the earliest first."""
    names = {path.name for folder in _folders(workspace) for path in _entries(folder)}
    months = filter(_MONTH.fullmatch, names)
    return sorted(month for month in months if is_closed(workspace, month))


def is_closed(workspace: Workspace, month: str) -> bool:
    """Return whether a month is closed; one that was reopened isn't."""
    shared, copy = (folder / month for folder in _folders(workspace))
    return shared.is_dir() or (copy.is_dir() and not was_reopened(workspace, month))


def was_reopened(workspace: Workspace, month: str) -> bool:
    """Return whether a month was reopened and not closed again."""
    shared, _ = _folders(workspace)
    return not (shared / month).is_dir() and bool(_reopened(shared, month))


def keep(workspace: Workspace, month: str, files: Mapping[str, bytes]) -> None:
    """Keep the files of a month that is being closed, all of them or none.

    Raises:
        WriteRefusedError: they can't be written.
    """
    try:
        for folder in _folders(workspace):
            if (folder / month).exists():
                shutil.rmtree(folder / month)
            _write_folder(folder / month, files)
    except OSError as error:
        raise _refused(workspace, error) from error


def reopen(workspace: Workspace, month: str, reason: str, at: datetime) -> None:
    """Set the files of a closed month aside, with the reason.

    Raises:
        WriteRefusedError: the share can't be written to.
    """
    shared, copy = _folders(workspace)
    number = max(_reopened(shared, month), default=0) + 1
    about = {"month": month, "reason": reason, "at": at.isoformat(timespec="seconds")}
    content = json.dumps(about, ensure_ascii=False, indent=2).encode()
    try:
        (shared / month / REOPENED).write_bytes(content)
        (shared / month).rename(shared / f"{month}.{number}")
        if (copy / month).exists():
            (copy / month).rename(copy / f"{month}.{number}")
    except OSError as error:
        raise _refused(workspace, error) from error


def differences(workspace: Workspace) -> list[WorkspaceError]:
    """Return an error for each closed month whose files aren't those that were kept."""
    months = closed_months(workspace)
    return [_differ(workspace, month) for month in months if _differs(workspace, month)]


def read_document(workspace: Workspace, month: str) -> dict[str, Any]:
    """Return the figures of a closed month as they were kept.

    Raises:
        WorkspaceError: the files in the share aren't those that were kept.
    """
    document: dict[str, Any] = json.loads(_checked(workspace, month)[FIGURES])
    return document


def read_report(workspace: Workspace, month: str) -> Report:
    """Return the report of a closed month.

    Raises:
        WorkspaceError: the files in the share aren't those that were kept.
    """
    from xlflow.summary.report_encoding import decode_report

    files = _checked(workspace, month)
    try:
        lines = files[ROWS].decode("utf-8").splitlines()
        return decode_report(json.loads(files[FIGURES]), lines)
    except (KeyError, TypeError, ValueError) as error:
        raise _differ(workspace, month) from error


def _checked(workspace: Workspace, month: str) -> dict[str, bytes]:
    """Return the files of a closed month; a machine without the right copy makes one."""
    if _differs(workspace, month):
        raise _differ(workspace, month)
    shared, copy = _folders(workspace)
    files = {name: (shared / month / name).read_bytes() for name in FILES}
    if _contents(copy / month) != files:
        shutil.rmtree(copy / month, ignore_errors=True)
        _write_folder(copy / month, files)
    return files


def _differs(workspace: Workspace, month: str) -> bool:
    """Whether the files aren't those of the copy, unless that is of a former closing."""
    folder, _ = _folders(workspace)
    shared, copy = (_contents(each / month) for each in _folders(workspace))
    if None in shared.values():
        return True
    former = (_contents(folder / f"{month}.{number}") for number in _reopened(folder, month))
    return shared != copy and any(copy.values()) and copy not in former


def _contents(folder: Path) -> dict[str, bytes | None]:
    def content(name: str) -> bytes | None:
        try:
            return (folder / name).read_bytes()
        except OSError:
            return None

    return {name: content(name) for name in FILES}


def _differ(workspace: Workspace, month: str) -> WorkspaceError:
    shared, copy = (str(folder / month) for folder in _folders(workspace))
    return WorkspaceError("sync.closed_differs", month=month, shared=shared, copy=copy)


def _refused(workspace: Workspace, error: OSError) -> WriteRefusedError:
    folder, _ = _folders(workspace)
    reason = error.strerror or str(error)
    return WriteRefusedError("sync.closing_refused", path=str(folder), reason=reason)


def _folders(workspace: Workspace) -> tuple[Path, Path]:
    """Return the folder of closed months in the share, and that of their copies."""
    return workspace.summaries / FOLDER, workspace.state / "closed"


def _entries(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _reopened(folder: Path, month: str) -> list[int]:
    """Return the numbers of a month's files that were set aside."""
    names = (path.name.removeprefix(f"{month}.") for path in _entries(folder))
    return [int(name) for name in names if name.isascii() and name.isdecimal()]


def _write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    draft = folder.with_name(f".xlflow-{folder.name}-{os.urandom(4).hex()}.tmp")
    draft.mkdir(parents=True)
    try:
        for name, content in files.items():
            with (draft / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        draft.rename(folder)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync_folder(folder.parent)
