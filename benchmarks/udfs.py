"""Measures worksheet functions through xlwings' own CallUDF.

    python benchmarks/udfs.py [ROWS] [FORMULAS]

Prints as JSON the seconds of one call of each function on a column of ROWS different
values (5,000), and of the priority formula in each of FORMULAS rows (1,000), beside those
of a function that does nothing with the same arguments. Excel passes new arrays in each
call, so the calls get new ones, too; the plain figure excludes their creation. The
functions run with the Windows code of xlwings (tests/excel/xlwings_windows.py).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import measuring
from benchmarks.suite import OURS, Line, Suite, environment

RUNS = 7
Column = tuple[tuple[Any, ...], ...]


def lines(suite: Suite) -> Iterator[Line]:
    """Calls of worksheet functions through xlwings, without Excel: the best of seven.

    The last lines are one formula in each row, beside a function that does nothing.
    """
    rows, formulas = suite.count(5000), suite.count(1000)
    command = [sys.executable, Path(__file__), str(rows), str(formulas)]
    usage = measuring.run(command, cwd=suite.folder, env=environment(OURS, suite.folder / "udfs"))
    measured = json.loads(usage.output)
    shown = f"python benchmarks/udfs.py {rows} {formulas}"
    for name, seconds in measured["calls"].items():
        yield Line(f"{name} on {rows} rows", OURS, shown, seconds)
    for how, (ours, nothing) in measured["formulas"].items():
        what = f"xlf_priority in each of {formulas} rows, {how}"
        yield Line(what, OURS, shown, ours)
        yield Line(what, "a function that does nothing", shown, nothing)


def best(*actions: Callable[[], object]) -> list[float]:
    """Return each action's best time of several runs in seconds; runs alternate."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(RUNS):
        for action, measured in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            measured.append(time.perf_counter() - start)
    return [min(measured) for measured in times]


def copy_of(column: Column) -> Column:
    """Return an equal column of new objects, as each call over COM passes it."""
    new = [v + 0.0 if isinstance(v, float) else str(v.encode(), "utf-8") for (v,) in column]
    return tuple([(value,) for value in new])


def columns(run: int, rows: int) -> dict[str, tuple[Column, ...]]:
    """Return arguments of so many rows for each function, with other values in each run."""
    numbers = [run * rows + row for row in range(rows)]
    day = datetime(2020, 1, 1) + timedelta(run)
    dates = tuple((day + timedelta(row % 2000, 60 * row),) for row in range(rows))
    return {
        "xlf_variance": (
            tuple((f"{n}条",) for n in numbers),
            tuple((f"{n}.5条",) for n in numbers),
        ),
        "xlf_priority": (
            tuple(("高中低"[n % 3],) for n in numbers),
            tuple((n / 8,) for n in numbers),
        ),
        "xlf_overdue": (dates, tuple((("进行中", "已完成")[n % 2],) for n in numbers)),
        "xlf_deadline": (dates, tuple((f"{n % 90 + 1}小时",) for n in numbers)),
        "xlf_workdays": (dates, tuple(reversed(dates))),
        "xlf_add_workdays": (dates, tuple((float(n % 60),) for n in numbers)),
        "xlf_quantity": (tuple((f"{n / 10}万",) for n in numbers),),
    }


def measure(rows: int, formulas: int) -> dict[str, dict[str, Any]]:
    """Return the seconds of one call of each function, and of the formulas."""
    from tests.excel.xlwings_windows import UDFS, ComRange, load

    call = load().XLPython().CallUDF
    import xlwings as xw

    @xw.func
    @xw.arg("impact", "raw")
    @xw.arg("days", "raw")
    @xw.arg("all_impacts", "raw")
    @xw.arg("all_days", "raw")
    def nothing(impact: Any, days: Any, all_impacts: Any, all_days: Any) -> Any:
        return ""

    sys.modules[__name__].nothing = nothing  # type: ignore[attr-defined]

    call(UDFS, "xlf_deadline", (datetime(2024, 1, 1), "2个工作日", None, None), None, None)
    call(UDFS, "xlf_quantity", ("條",), None, None)
    calls = {}
    runs = [columns(run, rows) for run in range(RUNS)]
    for name in runs[0]:
        given = iter([[ComRange(column, "General") for column in run[name]] for run in runs])
        (calls[name],) = best(
            lambda name=name, given=given: call(UDFS, name, next(given), None, None)
        )

    impacts = tuple(("高中低"[row % 3],) for row in range(formulas))
    days = tuple((float(row % 37),) for row in range(formulas))

    def each_row(module: str, name: str, arrays: Callable[[Column], Column]) -> None:
        for (impact,), (day,) in zip(impacts, days, strict=True):
            given = (impact, day, arrays(impacts), arrays(days))
            call(module, name, [ComRange(value, "General") for value in given], None, None)

    by_row = {}
    for how, arrays in (("new arrays", copy_of), ("plain", lambda column: column)):
        by_row[how] = best(
            lambda arrays=arrays: each_row(UDFS, "xlf_priority", arrays),
            lambda arrays=arrays: each_row(__name__, "nothing", arrays),
        )
    return {"calls": calls, "formulas": by_row}


if __name__ == "__main__":
    print(json.dumps(measure(*(int(argument) for argument in sys.argv[1:] or (5000, 1000)))))
