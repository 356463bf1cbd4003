"""The workbooks of a workspace after a pass are valid OOXML."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.excel import validators
from xlflow.sync import run
from xlflow.templates.sample_rows import CLEAN_TEAM, GUIDE_TEAM
from xlflow.templates.samples import write_samples
from xlflow.workspace_creation import create_workspace


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a workspace after a pass, with flags and a summary."""
    folder = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XLFLOW_STATE_DIR", str(folder / "state"))
        workspace = create_workspace(folder / "share", ["新团队"], "zh")
        write_samples(workspace.teams, workspace.settings, "zh")
        run.run(workspace, datetime(2024, 7, 17), notify=False)
    return workspace.root


@pytest.mark.parametrize(
    "name",
    [
        "master.xlsm",
        "teams/新团队.xlsx",
        f"teams/{GUIDE_TEAM}.xlsx",
        f"teams/{CLEAN_TEAM}.xlsx",
        "summaries/汇总-2024-07.xlsx",
    ],
)
def test_both_validators_pass(name: str, share: Path) -> None:
    assert validators.ooxml_validator_errors(share / name) == []
    assert validators.openxml_audit_errors(share / name) == []
