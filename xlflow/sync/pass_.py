"""One pass over the teams' folder: read what changed, flag, store, roll up.

The story, in order (:meth:`_Pass.run`): list the folder; read each workbook whose
content isn't known; stop if more than half of the teams look lost
(:mod:`xlflow.sync.safety`); then for each workbook keep its version, write its
flags, and record it in one transaction; last, renew the summaries concerned.
Interrupted anywhere, running it again ends in the same state.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from xlflow.errors import UnavailableError, WriteRefusedError, XlflowError
from xlflow.facts import Outcome, Row
from xlflow.matching import texts
from xlflow.process import Inputs, inputs_digest, process
from xlflow.store import Reason, Standing, Store, Version
from xlflow.store.database import CONFLICT, DEFERRED, GONE, RECORDED, UNREADABLE
from xlflow.sync import folder, months, safety
from xlflow.sync.keeping import keep_whatever
from xlflow.workbook import owner_files, preflight
from xlflow.workbook.replace import replace as replace_file
from xlflow.workbook.replace import sweep
from xlflow.workbook.splice import splice
from xlflow.workspace import Workspace

UNCHANGED = "unchanged"

_ATTEMPTS = 3  # so often a workbook that was saved while being flagged is read anew

Progress = Callable[[int, int, str], None]
Clock = Callable[[], datetime]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkbookResult:
    """How one workbook fared.

    ``rows``, ``findings`` and ``overdue`` count what is stored of it; ``failed``
    is true where a write was tried and the system refused.
    """

    team: str
    workbook: str
    status: str
    reason: Reason | None = None
    rows: int = 0
    findings: int = 0
    overdue: int = 0
    cells_written: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class PassResult:
    """What one pass did; ``frozen`` says why nothing was rolled up, if it wasn't."""

    as_of: datetime
    workbooks: tuple[WorkbookResult, ...]
    frozen: Reason | None
    summaries: tuple[months.SummaryResult, ...]

    @property
    def needs_attention(self) -> bool:
        """Whether a workbook is unreadable, a write failed, or the roll-up is frozen."""
        return self.frozen is not None or any(
            book.status == UNREADABLE or book.failed for book in self.workbooks
        )


@dataclass(frozen=True, slots=True)
class Read:
    """One entry of the folder as a pass found it.

    ``outcome`` is None where the content is known and where it is ``unreadable``;
    ``lasting`` says that what is unreadable stays so until the content changes.
    """

    entry: folder.Entry
    workbook: str
    known: Standing | None
    data: bytes = b""
    sha256: str | None = None
    outcome: Outcome | None = None
    unreadable: Reason | None = None
    lasting: bool = False


def run(
    workspace: Workspace,
    as_of: datetime,
    *,
    accept: bool = False,
    notices: bool = True,
    progress: Progress | None = None,
    clock: Clock = lambda: datetime.now().astimezone(),
) -> PassResult:
    """Do one pass.

    Args:
        as_of: the moment that stands for now, in the workspace's zone.
        accept: confirms what froze the roll-up.
        notices: whether notices of what is new are queued.
        progress: called with (done, total, name) before each workbook is read.
        clock: the real time, with its zone; owner files are judged by it.

    Raises:
        StoreError: the store can't be used.
        WorkspaceError: the teams' folder can't be listed.
    """
    with Store.open(workspace.state) as store:
        return _Pass(workspace, store, as_of, accept, notices, clock).run(progress)


