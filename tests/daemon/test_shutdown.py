"""Ending on a signal, whatever the main thread is doing."""

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
from xlflow.daemon.worker_process import WorkerProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals")

# A wait within the database's library, which goes on whatever signal comes.
STUCK = """
import sqlite3, sys
from xlflow.daemon.worker_process import WorkerProcess
from xlflow.daemon.shutdown import stop_on_signals

database = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
with stop_on_signals(lambda: print("asked", flush=True), end_anyway=0.3):
    print("ready", flush=True)
    database.execute("begin immediate")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_hangs_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "locked.db"
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("begin exclusive")
    stuck = subprocess.Popen(
        [sys.executable, "-c", STUCK, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert stuck.stdout is not None
        assert stuck.stdout.readline() == "ready\n"
        time.sleep(0.2)
        stuck.send_signal(number)
        told, _ = stuck.communicate(timeout=10)
    finally:
        stuck.kill()
        stuck.communicate()
        held.close()
    assert (told, stuck.returncode) == ("asked\n", 0)


def test_signals_stay_with_their_thread_when_a_process_is_begun() -> None:
    worker = WorkerProcess(abs, patience=30)
    with stop_on_signals(lambda: None):
        assert worker(-1) == 1
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        worker.close()
    assert blocked >= {signal.SIGTERM, signal.SIGINT}


def test_the_signal_is_heard_while_waiting_and_everything_is_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    woken = threading.Event()
    with stop_on_signals(woken.set):
        os.kill(os.getpid(), signal.SIGTERM)
        assert woken.wait(10)
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM, signal.SIGINT} == set()
    assert "signals" not in {thread.name for thread in threading.enumerate()}
