"""How long worksheet functions take through xlwings' own CallUDF.

    python benchmarks/udfs.py

Prints the time of one call on a column of 5,000 rows, every cell different, and
what the priority formula of each of 1,000 rows costs beside a function that does
nothing with the same arguments. Excel hands over new arrays at each call, so the
calls get new ones too; the plain figure is without making them. The functions run
in the process of tests/excel/xlwings_windows.py.
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
    """Return the best time of each in milliseconds, of several runs in turn."""
    times: list[list[float]] = [[] for _ in actions]
    for _ in range(RUNS):
        for action, found in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            found.append((time.perf_counter() - start) * 1000)
    return [min(found) for found in times]


def anew(column: Column) -> Column:
    """Return the same cells as new objects, as each call over COM brings them."""
    new = [v + 0.0 if isinstance(v, float) else str(v.encode(), "utf-8") for (v,) in column]
    return tuple([(value,) for value in new])


def columns(run: int) -> dict[str, tuple[Column, ...]]:
    """Return arguments of 5,000 rows for each function, of values that no earlier run had."""
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
        (took,) = best(lambda name=name, given=given: call(UDFS, name, next(given), None, None))
        print(f"  {name:<18}{took:7.1f} ms")

    impacts = tuple(("高中低"[row % 3],) for row in range(FORMULAS))
    days = tuple((float(row % 37),) for row in range(FORMULAS))

    def formulas(module: str, name: str, arrays: Callable[[Column], Column]) -> None:
        for (impact,), (day,) in zip(impacts, days, strict=True):
            given = (impact, day, arrays(impacts), arrays(days))
            call(module, name, [ComRange(value) for value in given], None, None)

    print(f"the priority formula of each of {FORMULAS} rows:")
    for how, arrays in (("new arrays", anew), ("plain", lambda column: column)):
        ours, base = best(
            lambda arrays=arrays: formulas(UDFS, "xlf_priority", arrays),
            lambda arrays=arrays: formulas(__name__, "nothing", arrays),
        )
        print(f"  {how:<18}{ours:7.1f} ms, nothing {base:.1f} ms, {ours / base:.2f} times")


if __name__ == "__main__":
    main()
