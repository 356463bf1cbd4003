"""Comparing the workbooks that a pass has read with each other and with those that are stored.

Only workbooks whose content is new are compared: with each other by fingerprints, with
the stored ones by the ids that they didn't hold before. Rows are looked at where these
suggest that they are shared (:mod:`xlflow.sync.copy_detection` decides what follows).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from xlflow.facts import Finding, Row
from xlflow.store import Store, WorkbookState
from xlflow.store.database import CONFLICT, NOT_ROLLED_UP
from xlflow.store.shared_rows import RowKey, Sharing
from xlflow.sync.reading import Read, Reader
from xlflow.workspace import Workspace

if TYPE_CHECKING:
    from xlflow.sync.copy_detection import Candidate, Shared

ID_LENGTH = 6

Pair = tuple[str, str]


class CopySearch:
    """Finds what the workbooks of one pass have in common.

    :meth:`compare` returns the reads with what was found; :attr:`stored` is then what
    changes for workbooks that weren't read.
    """

    def __init__(self, workspace: Workspace, store: Store, reader: Reader, as_of: datetime) -> None:
        self._workspace = workspace
        self._store = store
        self._reader = reader
        self._as_of = as_of
        self._reads: dict[str, Read] = {}
        self._fresh: dict[str, Read] = {}
        self._known: dict[str, WorkbookState] = {}
        self._rows: dict[str, Sequence[Row]] = {}
        self._edits: dict[str, datetime] = {}
        self.stored: dict[str, Sharing] = {}

    def compare(self, reads: Sequence[Read]) -> list[Read]:
        """Return the reads, each with the original that it is a copy of or the rows it shares."""
        reads = [self._reader.processed(r) if _to_be_judged_again(r) else r for r in reads]
        self._reads = {read.workbook: read for read in reads}
        self._fresh = {name: read for name, read in self._reads.items() if read.outcome is not None}
        self._known = {
            name: read.known
            for name, read in self._reads.items()
            if read.outcome is None
            and read.known is not None
            and read.known.status not in NOT_ROLLED_UP
        }
        if not self._fresh:
            return reads
        self._edits = self._store.last_edits()
        rules = self._workspace.settings.rules
        before = self._store.sharing_pairs(unsaid="off" in rules.values())
        found = self._judged(before)
        self._rows.clear()
        return found

    def _judged(self, before: Mapping[str, set[str]]) -> list[Read]:
        from xlflow.sync.copy_detection import judge

        shared = [self._shared(*pair) for pair in sorted(self._pairs(before))]
        candidates = {
            name: self._candidate(name) for pair in shared for name in (pair.first, pair.second)
        }
        counted_before = {
            (name, other)
            for name in candidates
            if name in before
            for other in self._store.sharing_of(name).counted_in.values()
        }
        verdict = judge(candidates, shared, counted_before)
        copies = verdict.original_of
        beside: dict[str, list[Finding | None]] = defaultdict(list)
        elsewhere: dict[str, dict[RowKey, str]] = defaultdict(dict)
        for (workbook, other), rows in verdict.counted_in.items():
            elsewhere[workbook] |= dict.fromkeys(rows, other)
            for one, partner in ((workbook, other), (other, workbook)):
                beside[one].append(self._shares(partner, len(rows), other))
        for one, other in self._equal():
            if not {one, other} & copies.keys():
                beside[one].append(self._equals(other))
                beside[other].append(self._equals(one))
        found = {
            name: Sharing(elsewhere.get(name, {}), tuple(filter(None, beside.get(name, ()))))
            for name in {*self._fresh, *beside}
        }
        self._add_to_stored(found, before)
        return [self._with_verdict(read, copies, found) for read in self._reads.values()]

    def _with_verdict(
        self, read: Read, copies: Mapping[str, str], found: Mapping[str, Sharing]
    ) -> Read:
        original = copies.get(read.workbook)
        if original is not None:
            # A workbook that was passed over is known by its content.
            sha256 = read.sha256 or (read.known.sha256 if read.known is not None else None)
            return replace(read, original=original, skipped=False, sha256=sha256)
        return replace(read, sharing=found[read.workbook] if read.outcome is not None else None)

    def _pairs(self, before: Mapping[str, set[str]]) -> set[Pair]:
        """Return the pairs of workbooks to compare, at least one of them with new content."""
        from xlflow.sync.copy_detection import suspected_pairs

        marks = {n: r.outcome.fingerprint for n, r in self._fresh.items() if r.outcome is not None}
        pairs = suspected_pairs(marks) if len(marks) > 1 else set()
        for name, read in self._fresh.items() if self._known else ():
            keys = set(_keys(read))
            counted = read.known is not None and read.known.status not in NOT_ROLLED_UP
            if counted and name not in before:
                keys -= self._store.row_keys(name)
            others = self._store.holders(keys) if keys else {}
            pairs |= {_pair(name, other) for other in others if other in self._known}
        names = {read.file.name: name for name, read in self._reads.items()}
        for name, read in self._reads.items():
            for other in (names[base] for base in read.file.extends if base in names):
                compared = {name, other}
                if compared & self._fresh.keys() and compared <= {*self._fresh, *self._known}:
                    pairs.add(_pair(name, other))
        return pairs

    def _shared(self, first: str, second: str) -> Shared:
        """Return the rows that two workbooks share; by content only if their names suggest it."""
        from xlflow.sync.copy_detection import Shared, shared_by_content, shared_by_id

        rows, others = self._rows_of(first), self._rows_of(second)
        by_id = shared_by_id(rows, others)
        extended = self._extended(first) | self._extended(second)
        if extended & {first, second} and 2 * len(by_id) < min(len(rows), len(others)):
            by_content = shared_by_content(rows, others)
            if len(by_content) > len(by_id):
                return Shared(first, second, by_content, by_id=False)
        return Shared(first, second, by_id)

    def _extended(self, workbook: str) -> set[str]:
        return set(map(self._reader.name_of, self._reads[workbook].file.extends))

    def _rows_of(self, workbook: str) -> Sequence[Row]:
        if workbook not in self._rows:
            read = self._fresh.get(workbook)
            self._rows[workbook] = (
                self._store.memory(workbook)
                if read is None
                else self._reader.contents(read).outcome.remembered_rows()
            )
        return self._rows[workbook]

    def _candidate(self, workbook: str) -> Candidate:
        from xlflow.sync.copy_detection import Candidate

        read = self._reads[workbook]
        known = read.known
        return Candidate(
            workbook=workbook,
            stem=PurePosixPath(workbook).stem,
            rows=len(self._rows_of(workbook)),
            extends=tuple(self._extended(workbook)),
            first_known=known.first_seen.isoformat() if known and known.last_good else "",
            conflicting=known is not None and known.status == CONFLICT,
            edited=self._edited(read),
            modified=read.signature.modified,
        )

    def _edited(self, read: Read) -> str:
        """Return when a person last changed a workbook: xlflow's own flags are no change."""
        known, outcome = read.known, read.outcome
        edit = self._edits.get(read.workbook)
        if known is not None and edit is not None:
            unchanged = outcome is None or outcome.content == known.content
            if unchanged:
                return edit.isoformat()
        moment = datetime.fromtimestamp(read.signature.modified // 10**9, UTC)
        return moment.astimezone(self._workspace.settings.zone).replace(tzinfo=None).isoformat()

    def _equal(self) -> Iterable[Pair]:
        """Return the pairs of workbooks that hold the same, one of them with new content."""
        by_content: dict[str, list[str]] = defaultdict(list)
        for name, state in self._known.items():
            if state.content and state.rows:
                by_content[state.content].append(name)
        for name, read in self._fresh.items():
            if read.outcome is not None and read.outcome.rows and read.file.twin is None:
                for other in by_content[read.outcome.content]:
                    yield _pair(name, other)
                by_content[read.outcome.content].append(name)

    def _add_to_stored(self, found: Mapping[str, Sharing], before: Mapping[str, set[str]]) -> None:
        """Work out what changes for workbooks whose content is known."""
        partners = {other for name in self._fresh for other in before.get(name, ())}
        for name in self._known.keys() & {*partners, *found}:
            recorded, added = self._store.sharing_of(name), found.get(name, Sharing())
            kept = {
                row: other for row, other in recorded.counted_in.items() if other not in self._fresh
            }
            findings = [f for f in recorded.findings if f.value not in self._fresh]
            sharing = Sharing({**kept, **added.counted_in}, (*findings, *added.findings))
            if sharing != recorded:
                self.stored[name] = sharing

    def _shares(self, other: str, count: int, counted: str) -> Finding | None:
        names = PurePosixPath(other).name, count, PurePosixPath(counted).name
        return self._finding(other, shares=(names,))

    def _equals(self, other: str) -> Finding | None:
        return self._finding(other, equal_to=(PurePosixPath(other).name,))

    def _finding(
        self,
        other: str,
        *,
        equal_to: tuple[str, ...] = (),
        shares: tuple[tuple[str, int, str], ...] = (),
    ) -> Finding | None:
        """Return the finding about another workbook; None where its rule is switched off."""
        from xlflow.sync.copy_detection import findings_beside

        settings = self._workspace.settings
        found = findings_beside(settings, self._as_of, equal_to=equal_to, shares=shares)
        return found[0]._replace(value=other) if found else None


def _to_be_judged_again(read: Read) -> bool:
    """Whether a known copy, whose original may have changed, or one that returned is read."""
    return (
        not read.skipped
        and read.data is not None
        and read.outcome is None
        and read.unreadable is None
        and read.known is not None
        and read.known.status in NOT_ROLLED_UP
    )


def _keys(read: Read) -> Iterable[RowKey]:
    assert read.outcome is not None
    for table, ids in read.outcome.ids.items():
        for start in range(0, len(ids), ID_LENGTH):
            yield table, ids[start : start + ID_LENGTH]


def _pair(first: str, second: str) -> Pair:
    return (first, second) if first < second else (second, first)
