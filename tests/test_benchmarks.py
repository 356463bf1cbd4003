"""The commands that show what xlflow promises, at small sizes and without asserting times."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from benchmarks import (
    bad_input,
    faults,
    idle,
    made_workbooks,
    measuring,
    one_workbook,
    peers,
    races,
    saves,
    table,
    tracing,
)
from benchmarks.__main__ import BENCHMARKS
from benchmarks.made_workbooks import AS_OF, even
from benchmarks.suite import BEFORE, OURS, Line, Suite
from xlflow.config import Settings
from xlflow.process import Inputs, process
from xlflow.schema import TABLES
from xlflow.templates.table_sheet import FIRST_ROW

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="traces, mounts and measures Linux")


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands set their state folder for these tests alone."""
    monkeypatch.setenv("XLFLOW_STATE_DIR", "")
    monkeypatch.setenv("PYTHONPATH", str(Path(saves.__file__).parents[1]))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of made workbooks that the tests share."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def suite(tmp_path: Path, cache: Path) -> Suite:
    """A suite that measures two or a few workbooks, once, without peers."""
    return Suite(tmp_path, cache, scale=0.001, runs=1)


MEASURES = {
    "cold": {"wall", "cpu", "memory"},
    "edits": {"wall", "cpu", "memory"},
    "growth": {"wall", "cpu", "memory"},
    "stages": {"cpu"},
    "write_back": {"cpu"},
    "syncs_to_disk": {"note"},
    "checking": {"wall", "cpu", "memory", "note"},
    "start_up": {"wall", "cpu", "memory"},
    "summary": {"cpu"},
    "saves": {"wall", "note"},
    "idle": {"note"},
    "udfs": {"wall"},
    "bad_input": {"wall", "cpu", "memory", "note"},
}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_gives_its_lines(suite: Suite, name: str) -> None:
    if name == "syncs_to_disk" and sys.platform != "linux":
        pytest.skip("strace is Linux's")
    ours = [line for line in BENCHMARKS[name](suite) if line.by == OURS]
    assert ours
    for line in ours:
        assert all(getattr(line, measure) for measure in MEASURES[name]), line
    if name == "edits" and tracing.available():
        (opened,) = {line.note for line in ours} - {""}
        assert re.fullmatch("team workbooks opened: [12]", opened)


def test_two_versions_are_measured_side_by_side(suite: Suite) -> None:
    lines = list(one_workbook.checking(replace(suite, before=Path(sys.executable))))
    assert [line.by for line in lines] == [OURS, BEFORE] * 2
    assert lines[0].note == lines[1].note


def test_peers_that_xlflow_depends_on_run(suite: Suite, cache: Path) -> None:
    with_peers = replace(suite, peers=Path(sys.executable))
    teams = made_workbooks.paths(cache, 2, even(2))[0].parent
    books = len(list(teams.glob("*.xlsx")))
    loop = peers.loops(with_peers, teams)[0]
    out = suite.folder / "cells.xlsx"
    writer = with_peers.peer("XlsxWriter", "write_cells.py", "800", out)
    lines = with_peers.lines("peers", [loop, *writer])
    assert [line.by for line in lines] == ["pandas + openpyxl", "XlsxWriter"]
    book = openpyxl.load_workbook(suite.folder / "out.xlsx")
    assert [book[t.sheet.zh].max_row - 1 for t in TABLES] == [2 * books] * 4
    assert sum(sheet.max_row * 16 for sheet in openpyxl.load_workbook(out)) == 800


def test_made_workbooks_are_the_same_every_time_and_all_different() -> None:
    assert made_workbooks.workbook(1, even(3)) == made_workbooks.workbook(1, even(3))
    assert made_workbooks.workbook(1, even(3)) != made_workbooks.workbook(2, even(3))


def test_made_workbooks_have_a_finding_in_about_every_second_row() -> None:
    data = made_workbooks.workbook(0, even(250))
    outcome = process(data, Inputs("团队", Settings()), (), AS_OF)
    assert len(outcome.rows) == 1000
    assert 400 < len(outcome.findings) < 600


def test_made_workbooks_read_the_same_in_openpyxl() -> None:
    data = made_workbooks.workbook(0, even(20))
    outcome = process(data, Inputs("团队", Settings()), (), AS_OF)
    book = openpyxl.load_workbook(io.BytesIO(data))
    for each in TABLES:
        cells = book[each.sheet.zh].iter_rows(min_row=FIRST_ROW, values_only=True)
        filled = [row for row in cells if any(row)]
        assert len(filled) == sum(row.table is each for row in outcome.rows) == 20


