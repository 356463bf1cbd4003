"""``conflicts``: what copies hold otherwise than their originals."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.running import Run
from xlflow.ooxml.splice import splice

TEAM, COPY, PLAN = "teams/市场一部.xlsx", "teams/市场一部最终版.xlsx", "流程优化计划"


def test_differences_are_listed_row_by_row_and_nothing_is_written(run: Run, root: Path) -> None:
    run("sync", "--as-of", "2024-07-16")
    (root / "teams" / "渠道部 - 副本.xlsx").unlink()
    shutil.copy(root / TEAM, root / COPY)
    edits = {(4, 2): "副本里的目标", (12, 1): "新环节", (12, 2): "新目标"}
    (root / COPY).write_bytes(before := splice((root / COPY).read_bytes(), {PLAN: edits}))
    run("sync", "--as-of", "2024-07-16")
    (conflict,) = run("conflicts", "--json").json["conflicts"]
    assert (conflict["workbook"], conflict["original"]) == (COPY, TEAM)
    edited, added = conflict["rows"]
    assert (edited["kind"], edited["row"]) == ("edited", 4)
    assert [(c["cell"], c["column"], c["copy"]) for c in edited["cells"]] == [
        ("B4", "优化目标", "副本里的目标")
    ]
    assert (added["kind"], added["row"], added["item"]) == ("added", 12, "新环节 · 新目标")
    text = run("conflicts").out
    assert "只在副本里" in text
    assert "副本“副本里的目标”" in text
    assert (root / COPY).read_bytes() == before


def test_without_copies_it_says_so(run: Run, root: Path) -> None:
    (root / "teams" / "渠道部 - 副本.xlsx").unlink()
    run("sync", "--as-of", "2024-07-16")
    assert run("conflicts").out == "没有冲突副本。\n"
