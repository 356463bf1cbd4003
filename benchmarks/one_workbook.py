"""Everything that is measured on a single workbook, and the start of the program."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import made_workbooks
from benchmarks.made_workbooks import AS_OF, GUIDE_ROWS, even
from benchmarks.measuring import Usage
from benchmarks.suite import OURS, Line, Suite, run
from benchmarks.workspaces import SYNC, MeasuredWorkspace

_AS_OF = AS_OF.isoformat()


def stages(suite: Suite) -> Iterator[Line]:
    """Processor time of `process` for one workbook, whole and by stage, and of the store.

    For workbooks that the process hasn't seen. Stages are what `process` calls; their
    shares come from cProfile (benchmarks/programs/process_stages.py).
    """
    rows = suite.count(250)
    for what, counts in ((f"4 × {rows} rows", even(rows)), ("9 rows like the guide's", GUIDE_ROWS)):
        made = made_workbooks.paths(suite.cache, 1 + 2 * suite.runs, counts)
        for by in suite.versions:
            space = MeasuredWorkspace(suite, f"stages-{sum(counts.values())}", made, by, "cells")
            for case in ("first-sight", "with-memory", "without-memory", "store"):
                if case == "with-memory":
                    run(suite.xlflow(by, SYNC, space.root))  # flags them
                if case == "store":
                    for _ in made:
                        space.edit()
                command, taken = suite.inside(by, "process_stages.py", space.root, _AS_OF, case)
                if taken:
                    yield Line(f"{what}, {_CASES[case]}", by, command, cpu=taken["whole"])
                    if counts != GUIDE_ROWS:
                        yield from _parts(f"{what}, {_CASES[case]}", by, taken)


_CASES = {
    "first-sight": "process at first sight",
    "with-memory": "process flagged, with memory",
    "without-memory": "process flagged, without memory",
    "store": "store after an edit",
}


def _parts(what: str, by: str, taken: dict[str, Any]) -> Iterator[Line]:
    """Yield a line for each part that takes at least a fiftieth of the whole."""
    for name, seconds in taken["parts"].items():
        if seconds > taken["whole"] / 50:
            yield Line(f"{what}: `{name}`", by, "", cpu=seconds)


def write_back(suite: Suite) -> Iterator[Line]:
    """Writing cells in-process, the scan at hand, and openpyxl's load, set and save.

    Processor time; the rows are those of 流程优化计划, the other sheets have 10 rows each.
    """
    for full in (250, 10_000, 100_000):
        rows = suite.count(full)
        path = _folder(suite, f"write-back-{full}") / "市场一部.xlsx"
        path.write_bytes(made_workbooks.workbook(0, even(10) | {"plan": rows}))
        for by in suite.versions:
            command, measured = suite.inside(by, "write_back.py", path, _AS_OF, str(suite.runs))
            for case in ("three cells", "first flags") if measured else ():
                what = f"{case}, {rows} rows"
                cells = measured["cells"] if case == "first flags" else 3
                ours, openpyxl = measured[case]
                yield Line(what, by, command, cpu=ours, note=f"{cells} cells")
                if by == OURS:
                    yield Line(what, "openpyxl", command, cpu=openpyxl)


def checking(suite: Suite) -> Iterator[Line]:
    """`xlflow check` of one workbook and of 40, and the same rules in pandera as far as it can."""
    rows = suite.count(250)
    for books in (1, suite.count(40)):
        paths = made_workbooks.paths(suite.cache, books, even(rows))
        folder = _folder(suite, f"checking-{books}")
        for path in paths:
            shutil.copyfile(path, folder / path.name)
        check = ("check", folder, *SYNC[1:])
        ours = [
            suite.xlflow(by, check, folder, note=lambda usage: f"{_lines(usage)} findings")
            for by in suite.versions
        ]
        theirs = [
            replace(peer, note=lambda usage: f"{usage.output.strip()} findings")
            for peer in suite.peer("pandera + calamine", "validate.py", folder)
        ]
        yield from suite.lines(f"{books} × (4 × {rows} rows)", [*ours, *theirs])


def start_up(suite: Suite) -> Iterator[Line]:
    """Commands that answer from the program or the store alone, in a workspace of 20 teams."""
    made = made_workbooks.paths(suite.cache, suite.count(20), even(30))
    spaces = {by: MeasuredWorkspace(suite, "start", made, by) for by in suite.versions}
    for by, space in spaces.items():
        run(suite.xlflow(by, SYNC, space.root))
    for arguments in (("--help",), ("--version",), ("status", *SYNC[1:]), ("overdue", *SYNC[1:])):
        contenders = [suite.xlflow(by, arguments, space.root) for by, space in spaces.items()]
        yield from suite.lines(f"xlflow {arguments[0]}", contenders, runs=3 * suite.runs)


def _folder(suite: Suite, name: str) -> Path:
    folder = suite.folder / name
    folder.mkdir()
    return folder


def _lines(usage: Usage) -> int:
    return usage.output.count("(XF")
