"""The first half of a pass: reading the teams' folder without changing anything."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from xlflow.errors import UnavailableError, XlflowError
from xlflow.inputs_digest import inputs_digest
from xlflow.store import Reason, Store, WorkbookState
from xlflow.store.database import CONFLICT, GONE, RECORDED, UNREADABLE
from xlflow.store.shared_rows import Sharing
from xlflow.summary.closed_months import closed_months
from xlflow.sync import teams_folder
from xlflow.sync.file_index import FileIndex, Listing, Signature, list_folder_uncached
from xlflow.sync.results import reason_of
from xlflow.sync.spool import Slot, Spool
from xlflow.sync.teams_folder import TeamFile, entries
from xlflow.team_files.mounts import GONE as SHARE_GONE
from xlflow.workspace import Workspace, display_name

# What reads workbooks is imported when one is read: most runs open none, or one.
if TYPE_CHECKING:
    from xlflow.sync.processing import Contents, OutcomeFacts, Processed, Processor, Task

Progress = Callable[[int, int, str], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """One file of the folder as a pass found it.

    ``known`` is the workbook's stored state. ``signature`` is the file's before it
    was read. ``skipped`` says that there was no reason to read it. Otherwise ``data``
    is where its bytes wait. ``outcome`` is what follows from them, as far as it is
    planned with, and ``packed`` where the rest waits; None where the file was skipped,
    its content is known already, or it is ``unreadable``; ``permanent`` says that it
    stays unreadable until the content changes.
    ``original`` is the workbook that it conflicts with: the one it is a copy of, or
    the same team's in the other format. ``sharing`` is what it has in common with other
    workbooks; None where that wasn't looked at, and is as it was.
    """

    file: TeamFile
    workbook: str
    known: WorkbookState | None
    signature: Signature
    skipped: bool = False
    data: Slot | None = None
    sha256: str | None = None
    outcome: OutcomeFacts | None = None
    packed: Slot | None = None
    unreadable: Reason | None = None
    permanent: bool = False
    original: str | None = None
    sharing: Sharing | None = None


class Reader:
    """Reads the workbooks of one workspace as of one moment.

    ``processor`` works out what follows from contents; with ``splicing`` it also puts
    the cells to write into them. What was read waits in ``spool``.
    """

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        as_of: datetime,
        processor: Processor,
        spool: Spool,
        *,
        splicing: bool,
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._as_of = as_of
        self._processor = processor
        self._spool = spool
        self._splicing = splicing
        self._folder = workspace.relative(workspace.teams)
        self.inputs = inputs_digest(workspace.settings)
        self._closed = tuple(closed_months(workspace))

    def found(self, listing: Listing, states: Mapping[str, WorkbookState]) -> list[Read]:
        """Return an unread entry for every team file in the listing."""
        return [
            Read(file, workbook, states.get(workbook), listing[file.name])
            for file in entries(self._workspace.teams, listing)
            for workbook in [self.name_of(file.name)]
        ]

    def name_of(self, file_name: str) -> str:
        """Return the workbook's name in reports and in the store, from its file's name."""
        return f"{self._folder}/{display_name(file_name)}"

    def unchanged(self, found: Sequence[Read], file_index: FileIndex) -> set[str]:
        """Return the names of the files that needn't be read.

        One that is a copy is skipped only as long as its original is.
        """
        names = {
            read.file.name
            for read in found
            if read.known is not None
            and file_index.is_unchanged(read.file.name, read.signature, read.known.sha256)
            and self.still_holds(read.known)
            and self._seen_this_month(read.known)
        }
        workbooks = {self.name_of(name) for name in names}
        return {
            read.file.name
            for read in found
            if read.file.name in names
            and (read.file.twin is None or read.file.twin in names)
            and _original_in(read.known) in {None, *workbooks}
        }

    def skipped(self, found: Read) -> Read:
        """Return an entry as skipped; one that couldn't be read counts as unreadable still."""
        known = found.known
        if known is not None and known.status == UNREADABLE:
            return replace(found, skipped=True, unreadable=known.reason, permanent=True)
        return replace(found, skipped=True)

    def _seen_this_month(self, state: WorkbookState) -> bool:
        """Whether seeing a workbook again can't hand in a month, or hand it in earlier."""
        seen = state.last_seen
        same_month = (seen.year, seen.month) == (self._as_of.year, self._as_of.month)
        return same_month and seen <= self._as_of

    def still_holds(self, state: WorkbookState | None) -> bool:
        """Whether a stored state is still true, as long as the content is the same."""
        if state is None or state.status == GONE or state.inputs not in (self.inputs, None):
            return False
        if state.valid_from is None or state.valid_until is None:
            return state.status != RECORDED
        return state.valid_from <= self._as_of <= state.valid_until

    def read(self, found: Read) -> Read:
        """Read a file, and process its content unless it is known."""
        read = self.fetched(found)
        return self.processed(read) if self._is_new(read) else read

    def read_all(self, found: Iterable[Read]) -> Iterator[Read]:
        """Read files, several at a time where the processor can, and yield them as they come."""
        known: list[Read] = []

        def tasks() -> Iterator[tuple[Read, Task]]:
            for entry in found:
                read = self.fetched(entry)
                if self._is_new(read):
                    yield read, self._task(read)
                else:
                    known.append(read)

        for read, result in self._processor.map(tasks()):
            yield self._with_result(read, result)
        yield from known

    def fetched(self, found: Read) -> Read:
        """Read a file's bytes, and look whether their content is known."""
        from xlflow.team_files import safe_open

        if found.file.error is not None:
            return as_unreadable(found, found.file.error)
        try:
            data = safe_open.read_safely(found.file.path)
        except XlflowError as error:
            self._require_share(error)
            return as_unreadable(found, error)
        digest = sha256(data).hexdigest()
        read = replace(found, data=self._spool.put(data), sha256=digest, outcome=None)
        known = read.known
        if known is not None and known.status == UNREADABLE and not self._is_new(read):
            return replace(read, unreadable=known.reason, permanent=True)
        return read

    def _require_share(self, error: XlflowError) -> None:
        """Raise WorkspaceError if a file couldn't be read because the whole share is away."""
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in SHARE_GONE:
            teams_folder.listing(self._workspace.teams, list_folder_uncached)

    def _is_new(self, read: Read) -> bool:
        """Whether a content, or anything else that its outcome depends on, isn't the known one."""
        known = read.known
        return read.data is not None and (
            known is None or (known.sha256, known.inputs) != (read.sha256, self.inputs)
        )

    def _task(self, read: Read) -> Task:
        from xlflow.process import Inputs

        memory = self._store.memory(read.workbook) if read.known is not None else ()
        workspace = self._workspace
        inputs = Inputs(read.file.team, workspace.settings, read.workbook, self._closed)
        return self.content(read), inputs, memory, self._as_of, self._splicing

    def processed(self, read: Read) -> Read:
        """Process what was read: return it with its outcome, or as unreadable."""
        try:
            result: Processed | Exception = self._processor(*self._task(read))
        except Exception as error:
            result = error
        return self._with_result(read, result)

    def _with_result(self, read: Read, result: Processed | Exception) -> Read:
        if isinstance(result, XlflowError):
            return as_unreadable(read, result)
        if isinstance(result, Exception):  # a crash over one workbook must not stop the others
            crash = UnavailableError("sync.crashed", reason=repr(result))
            if read.known is None or read.known.reason != reason_of(crash):
                log.error("%s", read.workbook, exc_info=result)
            return as_unreadable(read, crash)
        return replace(read, outcome=result.facts, packed=self._spool.put(result.packed))

    def content(self, read: Read) -> bytes:
        """Return the bytes of a file that was read."""
        assert read.data is not None, "only a file that was read has content"
        return self._spool.get(read.data)

    def contents(self, read: Read) -> Contents:
        """Return what is to be carried out of a processed content."""
        assert read.packed is not None, "only a processed workbook is carried out"
        contents: Contents = pickle.loads(self._spool.get(read.packed))
        return contents

    def completed(self, read: Read) -> Read:
        """Return what was read with everything that the plan depends on.

        A known content is processed again where its stored outcome no longer holds. Two
        formats of one team's workbook conflict with each other, since nobody knows which
        one counts.
        """
        if read.skipped or read.unreadable is not None:
            return read
        if read.file.twin is not None:
            return replace(read, original=self.name_of(read.file.twin))
        if read.original is not None:
            return read
        known = read.known
        complete = known is not None and known.status == RECORDED and not known.waiting
        if read.outcome is not None or (complete and self.still_holds(known)):
            return read
        return self.processed(read)


def _original_in(state: WorkbookState | None) -> str | None:
    """Return the workbook of which another one is known to be a copy; None if it is none."""
    if state is None or state.status != CONFLICT or state.reason is None:
        return None
    original: str | None = state.reason.params.get("original")
    return original


def as_unreadable(read: Read, error: XlflowError) -> Read:
    """Return what was read as unreadable."""
    return replace(read, outcome=None, unreadable=reason_of(error), permanent=not error.retryable)
