"""One daemon per workspace: a second one is refused with the name of who runs the first."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import xlflow
from xlflow.daemon import heartbeat
from xlflow.daemon.daemon_lock import daemon_is_running, daemon_lock
from xlflow.daemon.heartbeat import Heartbeat
from xlflow.errors import HeldError, StoreError
from xlflow.messages import explain

HOLDER = """
import sys
from pathlib import Path
from xlflow.daemon.daemon_lock import daemon_lock
with daemon_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    root = str(Path(xlflow.__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": root},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.timeout(60)
def test_the_refusal_names_process_and_user(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    now = datetime.now(UTC)
    heartbeat.write(tmp_path, Heartbeat(holder.pid, "li", now, now))
    with pytest.raises(HeldError) as refused, daemon_lock(tmp_path):
        pass
    assert refused.value.key == "watching.second"
    assert refused.value.params == {"pid": holder.pid, "who": "li"}
    assert f"li, process {holder.pid}" in explain(refused.value, "en")
    assert daemon_is_running(tmp_path)


@pytest.mark.timeout(60)
def test_a_holder_that_has_not_written_its_heartbeat_yet_is_unknown(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(HeldError) as refused, daemon_lock(tmp_path):
        pass
    assert refused.value.params == {"pid": "?", "who": "?"}


@pytest.mark.timeout(60)
def test_the_lock_ends_with_its_holder(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert not daemon_is_running(tmp_path)
    with daemon_lock(tmp_path):
        pass


def test_asking_creates_nothing(tmp_path: Path) -> None:
    assert not daemon_is_running(tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_a_state_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(StoreError) as refused, daemon_lock(tmp_path / "state"):
        pass
    assert refused.value.key == "store.unopened"
