"""A workspace after one pass in July, for what is summarised from it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from xlflow import workspace as workspaces
from xlflow.sync import run
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory, sample_files: Mapping[str, bytes]) -> Path:
    """A folder with a workspace after a pass on July 16 and, beside it, its state."""
    folder = tmp_path_factory.mktemp("passed")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XLFLOW_STATE_DIR", str(folder / "state"))
        workspace = create_workspace(folder / "share", [], "zh")
        for name, content in sample_files.items():
            (workspace.teams / name).write_bytes(content)
        run.run(workspace, datetime(2024, 7, 17))
    return folder


@pytest.fixture
def demo(passed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A copy of it, in which July is open."""
    shutil.copytree(passed, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    return workspaces.find(tmp_path / "share")
