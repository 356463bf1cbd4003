"""The daemon's sender: on a thread of its own, and again when it is time to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.notifications import fake_service
from tests.rows import row
from tests.store.outcomes import record_rows
from xlflow.daemon.sender import Sender
from xlflow.notifications.addresses import VARIABLE
from xlflow.schema import PLAN
from xlflow.store import Store
from xlflow.sync.results import PassResult
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

pytestmark = pytest.mark.timeout(120)

NIGHT = datetime.fromisoformat("2024-07-17T03:00:00+08:00")
DONE = PassResult(datetime(2024, 7, 17), (), None, ())


class FakeClock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def service() -> Iterator[fake_service.Service]:
    with fake_service.running() as service:
        yield service


@pytest.fixture
def space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: fake_service.Service
) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(VARIABLE, service.url)
    space = create_workspace(tmp_path / "share", [], "zh")
    with Store.open(space.state) as store:
        content = {"stage": "需求调研", "goal": "90%", "due": "2024-07-10"}
        record_rows(store, "teams/华东.xlsx", [row(PLAN, content, id="a")])
    return space


def eventually(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def run_after_pass(sender: Sender, space: Workspace) -> None:
    with Store.open(space.state) as store:
        sender.after_pass(space, store, DONE)


def queued(space: Workspace) -> int:
    with Store.open(space.state) as store:
        return store.queued()


def test_it_sends_after_a_pass(space: Workspace, service: fake_service.Service) -> None:
    with Sender(space, FakeClock(NIGHT + timedelta(hours=9))) as sender:
        run_after_pass(sender, space)
        assert eventually(lambda: queued(space) == 0)
    assert len(service.arrived) == 1


def test_it_sends_when_the_quiet_hours_end(space: Workspace, service: fake_service.Service) -> None:
    clock = FakeClock(NIGHT.replace(hour=7, minute=59, second=59))
    with Sender(space, clock) as sender:
        run_after_pass(sender, space)
        with Store.open(space.state) as store:
            assert eventually(lambda: store.outbox.reasons() != ())
        assert service.arrived == []
        clock.now = clock.now + timedelta(seconds=1)
        assert eventually(lambda: len(service.arrived) == 1)


def test_a_slow_service_delays_nobody(space: Workspace, service: fake_service.Service) -> None:
    slow = threading.Event()
    service.on_arrival = lambda _document: slow.wait(10)
    started = time.monotonic()
    with Sender(space, FakeClock(NIGHT + timedelta(hours=9))) as sender:
        run_after_pass(sender, space)
        assert time.monotonic() - started < 1
        assert eventually(lambda: len(service.arrived) == 1)
        started = time.monotonic()
    assert time.monotonic() - started < 4  # the daemon has five seconds to end
    slow.set()
    assert eventually(lambda: queued(space) == 0)


def test_a_failure_is_retried_and_logged_once(
    space: Workspace, service: fake_service.Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "xlflow")
    clock = FakeClock(NIGHT + timedelta(hours=9))
    service.status = 503
    with Sender(space, clock) as sender:
        run_after_pass(sender, space)
        assert eventually(lambda: len(service.arrived) == 1)
        assert eventually(lambda: caplog.messages == ["trouble"])
        run_after_pass(sender, space)  # before its time nothing is tried
        service.status = 200
        clock.now += timedelta(minutes=1)
        run_after_pass(sender, space)
        assert eventually(lambda: queued(space) == 0)
        assert eventually(lambda: caplog.messages[-2:] == ["notified", "well_again"])
    assert len(service.arrived) == 2
    assert "hush" not in caplog.text
