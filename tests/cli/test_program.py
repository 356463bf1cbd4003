"""One run of the program: what it loads, how it begins and ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import xlflow
from tests.cli.running import Run, environment

HEAVY = (
    "pandas",
    "openpyxl",
    "sqlalchemy",
    "xlsxwriter",
    "numpy",
    "zhconv",
    "chinese_calendar",
    "wcwidth",
)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["check", "--help"], ["nonsense"]]
)
def test_help_and_usage_errors_load_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys; from xlflow.cli import program; "
        f"program.run({arguments!r}); "
        f"print(*set({HEAVY!r}) & set(sys.modules), file=open('loaded', 'w'), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, env=environment()
    )
    assert done.returncode == 0
    assert Path("loaded").read_text() == ""


def test_without_arguments_it_shows_its_help(run: Run) -> None:
    ran = run()
    assert ran.code == 0
    assert ran.out.startswith("用法：xlflow ")
    assert ran.out == run("--help").out


def test_version(run: Run) -> None:
    assert run("--version").out == f"xlflow {xlflow.__version__}\n"


def test_the_c_locale_is_answered_in_english(run_process: Run) -> None:
    ran = run_process("rules", LC_ALL="C", LANG="C")
    assert ran.code == 0
    assert ran.out.startswith("Code ")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_an_interrupt_ends_it_quietly() -> None:
    script = """
import os, signal, sys
from xlflow.cli import program
import xlflow.rules
# What is started in a shell's background ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
class Slow(tuple):
    def __iter__(self):
        os.kill(os.getpid(), signal.SIGINT)
        return super().__iter__()
xlflow.rules.CATALOGUE = Slow()
sys.exit(program.run(["rules"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=False, env=environment()
    )
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.strip() == done.stdout.strip() == b""
