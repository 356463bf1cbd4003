"""When the summaries are renewed, and what is logged of it."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

import pytest

from xlflow.daemon.event_log import EventLog
from xlflow.daemon.summary_worker import SummaryWorker
from xlflow.store import Reason
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

NOW = datetime(2024, 7, 16, 9)


class FakeProcess:
    """A worker process that ends when the test says so, on documents alone at once.

    ``calls`` and ``documents`` count those for workbooks and for documents alone.
    """

    def __init__(self) -> None:
        self.calls = self.documents = 0
        self.ended = False
        self.outcome: list[tuple[str, bool, Reason | None]] | Exception = []

    def submit(self, *arguments: Any) -> None:
        workbooks: bool = arguments[-1]
        self.calls += workbooks
        self.documents += not workbooks
        self.ended = not workbooks

    def poll(self) -> bool:
        return self.ended

    def result(self) -> list[tuple[str, bool, Reason | None]]:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def close(self) -> None: ...


class Run:
    def __init__(self, space: Workspace) -> None:
        self.now = 0.0
        self.space = space
        self.worker = SummaryWorker(
            space.state, EventLog("zh"), monotonic=lambda: self.now, halt=lambda: None
        )
        self.process = FakeProcess()
        self.worker.process = self.process  # type: ignore[assignment]

    def step(self, now: float) -> None:
        self.now = now
        self.worker.step(self.space, NOW, NOW)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    return Run(create_workspace(tmp_path / "share"))


def test_requests_delay_the_renewal_up_to_a_limit(run: Run) -> None:
    assert run.worker.next_at() == inf
    for second in range(20):
        run.now = second
        run.worker.request()
        run.step(second)
        assert run.process.calls == 0
    run.step(20)
    assert run.process.calls == 1


def test_the_documents_come_first_and_at_once(run: Run) -> None:
    run.worker.request()
    assert run.worker.next_at() == pytest.approx(0.3)
    run.step(0.3)
    assert (run.process.documents, run.process.calls) == (1, 0)
    run.now = 0.4
    run.worker.request()
    run.step(0.7)
    assert (run.process.documents, run.process.calls) == (2, 0)
    run.step(2.3)
    assert run.process.calls == 0
    run.step(2.4)
    assert (run.process.documents, run.process.calls) == (2, 1)


def test_documents_that_fail_are_left_to_the_workbooks(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run.worker.request()
    run.process.outcome = RuntimeError("a bug")
    run.step(0.3)
    run.step(0.4)
    assert caplog.records == []
    run.step(2)
    assert run.process.calls == 1
    run.process.ended = True
    run.step(3)
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "outcome",
    [
        [("汇总-2024-07.xlsx", False, Reason("sync.open"))],
        RuntimeError("a bug"),
    ],
)
def test_a_failure_is_retried(run: Run, outcome: Any) -> None:
    run.worker.request()
    run.step(2)
    run.process.ended, run.process.outcome = True, outcome
    run.step(3)
    run.step(62)
    assert run.process.calls == 1
    run.step(63)
    assert run.process.calls == 2
    run.process.ended, run.process.outcome = True, []
    run.step(64)
    assert run.worker.next_at() == inf


def test_a_process_that_takes_too_long_is_given_up(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run.worker.request()
    run.step(2)
    run.step(602)
    assert caplog.records == []
    run.step(602.1)
    assert [record.facts["reason"] for record in caplog.records] == ["watching.reader_slow"]  # type: ignore[attr-defined]


HOLD = """
import sys, filelock
with filelock.FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.timeout(60)
def test_it_waits_for_a_pass_of_another_process(run: Run) -> None:
    run.space.state.mkdir(parents=True, exist_ok=True)
    lock = str(run.space.state / "turn.lock")
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, lock],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        run.worker.request()
        run.step(2)
        assert run.process.calls == 0
    finally:
        other.kill()
        other.communicate()
    run.step(run.worker.next_at())
    assert run.process.calls == 1
    run.worker.close()