class _Pass:
    """One pass under way."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        as_of: datetime,
        accept: bool,
        notices: bool,
        clock: Clock,
    ) -> None:
        self.workspace = workspace
        self.store = store
        self.as_of = as_of
        self.accept = accept
        self.notices = notices
        self.clock = clock
        self.inputs = inputs_digest(workspace.settings)
        self.only_reports = _only_reports(workspace)

    def run(self, progress: Progress | None) -> PassResult:
        """Tell the story of :mod:`xlflow.sync.pass_`."""
        self._finish_interrupted()
        known = {standing.workbook: standing for standing in self.store.workbooks()}
        entries = folder.scan(self.workspace.teams)
        reads = []
        for done, entry in enumerate(entries):
            if progress is not None:
                progress(done, len(entries), entry.name)
            reads.append(self._read(entry))
        reads = self._follow_renames(reads, known)
        present = {read.workbook for read in reads}
        gone = [s for s in self.store.workbooks() if s.workbook not in present and s.status != GONE]
        frozen = None if self.accept else safety.freeze(reads, gone)
        if frozen is not None:
            return PassResult(self.as_of, tuple(map(_untouched, reads)), frozen, ())
        for standing in gone:
            self.store.stand(standing.workbook, standing.team, GONE, None, as_of=self.as_of)
        # Originals first, so that a copy is compared with what its original holds now.
        results = {
            read.workbook: self._deal_with(read)
            for read in sorted(reads, key=lambda read: read.entry.extends is not None)
        }
        summaries = months.renew(self.workspace, self.store, self.as_of, self.clock())
        ordered = tuple(results[read.workbook] for read in reads)
        return PassResult(self.as_of, ordered, None, summaries)

    def _finish_interrupted(self) -> None:
        """Finish what a pass that was killed left between two files."""
        names = [Path(standing.workbook).name for standing in self.store.workbooks()]
        if self.workspace.teams.is_dir():
            sweep(self.workspace.teams, self._keep_displaced, names)
        for intent in self.store.unsettled():
            self.store.settled(intent.id, "interrupted")

    def _read(self, entry: folder.Entry) -> Read:
        """Read one entry, unless its content is known."""
        workbook = self.workspace.relative(entry.path)
        read = Read(entry, workbook, self.store.known(workbook))
        if entry.error is not None:
            return _unreadable(read, entry.error)
        try:
            data = preflight.load(entry.path)
        except XlflowError as error:
            return _unreadable(read, error)
        read = replace(read, data=data, sha256=sha256(data).hexdigest())
        known = read.known
        if known is None or (known.sha256, known.inputs) != (read.sha256, self.inputs):
            return self._processed(read)
        if known.status == UNREADABLE:
            return replace(read, unreadable=known.reason, lasting=True)
        return read

    def _processed(self, read: Read) -> Read:
        memory = self.store.memory(read.workbook)
        inputs = Inputs(read.entry.team, self.workspace.settings, read.workbook)
        try:
            outcome = process(read.data, inputs, memory, self.as_of)
        except XlflowError as error:
            return _unreadable(read, error)
        except Exception as error:  # one workbook's surprise must not stop the others
            log.exception("%s", read.workbook)
            return _unreadable(read, UnavailableError("sync.crashed", reason=repr(error)))
        return replace(read, outcome=outcome)

    def _follow_renames(self, reads: list[Read], known: Mapping[str, Standing]) -> list[Read]:
        """Let what is known of a workbook that is gone follow the same bytes under a new name."""
        present = {read.workbook for read in reads}
        gone = {s.sha256: s for s in known.values() if s.workbook not in present and s.sha256}
        followed = []
        for read in reads:
            old = gone.pop(read.sha256, None) if read.known is None and read.sha256 else None
            if old is not None:
                self.store.rename(old.workbook, read.workbook, read.entry.team)
                read = self._read(read.entry)
            followed.append(read)
        return followed

    def _deal_with(self, read: Read) -> WorkbookResult:
        """Flag and record one workbook, or note why not."""
        if read.unreadable is not None:
            return self._stand(read, UNREADABLE, read.unreadable)
        original = self._original_of(read)
        if original is not None:
            return self._stand(read, CONFLICT, Reason("sync.copy", {"original": original}))
        known = read.known
        if known is not None and read.outcome is None and self._still_holds(known):
            self.store.seen(read.workbook, self.as_of)
            return _counted(read, UNCHANGED, known)
        if read.outcome is None:
            read = self._processed(read)
        for attempt in range(1, _ATTEMPTS + 1):
            if read.unreadable is not None or read.outcome is None:
                return self._stand(read, UNREADABLE, read.unreadable)
            doubt = None if self.accept else safety.second_reading(read)
            if doubt is not None:
                return self._stand(read, DEFERRED, doubt)
            version = self._keep(read, read.outcome)
            result = self._flag_and_record(read, read.outcome, version, attempt == _ATTEMPTS)
            if result is not None:
                return result
            read = self._processed(self._read(read.entry))
        raise AssertionError("the last attempt always ends in a result")

    def _still_holds(self, known: Standing) -> bool:
        return (
            known.status == RECORDED
            and not known.waiting
            and known.valid_from is not None
            and known.valid_until is not None
            and known.valid_from <= self.as_of <= known.valid_until
        )

    def _original_of(self, read: Read) -> str | None:
        """Return the workbook that this one conflicts with, if there is one.

        Two formats of one team's workbook conflict with each other, since nobody
        knows which is meant. A copy by its name is one if it shares an identity
        or a whole row with what its name extends.
        """
        entry = read.entry
        if entry.twin is not None:
            return self.workspace.relative(entry.path.with_name(entry.twin))
        if entry.extends is None:
            return None
        outcome = read.outcome or self._processed(read).outcome
        if outcome is None:
            return None
        original = self.workspace.relative(entry.path.with_name(entry.extends))
        shared = _marks(outcome.rows) & _marks(self.store.memory(original))
        return original if shared else None

    def _flag_and_record(
        self, read: Read, outcome: Outcome, version: Version, last: bool
    ) -> WorkbookResult | None:
        """Write the flags and record; None where somebody saved in between, unless it is the last.

        Reading, storing and rolling up wait for nothing; only the flags do.
        """

        def record(status: str, reason: Reason | None = None, cells: int = 0) -> WorkbookResult:
            return self._record(read, outcome, version, status, reason, cells)

        reason = self._why_not_written(read, outcome)
        if not outcome.edits or reason is not None:
            return record(RECORDED, reason)
        holder = owner_files.held_by(read.entry.path, self.clock(), socket.gethostname())
        if holder is not None:
            return record(DEFERRED, _open_reason(holder))
        try:
            flagged = splice(read.data, outcome.edits)
        except WriteRefusedError as error:
            return record(RECORDED, _reason(error))
        after = sha256(flagged).hexdigest()
        intent = self.store.intend(read.workbook, read.sha256 or "", after, self.as_of)
        try:
            written = replace_file(read.entry.path, read.data, flagged, self._keeper(read))
        except WriteRefusedError as error:
            self.store.settled(intent, error.key)
            refused = record(DEFERRED, _reason(error))
            return replace(refused, failed=error.key != "workbook_open")
        self.store.settled(intent, "written" if written else "given_back")
        if written:
            read = replace(read, sha256=after)
            return record(RECORDED, cells=sum(map(len, outcome.edits.values())))
        return record(DEFERRED, Reason("sync.being_saved")) if last else None

    def _why_not_written(self, read: Read, outcome: Outcome) -> Reason | None:
        """Return why this workbook's cells are never written, None where they are."""
        if not outcome.edits:
            return None
        if self.only_reports is not None:
            return self.only_reports
        if outcome.snapshot.signed:
            return Reason("sync.signed")
        if preflight.hard_linked(read.entry.path):
            return Reason("sync.hard_linked")
        return None

    def _keep(self, read: Read, outcome: Outcome) -> Version:
        return self.store.keep(
            read.workbook,
            read.data,
            content=outcome.content,
            seen=self.as_of,
            rows=outcome.rows,
            last_modified_by=outcome.snapshot.last_modified_by,
        )

    def _keeper(self, read: Read) -> Callable[[bytes], None]:
        """Return what keeps a displaced file, unless it is the one already kept."""

        def keep(data: bytes) -> None:
            if data != read.data:
                self._keep_displaced(read.entry.path, data)

        return keep

    def _keep_displaced(self, path: Path, data: bytes) -> None:
        keep_whatever(self.workspace, self.store, path, data, self.as_of)

    def _stand(self, read: Read, status: str, reason: Reason | None) -> WorkbookResult:
        """Note how a workbook stands that isn't recorded now; its last good rows stay."""
        lasting = status != UNREADABLE or read.lasting
        self.store.stand(
            read.workbook,
            read.entry.team,
            status,
            reason,
            as_of=self.as_of,
            sha256=read.sha256 if lasting else None,
            inputs=self.inputs if lasting else None,
        )
        return replace(_counted(read, status, read.known), reason=reason)

    def _record(
        self,
        read: Read,
        outcome: Outcome,
        version: Version,
        status: str,
        reason: Reason | None,
        cells: int,
    ) -> WorkbookResult:
        self.store.record(
            read.workbook,
            read.entry.team,
            outcome,
            version=version,
            sha256=read.sha256 or "",
            inputs=self.inputs,
            as_of=self.as_of,
            status=status,
            reason=reason,
            waiting=status == DEFERRED,
            notify=self.notices,
        )
        counted = _counted(read, status, self.store.known(read.workbook))
        return replace(counted, reason=reason, cells_written=cells)


