"""The state of a workbook after a replace failed or was killed at any of its system calls.

    python benchmarks/faults.py [CALLS]

Runs one guarded replace of a real workbook under strace again and again: each of its
system calls on files in turn fails with ENOSPC, with EIO, or the process is killed
there (SIGKILL), first where the mount can exchange two files and then where it can't
(strace makes renameat2's exchange fail). After each run, the replacement is finished
as a later pass does. Prints the runs, how many workbooks were then unreadable or
neither the old nor the new one, and how many temporary files were left: none in both
cases. CALLS limits how many calls of each kind are tried (default: all).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from xlflow.config import Settings
from xlflow.ooxml.book import Book
from xlflow.team_files.guarded_replace import finish_interrupted
from xlflow.templates import team_workbook

CALLS = (
    *("openat", "read", "write", "fsync", "close", "fchown", "fchmod", "chmod", "chown"),
    *("fstat", "newfstatat", "lstat", "renameat2", "linkat", "link", "unlink", "unlinkat"),
    *("fcntl", "listxattr", "llistxattr", "getxattr", "lgetxattr", "faccessat2", "access"),
)
OUTCOMES = ("error=ENOSPC", "error=EIO", "signal=KILL")

# Calls of Python's start-up aren't part of the replace: only those after the mark count.
_MARK = "/xlflow-replace-begins"
_CHILD = f"""
import os, sys
from pathlib import Path
from xlflow.errors import WriteRefusedError
from xlflow.team_files.guarded_replace import replace
path, new, kept = map(Path, sys.argv[1:])
old, wanted = path.read_bytes(), new.read_bytes()
fd = os.open(kept, os.O_WRONLY | os.O_CREAT)
os.path.exists({_MARK!r})
try:
    replace(path, old, wanted, lambda data: os.write(fd, data) and None)
except WriteRefusedError:
    pass
os.path.exists({_MARK!r})
"""


@dataclass
class Figures:
    """The results of all runs."""

    runs: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    written: int = 0

    def __str__(self) -> str:
        counts = ", ".join(f"{count} × {name}" for name, count in self.runs.items())
        return (
            f"{sum(self.runs.values())} replaces broken at each system call ({counts}): "
            f"{len(self.unreadable)} unreadable files, {len(self.left)} temporary files left, "
            f"{self.written} ended with the new content and the rest with the old"
        )


def traced(folder: Path, options: list[str]) -> str:
    """Run one replace under strace; return strace's log."""
    log = folder / "strace.txt"
    files = [str(folder / name) for name in ("teams/市场一部.xlsx", "new.xlsx", "kept")]
    command = ["strace", "-f", "-qq", "-o", str(log), *options, sys.executable, "-c", _CHILD]
    subprocess.run([*command, *files], check=False, capture_output=True)
    return log.read_text(errors="replace")


def counted(trace: str) -> dict[str, tuple[int, int]]:
    """Return for each call how often it was made before the replace and by its end."""
    seen: Counter[str] = Counter()
    begins: Counter[str] | None = None
    for line in trace.splitlines():
        if _MARK in line:
            if begins is not None:
                break
            begins = Counter(seen)
        if name := re.match(r"(?:\d+ +)?(\w+)\(", line):
            seen[name[1]] += 1
    assert begins is not None, "the replace never began"
    return {name: (begins[name], count) for name, count in seen.items() if name in CALLS}


def measure(folder: Path, calls: int | None = None) -> Figures:
    """Make a replace fail at each of its calls, with and without exchange."""
    teams = folder / "teams"
    teams.mkdir()
    path = teams / "市场一部.xlsx"
    team_workbook.write(path, team="市场一部", language="zh", settings=Settings())
    old = path.read_bytes()
    team_workbook.write(folder / "new.xlsx", team="市场二部", language="zh", settings=Settings())
    new = (folder / "new.xlsx").read_bytes()
    figures = Figures()
    watched = ["-e", f"trace={','.join(CALLS)}"]
    # The first renameat2 renames the complete temporary file, the second is the exchange.
    exchange = counted(traced(folder, watched))["renameat2"][0] + 2
    no_exchange = ["-e", f"inject=renameat2:error=EINVAL:when={exchange}"]
    for mount in ([], no_exchange):
        path.write_bytes(old)
        places = counted(traced(folder, [*watched, *mount]))
        if mount:
            del places["renameat2"]  # strace injects one thing a call
        for name, (begins, ends) in places.items():
            last = ends if calls is None else min(ends, begins + calls)
            for number in range(begins + 1, last + 1):
                for outcome in OUTCOMES:
                    path.write_bytes(old)
                    broken = ["-e", f"inject={name}:{outcome}:when={number}"]
                    traced(folder, [*watched, *mount, *broken])
                    figures.runs[outcome] += 1
                    _check(figures, f"{name} {number} {outcome}", path, old, new)
    return figures


def _check(figures: Figures, run: str, path: Path, old: bytes, new: bytes) -> None:
    kept: list[bytes] = []
    finish_interrupted(path.parent, lambda _, content: kept.append(content), [path.name])
    current = path.read_bytes() if path.exists() else b""
    try:
        Book(current).sheets  # noqa: B018
    except Exception:
        figures.unreadable.append(run)
    if current not in (old, new):
        figures.unreadable.append(run)
    figures.written += current == new
    figures.left += [f"{run}: {name}" for name in os.listdir(path.parent) if name != path.name]
    for name in os.listdir(path.parent):
        if name != path.name:
            (path.parent / name).unlink()


def main() -> None:
    """Run everything and print the results."""
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), int(sys.argv[1]) if len(sys.argv) > 1 else None)
    print(figures)
    for run in (*figures.unreadable, *figures.left):
        print(f"  {run}")


if __name__ == "__main__":
    main()
