"""``sync``, ``summary``, ``overdue``, ``status``, ``history`` and ``restore`` on sample teams."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

import xlflow
from tests.cli.running import Run
from xlflow.templates.samples import write_samples
from xlflow.workspace_creation import create_workspace

DAY = ("--as-of", "2024-07-16")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample teams, never synced."""
    space = create_workspace(tmp_path_factory.mktemp("made") / "w")
    write_samples(space.teams, space.settings, "zh")
    return space.root


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the current folder."""
    root = tmp_path / "w"
    shutil.copytree(made, root)
    monkeypatch.chdir(root)
    return root


def edit(path: Path, sheet: str, cell: str, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


def test_a_pass_as_json(run: Run, root: Path) -> None:
    ran = run("sync", "--json", *DAY)
    assert ran.code == 0
    assert set(ran.json) == {"as_of", "workbooks", "gone", "frozen", "summaries"}
    assert ran.json["as_of"] == "2024-07-16"
    assert ran.json["frozen"] is None
    assert ran.json["summaries"] == ["summaries/汇总-2024-07.xlsx"]
    books = {book["workbook"]: book for book in ran.json["workbooks"]}
    guide = books["teams/市场一部.xlsx"]
    assert guide["cells_written"] > 0
    assert {**guide, "cells_written": 0} == {
        "team": "市场一部",
        "workbook": "teams/市场一部.xlsx",
        "status": "recorded",
        "reason": None,
        "rows": 9,
        "findings": 1,
        "overdue": 2,
        "cells_written": 0,
    }
    assert books["teams/渠道部 - 副本.xlsx"]["status"] == "conflict"
    assert "渠道部.xlsx" in books["teams/渠道部 - 副本.xlsx"]["reason"]
    del root


@pytest.mark.usefixtures("root")
def test_a_second_pass_has_nothing_to_do_and_says_so(run: Run) -> None:
    run("sync", *DAY)
    again = run("sync", *DAY)
    assert again.code == 0
    assert "没有变化的工作簿:5 份。" in again.out
    assert "市场一部.xlsx" not in again.out
    assert "市场一部.xlsx" in run("sync", "-v", *DAY).out


def test_an_unreadable_workbook_among_others(run: Run, root: Path) -> None:
    (root / "teams" / "坏了.xlsx").write_bytes(b"no workbook")
    ran = run("sync", *DAY)
    assert ran.code == 1
    assert "坏了.xlsx  " in ran.out
    assert "坏了.xlsx:" in ran.out
    assert "市场一部.xlsx" in ran.out
    listed = run("overdue", *DAY)
    assert listed.code == 0
    assert listed.err.startswith("坏了.xlsx:")
    assert "逾期16天" in listed.out


def test_overdue_as_json(run: Run, root: Path) -> None:
    late = run("overdue", "--json", "--as-of", "2024-07-01").json
    first = next(item for item in late["overdue"] if item["team"] == "市场一部")
    assert first == {
        "team": "市场一部",
        "workbook": "teams/市场一部.xlsx",
        "sheet": "流程优化计划",
        "cell": "E4",
        "row": 4,
        "item": first["item"],
        "owners": ["小张"],
        "due": "2024-06-30",
        "late": "逾期1天",
        "late_seconds": 24 * 3600,
    }
    assert "需求调研" in first["item"]
    del root


@pytest.mark.usefixtures("root")
def test_nothing_is_overdue_before_anything_was_due(run: Run) -> None:
    ran = run("overdue", "--as-of", "2020-01-01")
    assert (ran.code, ran.out) == (0, "没有逾期的事项。\n")


@pytest.mark.usefixtures("root")
def test_a_summary_as_json(run: Run) -> None:
    told = run("summary", "--month", "2024-07", "--json", *DAY).json
    assert set(told) == {
        "month",
        "as_of",
        "path",
        "html",
        "teams",
        "rows",
        "figures",
        "targets",
        "closed",
    }
    assert (told["month"], told["path"]) == ("2024-07", "summaries/汇总-2024-07.xlsx")
    assert told["teams"] == len(told["figures"]["teams"]) == 5
    assert told["figures"]["teams"]["市场一部"]["plan_overdue"] == 2
    assert told["figures"]["total"]["handed_in"] == {"on_time": 5, "late": 0, "missing": 0}
    deviations = {
        m["metric"]: m["deviation"] for m in told["figures"]["teams"]["市场一部"]["metrics"]
    }
    assert deviations == {"线索量": -0.16, "转化率": None}


def test_a_summary_somewhere_else(run: Run, root: Path, tmp_path: Path) -> None:
    ran = run("summary", "--month", "2024-07", "--out", tmp_path / "七月.xlsx", *DAY)
    assert ran.code == 0
    assert (tmp_path / "七月.xlsx").is_file()
    assert str(tmp_path / "七月.xlsx") in ran.out
    del root


@pytest.mark.usefixtures("root")
def test_a_month_without_data_is_a_month(run: Run) -> None:
    assert run("summary", "--month", "2031-02", *DAY).code == 0


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("month", ["2024-13", "2024", "七月", "2024-7"])
def test_what_is_no_month_is_refused(run: Run, month: str) -> None:
    ran = run("summary", "--month", month)
    assert (ran.code, ran.out) == (2, "")
    assert month in ran.err
    assert len(ran.err.splitlines()) == 1


def test_status_before_and_after_a_pass(run: Run, root: Path, tmp_path: Path) -> None:
    assert run("status").out.endswith("还没有同步过。先运行 xlflow sync。\n")
    assert not (tmp_path / "state").exists()
    run("sync", *DAY)
    told = run("status", "--json").json
    assert {key: told[key] for key in ("running", "pid", "watching", "outbox")} == {
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
    } in told["workbooks"]
    assert "渠道部 - 副本.xlsx:" in run("status").out
    del root


def test_what_changed_between_versions_and_back_again(run: Run, root: Path) -> None:
    workbook = root / "teams" / "市场一部.xlsx"
    run("sync", *DAY)
    before = openpyxl.load_workbook(workbook)["流程优化计划"]["E4"].value
    edit(workbook, "流程优化计划", "E4", "2024-07-30")
    run("sync", *DAY)
    newest, first = run("history", "teams/市场一部.xlsx", "--json").json["versions"]
    assert newest["changes"][0]["cell"] == "E4"
    assert (newest["changes"][0]["before"], newest["changes"][0]["after"]) == (
        "2024-06-30",
        "2024-07-30",
    )
    assert [finding["code"] for finding in newest["findings"]] == ["XF401"]
    shown = run("history", workbook).out
    assert "流程优化计划!E4 完成时间:2024-06-30 → 2024-07-30" in shown
    ran = run("restore", workbook, "--version", first["id"], *DAY)
    assert ran.code == 0, ran.err
    assert openpyxl.load_workbook(workbook)["流程优化计划"]["E4"].value == before
    workbook.unlink()
    assert run("restore", "teams/市场一部.xlsx", "--version", first["id"]).code == 0
    assert workbook.is_file()


def test_an_open_workbook_is_not_replaced(run: Run, root: Path) -> None:
    workbook = root / "teams" / "市场一部.xlsx"
    run("sync", *DAY)
    (kept,) = run("history", workbook, "--json").json["versions"]
    before = workbook.read_bytes()
    (root / "teams" / ".~lock.市场一部.xlsx#").write_text(",小张,elsewhere,16.07.2024 09:00;")
    ran = run("restore", workbook, "--version", kept["id"])
    assert (ran.code, ran.out) == (1, "")
    assert "市场一部.xlsx 正被打开" in ran.err
    assert workbook.read_bytes() == before


def test_a_frozen_roll_up_is_named_until_it_is_accepted(run: Run, root: Path) -> None:
    run("sync", *DAY)
    for workbook in root.glob("teams/*.xlsx"):
        workbook.rename(root / workbook.name)
    ran = run("sync", "--json", *DAY)
    assert ran.code == 1
    assert "xlflow sync --accept" in ran.json["frozen"]
    assert "xlflow sync --accept" in run("sync", *DAY).out
    assert "xlflow sync --accept" in run("overdue", *DAY).err
    assert "xlflow sync --accept" in run("status").out
    assert run("status", "--json").json["frozen"] == ran.json["frozen"]
    accepted = run("sync", "--accept", "--json", *DAY)
    assert (accepted.code, accepted.json["frozen"]) == (0, None)
    assert run("status", "--json").json["frozen"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["history", "teams/没有.xlsx"], "找不到 teams/没有.xlsx"),
        (["history", "市场一部"], "是不是 teams/市场一部.xlsx?"),
        (["history", "xlflow.toml"], "不是这个工作区的团队工作簿"),
        (["restore", "teams/市场一部.xlsx", "--version", "zzz"], "没有版本 zzz"),
    ],
)
@pytest.mark.usefixtures("root")
def test_what_history_does_not_know(run: Run, arguments: list[str], said: str) -> None:
    run("sync", *DAY)
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_workspace_is_named_by_option_environment_or_place(
    run: Run, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "teams")
    assert run("status").code == 0
    monkeypatch.chdir(tmp_path)
    assert run("status").code == 2
    assert run("status", "-C", root).code == 0
    monkeypatch.setenv("XLFLOW_WORKSPACE", str(root))
    assert run("status").code == 0
    assert run("-C", tmp_path, "status").code == 2


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(("options", "watched"), [([], True), (["--json"], False)])
def test_progress_is_for_a_terminal_that_watches(options: list[str], watched: bool) -> None:
    ours, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "xlflow", "sync", *DAY, *options],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "PYTHONPATH": str(Path(xlflow.__file__).parents[1])},
        check=True,
    )
    os.write(theirs, b"\nend")
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert ("█" in shown and "/6" in shown) is watched
    assert "█" not in done.stdout.decode()
