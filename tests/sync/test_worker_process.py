"""Calls in a worker process: one that succeeds, fails, crashes or takes too long."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xlflow.errors import UnavailableError
from xlflow.sync import worker_process
from xlflow.sync.worker_process import WorkerProcess

pytestmark = pytest.mark.timeout(120)


def work(what: str, value: int = 0) -> object:
    """Do one of the things that a hostile file might do to its reader."""
    if what == "die":
        os._exit(139)
    if what == "hang":
        time.sleep(60)
    if what == "fail":
        raise UnavailableError("io_error", reason=str(value))
    if what == "fail oddly":
        raise type("OddError", (Exception,), {})(value)
    return os.getpid(), value


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    worker = WorkerProcess(work, 60)
    worker("start")  # so that the timeout doesn't include the start
    worker._timeout = 0.5
    yield worker
    worker.close()


def test_all_calls_run_in_one_other_process(worker: WorkerProcess) -> None:
    (one, value), (other, _) = worker("do", 7), worker("do")
    assert value == 7
    assert one == other == worker.pid != os.getpid()


def test_exceptions_come_back(worker: WorkerProcess) -> None:
    with pytest.raises(UnavailableError) as failed:
        worker("fail", 5)
    assert failed.value.params == {"reason": "5"}
    with pytest.raises(RuntimeError, match="OddError"):
        worker("fail oddly")
    assert worker("do", 1)[1] == 1


@pytest.mark.parametrize(("what", "key"), [("die", "reader_died"), ("hang", "reader_slow")])
def test_a_crash_or_a_hang_is_an_error_and_the_next_call_succeeds(
    worker: WorkerProcess, what: str, key: str
) -> None:
    with pytest.raises(UnavailableError) as failed:
        worker(what)
    assert failed.value.key == f"watching.{key}"
    other = WorkerProcess(work, 30)
    assert other("do", 3)[1] == 3
    other.close()


def test_a_worker_that_died_idle_is_restarted() -> None:
    worker = WorkerProcess(work, 30)
    first, _ = worker("do")
    os.kill(first, 9)
    while worker._process is not None and worker._process.is_alive():
        time.sleep(0.01)
    assert worker("do", 4)[1] == 4
    worker.close()
    assert worker.pid is None


def test_halt_can_end_the_wait() -> None:
    class Stop(BaseException):
        pass

    def halt() -> None:
        raise Stop

    worker = WorkerProcess(work, 30, halt)
    with pytest.raises(Stop):
        worker("hang")
    assert worker.pid is None


KILLED = """
import os, time
from xlflow.sync.worker_process import WorkerProcess

if __name__ == "__main__":
    worker = WorkerProcess(time.sleep, 60)
    worker(0)
    worker.submit(0.5)
    os._exit(0)
"""


def test_a_worker_whose_parent_is_gone_ends_silently(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, "utf-8")
    root = str(Path(worker_process.__file__).parents[2])
    # run() returns when the last process that holds the standard error has ended.
    completed = subprocess.run(
        [sys.executable, script],
        stderr=subprocess.PIPE,
        timeout=60,
        env={**os.environ, "PYTHONPATH": root},
        check=True,
    )
    assert b"Error" not in completed.stderr
