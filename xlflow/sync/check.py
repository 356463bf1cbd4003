"""Checking workbooks: read-only, without the store, and so without earlier versions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from xlflow import rules
from xlflow.config import Settings
from xlflow.errors import WorkspaceError, XlflowError
from xlflow.facts import Finding, Row
from xlflow.own_words import check_own_words
from xlflow.process import Inputs, process
from xlflow.store import Reason
from xlflow.sync import teams_folder
from xlflow.sync.copy_detection import share_rows
from xlflow.team_files import safe_open
from xlflow.workspace import Workspace, display_name, nearest

READ, UNREADABLE, CONFLICT = "read", "unreadable", "conflict"

Progress = Callable[[int, int, str], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckTarget:
    """One workbook to check, with its name in reports and the settings that apply to it."""

    entry: teams_folder.TeamFile
    workbook: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result for one workbook; a copy of another one has no findings of its own."""

    team: str
    workbook: str
    status: str
    reason: Reason | None = None
    findings: tuple[Finding, ...] = ()


def check_targets(workspace: Workspace | None, paths: Sequence[Path]) -> list[CheckTarget]:
    """Return the workbooks at ``paths``; without any, those of all teams of the workspace.

    For a workbook outside the workspace the nearest xlflow.toml above it applies,
    else the defaults, and its name is absolute. Of a folder only what could be a
    team's workbook is returned; its subfolders aren't entered.

    Raises:
        WorkspaceError: a folder can't be listed.
        SettingsError: the settings of one of them are invalid.
    """
    if workspace is not None and not paths:
        paths = [workspace.teams]
    found: dict[Path, CheckTarget] = {}
    settings: dict[Path, Settings] = {}
    for entry in (entry for path in paths for entry in _entries(path)):
        parent = entry.path.parent
        inside = workspace is not None and parent.is_relative_to(workspace.root)
        if parent not in settings:
            governing = workspace if inside else nearest(parent)
            settings[parent] = governing.settings if governing is not None else Settings()
            rules.check_rule_settings(settings[parent])
            check_own_words(settings[parent])
        name = display_name(entry.path.as_posix())
        if inside and workspace is not None:
            name = workspace.relative(entry.path)
        found[entry.path] = CheckTarget(entry, name, settings[parent])
    return list(found.values())


def _entries(path: Path) -> Iterator[teams_folder.TeamFile]:
    if path.is_dir() and not path.is_symlink():
        yield from teams_folder.list_team_files(path)
        return
    try:
        siblings = teams_folder.list_team_files(path.parent)
    except WorkspaceError:  # the folder can't be listed, but the file itself may be readable
        siblings = []
    named = [entry for entry in siblings if entry.name == path.name]
    # A file given by name is read even if its name isn't that of a team's workbook.
    yield from named or [_team_file(path)]


def _team_file(path: Path) -> teams_folder.TeamFile:
    return teams_folder.TeamFile(path.parent, path.name, display_name(path.stem))


def check(
    targets: Sequence[CheckTarget], as_of: datetime, progress: Progress | None = None
) -> list[CheckResult]:
    """Check workbooks as they are now.

    Args:
        as_of: the moment taken as now.
        progress: called with (done, total, name) before each workbook is read.
    """
    checker = _Checker(as_of)
    results = []
    for done, target in enumerate(targets):
        if progress is not None:
            progress(done, len(targets), target.entry.name)
        results.append(checker.check(target))
    return results


class _Checker:
    """Checks workbooks as of one moment, and caches the rows of those that others may copy."""

    def __init__(self, as_of: datetime) -> None:
        self._as_of = as_of
        self._original_rows: dict[Path, tuple[Row, ...]] = {}

    def check(self, target: CheckTarget) -> CheckResult:
        """Read one workbook and return its result."""
        entry = target.entry
        if entry.error is not None:
            return self._unreadable(target, entry.error)
        if entry.twin is not None:
            return self._conflict(target, entry.twin)
        try:
            rows, findings = self._read(target)
        except XlflowError as error:
            return self._unreadable(target, error)
        except Exception as error:  # a crash over one workbook must not stop the others
            log.exception("%s", target.workbook)
            reason = Reason("sync.crashed", {"reason": repr(error)})
            return CheckResult(entry.team, target.workbook, UNREADABLE, reason)
        for original in entry.extends:
            if share_rows(rows, self._rows_of(target, original)):
                return self._conflict(target, original)
        return CheckResult(entry.team, target.workbook, READ, findings=findings)

    def _read(self, target: CheckTarget) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
        inputs = Inputs(target.entry.team, target.settings, target.workbook)
        outcome = process(safe_open.read_safely(target.entry.path), inputs, (), self._as_of)
        return outcome.rows, outcome.findings

    def _rows_of(self, copy: CheckTarget, name: str) -> tuple[Row, ...]:
        """Return the rows of the workbook whose name a copy extends; none if it can't be read."""
        path = copy.entry.path.parent / name
        if path not in self._original_rows:
            original = CheckTarget(_team_file(path), name, copy.settings)
            try:
                self._original_rows[path], _ = self._read(original)
            except Exception:  # reported when that workbook itself is checked
                self._original_rows[path] = ()
        return self._original_rows[path]

    def _conflict(self, target: CheckTarget, name: str) -> CheckResult:
        original = target.workbook.removesuffix(display_name(target.entry.name)) + display_name(
            name
        )
        reason = Reason("sync.copy", {"original": original})
        return CheckResult(target.entry.team, target.workbook, CONFLICT, reason)

    def _unreadable(self, target: CheckTarget, error: XlflowError) -> CheckResult:
        reason = Reason(error.key, error.params)
        return CheckResult(target.entry.team, target.workbook, UNREADABLE, reason)
