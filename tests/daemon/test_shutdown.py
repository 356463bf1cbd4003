"""Stopping on a signal, whatever the main thread is doing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from xlflow.daemon.shutdown import stop_on_signals
from xlflow.sync.worker_process import WorkerProcess

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="sends signals"),
    pytest.mark.timeout(120),
]

# Blocks inside SQLite, which goes on waiting whatever signal comes.
BLOCKED = """
import sqlite3, sys
from xlflow.sync.worker_process import WorkerProcess
from xlflow.daemon.shutdown import stop_on_signals

database = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
with stop_on_signals(lambda: print("asked", flush=True), grace_period=0.3):
    print("ready", flush=True)
    database.execute("begin immediate")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_blocked_process_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "locked.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    process = subprocess.Popen(
        [sys.executable, "-c", BLOCKED, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        process.send_signal(number)
        output, _ = process.communicate(timeout=10)
    finally:
        process.kill()
        process.communicate()
        holder.close()
    assert (output, process.returncode) == ("asked\n", 0)


def test_starting_a_worker_process_keeps_the_signal_mask() -> None:
    worker = WorkerProcess(abs, timeout=30)
    with stop_on_signals(lambda: None):
        assert worker(-1) == 1
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        worker.close()
    assert blocked >= {signal.SIGTERM, signal.SIGINT}


def test_a_signal_calls_stop_and_leaves_handlers_and_mask_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    woken = threading.Event()
    with stop_on_signals(woken.set):
        os.kill(os.getpid(), signal.SIGTERM)
        assert woken.wait(10)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM, signal.SIGINT} == set()
    assert "signals" not in {thread.name for thread in threading.enumerate()}
