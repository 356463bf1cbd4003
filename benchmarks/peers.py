"""The peers: what one would use instead of xlflow for a part of its work.

Each is a program of its own in ``programs/`` that runs as a whole process, with an
interpreter that has their libraries. None of them knows a row again, flags it, keeps
versions or traces a figure to its cell.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.suite import Contender, Suite

REQUIREMENTS = ("pandas", "openpyxl", "python-calamine", "fastexcel", "XlsxWriter", "pandera")


def environment_in(cache: Path) -> Path:
    """Return the interpreter of an environment with the peers; make it if it is missing."""
    folder = cache / "peers"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        print(f"installing {', '.join(REQUIREMENTS)} into {folder}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
        complete.touch()
    return python


def versions(python: Path) -> str:
    """Return the names and versions of the peers' libraries."""
    code = (
        "import importlib.metadata as m, sys;"
        "print(', '.join(f'{name} {m.version(name)}' for name in sys.argv[1:]))"
    )
    command = [python, "-c", code, *REQUIREMENTS]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def loops(suite: Suite, teams: Path) -> list[Contender]:
    """Read every sheet of a folder, put them together, write a workbook of them."""
    out = suite.folder / "out.xlsx"
    return [
        *suite.peer("pandas + openpyxl", "loop.py", "openpyxl", teams, out),
        *suite.peer("pandas + calamine", "loop.py", "calamine", teams, out),
    ]


def readers(suite: Suite, teams: Path) -> list[Contender]:
    """Only read every cell of a folder."""
    return [
        *suite.peer("python-calamine (reads only)", "read_with_calamine.py", teams),
        *suite.peer("fastexcel (reads only)", "read_with_fastexcel.py", teams),
    ]
