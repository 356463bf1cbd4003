"""``status`` on sample teams."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run


@pytest.mark.usefixtures("root")
def test_status_before_and_after_a_pass(run: Run, tmp_path: Path) -> None:
    assert run("status").out.endswith("还没有同步过。先运行 xlflow sync。\n")
    assert not (tmp_path / "state").exists()
    run("sync", "--as-of", "2024-07-16")
    found = run("status", "--json").json
    assert {key: found[key] for key in ("running", "pid", "watching", "outbox")} == {
        "running": False,
        "pid": None,
        "watching": None,
        "outbox": 0,
    }
    assert {
        "team": "市场一部",
        "workbook": "teams/市场一部.xlsx",
        "status": "recorded",
        "since": "2024-07-17T00:00:00+08:00",
        "reason": None,
    } in found["workbooks"]
    assert "渠道部 - 副本.xlsx：" in run("status").out
