"""One pass over the teams' folder: list, read, plan, carry out, and renew the summaries.

:meth:`Pass.run` shows the order of events. A pass that was interrupted anywhere can
simply be run again, with the same final state.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from xlflow.errors import WriteRefusedError
from xlflow.store import Reason, Store, WorkbookState
from xlflow.store.database import DEFERRED, RECORDED
from xlflow.store.retention import expire
from xlflow.summary import renewal
from xlflow.sync import plan, teams_folder
from xlflow.sync.carry_out import Executor, WritePolicy
from xlflow.sync.file_index import (
    CACHED,
    COMMAND_RECHECK_INTERVAL,
    FILE_NAME,
    FileIndex,
    Listing,
    list_folder,
    list_folder_uncached,
)
from xlflow.sync.lease import foreign_holder, held_error
from xlflow.sync.locks import pass_lock
from xlflow.sync.processing import InProcess, Processor
from xlflow.sync.reading import Progress, Read, Reader
from xlflow.sync.rebuild import settle_rebuild
from xlflow.sync.results import UNCHANGED, PassResult, WorkbookResult, reason_of
from xlflow.sync.spool import Spool
from xlflow.sync.write_policy import settings_reason, share_operations
from xlflow.team_files.file_operations import FileOperations
from xlflow.team_files.guarded_replace import finish_interrupted, is_temporary
from xlflow.team_files.mounts import reports_changes
from xlflow.workspace import Workspace

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the time, with this machine's zone."""
    return datetime.now().astimezone()


def run(
    workspace: Workspace,
    as_of: datetime,
    *,
    accept: bool = False,
    everything: bool = False,
    notify: bool = True,
    read_only: bool = False,
    processor: Processor | None = None,
    progress: Progress | None = None,
    clock: Clock = system_clock,
) -> PassResult:
    """Do one pass, reading the workbooks that may have changed, and renew the summaries.

    Args:
        as_of: the moment taken as now, in the workspace's zone.
        accept: whether a person confirmed what froze the roll-up.
        everything: whether to read all workbooks, whatever the index of files says.
        notify: whether notices of what is new are queued.
        read_only: whether to read without writing anything into the share if another
            machine's daemon holds the workspace.
        processor: what processes contents; without one it is done in this process.
        progress: called with (done, total, name) before each workbook is read.
        clock: the real time, with its zone; lock files are judged by it.

    Raises:
        HeldError: another machine's daemon holds the workspace, or another pass
            on this one doesn't end in time.
        StoreError: the store can't be used.
        WorkspaceError: the teams' folder can't be listed.
    """
    holder = foreign_holder(workspace.root)
    held = held_error(holder) if holder is not None else None
    if held is not None and not read_only:
        raise held
    options = PassOptions(
        accept=accept,
        notify=notify and held is None,
        held=reason_of(held) if held is not None else None,
    )
    file_index = FileIndex(recheck_interval=COMMAND_RECHECK_INTERVAL)
    with pass_lock(workspace.state), Store.open(workspace.state, migrate=True) as store:
        if not everything:
            file_index.load(workspace.state / FILE_NAME)
        try:
            result = Pass(
                workspace,
                store,
                as_of,
                options,
                file_index=file_index,
                processor=processor,
                lister=_lister(workspace),
                clock=clock,
            ).run(progress)
        finally:
            file_index.save(workspace.state / FILE_NAME)
        if result.frozen is not None or held is not None:
            return result
        return replace(result, summaries=renewal.renew(workspace, store, as_of, clock()))


