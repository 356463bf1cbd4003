"""Measures worksheet functions through xlwings' own CallUDF.

    python benchmarks/udfs.py

It prints the time of one call on a column of 5,000 different values, and the time of the
priority formula in each of 1,000 rows compared with a function that does nothing with
the same arguments. Excel passes new arrays in each call, so the calls get new ones, too;
the plain figure excludes their creation. The functions run with the Windows code of
xlwings (tests/excel/xlwings_windows.py).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.excel.xlwings_windows import UDFS, ComRange, load

ROWS, FORMULAS, RUNS = 5000, 1000, 7
Column = tuple[tuple[Any, ...], ...]


def best(*actions: Callable[[], object]) -> list[float]:
    """Return each action's best time of several runs in milliseconds; runs alternate."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(RUNS):
        for action, measured in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            measured.append((time.perf_counter() - start) * 1000)
    return [min(measured) for measured in times]


def copy_of(column: Column) -> Column:
    """Return an equal column of new objects, as each call over COM passes it."""
    new = [v + 0.0 if isinstance(v, float) else str(v.encode(), "utf-8") for (v,) in column]
    return tuple([(value,) for value in new])


def columns(run: int) -> dict[str, tuple[Column, ...]]:
    """Return arguments of 5,000 rows for each function, with other values in each run."""
    numbers = [run * ROWS + row for row in range(ROWS)]
    day = datetime(2020, 1, 1) + timedelta(run)
    dates = tuple((day + timedelta(row % 2000, 60 * row),) for row in range(ROWS))
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


def main() -> None:
    """Time the calls and print them."""
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
    print(f"one call on {ROWS} rows, all different:")
    runs = [columns(run) for run in range(RUNS)]
    for name in runs[0]:
        given = iter([[ComRange(column) for column in run[name]] for run in runs])
        (time_taken,) = best(
            lambda name=name, given=given: call(UDFS, name, next(given), None, None)
        )
        print(f"  {name:<18}{time_taken:7.1f} ms")

    impacts = tuple(("高中低"[row % 3],) for row in range(FORMULAS))
    days = tuple((float(row % 37),) for row in range(FORMULAS))

    def formulas(module: str, name: str, arrays: Callable[[Column], Column]) -> None:
        for (impact,), (day,) in zip(impacts, days, strict=True):
            given = (impact, day, arrays(impacts), arrays(days))
            call(module, name, [ComRange(value) for value in given], None, None)

    print(f"the priority formula of each of {FORMULAS} rows:")
    for how, arrays in (("new arrays", copy_of), ("plain", lambda column: column)):
        ours, base = best(
            lambda arrays=arrays: formulas(UDFS, "xlf_priority", arrays),
            lambda arrays=arrays: formulas(__name__, "nothing", arrays),
        )
        print(f"  {how:<18}{ours:7.1f} ms, nothing {base:.1f} ms, {ours / base:.2f} times")


if __name__ == "__main__":
    main()
