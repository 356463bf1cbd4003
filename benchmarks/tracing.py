"""What a command asks of the system, counted with strace."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from benchmarks import measuring
from benchmarks.made_workbooks import PREFIX
from benchmarks.suite import Contender

_NAME = "".join(f"\\{byte:o}" for byte in PREFIX.encode())
_TEAM_FILE = re.compile(re.escape(_NAME) + r'\d+\.xlsx(?=")')
_SYNCS = ("fsync", "fdatasync", "sync_file_range", "syncfs", "sync")


def available() -> bool:
    """Whether strace is installed."""
    return shutil.which("strace") is not None


def opened_workbooks(contender: Contender) -> int:
    """Return how many different team workbooks a command opens."""
    calls = _trace(contender, ("open", "openat", "openat2"))
    return len(set(_TEAM_FILE.findall(calls)))


def syncs(contender: Contender) -> int:
    """Return how often a command has the system write to disk."""
    return len(re.findall(rf"\b(?:{'|'.join(_SYNCS)})\(", _trace(contender, _SYNCS)))


def _trace(contender: Contender, calls: tuple[str, ...]) -> str:
    contender.prepare()
    log = contender.folder.with_name("strace.txt")
    known = ",".join(f"?{call}" for call in calls)  # not every machine has each of them
    strace = ["strace", "-f", "-qq", "-s", "4096", "-o", log, "-e", f"trace={known}"]
    command = [*strace, *contender.command]
    measuring.run(command, cwd=contender.folder, env=contender.env, codes=(0, 1))
    return Path(log).read_text(errors="replace")