def _counted(read: Read, status: str, standing: Standing | None) -> WorkbookResult:
    """Return a result with the counts that are stored of the workbook."""
    result = WorkbookResult(read.entry.team, read.workbook, status)
    if standing is None:
        return result
    return replace(
        result,
        reason=standing.reason,
        rows=standing.rows,
        findings=standing.findings,
        overdue=standing.overdue,
    )


def _untouched(read: Read) -> WorkbookResult:
    """Return how a workbook stands in a pass that was frozen."""
    if read.unreadable is None:
        return _counted(read, UNCHANGED, read.known)
    return replace(_counted(read, UNREADABLE, read.known), reason=read.unreadable)


def _unreadable(read: Read, error: XlflowError) -> Read:
    return replace(read, unreadable=_reason(error), lasting=not error.retryable)


def _reason(error: XlflowError) -> Reason:
    return Reason(error.key, error.params)


def _open_reason(holder: owner_files.Owner) -> Reason:
    return Reason("sync.open_by", {"user": holder.user}) if holder.user else Reason("sync.open")


def _only_reports(workspace: Workspace) -> Reason | None:
    """Return why no team workbook of the workspace is written, if none is."""
    mode = workspace.settings.write_back
    if mode == "report":
        return Reason("sync.only_reports")
    cloud = folder.cloud_synced(workspace.teams) if mode == "auto" else None
    return Reason("sync.cloud_synced", {"cloud": cloud}) if cloud else None


def _marks(rows: tuple[Row, ...]) -> set[object]:
    """Return what rows of an original and of its copy have in common: identities, contents."""
    marks: set[object] = {(row.table.name, row.id) for row in rows}
    return marks | {(row.table.name, frozenset(texts(row).items())) for row in rows}
