"""Running a daemon's passes: one open store, workbooks read in worker processes, then the hook."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from xlflow.daemon.event_log import EventLog
from xlflow.store import Reason, Store
from xlflow.store.status import FILE_NAME as DATABASE
from xlflow.sync.file_index import FileIndex
from xlflow.sync.processing import Processor, WorkerPool, processor_count
from xlflow.sync.results import PassResult
from xlflow.sync.run import Clock, Pass, PassOptions
from xlflow.workspace import Workspace

Hook = Callable[[Workspace, Store, PassResult], None]
"""Called after a pass, with the store open, for instance to send notices."""

log = logging.getLogger(__name__)


class PassRunner:
    """Runs passes one after another.

    ``halt`` is called again and again while a workbook is read, ``between_workbooks``
    before each; both may raise to end the pass.
    """

    def __init__(
        self,
        file_index: FileIndex,
        hook: Hook | None,
        event_log: EventLog,
        *,
        clock: Clock,
        halt: Callable[[], None],
        between_workbooks: Callable[[], None],
    ) -> None:
        self.hook = hook
        self.processor: Processor = WorkerPool(processor_count(), halt)
        self._file_index = file_index
        self._event_log = event_log
        self._clock = clock
        self._between_workbooks = between_workbooks
        self._store: Store | None = None
        self._store_inode: int | None = None

    def run(
        self, workspace: Workspace, as_of: datetime, being_saved: frozenset[str], pause: float
    ) -> PassResult:
        """Run one pass; the rest is as in :class:`xlflow.sync.run.PassOptions`.

        Raises:
            XlflowError: the pass failed.
        """
        store = self._open_store(workspace)
        result = Pass(
            workspace,
            store,
            as_of,
            PassOptions(being_saved=being_saved, pause=pause),
            file_index=self._file_index,
            processor=self.processor,
            check_stop=self._between_workbooks,
            clock=self._clock,
        ).run()
        self._call_hook(workspace, store, result)
        return result

    def close_store(self) -> None:
        """Close the store; the next pass opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open_store(self, workspace: Workspace) -> Store:
        """Return the store, opened anew if its file was replaced."""
        path = workspace.state / DATABASE
        inode = path.stat().st_ino if path.exists() else None
        if self._store is None or inode != self._store_inode:
            self.close_store()
            self._store = Store.open(workspace.state, migrate=True)
            self._store_inode = path.stat().st_ino
        return self._store

    def _call_hook(self, workspace: Workspace, store: Store, result: PassResult) -> None:
        """Call the hook; the pass counts even if it fails."""
        if self.hook is None:
            return
        try:
            self.hook(workspace, store, result)
        except Exception as error:
            log.exception("hook")
            self._event_log.problem("hook", Reason("watching.crashed", {"reason": repr(error)}))
        else:
            self._event_log.problem("hook", None)
