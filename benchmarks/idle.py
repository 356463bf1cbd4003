"""The processor time of an idle ``xlflow watch``.

    python benchmarks/idle.py [FILES] [SECONDS]

Puts FILES workbooks (10,000) into teams/, lets ``xlflow watch`` read them all,
waits until it is idle, and prints the processor time that it and its children use in
SECONDS (60), as a share of one core: with the system's events, and polling every
second. The workbooks aren't valid (each is refused at once), since reading so many
isn't measured here, and an idle watch treats them alike.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.measuring import process_tree
from benchmarks.suite import OURS, Line, Suite
from benchmarks.workspaces import set_setting
from xlflow import workspace as workspaces
from xlflow.store import Store
from xlflow.summary.summary_files import summary_files
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

_TICKS = os.sysconf("SC_CLK_TCK")


def make(files: int, folder: Path, mode: str) -> Workspace:
    """Create a workspace of so many files and with this watch mode."""
    os.environ["XLFLOW_STATE_DIR"] = str(folder / "state")
    space = create_workspace(folder / "share")
    set_setting(space.root, "mode", "auto", mode)
    old = time.time() - 86_400
    for number in range(files):
        path = space.teams / f"团队{number:05}.xlsx"
        path.write_bytes(b"%d" % number)
        os.utime(path, (old, old))
    return workspaces.find(space.root)


def processor_seconds(pid: int) -> float:
    """Return the processor seconds of a process and its children so far (proc(5), stat).

    Those of ended children count, too, once their parent has waited for them.
    """
    ticks = 0
    for each in process_tree(pid):
        with suppress(OSError):  # it has just ended
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / _TICKS


def wait_until_idle(space: Workspace, files: int, pid: int, look: float) -> None:
    """Wait until every file was processed and checked again, and the summaries are renewed.

    ``look`` is the seconds over which little processor time must be taken, four times running.
    """
    end = time.monotonic() + 1800
    while _known_workbooks(space) < files or not summary_files(space):
        assert time.monotonic() < end, "the first pass never ended"
        time.sleep(look / 4)
    quiet = 0
    while quiet < 4:
        before = processor_seconds(pid)
        time.sleep(look)
        quiet = quiet + 1 if processor_seconds(pid) - before < 0.15 * look else 0


def _known_workbooks(space: Workspace) -> int:
    if not (space.state / "xlflow.db").exists():
        return 0
    with Store.open(space.state) as store:
        return len(store.workbooks())


def measure(files: int, seconds: float, folder: Path, mode: str, look: float = 2.0) -> float:
    """Return the share of a core that an idle watch takes."""
    space = make(files, folder, mode)
    command = [sys.executable, "-m", "xlflow", "watch", "-C", str(space.root)]
    watch = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_idle(space, files, watch.pid, look)
        before, start = processor_seconds(watch.pid), time.monotonic()
        time.sleep(seconds)
        share = (processor_seconds(watch.pid) - before) / (time.monotonic() - start)
    finally:
        watch.send_signal(signal.SIGTERM)
    assert watch.wait(10) == 0, "watch didn't stop as it should"
    return share


def lines(suite: Suite) -> Iterator[Line]:
    """The processor time of an idle `xlflow watch` over 10,000 files, for a minute."""
    files, seconds = suite.count(10_000), min(60.0, 60 * suite.scale + 1)
    for mode in ("native", "polling"):
        folder = suite.folder / mode
        folder.mkdir()
        share = measure(files, seconds, folder, mode)
        command = f"python benchmarks/idle.py {files} {seconds:g}"
        yield Line(f"{files} files, {mode}", OURS, command, note=f"{share:.2%} of a core")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="?", type=int, default=10_000)
    parser.add_argument("seconds", nargs="?", type=float, default=60.0)
    asked = parser.parse_args()
    for mode in ("native", "polling"):
        with tempfile.TemporaryDirectory() as folder:
            share = measure(asked.files, asked.seconds, Path(folder), mode)
        print(f"{asked.files} files, idle, {mode}: {share:.2%} of a core")


if __name__ == "__main__":
    main()
