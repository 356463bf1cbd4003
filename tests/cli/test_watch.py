"""``watch`` in a process of its own, and other commands while it runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.running import Run, environment
from tests.store.test_form import newer_revision
from xlflow.sync import lease

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def share(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of one team, which is the current folder."""
    share = tmp_path / "share"
    assert run("init", share, "--team", "市场一部").code == 0
    monkeypatch.chdir(share)
    return share


@pytest.fixture
def start(share: Path) -> Iterator[Start]:
    """Start ``xlflow watch --json``; kill it at the end."""
    running: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        watch = subprocess.Popen(
            [sys.executable, "-m", "xlflow", "watch", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment(),
        )
        running.append(watch)
        return watch

    yield start
    for watch in running:
        watch.kill()
        watch.communicate()


def wait_until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="sends signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_watch_runs_and_stops_cleanly_on_a_signal(
    run: Run, share: Path, start: Start, number: signal.Signals
) -> None:
    assert run("status", "--json").json["running"] is False
    watch = start()
    wait_until(lambda: bool(run("status", "--json").json["workbooks"]))
    status = run("status", "--json").json
    assert (status["running"], status["pid"]) == (True, watch.pid)
    assert (status["watching"], status["problem"], status["frozen"]) == ("native", None, None)
    assert str(watch.pid) in run("status").out
    held = json.loads((share / lease.FILE_NAME).read_text("utf-8"))
    assert held["pid"] == watch.pid

    second = run("watch")
    assert second.code == 2
    assert str(watch.pid) in second.err
    assert "Ctrl+C" not in second.err
    assert run("sync").code == 0

    watch.send_signal(number)
    stopping = time.monotonic()
    out, err = watch.communicate(timeout=30)
    assert time.monotonic() - stopping < 5
    assert watch.returncode == 0
    assert json.loads(out)["pid"] == watch.pid
    assert "Traceback" not in err
    assert not (share / lease.FILE_NAME).exists()
    assert run("status", "--json").json["running"] is False


def test_a_killed_watch_does_not_block_the_next(run: Run, share: Path, start: Start) -> None:
    watch = start()
    wait_until(lambda: (share / lease.FILE_NAME).exists())
    watch.kill()
    watch.wait()
    assert run("status", "--json").json["running"] is False
    again = start()
    wait_until(lambda: run("status", "--json").json["pid"] == again.pid)


def test_while_another_machine_watches_writing_is_refused(run: Run, share: Path) -> None:
    held = lease.Lease(share, host="财务部的电脑")
    held.take()
    for command in (["sync"], ["watch"], ["summary", "--month", "2024-07"]):
        ran = run(*command)
        assert ran.code == 2
        assert "财务部的电脑" in ran.err
    before = (share / "teams" / "市场一部.xlsx").read_bytes()
    assert run("overdue").code == 0
    assert run("summary", "--month", "2024-07", "--out", share.parent / "七月.xlsx").code == 0
    assert (share / "teams" / "市场一部.xlsx").read_bytes() == before
    assert list((share / "summaries").iterdir()) == []
    held.release()
    assert run("sync").code == 0


def test_watch_refuses_as_of(run: Run, share: Path) -> None:
    ran = run("watch", "--as-of", "2024-07-16")
    assert ran.code == 2
    assert "--as-of" in ran.err


def test_a_store_of_a_newer_xlflow_ends_it(run: Run, share: Path) -> None:
    assert run("sync").code == 0
    (state,) = Path(os.environ["XLFLOW_STATE_DIR"]).iterdir()
    newer_revision(state / "xlflow.db")
    ran = run("watch")
    assert ran.code == 2
    assert "xlflow.db" in ran.err
    assert len(ran.err.splitlines()) <= 2
    assert not (share / ".xlflow-owner").exists()
