"""Work in a process beside this one: done, failed, dead, too slow."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xlflow.errors import UnavailableError
from xlflow.sync import beside as beside_module
from xlflow.sync.beside import Beside


def work(what: str, value: int = 0) -> object:
    """Do one of the things that bytes from anywhere might do to a reader."""
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
def beside() -> Iterator[Beside]:
    beside = Beside(work, 60)
    beside("start")  # what follows is timed without the start
    beside._patience = 0.5
    yield beside
    beside.close()


def test_work_is_done_in_one_other_process(beside: Beside) -> None:
    (one, value), (other, _) = beside("do", 7), beside("do")
    assert value == 7
    assert one == other == beside.pid != os.getpid()


def test_what_the_work_raises_comes_back(beside: Beside) -> None:
    with pytest.raises(UnavailableError) as failed:
        beside("fail", 5)
    assert failed.value.params == {"reason": "5"}
    with pytest.raises(RuntimeError, match="OddError"):
        beside("fail oddly")
    assert beside("do", 1)[1] == 1


@pytest.mark.parametrize(("what", "key"), [("die", "reader_died"), ("hang", "reader_slow")])
def test_a_death_or_a_hang_is_an_error_and_the_next_work_is_done(
    beside: Beside, what: str, key: str
) -> None:
    with pytest.raises(UnavailableError) as failed:
        beside(what)
    assert failed.value.key == f"watching.{key}"
    patient = Beside(work, 30)
    assert patient("do", 3)[1] == 3
    patient.close()


def test_one_that_died_idle_is_started_anew() -> None:
    beside = Beside(work, 30)
    first, _ = beside("do")
    os.kill(first, 9)
    while beside._process is not None and beside._process.is_alive():
        time.sleep(0.01)
    assert beside("do", 4)[1] == 4
    beside.close()
    assert beside.pid is None


def test_whoever_waits_can_stop_waiting() -> None:
    class Stop(BaseException):
        pass

    def halt() -> None:
        raise Stop

    beside = Beside(work, 30, halt)
    with pytest.raises(Stop):
        beside("hang")
    assert beside.pid is None


KILLED = """
import os, time
from xlflow.sync.beside import Beside

if __name__ == "__main__":
    beside = Beside(time.sleep, 60)
    beside(0)
    beside.ask(0.5)
    os._exit(0)
"""


def test_nothing_is_said_where_the_one_who_asked_is_gone(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED, "utf-8")
    root = str(Path(beside_module.__file__).parents[2])
    # Its standard error ends with the last process that holds it.
    ran = subprocess.run(
        [sys.executable, script],
        stderr=subprocess.PIPE,
        timeout=60,
        env={**os.environ, "PYTHONPATH": root},
        check=True,
    )
    assert b"Error" not in ran.stderr
