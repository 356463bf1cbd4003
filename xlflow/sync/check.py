"""Validating workbooks without leaving a trace: nothing is written, nothing remembered."""

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
from xlflow.process import Inputs, process
from xlflow.store import Reason
from xlflow.sync import teams_folder
from xlflow.sync.copy_detection import share_rows
from xlflow.team_files import safe_open
from xlflow.workspace import Workspace, nearest, shown

READ, UNREADABLE, CONFLICT = "read", "unreadable", "conflict"

Progress = Callable[[int, int, str], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckTarget:
    """One workbook to be checked: its name in reports, and the settings that hold for it."""

    entry: teams_folder.TeamFile
    workbook: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one workbook is found to be; a copy of another has no findings of its own."""

    team: str
    workbook: str
    status: str
    reason: Reason | None = None
    findings: tuple[Finding, ...] = ()


def check_targets(workspace: Workspace | None, paths: Sequence[Path]) -> list[CheckTarget]:
    """Return the workbooks that are meant: all teams of the workspace where no path is given.

    A workbook outside the workspace goes by the nearest xlflow.toml above it, or
    by the defaults, and is named absolutely. In folders, only what could be a
    team's workbook is meant, and folders within them aren't entered.

    Raises:
        WorkspaceError: a folder can't be listed.
        SettingsError: settings that hold for one of them can't be meant.
    """
    if workspace is not None and not paths:
        paths = [workspace.teams]
    found: dict[Path, CheckTarget] = {}
    settings: dict[Path, Settings] = {}
    for entry in (entry for path in paths for entry in _entries(path)):
        parent = entry.path.parent
        inside = workspace is not None and parent.is_relative_to(workspace.root)
        if parent not in settings:
            home = workspace if inside else nearest(parent)
            settings[parent] = home.settings if home is not None else Settings()
            rules.check_rule_settings(settings[parent])
        name = shown(entry.path.as_posix())
        if inside and workspace is not None:
            name = workspace.relative(entry.path)
        found[entry.path] = CheckTarget(entry, name, settings[parent])
    return list(found.values())


def _entries(path: Path) -> Iterator[teams_folder.TeamFile]:
    if path.is_dir() and not path.is_symlink():
        yield from teams_folder.list_team_files(path)
        return
    try:
        beside = teams_folder.list_team_files(path.parent)
    except WorkspaceError:  # its folder may not be listed; the file itself may be readable
        beside = []
    named = [entry for entry in beside if entry.path == path]
    # A name that is no team's, given by name, is read like any other.
    yield from named or [teams_folder.TeamFile(path, shown(path.stem))]


def check(
    wanted: Sequence[CheckTarget], as_of: datetime, progress: Progress | None = None
) -> list[CheckResult]:
    """Validate workbooks as they stand, knowing nothing of earlier versions.

    Args:
        as_of: the moment that stands for now.
        progress: called with (done, total, name) before each workbook is read.
    """
    one = _Check(as_of)
    checked = []
    for done, target in enumerate(wanted):
        if progress is not None:
            progress(done, len(wanted), target.entry.name)
        checked.append(one.check(target))
    return checked


class _Check:
    """One check under way; rows of workbooks that may have been copied are kept meanwhile."""

    def __init__(self, as_of: datetime) -> None:
        self.as_of = as_of
        self.originals: dict[Path, tuple[Row, ...]] = {}

    def check(self, target: CheckTarget) -> CheckResult:
        """Read one workbook and say what is wrong with it."""
        entry = target.entry
        if entry.error is not None:
            return self._unreadable(target, entry.error)
        if entry.twin is not None:
            return self._conflict(target, entry.twin)
        try:
            rows, findings = self._read(target)
        except XlflowError as error:
            return self._unreadable(target, error)
        except Exception as error:  # one workbook's surprise must not stop the others
            log.exception("%s", target.workbook)
            reason = Reason("sync.crashed", {"reason": repr(error)})
            return CheckResult(entry.team, target.workbook, UNREADABLE, reason)
        for original in entry.extends:
            if share_rows(rows, self._rows_of(target, original)):
                return self._conflict(target, original)
        return CheckResult(entry.team, target.workbook, READ, findings=findings)

    def _read(self, target: CheckTarget) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
        inputs = Inputs(target.entry.team, target.settings, target.workbook)
        outcome = process(safe_open.read_safely(target.entry.path), inputs, (), self.as_of)
        return outcome.rows, outcome.findings

    def _rows_of(self, copy: CheckTarget, name: str) -> tuple[Row, ...]:
        """Return the rows of the workbook whose name a copy extends; none if it can't be read."""
        path = copy.entry.path.parent / name
        if path not in self.originals:
            original = CheckTarget(
                teams_folder.TeamFile(path, shown(path.stem)), name, copy.settings
            )
            try:
                self.originals[path], _ = self._read(original)
            except Exception:  # which is said where that workbook itself is checked
                self.originals[path] = ()
        return self.originals[path]

    def _conflict(self, target: CheckTarget, name: str) -> CheckResult:
        original = target.workbook.removesuffix(shown(target.entry.name)) + shown(name)
        reason = Reason("sync.copy", {"original": original})
        return CheckResult(target.entry.team, target.workbook, CONFLICT, reason)

    def _unreadable(self, target: CheckTarget, error: XlflowError) -> CheckResult:
        reason = Reason(error.key, error.params)
        return CheckResult(target.entry.team, target.workbook, UNREADABLE, reason)
