"""One pass over the teams' folder: read what changed, flag, store, roll up.

The story, in order (:meth:`Pass.run`): list the folder; read each workbook whose
content isn't known; stop if more than half of the teams look lost
(:mod:`xlflow.sync.freeze`); then for each workbook keep its version, write its
flags, and record it in one transaction; last, renew the summaries concerned.
Interrupted anywhere, running it again ends in the same state.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from xlflow.errors import (
    StoreError,
    UnavailableError,
    WriteRefusedError,
    XlflowError,
)
from xlflow.facts import Outcome, Row
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, inputs_digest, process
from xlflow.store import Reason, Store, Version, WorkbookState
from xlflow.store.database import CONFLICT, DEFERRED, GONE, RECORDED, UNREADABLE
from xlflow.store.retention import expire
from xlflow.summary import renewal
from xlflow.sync import freeze, teams_folder
from xlflow.sync.cloud_folders import cloud_client_of
from xlflow.sync.copy_detection import share_rows
from xlflow.sync.file_index import FileIndex, Listing
from xlflow.sync.keep_displaced import keep_displaced
from xlflow.sync.lease import foreign_holder, held_error
from xlflow.sync.locks import pass_lock
from xlflow.sync.results import (
    UNCHANGED,
    PassResult,
    Read,
    WorkbookResult,
    as_unreadable,
    carried_over,
    reason_of,
    with_stored_counts,
)
from xlflow.team_files import lock_files, open_in_excel, safe_open
from xlflow.team_files.guarded_replace import finish_interrupted
from xlflow.team_files.guarded_replace import replace as replace_file
from xlflow.workspace import Workspace

__all__ = ["Pass", "PassResult", "WorkbookResult", "run"]

_ATTEMPTS = 3  # so often a workbook that was saved while being flagged is read anew
_OURS = (".xlflow-part-", ".xlflow-swap-", ".xlflow-aside-")

Progress = Callable[[int, int, str], None]
Clock = Callable[[], datetime]
Process = Callable[[bytes, Inputs, Sequence[Row], datetime], Outcome]
log = logging.getLogger(__name__)


def system_clock() -> datetime:
    """Return the time, with this machine's zone."""
    return datetime.now().astimezone()


def run(
    workspace: Workspace,
    as_of: datetime,
    *,
    accept: bool = False,
    notices: bool = True,
    look_only: bool = False,
    progress: Progress | None = None,
    clock: Clock = system_clock,
) -> PassResult:
    """Do one pass, reading every workbook, and renew the summaries.

    Args:
        as_of: the moment that stands for now, in the workspace's zone.
        accept: confirms what froze the roll-up.
        notices: whether notices of what is new are queued.
        look_only: whether it will do, where another machine's daemon holds the
            workspace, to read and write nothing into it.
        progress: called with (done, total, name) before each workbook is read.
        clock: the real time, with its zone; owner files are judged by it.

    Raises:
        HeldError: another machine's daemon holds the workspace, or another pass
            here doesn't end.
        StoreError: the store can't be used.
        WorkspaceError: the teams' folder can't be listed.
    """
    holder = foreign_holder(workspace.root)
    held = held_error(holder) if holder is not None else None
    if held is not None and not look_only:
        raise held
    with pass_lock(workspace.state), Store.open(workspace.state) as store:
        result = Pass(
            workspace,
            store,
            as_of,
            accept=accept,
            notices=notices and held is None,
            clock=clock,
            held=reason_of(held) if held is not None else None,
        ).run(progress)
        if result.frozen is not None or held is not None:
            return result
        return replace(result, summaries=renewal.renew(workspace, store, as_of, clock()))


