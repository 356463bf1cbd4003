"""Working out what follows from the contents of a pass, where it hurts nobody else.

A team's folder may hold anything. Whatever such bytes do to a process, they do to a
worker: its memory and its time are limited, it may die, and the other workbooks go on
meanwhile. What a worker returns is what the pass needs of a content: a few facts to
plan with, and the rest packed until its turn comes.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from multiprocessing.connection import wait
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from xlflow.errors import UnreadableError, WriteRefusedError
from xlflow.facts import Row
from xlflow.sync.worker_process import POLL_INTERVAL, WorkerProcess

if TYPE_CHECKING:
    from xlflow.process import Inputs
    from xlflow.store.encoded_outcome import EncodedOutcome

MEMORY_LIMIT = 1 << 30
"""Bytes of address space for the processing of a workbook, where the system can limit it."""

TIME_LIMIT = 60.0
"""Seconds for the processing of a workbook."""

_TASKS_A_WORKER = 4
_PATIENCE = 0.2  # seconds for which a content waits before another process is started for it

Task = tuple[bytes, "Inputs", Sequence[Row], datetime, bool]
"""A content, what it depends on, its memory, the moment, and whether to splice the flags."""

Key = TypeVar("Key")


class OutcomeFacts(NamedTuple):
    """What a pass plans with of a processed content.

    ``rows`` counts the data rows, ``lost_tables`` held rows before and have no sheet
    now, ``writes`` says whether anything is to be written, ``signed`` that it may not be.
    By ``content``, ``ids`` (those of each table's rows, one after the other) and
    ``fingerprint`` copies are found (:mod:`xlflow.sync.copy_search`).
    """

    rows: int
    lost_tables: tuple[str, ...] = ()
    writes: bool = True
    signed: bool = False
    content: str = ""
    ids: Mapping[str, str] = {}
    fingerprint: bytes = b""


class Processed(NamedTuple):
    """A processed content: ``packed`` are the pickled :class:`Contents`."""

    facts: OutcomeFacts
    packed: bytes


class Contents(NamedTuple):
    """What is carried out of a processed content.

    ``flagged`` is the content with its cells written, the reason why they can't be, or
    None where there was no need to know.
    """

    outcome: EncodedOutcome
    flagged: bytes | WriteRefusedError | None


class Processor(Protocol):
    """Processes contents somewhere."""

    def __call__(self, *task: Any) -> Processed:
        """Return what follows from one content, or raise why nothing does."""

    def map(self, tasks: Iterable[tuple[Key, Task]]) -> Iterator[tuple[Key, Processed | Exception]]:
        """Yield each task's result as it is done; tasks are taken as they can be begun."""

    def close(self) -> None:
        """Let go of what is held for it."""


def process_content(
    data: bytes, inputs: Inputs, memory: Sequence[Row], as_of: datetime, splicing: bool
) -> Processed:
    """Process a content and pack what follows from it.

    Raises:
        UnreadableError: it can't be read, or not within the limit of memory.
    """
    from xlflow.ooxml.book import Book
    from xlflow.ooxml.splice import splice
    from xlflow.process import process
    from xlflow.store.encoded_outcome import encode_outcome
    from xlflow.sync.copy_detection import fingerprint

    try:
        with _collector_paused():
            book = Book(data)
            outcome = process(book, inputs, memory, as_of)
            flagged: bytes | WriteRefusedError | None = None
            if splicing and outcome.cells:
                try:
                    flagged = splice(book, outcome.cells)
                except WriteRefusedError as error:
                    flagged = error
            contents = Contents(encode_outcome(outcome, inputs.workbook), flagged)
            facts = OutcomeFacts(
                len(outcome.rows),
                outcome.lost_tables,
                bool(outcome.cells),
                outcome.snapshot.signed,
                outcome.content,
                {
                    table: "".join(row.id for row in outcome.rows if row.table.name == table)
                    for table in outcome.snapshot.tables
                },
                fingerprint(outcome.rows),
            )
            return Processed(facts, pickle.dumps(contents, pickle.HIGHEST_PROTOCOL))
    except MemoryError:
        raise UnreadableError("needs_too_much_memory", limit=MEMORY_LIMIT >> 20) from None


class InProcess:
    """Processes contents in this process, without limits: for a few, and for tests."""

    def __call__(self, *task: Any) -> Processed:
        """Process one content."""
        return process_content(*task)

    def map(self, tasks: Iterable[tuple[Key, Task]]) -> Iterator[tuple[Key, Processed | Exception]]:
        """Process one content after the other."""
        for key, task in tasks:
            try:
                yield key, process_content(*task)
            except Exception as error:
                yield key, error

    def close(self) -> None:
        """Nothing is held."""


class WorkerPool:
    """Processes contents in worker processes, several at a time.

    Args:
        count: how many processes there are at most; they start when there is work.
        halt: called again and again while waiting; it may raise.
        fork: whether they begin as copies of this process, which must have one thread.
    """

    def __init__(
        self, count: int, halt: Callable[[], None] = lambda: None, *, fork: bool = False
    ) -> None:
        self._halt = halt
        self.workers = [
            WorkerProcess(process_content, TIME_LIMIT, halt, memory_limit=MEMORY_LIMIT, fork=fork)
            for _ in range(count)
        ]

    def __call__(self, *task: Any) -> Processed:
        """Process one content in the first worker."""
        processed: Processed = self.workers[0](*task)
        return processed

    def map(self, tasks: Iterable[tuple[Key, Task]]) -> Iterator[tuple[Key, Processed | Exception]]:
        """Give each free worker the next task, and yield the results as they come."""
        idle: list[WorkerProcess] = []
        unused = list(self.workers)
        busy: dict[WorkerProcess, Key] = {}
        try:
            for count, (key, task) in enumerate(tasks):
                began = monotonic()
                while not idle:
                    # Another process pays only where there is work for it.
                    awaited = monotonic() - began > _PATIENCE
                    if unused and (awaited or len(busy) <= count // _TASKS_A_WORKER):
                        idle.append(unused.pop(0))
                        break
                    for worker, result in self._ended(busy):
                        yield busy.pop(worker), result
                        idle.append(worker)
                worker = idle.pop()
                worker.submit(*task)
                busy[worker] = key
            while busy:
                for worker, result in self._ended(busy):
                    yield busy.pop(worker), result
        finally:
            for worker in busy:
                worker.close()

    def _ended(
        self, busy: Iterable[WorkerProcess]
    ) -> list[tuple[WorkerProcess, Processed | Exception]]:
        """Return the workers that have answered, died or taken too long, after a short wait."""
        wait([worker.connection for worker in busy], POLL_INTERVAL)
        self._halt()
        return [(worker, _result(worker)) for worker in busy if worker.ended()]

    def close(self) -> None:
        """Kill the processes, whatever they are doing."""
        for worker in self.workers:
            worker.close()


def _result(worker: WorkerProcess) -> Processed | Exception:
    try:
        processed: Processed = worker.result()
    except Exception as error:
        return error
    return processed


def command_pool() -> AbstractContextManager[WorkerPool]:
    """Return the workers of a command, to be used as a context: a process for each processor.

    They begin as copies of the command's process, which costs little, where that has
    nothing but the main thread and the system can.
    """
    return closing(WorkerPool(processor_count(), fork=True))


def processor_count() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the cyclic collector: a workbook's objects are many, and go all at once."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
