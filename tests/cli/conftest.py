"""Running the command line in this process, and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import Ran, Run
from xlflow.cli import program


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every run away from this machine's own state, settings and language."""
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("WORKSPACE", "NOTIFY_URLS"):
        monkeypatch.delenv(f"XLFLOW_{name}", raising=False)
    for name in ("NO_COLOR", "PYTHONIOENCODING", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process: ``run("check", "--json")``."""

    def run(*arguments: object) -> Ran:
        capfd.readouterr()
        code = program.run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def process() -> Run:
    """Run ``python -m xlflow`` as a user does; keyword arguments go into the environment."""

    def process(*arguments: object, **environment: str) -> Ran:
        root = str(Path(program.__file__).parents[2])
        done = subprocess.run(
            [sys.executable, "-m", "xlflow", *(str(argument) for argument in arguments)],
            capture_output=True,
            env={**os.environ, "PYTHONPATH": root, **environment},
            check=False,
            timeout=120,
        )
        encoding = environment.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
        return Ran(done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding))

    return process
