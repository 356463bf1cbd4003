"""The month's workbook over many teams."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks import made_workbooks
from benchmarks.made_workbooks import AS_OF, MONTH, even
from benchmarks.suite import Line, Suite, run
from benchmarks.workspaces import SYNC, MeasuredWorkspace


def summary(suite: Suite) -> Iterator[Line]:
    """One month's figures and workbook over 300 teams of 4 × 30 rows, written anew.

    XlsxWriter writes as many plain cells; it computes nothing.
    """
    made = made_workbooks.paths(suite.cache, suite.count(300), even(30))
    what = f"{len(made)} teams"
    spaces = {by: MeasuredWorkspace(suite, "summary", made, by) for by in suite.versions}
    for by, space in spaces.items():
        run(suite.xlflow(by, SYNC, space.root))
    for by, space in spaces.items():
        command, taken = suite.inside(by, "month_workbook.py", space.root, MONTH, AS_OF.isoformat())
        if taken:
            yield Line(f"{what}, in-process", by, command, cpu=taken["summary"])
    out = suite.folder / "out.xlsx"
    arguments = ("summary", "--month", MONTH, "--out", out, *SYNC[1:])
    ours = [suite.xlflow(by, arguments, space.root) for by, space in spaces.items()]
    run(ours[0])
    cells, rows = _size(out)
    lines = suite.lines(what, [*ours, *suite.peer("XlsxWriter", "write_cells.py", str(cells), out)])
    yield from lines
    yield Line(what, "the workbook", "", note=f"{cells} cells, longest list {rows} rows")


def _size(path: Path) -> tuple[int, int]:
    """Return how many cells a workbook has, and how many rows its longest sheet."""
    parts = made_workbooks.parts_of(path.read_bytes())
    sheets = [part for name, part in parts.items() if name.startswith("xl/worksheets/sheet")]
    return sum(sheet.count(b"<c ") for sheet in sheets), max(s.count(b"<row ") for s in sheets)