def _lister(workspace: Workspace) -> Callable[[Path], Listing]:
    """Return what lists the folder as the server has it now.

    A signature from a cache of the system's could hide the last edit, for instance from
    the cache that the run before this one has filled.
    """
    if reports_changes(workspace.teams):
        return list_folder
    try:
        idle = time.time() - (workspace.state / FILE_NAME).stat().st_mtime
    except OSError:
        idle = 0.0
    return partial(list_folder_uncached, forced=idle <= CACHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOptions:
    """What one pass may do.

    ``accept`` confirms what would freeze it; ``notify`` lets it queue notices;
    ``held`` says why the folder is another machine's, so that nothing is written
    into it; ``being_saved`` are files that somebody may be saving, left for later;
    ``pause`` are the seconds between two writes into one workbook.
    """

    accept: bool = False
    notify: bool = True
    held: Reason | None = None
    being_saved: frozenset[str] = frozenset()
    pause: float = 0.0


class Pass:
    """One pass under way, up to the summaries.

    ``file_index`` knows which files haven't changed since the pass before, and
    ``lister`` lists the folder. ``processor`` works out what follows from contents, in
    this process unless given. ``check_stop`` is called before each workbook and may raise to
    end the pass there.
    """

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        as_of: datetime,
        options: PassOptions,
        *,
        file_index: FileIndex | None = None,
        lister: Callable[[Path], Listing] = list_folder,
        processor: Processor | None = None,
        check_stop: Callable[[], None] = lambda: None,
        clock: Clock = system_clock,
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._as_of = as_of
        self._options = options
        self._file_index = file_index or FileIndex()
        self._lister = lister
        self._check_stop = check_stop
        self._clock = clock
        self._processor = processor or InProcess()
        self._spool = Spool(workspace.state)
        read_only, operations = settings_reason(workspace), FileOperations()
        if read_only is None and options.held is None:
            try:
                operations = share_operations(workspace)
            except WriteRefusedError as error:
                read_only = reason_of(error)
        self._operations = operations
        policy = WritePolicy(
            read_only=read_only,
            busy=options.held,
            operations=operations,
            pause=options.pause,
            notify=options.notify,
            accept=options.accept,
        )
        self._reader = Reader(
            workspace,
            store,
            as_of,
            self._processor,
            self._spool,
            splicing=policy.read_only is None and policy.busy is None,
        )
        self._executor = Executor(
            workspace, store, as_of, policy, self._reader, self._file_index, clock
        )

    def run(self, progress: Progress | None = None) -> PassResult:
        """List, read, plan and carry out."""
        try:
            return self._run(progress)
        finally:
            self._spool.close()

    def _run(self, progress: Progress | None) -> PassResult:
        options, store = self._options, self._store
        listing = self._finish_interrupted(self._listing())
        states = self._states()
        reads = self._read_all(listing, states, progress)
        renames = plan.plan_renames(reads, states)
        if renames:
            reads = self._follow_renames(reads, renames)
            states = self._states()
        being_saved = [self._reader.name_of(name) for name in options.being_saved]
        actions = plan.plan_pass(reads, states.values(), being_saved, accept=options.accept)
        gone = []
        for action in actions:
            match action:
                case plan.Freeze(reason):
                    store.set_frozen(reason)
                    if reason is not None:
                        untouched = tuple(map(self._executor.carried_over, reads))
                        return PassResult(self._as_of, untouched, reason)
                case plan.MarkGone():
                    self._executor.mark_gone(action)
                    gone.append(action.workbook)
        self._file_index.keep_only({*listing, *options.being_saved})
        reads = self._compared(reads)
        results, news = self._execute_all(reads)
        former = settle_rebuild(self._workspace, store)
        if options.notify:
            expire(store, self._workspace.settings.keep_days, self._clock())
        return PassResult(
            self._as_of,
            results,
            None,
            gone=tuple(gone),
            valid_until=store.valid_until(),
            news=news or bool(gone) or former is not None,
            former_database=former,
        )

    def _finish_interrupted(self, listing: Listing) -> Listing:
        """Finish what a killed pass left between two files; return the folder as it is then."""
        for write in self._store.open_writes():
            self._store.end_write(write.id, "interrupted")
        if self._options.held is not None or not any(map(is_temporary, listing)):
            return listing
        names = [Path(state.workbook).name for state in self._store.workbooks()]
        teams = self._workspace.teams
        finish_interrupted(teams, self._executor.keep_displaced, names, self._operations)
        return self._listing()

    def _listing(self) -> Listing:
        self._file_index.mark_listed()
        return teams_folder.listing(self._workspace.teams, self._lister)

    def _states(self) -> dict[str, WorkbookState]:
        return {state.workbook: state for state in self._store.workbooks()}

    def _read_all(
        self, listing: Listing, states: Mapping[str, WorkbookState], progress: Progress | None
    ) -> list[Read]:
        found = self._reader.found(listing, states)
        unchanged = self._reader.unchanged(found, self._file_index)
        reads: dict[str, Read] = {}

        def changed() -> Iterator[Read]:
            for done, entry in enumerate(found):
                name = entry.file.name
                if progress is not None:
                    progress(done, len(found), name)
                being_saved = name in self._options.being_saved
                if name in unchanged:
                    reads[name] = self._reader.skipped(entry)
                elif being_saved and entry.known is not None:
                    reads[name] = replace(entry, skipped=True)
                elif not being_saved:
                    self._check_stop()
                    yield entry

        for read in self._reader.read_all(changed()):
            reads[read.file.name] = read
        return [reads[entry.file.name] for entry in found if entry.file.name in reads]

    def _follow_renames(self, reads: Sequence[Read], renames: Sequence[plan.Rename]) -> list[Read]:
        """Move the stored state of renamed workbooks to their new names, and read them again."""
        old_names = {rename.new: rename.old for rename in renames}
        followed = []
        for read in reads:
            if read.workbook in old_names:
                self._store.rename(old_names[read.workbook], read.workbook, read.file.team)
                known = self._store.state_of(read.workbook)
                read = self._reader.read(replace(read, known=known))
            followed.append(read)
        return followed

    def _compared(self, reads: Sequence[Read]) -> list[Read]:
        """Return the reads with what the workbooks have in common, recorded of unread ones."""
        from xlflow.sync.copy_search import CopySearch

        search = CopySearch(self._workspace, self._store, self._reader, self._as_of)
        compared = search.compare(reads)
        for workbook, sharing in search.stored.items():
            self._store.set_sharing(workbook, sharing, self._as_of)
        return compared

    def _execute_all(self, reads: list[Read]) -> tuple[tuple[WorkbookResult, ...], bool]:
        """Return the results in the folder's order, and whether the data may have changed.

        A workbook's bytes are released as soon as it is done.
        """
        self._store.kept.make_folders(r.workbook for r in reads if r.outcome is not None)
        order = [read.workbook for read in reads]
        waiting = deque(reads)
        reads.clear()
        results: dict[str, WorkbookResult] = {}
        news = False
        try:
            while waiting:
                read = waiting.popleft()
                if not read.skipped:
                    self._check_stop()
                result = self._executor.execute(read)
                results[read.workbook] = result
                news = news or _is_news(read, result)
        finally:
            self._executor.settle()
        return tuple(results[workbook] for workbook in order), news


def _is_news(read: Read, result: WorkbookResult) -> bool:
    """Whether the summaries' data may have changed with a workbook."""
    if read.skipped or result.status == UNCHANGED:
        return False
    if result.status in (RECORDED, DEFERRED):
        return True
    known = read.known
    return known is None or (known.status, known.reason) != (result.status, result.reason)
