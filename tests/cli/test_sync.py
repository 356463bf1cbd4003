"""``sync`` on sample teams."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import Run, environment
from xlflow.sync import locks

DAY = ("--as-of", "2024-07-16")


@pytest.mark.usefixtures("root")
def test_a_pass_as_json(run: Run) -> None:
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


@pytest.mark.usefixtures("root")
def test_unchanged_workbooks_are_only_counted(run: Run) -> None:
    run("sync", *DAY)
    again = run("sync", *DAY)
    assert again.code == 0
    assert "没有变化的工作簿：5 份。" in again.out
    assert "市场一部.xlsx" not in again.out
    assert "市场一部.xlsx" in run("sync", "-v", *DAY).out


def test_an_unreadable_workbook_is_named_with_its_reason(run: Run, root: Path) -> None:
    (root / "teams" / "坏了.xlsx").write_bytes(b"no workbook")
    ran = run("sync", *DAY)
    assert ran.code == 1
    assert "坏了.xlsx  " in ran.out
    assert "坏了.xlsx：" in ran.out
    assert "市场一部.xlsx" in ran.out


def test_a_freeze_is_reported_until_it_is_accepted(run: Run, root: Path) -> None:
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


@pytest.mark.usefixtures("root")
def test_another_pass_is_waited_for_only_so_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("sync").code == 0
    (state,) = Path(os.environ["XLFLOW_STATE_DIR"]).iterdir()
    busy = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import filelock, sys, time\n"
            "with filelock.FileLock(sys.argv[1]):\n"
            "    print('held', flush=True)\n"
            "    time.sleep(60)",
            str(state / "turn.lock"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert busy.stdout is not None
    busy.stdout.readline()
    try:
        monkeypatch.setattr(locks, "PASS_LOCK_TIMEOUT", 0.3)
        ran = run("sync")
        assert ran.code == 2
        assert "等了 0 秒" in ran.err
    finally:
        busy.kill()
        busy.communicate()
    assert run("sync").code == 0


needs_strace = pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")


def calls(log: Path, names: str, *arguments: str) -> list[str]:
    """Run the program under strace; return its system calls of these names, with paths."""
    options = ["-f", "-y", "-qq", "-o", str(log), "-e", f"trace={names}", "-e", "signal=none"]
    command = ["strace", *options, sys.executable, "-m", "xlflow", *arguments]
    subprocess.run(command, capture_output=True, env=environment(), check=True, timeout=120)
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if re.match(r"\d+ +\w+\(", line)]


@needs_strace
def test_only_workbooks_that_can_have_changed_are_opened(
    run: Run, root: Path, tmp_path: Path
) -> None:
    def opened(*arguments: str) -> set[str]:
        lines = calls(tmp_path / "strace.txt", "open,openat,openat2", "sync", *DAY, *arguments)
        return {name for line in lines for name in re.findall(r'/teams/([^"/>]+)"', line)}

    run("sync", *DAY)
    time.sleep(2.1)  # before that the flagged files may still be changing
    run("sync", *DAY)
    assert not opened()
    assert len(opened("--all")) == len(list((root / "teams").iterdir()))
    book = root / "teams" / "市场一部.xlsx"
    book.write_bytes((root / "teams" / "市场二部.xlsx").read_bytes())
    assert len(opened()) == 1


@needs_strace
def test_a_flagged_workbook_costs_six_syncs_to_the_disk(
    run: Run, root: Path, tmp_path: Path
) -> None:
    """See ``Executor._flag``; what a pass syncs besides doesn't depend on their number."""
    one = (root / "teams" / "市场一部.xlsx").read_bytes()

    def syncs(count: int) -> int:
        shutil.rmtree(tmp_path / "state", ignore_errors=True)
        shutil.rmtree(root / "teams")
        (root / "teams").mkdir()
        for number in range(count):
            # Not the same bytes, which would be a renamed workbook: with a comment of the archive.
            comment = b"%04d" % number
            data = one[:-2] + len(comment).to_bytes(2, "little") + comment
            (root / "teams" / f"{number}部.xlsx").write_bytes(data)
        names = "fsync,fdatasync,sync_file_range,syncfs,sync,msync"
        return len(calls(tmp_path / "strace.txt", names, "sync", *DAY))

    few, many = syncs(1), syncs(4)
    assert many - few == 3 * 6