class Pass:
    """One pass under way, up to the summaries.

    ``file_index`` says which workbooks rest; ``unsettled`` names those that may just
    be being saved and are left for later; ``process`` works out what follows from
    a content; ``halt`` is called before each workbook and may raise to end the
    pass there; ``pause`` are the seconds between two writes into one workbook;
    ``held`` says why the folder is another's, and nothing is written into it.
    """

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        as_of: datetime,
        *,
        accept: bool = False,
        notices: bool = True,
        clock: Clock = system_clock,
        file_index: FileIndex | None = None,
        unsettled: frozenset[str] = frozenset(),
        process: Process = process,
        halt: Callable[[], None] = lambda: None,
        pause: float = 0.0,
        held: Reason | None = None,
    ) -> None:
        self.workspace = workspace
        self.store = store
        self.as_of = as_of
        self.accept = accept
        self.notices = notices
        self.clock = clock
        self.file_index = file_index or FileIndex()
        self.unsettled = unsettled
        self.process = process
        self.halt = halt
        self.pause = pause
        self.held = held
        self.inputs = inputs_digest(workspace.settings)
        self.only_reports = _only_reports(workspace)
        self.known: dict[str, WorkbookState] = {}

    def run(self, progress: Progress | None = None) -> PassResult:
        """Tell the story of :mod:`xlflow.sync.run`."""
        self.known = {standing.workbook: standing for standing in self.store.workbooks()}
        listing = self._finish_interrupted(teams_folder.listing(self.workspace.teams))
        reads = self._read_all(listing, progress)
        reads = self._follow_renames(reads)
        present = {read.workbook for read in reads} | set(map(self._name_of, self.unsettled))
        gone = [s for s in self.known.values() if s.workbook not in present and s.status != GONE]
        frozen = None if self.accept else freeze.freeze_reason(reads, gone)
        self.store.set_frozen(frozen)
        if frozen is not None:
            return PassResult(self.as_of, tuple(map(carried_over, reads)), frozen)
        for standing in gone:
            self.store.set_status(standing.workbook, standing.team, GONE, None, as_of=self.as_of)
        self.file_index.keep_only({*listing, *self.unsettled})
        # Originals first, so that a copy is compared with what its originals hold now.
        results = {
            read.workbook: self._deal_with(read)
            for read in sorted(reads, key=lambda read: len(read.entry.extends))
        }
        ordered = tuple(results[read.workbook] for read in reads)
        if self.notices:
            expire(self.store, self.workspace.settings.keep_days, self.clock())
        news = bool(gone) or any(_is_news(read, results[read.workbook]) for read in reads)
        return PassResult(
            self.as_of,
            ordered,
            None,
            gone=tuple(standing.workbook for standing in gone),
            valid_until=self._valid_until(),
            news=news,
        )

    def _name_of(self, file_name: str) -> str:
        return self.workspace.relative(self.workspace.teams / file_name)

    def _valid_until(self) -> datetime | None:
        held = self.store.workbooks()
        return min((s.valid_until for s in held if s.valid_until is not None), default=None)

    def _finish_interrupted(self, listing: Listing) -> Listing:
        """Finish what a pass that was killed left between two files."""
        for intent in self.store.open_writes():
            self.store.end_write(intent.id, "interrupted")
        if self.held is not None or not any(name.startswith(_OURS) for name in listing):
            return listing
        names = [Path(workbook).name for workbook in self.known]
        finish_interrupted(self.workspace.teams, self._keep_displaced, names)
        return teams_folder.listing(self.workspace.teams)

    # Reading

    def _read_all(self, listing: Listing, progress: Progress | None) -> list[Read]:
        entries = teams_folder.entries(self.workspace.teams, listing)
        rest = self._resting(entries, listing)
        reads = []
        for done, entry in enumerate(entries):
            if progress is not None:
                progress(done, len(entries), entry.name)
            workbook = self.workspace.relative(entry.path)
            read = Read(entry, workbook, self.known.get(workbook), listing[entry.name])
            if entry.name in rest or (entry.name in self.unsettled and read.known is not None):
                reads.append(replace(read, rests=True))
            elif entry.name not in self.unsettled:
                self.halt()
                reads.append(self._read(read))
        return reads

    def _resting(self, entries: Sequence[teams_folder.TeamFile], listing: Listing) -> set[str]:
        """Return the names of the workbooks that needn't be read.

        What looks like a copy rests only if what it looks like a copy of does.
        """
        rest = {
            entry.name
            for entry in entries
            if self.file_index.is_unchanged(entry.name, listing[entry.name])
            and self._holds(self.known.get(self.workspace.relative(entry.path)))
        }
        return {
            entry.name
            for entry in entries
            if entry.name in rest
            and all(name in rest for name in (*entry.extends, entry.twin) if name is not None)
        }

    def _holds(self, known: WorkbookState | None) -> bool:
        """Whether a standing is still true, as long as the content is the same."""
        if known is None or known.status == GONE or known.inputs not in (self.inputs, None):
            return False
        if known.valid_from is None or known.valid_until is None:
            return known.status != RECORDED
        return known.valid_from <= self.as_of <= known.valid_until

    def _read(self, read: Read) -> Read:
        """Read one entry, unless its content is known."""
        if read.entry.error is not None:
            return as_unreadable(read, read.entry.error)
        try:
            data = safe_open.read_safely(read.entry.path)
        except XlflowError as error:
            return as_unreadable(read, error)
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
            outcome = self.process(read.data, inputs, memory, self.as_of)
        except XlflowError as error:
            return as_unreadable(read, error)
        except Exception as error:  # one workbook's surprise must not stop the others
            crash = UnavailableError("sync.crashed", reason=repr(error))
            if read.known is None or read.known.reason != reason_of(crash):
                log.exception("%s", read.workbook)
            return as_unreadable(read, crash)
        return replace(read, outcome=outcome)

    def _follow_renames(self, reads: list[Read]) -> list[Read]:
        """Let what is known of a workbook that is gone follow the same bytes under a new name."""
        present = {read.workbook for read in reads}
        gone = {s.sha256: s for s in self.known.values() if s.workbook not in present and s.sha256}
        followed = []
        for read in reads:
            old = gone.pop(read.sha256, None) if read.known is None and read.sha256 else None
            if old is not None:
                self.store.rename(old.workbook, read.workbook, read.entry.team)
                self.known.pop(old.workbook)
                read = self._read(replace(read, known=self.store.state_of(read.workbook)))
            followed.append(read)
        return followed

    # Dealing with what was read

    def _deal_with(self, read: Read) -> WorkbookResult:
        """Flag and record one workbook, or note why not, and when to look at it again."""
        if read.rests:
            return carried_over(read)
        self.halt()
        try:
            result = self._dealt_with(read)
        except StoreError as error:
            if error.key != "store.version_not_kept":
                raise
            result = replace(self._stand(read, DEFERRED, reason_of(error)), failed=True)
        except OSError as error:
            gone = UnavailableError("io_error", reason=error.strerror or str(error))
            result = self._stand(as_unreadable(read, gone), UNREADABLE, reason_of(gone))
        self.file_index.mark_processed(read.entry.name, read.signature, waits=result.waits)
        return result

    def _dealt_with(self, read: Read) -> WorkbookResult:
        if read.unreadable is not None:
            return self._stand(read, UNREADABLE, read.unreadable)
        original = self._original_of(read)
        if original is not None:
            return self._stand(read, CONFLICT, Reason("sync.copy", {"original": original}))
        known = read.known
        if known is not None and read.outcome is None and self._still_holds(known):
            self.store.mark_seen(read.workbook, self.as_of)
            return with_stored_counts(read, UNCHANGED, known)
        if read.outcome is None:
            read = self._processed(read)
        for attempt in range(1, _ATTEMPTS + 1):
            if read.unreadable is not None or read.outcome is None:
                return self._stand(read, UNREADABLE, read.unreadable)
            doubt = None if self.accept else freeze.second_reading_reason(read)
            if doubt is not None:
                return self._stand(read, DEFERRED, doubt)
            version = self._keep(read, read.outcome)
            result = self._flag_and_record(read, read.outcome, version, attempt == _ATTEMPTS)
            if result is not None:
                return result
            read = self._processed(self._read(read))
        raise AssertionError("the last attempt always ends in a result")

    def _still_holds(self, known: WorkbookState) -> bool:
        return known.status == RECORDED and not known.waiting and self._holds(known)

    def _original_of(self, read: Read) -> str | None:
        """Return the workbook that this one conflicts with, if there is one.

        Two formats of one team's workbook conflict with each other, since nobody
        knows which is meant. A copy by its name is one if it shares an identity
        or a whole row with any workbook that its name extends: of a copy nothing is
        stored, so the copy of a copy shows by its first original.
        """
        entry = read.entry
        if entry.twin is not None:
            return self._name_of(entry.twin)
        outcome = read.outcome or (self._processed(read).outcome if entry.extends else None)
        if outcome is None:
            return None
        originals = map(self._name_of, entry.extends)
        return next(
            (name for name in originals if share_rows(outcome.rows, self.store.memory(name))), None
        )

    def _flag_and_record(
        self, read: Read, outcome: Outcome, version: Version, last: bool
    ) -> WorkbookResult | None:
        """Write the flags and record; None where somebody saved in between, unless it is the last.

        Reading, storing and rolling up wait for nothing; only the flags do.
        """

        def record(status: str, reason: Reason | None = None, cells: int = 0) -> WorkbookResult:
            return self._record(read, outcome, version, status, reason, cells)

        reason = self._why_not_written(read, outcome)
        if not outcome.cells or reason is not None:
            return record(RECORDED, reason)
        if self.held is not None:
            return record(DEFERRED, self.held)
        holder = lock_files.holder_of(read.entry.path, self.clock(), socket.gethostname())
        if holder is not None:
            return record(DEFERRED, self._why_open(read, outcome, _open_reason(holder)))
        if self.file_index.seconds_since_write(read.entry.name) < self.pause:
            return record(DEFERRED, Reason("watching.pause", {"seconds": round(self.pause)}))
        try:
            flagged = splice(read.data, outcome.cells)
        except WriteRefusedError as error:
            return record(RECORDED, reason_of(error))
        after = sha256(flagged).hexdigest()
        intent = self.store.begin_write(read.workbook, read.sha256 or "", after, self.as_of)
        try:
            written = replace_file(read.entry.path, read.data, flagged, self._keeper(read))
        except WriteRefusedError as error:
            self.store.end_write(intent, error.key)
            if error.key == "workbook_open":
                return record(DEFERRED, self._why_open(read, outcome, reason_of(error)))
            return replace(record(DEFERRED, reason_of(error)), failed=True)
        self.store.end_write(intent, "written" if written else "given_back")
        if written:
            self.file_index.mark_written(read.entry.name)
            read = replace(read, sha256=after)
            return record(RECORDED, cells=sum(map(len, outcome.cells.values())))
        return record(DEFERRED, Reason("sync.being_saved")) if last else None

    def _why_not_written(self, read: Read, outcome: Outcome) -> Reason | None:
        """Return why this workbook's cells are never written, None where they are."""
        if not outcome.cells:
            return None
        if self.only_reports is not None:
            return self.only_reports
        if outcome.snapshot.signed:
            return Reason("sync.signed")
        if safe_open.hard_linked(read.entry.path):
            return Reason("sync.hard_linked")
        return None

    def _why_open(self, read: Read, outcome: Outcome, reason: Reason) -> Reason:
        """Return why an open workbook waits, its flags shown in the open book where that is set."""
        if self.workspace.settings.open_books and open_in_excel.show_in_excel(
            read.entry.path, outcome.snapshot, outcome.cells
        ):
            return Reason("sync.shown_open")
        return reason

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
        keep_displaced(self.workspace, self.store, path, data, self.as_of)

    def _stand(self, read: Read, status: str, reason: Reason | None) -> WorkbookResult:
        """Note how a workbook stands that isn't recorded now; its last good rows stay."""
        lasting = status != UNREADABLE or read.lasting
        self.store.set_status(
            read.workbook,
            read.entry.team,
            status,
            reason,
            as_of=self.as_of,
            sha256=read.sha256 if lasting else None,
            inputs=self.inputs if lasting else None,
        )
        waits = status == DEFERRED or not lasting
        return replace(with_stored_counts(read, status, read.known), reason=reason, waits=waits)

    def _record(
        self,
        read: Read,
        outcome: Outcome,
        version: Version,
        status: str,
        reason: Reason | None,
        cells: int,
    ) -> WorkbookResult:
        waits = status == DEFERRED
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
            waiting=waits,
            notify=self.notices,
        )
        result = with_stored_counts(read, status, self.store.state_of(read.workbook))
        return replace(result, reason=reason, cells_written=cells, waits=waits)


def _is_news(read: Read, result: WorkbookResult) -> bool:
    """Whether the summaries may have something new to tell of a workbook."""
    if read.rests or result.status == UNCHANGED:
        return False
    if result.status in (RECORDED, DEFERRED):
        return True
    known = read.known
    return known is None or (known.status, known.reason) != (result.status, result.reason)


def _open_reason(holder: lock_files.LockHolder) -> Reason:
    return Reason("sync.open_by", {"user": holder.user}) if holder.user else Reason("sync.open")


def _only_reports(workspace: Workspace) -> Reason | None:
    """Return why no team workbook of the workspace is written, if none is."""
    mode = workspace.settings.write_back
    if mode == "report":
        return Reason("sync.only_reports")
    cloud = cloud_client_of(workspace.teams) if mode == "auto" else None
    return Reason("sync.cloud_synced", {"cloud": cloud}) if cloud else None
