"""The commands that show what the daemon promises, at small sizes and without asserting times."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import faults, idle, races, saves

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="traces, mounts and measures Linux")


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands set their state folder for these tests alone."""
    monkeypatch.setenv("XLFLOW_STATE_DIR", "")
    monkeypatch.setenv("PYTHONPATH", str(Path(saves.__file__).parents[1]))


def test_every_save_is_flagged(tmp_path: Path) -> None:
    figures = saves.measure(10, 4, tmp_path, polling=False, bindfs=False)
    assert (figures.flagged, figures.watching) == (10, "native")


@pytest.mark.skipif(
    shutil.which("bindfs") is None or not os.access("/dev/fuse", os.R_OK | os.W_OK),
    reason="bindfs isn't installed, or FUSE may not be used here",
)
def test_every_save_is_flagged_without_events(tmp_path: Path) -> None:
    figures = saves.measure(4, 2, tmp_path, polling=False, bindfs=True)
    assert (figures.flagged, figures.watching) == (4, "polling")


@pytest.mark.parametrize("mode", ["native", "polling"])
def test_an_idle_watch_is_measured(tmp_path: Path, mode: str) -> None:
    assert idle.measure(50, 0.5, tmp_path, mode, look=0.5) < 1


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace isn't installed")
def test_a_replace_broken_at_a_system_call_leaves_a_whole_file(tmp_path: Path) -> None:
    figures = faults.measure(tmp_path, calls=1)
    assert sum(figures.runs.values()) > 50
    assert (figures.unreadable, figures.left) == ([], [])
    assert 0 < figures.written < sum(figures.runs.values())


def test_no_racing_save_is_lost(tmp_path: Path) -> None:
    ours, usual = races.measure(200, tmp_path)
    assert ours == 0
    assert usual > 0
