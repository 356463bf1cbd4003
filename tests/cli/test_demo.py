"""``demo``: the first thing that anybody runs."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Ran, Run


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """Run it once, in a process of its own."""
    import os
    import subprocess
    import sys

    import xlflow

    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "xlflow", "demo"],
        cwd=folder,
        capture_output=True,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(xlflow.__file__).parents[1]),
            "XLFLOW_STATE_DIR": str(folder / "state"),
            "LC_ALL": "zh_CN.UTF-8",
            "PYTHONUTF8": "1",
        },
        check=False,
    )
    return folder / "xlflow-demo", Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_it_says_what_it_found_and_where(shown: tuple[Path, Ran]) -> None:
    folder, ran = shown
    assert (ran.code, ran.err) == (0, "")
    assert str(folder) in ran.out
    for said in (
        "读了 5 个团队的工作簿",
        "查出的问题：错误 ",
        "逾期16天",
        "小张",
        "市场一部.xlsx › 流程优化计划!E4",
        "渠道部 - 副本.xlsx：",
        "2024-07 的汇总",
        "summaries/汇总-2024-07.xlsx",
        "接下来可以试试：",
    ):
        assert said in ran.out, said
    assert max(map(len, ran.out.splitlines())) < 120


def test_the_files_are_there_and_flagged(shown: tuple[Path, Ran]) -> None:
    folder, _ = shown
    assert (folder / "summaries" / "汇总-2024-07.xlsx").is_file()
    teams = sorted(path.name for path in (folder / "teams").iterdir())
    assert len(teams) == 6
    guide = openpyxl.load_workbook(folder / "teams" / "市场一部.xlsx")
    written = {c.value for sheet in guide for row in sheet.iter_rows() for c in row}
    assert {"优先1", "优先2", "优先3", "逾期16天", "逾期1天"} <= written


def test_a_folder_that_holds_something_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    ran = run("demo", tmp_path / "mine")
    assert (ran.code, ran.out) == (2, "")
    assert "未作改动" in ran.err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    (tmp_path / "file").write_text("mine")
    assert run("demo", tmp_path / "file").code == 2


def test_in_english_its_workbooks_are_english_too(run: Run, tmp_path: Path) -> None:
    ran = run("demo", tmp_path / "trial", "--language", "en")
    assert ran.code == 0
    assert "16 days overdue" in ran.out
    assert "Improvement plan!E4" in ran.out


def test_demo_as_json(run: Run, tmp_path: Path) -> None:
    told = run("demo", tmp_path / "trial", "--json").json
    assert told["workspace"] == (tmp_path / "trial").as_posix()
    statuses = [book["status"] for book in told["sync"]["workbooks"]]
    assert sorted(statuses) == ["conflict"] + ["recorded"] * 5
    assert len(told["overdue"]) == 5
    assert told["summary"]["month"] == "2024-07"
