"""``demo``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Run, RunResult, environment


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunResult]:
    """The workspace and the output of one demo, in a process of its own."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "xlflow", "demo"],
        cwd=folder,
        capture_output=True,
        env=environment(
            XLFLOW_STATE_DIR=str(folder / "state"), LC_ALL="zh_CN.UTF-8", PYTHONUTF8="1"
        ),
        check=False,
    )
    result = RunResult(done.returncode, done.stdout.decode(), done.stderr.decode())
    return folder / "xlflow-demo", result


def test_it_shows_what_it_found_and_where(demo: tuple[Path, RunResult]) -> None:
    folder, ran = demo
    assert (ran.code, ran.err) == (0, "")
    assert str(folder) in ran.out
    for text in (
        "读取了 5 个团队的工作簿",
        "查出的问题：错误 ",
        "逾期16天",
        "小张",
        "市场一部.xlsx › 流程优化计划!E4",
        "渠道部 - 副本.xlsx：",
        "2024-07 的汇总",
        "summaries/汇总-2024-07.xlsx",
        "接下来可以试试：",
    ):
        assert text in ran.out, text
    assert max(map(len, ran.out.splitlines())) < 120


def test_the_files_exist_and_are_flagged(demo: tuple[Path, RunResult]) -> None:
    folder, _ = demo
    assert (folder / "summaries" / "汇总-2024-07.xlsx").is_file()
    teams = sorted(path.name for path in (folder / "teams").iterdir())
    assert len(teams) == 6
    guide = openpyxl.load_workbook(folder / "teams" / "市场一部.xlsx")
    written = {c.value for sheet in guide for row in sheet.iter_rows() for c in row}
    assert {"优先1", "优先2", "优先3", "逾期16天", "逾期1天"} <= written


def test_a_folder_that_is_not_empty_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    ran = run("demo", tmp_path / "mine")
    assert (ran.code, ran.out) == (2, "")
    assert "未作改动" in ran.err
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["notes.txt"]
    (tmp_path / "file").write_text("mine")
    assert run("demo", tmp_path / "file").code == 2


def test_english_workbooks(run: Run, tmp_path: Path) -> None:
    ran = run("demo", tmp_path / "trial", "--language", "en")
    assert ran.code == 0
    assert "16 days overdue" in ran.out
    assert "Improvement plan!E4" in ran.out


def test_demo_as_json(run: Run, tmp_path: Path) -> None:
    found = run("demo", tmp_path / "trial", "--json").json
    assert found["workspace"] == (tmp_path / "trial").as_posix()
    statuses = [book["status"] for book in found["sync"]["workbooks"]]
    assert sorted(statuses) == ["conflict"] + ["recorded"] * 5
    assert len(found["overdue"]) == 5
    assert found["summary"]["month"] == "2024-07"
