"""The time and memory of a process with all its children.

Wall-clock time is from start to end. Processor time is the kernel's count for the
process and all children that it waited for (wait4). Memory is the peak of the summed
proportional set sizes of the whole tree (/proc/PID/smaps_rollup, so that shared pages
count once), sampled every 50 ms, more often at the start; a process that ends before
the first sample has none.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PSS = re.compile(r"^Pss: +(\d+) kB", re.MULTILINE)
_INTERVAL = 0.05


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run took: seconds, seconds of processor time, bytes; and what it printed."""

    wall: float
    cpu: float
    memory: int
    output: str = ""


class FailedError(Exception):
    """A measured process ended with an error."""


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], codes: Sequence[int] = (0,)
) -> Usage:
    """Run a command to its end and return what it took.

    Raises:
        FailedError: its exit code is none of ``codes``.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=output, stderr=errors)
        memory = _Memory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        memory.stop()
        texts = []
        for stream in (output, errors):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    if process.returncode not in codes:
        raise FailedError(f"{' '.join(map(str, command))}: {process.returncode}\n{texts[1]}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, memory.peak, texts[0])


def median(usages: Sequence[Usage]) -> Usage:
    """Return the median of each measure, and the last output."""
    return Usage(
        statistics.median(usage.wall for usage in usages),
        statistics.median(usage.cpu for usage in usages),
        int(statistics.median(usage.memory for usage in usages)),
        usages[-1].output,
    )


def process_tree(pid: int) -> list[int]:
    """Return a process and all its living descendants."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        children = [Path(f"/proc/{pid}/task/{task}/children").read_text() for task in tasks]
    except OSError:  # it has just ended
        return [pid]
    return [
        pid,
        *(p for text in children for child in text.split() for p in process_tree(int(child))),
    ]


class _Memory(threading.Thread):
    """Samples the memory of a process tree until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.peak = 0
        self.start()

    def run(self) -> None:
        interval = 0.005
        while not self._ended.wait(interval):
            self.peak = max(self.peak, sum(map(_proportional_size, process_tree(self._pid))))
            interval = min(_INTERVAL, interval * 1.2)

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _proportional_size(pid: int) -> int:
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:  # it has just ended
        return 0
    return int(found[1]) * 1024 if found else 0