@pytest.mark.parametrize("what", bad_input.CASES)
def test_bad_input_is_a_workbook_for_others(what: str) -> None:
    data = bad_input.CASES[what](lambda full: max(2, full // 1000))
    assert len(openpyxl.load_workbook(io.BytesIO(data)).sheetnames) == 5


def test_a_process_tree_is_measured_with_its_children(tmp_path: Path) -> None:
    child = "x = bytearray(80_000_000); import time; [None for _ in range(10_000_000)]"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    usage = measuring.run([sys.executable, "-c", parent], cwd=tmp_path, env=dict(os.environ))
    assert usage.memory > 80_000_000
    assert usage.wall > usage.cpu / 2 > 0.01


def test_a_failing_command_is_no_measurement(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such option')"]
    with pytest.raises(measuring.FailedError, match="no such option"):
        measuring.run(command, cwd=tmp_path, env=dict(os.environ), codes=(0,))


def test_the_table_compares_with_xlflow() -> None:
    lines = [
        Line("a", OURS, "xlflow sync", wall=2.0, cpu=3.0, memory=50_000_000),
        Line("b", OURS, "python program.py", cpu=0.01),
        Line("a", "a peer", "python loop.py", wall=6.0, cpu=3.0),
    ]
    rows = table.section("title", "about", lines).splitlines()[4:]
    assert rows == [
        "| what | who | time | processor | memory | × xlflow | command |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| a | xlflow | 2.00 s | 3.00 s | 50 MB |  | `xlflow sync` |",
        "| a | a peer | 6.00 s | 3.00 s |  | 3 | `python loop.py` |",
        "| b | xlflow |  | 10.0 ms |  |  | `python program.py` |",
    ]


def test_one_benchmark_leaves_the_sections_of_the_others() -> None:
    page = f"# Speed\n\n{table.BEGIN}\n\nNothing yet.\n\n{table.END}\n\n## After\n"
    order = ["first", "second"]
    page = table.merge(page, {"second": "### second\n\nold\n"}, order, "machine A")
    page = table.merge(page, {"first": "### first\n\nnew\n"}, order, "machine B")
    page = table.merge(page, {"second": "### second\n\nnew\n"}, order, "machine C")
    results = page.partition(table.BEGIN)[2].partition(table.END)[0]
    assert results.split("\n\n") == [
        "",
        "### first",
        "new",
        "machine B",
        "### second",
        "new",
        "machine C",
        "",
    ]
    assert page.startswith("# Speed\n")
    assert page.endswith("\n## After\n")


def test_the_page_has_the_place_for_the_tables() -> None:
    page = table.PAGE.read_text("utf-8")
    assert page.index(table.BEGIN) < page.index(table.END)


def test_every_save_is_flagged(tmp_path: Path) -> None:
    figures = saves.measure(10, 4, tmp_path, polling=False, bindfs=False)
    assert (figures.flagged, figures.watching) == (10, "native")


@pytest.mark.skipif(
    shutil.which("bindfs") is None or not os.access("/dev/fuse", os.R_OK | os.W_OK),
    reason="bindfs isn't installed, or FUSE may not be used here",
)
def test_every_save_is_flagged_without_events(tmp_path: Path) -> None:
    figures = saves.measure(4, 2, tmp_path, polling=False, bindfs=True)
    assert (figures.flagged, figures.watching) == (4, "polling")


@pytest.mark.parametrize("mode", ["native", "polling"])
def test_an_idle_watch_is_measured(tmp_path: Path, mode: str) -> None:
    assert idle.measure(50, 0.5, tmp_path, mode, look=0.5) < 1


@pytest.mark.skipif(sys.platform != "linux", reason="strace is Linux's")
def test_a_replace_broken_at_a_system_call_leaves_a_whole_file(tmp_path: Path) -> None:
    figures = faults.measure(tmp_path, calls=1)
    assert sum(figures.runs.values()) > 50
    assert (figures.unreadable, figures.left) == ([], [])
    assert 0 < figures.written < sum(figures.runs.values())


def test_no_racing_save_is_lost(tmp_path: Path) -> None:
    ours, usual = races.measure(200, tmp_path)
    assert ours == 0
    assert usual > 0
