"""Running the command line in this process and in one of its own, on sample teams."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import Run, RunResult, environment
from xlflow.cli import program
from xlflow.templates.samples import write_samples
from xlflow.workspace_creation import create_workspace


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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

    def run(*arguments: object) -> RunResult:
        capfd.readouterr()
        code = program.run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return RunResult(code, out, err)

    return run


@pytest.fixture
def run_process() -> Run:
    """Run ``python -m xlflow`` as a user does; keyword arguments go into the environment."""

    def run_process(*arguments: object, **variables: str) -> RunResult:
        done = subprocess.run(
            [sys.executable, "-m", "xlflow", *(str(argument) for argument in arguments)],
            capture_output=True,
            env=environment(**variables),
            check=False,
            timeout=120,
        )
        encoding = variables.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
        return RunResult(
            done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)
        )

    return run_process


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample teams, never synced; not to be changed."""
    made = create_workspace(tmp_path_factory.mktemp("samples") / "w")
    write_samples(made.teams, made.settings, "zh")
    return made.root


@pytest.fixture
def root(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sample workspace, which is the current folder."""
    root = tmp_path / "w"
    shutil.copytree(samples, root)
    monkeypatch.chdir(root)
    return root
