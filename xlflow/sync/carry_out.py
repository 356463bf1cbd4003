"""The second half of a pass: doing to each workbook what :mod:`xlflow.sync.plan` decided."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from xlflow.errors import StoreError, UnavailableError, WriteRefusedError
from xlflow.meaning.overdue import day_of
from xlflow.store import Reason, Store, Version
from xlflow.store.database import DEFERRED, GONE, RECORDED, UNREADABLE
from xlflow.store.encoded_outcome import EncodedOutcome
from xlflow.sync import plan
from xlflow.sync.file_index import FileIndex
from xlflow.sync.processing import Contents
from xlflow.sync.reading import Read, Reader, as_unreadable
from xlflow.sync.results import UNCHANGED, WorkbookResult, reason_of, with_stored_counts
from xlflow.team_files import lock_files
from xlflow.team_files.file_operations import FILE_OPERATIONS, FileOperations
from xlflow.team_files.guarded_replace import Displaced, settle
from xlflow.team_files.guarded_replace import replace as replace_file
from xlflow.workspace import Workspace

_ATTEMPTS = 3  # for a workbook that somebody saves while it is being flagged


@dataclass(frozen=True, slots=True)
class WritePolicy:
    """What applies to writing into any workbook of a pass.

    ``read_only`` says why none is written, ``busy`` why none can be now; ``operations``
    are those of the mount; ``pause`` are the seconds between two writes into one workbook;
    ``notify`` says whether notices are queued, ``accept`` that a person confirmed what looks
    like a loss.
    """

    read_only: Reason | None = None
    busy: Reason | None = None
    operations: FileOperations = FILE_OPERATIONS
    pause: float = 0.0
    notify: bool = True
    accept: bool = False


class Executor:
    """Carries out the plan of each workbook; ``clock`` is the real time, with its zone."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        as_of: datetime,
        policy: WritePolicy,
        reader: Reader,
        file_index: FileIndex,
        clock: Callable[[], datetime],
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._as_of = as_of
        self._policy = policy
        self._reader = reader
        self._file_index = file_index
        self._clock = clock
        self._displaced: list[Displaced] = []

    def settle(self) -> None:
        """Finish the replacements on a remote mount, after the last workbook.

        One that was written into meanwhile is put back, and read again in the next pass.
        """
        while self._displaced:
            displaced = self._displaced.pop(0)
            if not settle(displaced, self._policy.operations):
                self._file_index.invalidate(displaced.path.name)

    def mark_gone(self, action: plan.MarkGone) -> None:
        """Record that a workbook isn't there any more."""
        self._store.set_status(action.workbook, action.team, GONE, None, as_of=self._as_of)

    def execute(self, read: Read) -> WorkbookResult:
        """Plan for one workbook and carry it out; errors over it become its result."""
        if read.skipped:
            return self.carried_over(read)
        try:
            result = self._plan_and_execute(read)
        except StoreError as error:
            if error.key != "store.version_not_kept":
                raise
            refuse = plan.Refuse(DEFERRED, reason_of(error), retry=True)
            result = replace(self._refuse(read, refuse), failed=True)
        except OSError as error:
            unavailable = UnavailableError("io_error", reason=error.strerror or str(error))
            refuse = plan.Refuse(UNREADABLE, reason_of(unavailable), retry=True)
            result = self._refuse(as_unreadable(read, unavailable), refuse)
        # Of a workbook that can't be read now, the state holds no content.
        sha256 = None if result.status == UNREADABLE and result.waits else read.sha256
        self._file_index.mark_processed(read.file.name, read.signature, sha256, waits=result.waits)
        return result

    def carried_over(self, read: Read) -> WorkbookResult:
        """Return the stored result of a workbook that a pass leaves alone."""
        if read.unreadable is not None:
            return replace(self._result(read, UNREADABLE), reason=read.unreadable)
        known = read.known
        if known is None or known.status in (RECORDED, GONE):
            return self._result(read, UNCHANGED)
        return self._result(read, known.status)

    def keep_displaced(self, path: Path, data: bytes) -> None:
        """Keep a content that was displaced from a workbook's file."""
        from xlflow.sync.keep_displaced import keep_displaced

        keep_displaced(self._workspace, self._store, path, data, self._as_of)

    def _plan_and_execute(self, read: Read) -> WorkbookResult:
        """Carry the plan out, with a new one whenever somebody saves in between."""
        for attempt in range(1, _ATTEMPTS + 1):
            read = self._reader.completed(read)
            work = _Work(read, self._reader)
            result: WorkbookResult | None = None
            version: Version | None = None
            for action in plan.plan_workbook(read, self._circumstances(read)):
                match action:
                    case plan.MarkSeen():
                        self._store.mark_seen(read.workbook, self._as_of)
                        result = self._result(read, UNCHANGED)
                    case plan.Refuse():
                        result = self._refuse(read, action)
                    case plan.KeepVersion():
                        version = self._keep(work)
                    case plan.RecordOutcome():
                        result = self._record(work, version, RECORDED, action.reason)
                    case plan.Defer():
                        result = self._defer(work, version, action)
                    case plan.Flag():
                        result = self._flag(work, version, attempt == _ATTEMPTS)
            if result is not None:
                return result
            read = self._reader.read(read)
        raise AssertionError("the last attempt always ends in a result")

    def _circumstances(self, read: Read) -> plan.Circumstances:
        """Find out whether the workbook can be written now; only if there is anything to write."""
        from xlflow.team_files import safe_open

        if read.outcome is None or not read.outcome.writes:
            return plan.Circumstances(accept=self._policy.accept)
        read_only = self._policy.read_only
        if read_only is None and read.outcome.signed:
            read_only = Reason("sync.signed")
        if read_only is None and safe_open.hard_linked(read.file.path):
            read_only = Reason("sync.hard_linked")
        busy, open_here = self._policy.busy, False
        if read_only is None and busy is None:
            holder = lock_files.holder_of(read.file.path, self._clock(), socket.gethostname())
            if holder is not None:
                busy = _open_reason(holder)
                open_here = self._workspace.settings.open_books
            elif self._file_index.seconds_since_write(read.file.name) < self._policy.pause:
                busy = Reason("watching.pause", {"seconds": round(self._policy.pause)})
        return plan.Circumstances(read_only, busy, open_here, self._policy.accept)

    # The actions

    def _keep(self, work: _Work) -> Version:
        outcome = work.outcome
        return self._store.keep(
            work.read.workbook,
            work.data,
            content=outcome.content,
            seen=self._as_of,
            months=outcome.months,
            last_modified_by=outcome.last_modified_by,
            index_later=True,  # with the intent, or with what is recorded
        )

    def _refuse(self, read: Read, action: plan.Refuse) -> WorkbookResult:
        self._store.set_status(
            read.workbook,
            read.file.team,
            action.status,
            action.reason,
            as_of=self._as_of,
            sha256=None if self._rereads(action) else read.sha256,
            inputs=None if self._rereads(action) else self._reader.inputs,
        )
        return replace(self._result(read, action.status), reason=action.reason, waits=action.retry)

    @staticmethod
    def _rereads(action: plan.Refuse) -> bool:
        """Whether an unreadable workbook may become readable without a change of its content."""
        return action.status == UNREADABLE and action.retry

    def _defer(self, work: _Work, version: Version | None, action: plan.Defer) -> WorkbookResult:
        reason = action.reason
        if action.show and self._show_open(work):
            reason = Reason("sync.shown_open")
        return self._record(work, version, DEFERRED, reason)

    def _show_open(self, work: _Work) -> bool:
        """Write the flags into the workbook where it is open in Excel on this machine."""
        from xlflow.ooxml.book import Book
        from xlflow.ooxml.table_finder import find_tables
        from xlflow.team_files import open_in_excel
        from xlflow.values import Context

        context = Context.of(self._workspace.settings, day_of(self._as_of))
        snapshot = find_tables(Book(work.data), context)
        return open_in_excel.show_in_excel(work.read.file.path, snapshot, work.outcome.cells)

    def _flag(
        self, work: _Work, version: Version | None, last_attempt: bool
    ) -> WorkbookResult | None:
        """Write the flags and record the outcome; None if somebody saved in between.

        On the last attempt what was read is recorded all the same, and only the flags wait.

        Six times something is synced to the disk, and each is needed: the kept version's
        data, which include its description, and its folder, before anything is replaced;
        the index of versions with the intent; the new file before the exchange, and the
        folder after it; the end of the write with everything recorded. A crash between
        the last two leaves an open intent and a file that the next pass reads again.
        """
        read, flagged = work.read, work.contents.flagged
        assert flagged is not None, "what may be written was spliced"
        if isinstance(flagged, WriteRefusedError):
            return self._record(work, version, RECORDED, reason_of(flagged))
        after = sha256(flagged).hexdigest()
        write = self._store.begin_write(read.workbook, read.sha256 or "", after, self._as_of)
        try:
            written = replace_file(
                read.file.path,
                work.data,
                flagged,
                self._keep_others(work),
                self._policy.operations,
                self._displaced.append,
            )
        except WriteRefusedError as error:
            self._store.end_write(write, error.key)
            defer = plan.Defer(reason_of(error))
            if error.key == "workbook_open":
                open_here = self._workspace.settings.open_books
                return self._defer(work, version, replace(defer, show=open_here))
            return replace(self._defer(work, version, defer), failed=True)
        if written:
            self._file_index.mark_written(read.file.name)
            with self._store.begin():
                self._store.end_write(write, "written")
                return self._record(work, version, RECORDED, written=after)
        self._store.end_write(write, "given_back")
        if last_attempt:
            return self._defer(work, version, plan.Defer(Reason("sync.being_saved")))
        return None

    def _keep_others(self, work: _Work) -> Callable[[bytes], None]:
        """Return a callback that keeps a displaced content, unless it is the one kept already."""

        def keep(data: bytes) -> None:
            if data != work.data:
                self.keep_displaced(work.read.file.path, data)

        return keep

    def _record(
        self,
        work: _Work,
        version: Version | None,
        status: str,
        reason: Reason | None = None,
        *,
        written: str | None = None,
    ) -> WorkbookResult:
        """Record the outcome; ``written`` is the digest of the file with its flags."""
        assert version is not None, "a version is kept before anything is recorded"
        read, outcome = work.read, work.outcome
        waits = status == DEFERRED
        sharing = read.sharing
        if sharing is None:
            sharing = self._store.sharing_of(read.workbook)
        self._store.record(
            read.workbook,
            read.file.team,
            outcome,
            version=version,
            sha256=written or read.sha256 or "",
            inputs=self._reader.inputs,
            as_of=self._as_of,
            status=status,
            reason=reason,
            waiting=waits,
            notify=self._policy.notify,
            sharing=sharing,
        )
        cells = sum(map(len, outcome.cells.values())) if written is not None else 0
        return WorkbookResult(
            read.file.team,
            read.workbook,
            status,
            reason,
            rows=outcome.row_count,
            findings=len(outcome.findings) + len(sharing.findings),
            overdue=outcome.overdue,
            cells_written=cells,
            waits=waits,
        )

    def _result(self, read: Read, status: str) -> WorkbookResult:
        return with_stored_counts(read.file.team, read.workbook, status, read.known)


class _Work:
    """One workbook under way: what was read of it, fetched from the spool when needed."""

    def __init__(self, read: Read, reader: Reader) -> None:
        self.read = read
        self._reader = reader

    @cached_property
    def data(self) -> bytes:
        return self._reader.content(self.read)

    @cached_property
    def contents(self) -> Contents:
        return self._reader.contents(self.read)

    @property
    def outcome(self) -> EncodedOutcome:
        return self.contents.outcome


def _open_reason(holder: lock_files.LockHolder) -> Reason:
    return Reason("sync.open_by", {"user": holder.user}) if holder.user else Reason("sync.open")
