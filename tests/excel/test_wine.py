"""Tests on Windows under Wine: real COM, real sharing violations, the real xlwings.

The files of ``wine/`` and the tests of the guarded replace run in a Windows Python.
``wine/prepare.sh FOLDER`` installs it, and XLFLOW_WINE names its folder.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = os.environ.get("XLFLOW_WINE", "")
PREPARED = Path(NAMED, "python", "python.exe")
TIMEOUT = 600

pytestmark = [
    pytest.mark.wine,
    pytest.mark.skipif(not shutil.which("wine"), reason="Wine isn't installed"),
    pytest.mark.skipif(
        not (NAMED and PREPARED.is_file()),
        reason="XLFLOW_WINE names no folder made by tests/excel/wine/prepare.sh",
    ),
]


@pytest.fixture(scope="module")
def windows() -> Iterator[dict[str, str]]:
    """The environment of programs under Wine, which end with the fixture."""
    environment = os.environ | {
        "WINEPREFIX": str(Path(NAMED, "prefix").resolve()),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
        "PYTHONPATH": "Z:" + str(ROOT).replace("/", "\\"),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": "",
    }
    yield environment
    subprocess.run(["wineserver", "-k"], env=environment, check=False)


@pytest.mark.parametrize(
    ("tests", "least"),
    [
        ("tests/excel/wine/calling.py", 10),
        ("tests/excel/wine/replacing.py", 6),
        ("tests/excel/wine/watching.py", 1),
        ("tests/team_files/test_guarded_replace.py", 60),
    ],
)
def test_windows_only_behaviour(windows: dict[str, str], tests: str, least: int) -> None:
    # The conftest needs Hypothesis; faulthandler would report exceptions that COM handles.
    plain = ["--noconftest", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-q", tests]
    done = subprocess.run(
        ["xvfb-run", "-a", "wine", str(PREPARED.resolve()), "-m", "pytest", *plain],
        cwd=ROOT,
        env=windows,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, output
    passed = re.search(r"(\d+) passed", output)
    assert passed, output
    assert int(passed[1]) >= least, output
