"""Checking workbooks: read-only, without the store, and so without earlier versions."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import permutations
from pathlib import Path, PurePosixPath
from typing import Any

from xlflow import rules
from xlflow.config import Settings
from xlflow.errors import WorkspaceError, XlflowError
from xlflow.facts import Finding, Outcome, Row
from xlflow.own_words import check_own_words
from xlflow.process import Inputs, process
from xlflow.store import Reason
from xlflow.sync import teams_folder
from xlflow.sync.copy_detection import (
    Candidate,
    Shared,
    Verdict,
    findings_beside,
    fingerprint,
    judge,
    shared_by_content,
    shared_by_id,
    suspected_pairs,
)
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
    return checker.compared(targets, results)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What is kept of a workbook to compare it with others: its rows are too many."""

    target: CheckTarget
    rows: int
    fingerprint: bytes
    content: str


class _Checker:
    """Checks workbooks as of one moment, and compares them with each other."""

    def __init__(self, as_of: datetime) -> None:
        self._as_of = as_of
        self._kept: dict[str, _Compared] = {}
        self._rows: dict[str, tuple[Row, ...]] = {}

    def check(self, target: CheckTarget) -> CheckResult:
        """Read one workbook and return its result."""
        entry = target.entry
        if entry.error is not None:
            return self._unreadable(target, entry.error)
        if entry.twin is not None:
            return self._conflict(target, self._beside(target, entry.twin))
        try:
            outcome = self._read(target)
        except XlflowError as error:
            return self._unreadable(target, error)
        except Exception as error:  # a crash over one workbook must not stop the others
            log.exception("%s", target.workbook)
            reason = Reason("sync.crashed", {"reason": repr(error)})
            return CheckResult(entry.team, target.workbook, UNREADABLE, reason)
        self._keep(target, outcome)
        return CheckResult(entry.team, target.workbook, READ, findings=outcome.findings)

    def compared(
        self, targets: Sequence[CheckTarget], results: Sequence[CheckResult]
    ) -> list[CheckResult]:
        """Return the results with the copies, and what workbooks have in common.

        A workbook is also compared with those whose names its own extends, which may not
        be among the targets.
        """
        by_name = {target.workbook: target for target in targets}
        for target in targets:
            for name in target.entry.extends if target.workbook in self._kept else ():
                self._keep_original(target, name)
        marks = {name: kept.fingerprint for name, kept in self._kept.items()}
        pairs = suspected_pairs(marks)
        for name, kept in self._kept.items():
            extended = (self._beside(kept.target, each) for each in kept.target.entry.extends)
            pairs |= {(name, other) for other in extended if other in self._kept}
        # Only files of one folder are copies of each other.
        pairs = {pair for pair in pairs if len({self._folder(name) for name in pair}) == 1}
        shared = [self._shared(*pair) for pair in sorted(pairs)]
        verdict = judge({name: self._candidate(name) for p in pairs for name in p}, shared)
        self._rows.clear()
        beside = self._beside_each(verdict)
        compared = []
        for result in results:
            original = verdict.original_of.get(result.workbook)
            if original is not None and result.status == READ:
                compared.append(self._conflict(by_name[result.workbook], original))
            else:
                found = beside.get(result.workbook, ())
                compared.append(replace(result, findings=(*found, *result.findings)))
        return compared

    def _beside_each(self, verdict: Verdict) -> dict[str, list[Finding]]:
        """Return what is found about each workbook because of the others."""
        found: dict[str, list[Finding]] = defaultdict(list)

        def add(workbook: str, **facts: Any) -> None:
            settings = self._kept[workbook].target.settings
            found[workbook] += findings_beside(settings, self._as_of, **facts)

        for (workbook, other), rows in verdict.counted_in.items():
            for one, partner in ((workbook, other), (other, workbook)):
                add(one, shares=((_file_name(partner), len(rows), _file_name(other)),))
        equal: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name, kept in self._kept.items():
            if kept.rows and name not in verdict.original_of:
                equal[self._folder(name), kept.content].append(name)
        for names in equal.values():
            for one, partner in permutations(names, 2):
                add(one, equal_to=(_file_name(partner),))
        return found

    def _read(self, target: CheckTarget) -> Outcome:
        inputs = Inputs(target.entry.team, target.settings, target.workbook)
        return process(safe_open.read_safely(target.entry.path), inputs, (), self._as_of)

    def _keep(self, target: CheckTarget, outcome: Outcome) -> None:
        rows = outcome.rows
        self._kept[target.workbook] = _Compared(
            target, len(rows), fingerprint(rows), outcome.content
        )

    def _keep_original(self, copy: CheckTarget, name: str) -> None:
        """Read a workbook beside a target, unless it was read or can't be."""
        workbook = self._beside(copy, name)
        if workbook in self._kept:
            return
        original = CheckTarget(_team_file(copy.entry.path.parent / name), workbook, copy.settings)
        # What is wrong with it is reported when that workbook itself is checked.
        with suppress(Exception):
            self._keep(original, self._read(original))

    def _shared(self, first: str, second: str) -> Shared:
        """Return the rows that two workbooks share; by content only if their names suggest it."""
        rows, others = self._rows_of(first), self._rows_of(second)
        by_id = shared_by_id(rows, others)
        named = first in self._extended(second) or second in self._extended(first)
        if named and 2 * len(by_id) < min(len(rows), len(others)):
            by_content = shared_by_content(rows, others)
            if len(by_content) > len(by_id):
                return Shared(first, second, by_content, by_id=False)
        return Shared(first, second, by_id)

    def _rows_of(self, workbook: str) -> tuple[Row, ...]:
        if workbook not in self._rows:
            try:
                self._rows[workbook] = self._read(self._kept[workbook].target).rows
            except Exception:  # it has changed since it was read
                self._rows[workbook] = ()
        return self._rows[workbook]

    def _candidate(self, workbook: str) -> Candidate:
        entry = self._kept[workbook].target.entry
        try:
            modified = entry.path.stat().st_mtime_ns
        except OSError:
            modified = 0
        return Candidate(
            workbook=workbook,
            stem=entry.path.stem,
            rows=len(self._rows_of(workbook)),
            extends=tuple(self._extended(workbook)),
            modified=modified,
        )

    def _extended(self, workbook: str) -> set[str]:
        target = self._kept[workbook].target
        return {self._beside(target, name) for name in target.entry.extends}

    def _folder(self, workbook: str) -> str:
        return workbook.removesuffix(display_name(self._kept[workbook].target.entry.name))

    def _beside(self, target: CheckTarget, name: str) -> str:
        """Return the name in reports of a file in the folder of a target."""
        folder = target.workbook.removesuffix(display_name(target.entry.name))
        return folder + display_name(name)

    def _conflict(self, target: CheckTarget, original: str) -> CheckResult:
        reason = Reason("sync.copy", {"original": original})
        return CheckResult(target.entry.team, target.workbook, CONFLICT, reason)

    def _unreadable(self, target: CheckTarget, error: XlflowError) -> CheckResult:
        reason = Reason(error.key, error.params)
        return CheckResult(target.entry.team, target.workbook, UNREADABLE, reason)


def _file_name(workbook: str) -> str:
    return PurePosixPath(workbook).name
