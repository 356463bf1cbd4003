"""Processing in worker processes: limits of memory and time, crashes, and everybody else."""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from xlflow.config import Settings
from xlflow.errors import UnavailableError, UnreadableError, WriteRefusedError
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.store.encoded_outcome import encode_outcome
from xlflow.sync import processing
from xlflow.sync.processing import Contents, InProcess, Processor, WorkerPool, process_content
from xlflow.sync.worker_process import WorkerProcess
from xlflow.templates.samples import write_samples

pytestmark = pytest.mark.timeout(120)
AS_OF = datetime(2024, 7, 17)


def task(data: bytes, name: str = "市场一部", *, splicing: bool = True) -> processing.Task:
    return data, Inputs(name, Settings(), f"teams/{name}.xlsx"), (), AS_OF, splicing


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, Settings(), "zh")
    return Path(folder, "市场一部.xlsx").read_bytes()


@pytest.fixture(params=["here", "spawned"])
def processor(request: pytest.FixtureRequest) -> Iterator[Processor]:
    made: Processor = InProcess() if request.param == "here" else WorkerPool(2)
    yield made
    made.close()


def test_what_follows_is_the_same_wherever_it_is_worked_out(
    processor: Processor, sample: bytes
) -> None:
    outcome = process(sample, Inputs("市场一部", Settings(), "teams/市场一部.xlsx"), (), AS_OF)
    processed = processor(*task(sample))
    contents: Contents = pickle.loads(processed.packed)
    facts = processed.facts
    assert (facts.rows, facts.writes, facts.signed) == (len(outcome.rows), True, False)
    assert contents.outcome == encode_outcome(outcome, "teams/市场一部.xlsx")
    assert contents.flagged == splice(sample, outcome.cells)
    assert pickle.loads(processor(*task(sample, splicing=False)).packed).flagged is None


def test_one_broken_workbook_is_an_error_among_results(processor: Processor, sample: bytes) -> None:
    tasks = {name: task(b"no archive" if name == "3" else sample, name) for name in "12345"}
    results = dict(processor.map(iter(tasks.items())))
    assert results.keys() == tasks.keys()
    broken = results.pop("3")
    assert isinstance(broken, UnreadableError)
    assert all(isinstance(result, processing.Processed) for result in results.values())


def test_what_cant_be_written_says_why(monkeypatch: pytest.MonkeyPatch, sample: bytes) -> None:
    def refuse(*_: object) -> bytes:
        raise WriteRefusedError("signed")

    monkeypatch.setattr("xlflow.ooxml.splice.splice", refuse)
    contents: Contents = pickle.loads(process_content(*task(sample)).packed)
    assert isinstance(contents.flagged, WriteRefusedError)
    assert contents.flagged.key == "signed"


def test_the_remembered_rows_are_those_that_were_found(sample: bytes) -> None:
    outcome = process(sample, Inputs("市场一部", Settings(), "w"), (), AS_OF)
    encoded = encode_outcome(outcome, "w")
    assert encoded.remembered_rows() == outcome.rows
    assert encoded.row_count == len(outcome.rows)


def misbehave(data: bytes, *_: object) -> bytes:
    """Do what a hostile workbook might do to its reader."""
    if data == b"slow":
        time.sleep(60)
    if data == b"dies":
        os._exit(139)
    if data == b"greedy":
        return b"x" * (2 << 30)
    return data


def pool_of(count: int, timeout: float, memory_limit: int | None = None) -> WorkerPool:
    pool = WorkerPool(count)
    pool.workers = [
        WorkerProcess(misbehave, timeout, memory_limit=memory_limit) for _ in range(count)
    ]
    return pool


def test_a_slow_workbook_and_a_deadly_one_hold_up_nobody() -> None:
    pool = pool_of(2, 5.0)
    contents = [b"slow", *(b"%d" % n for n in range(20)), b"dies", b"last"]
    try:
        ended = list(pool.map((data, task(data)) for data in contents))
    finally:
        pool.close()
    results = dict(ended)
    assert {key for key, result in results.items() if result == key} == set(contents) - {
        b"slow",
        b"dies",
    }
    keys = {key: results[key].key for key in (b"slow", b"dies")}  # type: ignore[union-attr]
    assert keys == {b"slow": "watching.reader_slow", b"dies": "watching.reader_died"}
    assert [key for key, _ in ended].index(b"slow") > 10


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space reliably")
def test_memory_is_limited() -> None:
    pool = pool_of(1, 60, processing.MEMORY_LIMIT)
    try:
        with pytest.raises(MemoryError):
            pool(*task(b"greedy"))
        assert pool(*task(b"next")) == b"next"
    finally:
        pool.close()


def test_too_much_memory_makes_a_workbook_unreadable(
    monkeypatch: pytest.MonkeyPatch, sample: bytes
) -> None:
    def greedy(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("xlflow.process.process", greedy)
    with pytest.raises(UnreadableError) as error:
        process_content(*task(sample))
    assert (error.value.key, error.value.params) == ("needs_too_much_memory", {"limit": 1024})


def test_a_halt_ends_the_processing(sample: bytes) -> None:
    def halt() -> None:
        raise UnavailableError("watching.reader_died")

    pool = WorkerPool(1, halt)
    with pytest.raises(UnavailableError):
        list(pool.map([("a", task(sample))]))
    assert pool.workers[0].pid is None
    pool.close()
