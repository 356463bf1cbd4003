"""Time to read one team's workbook, with xlflow and with openpyxl.

    python benchmarks/reading.py [BOOKS]

Creates BOOKS workbooks (default 20) of four sheets with 250 rows each, a team's after a
year, and prints the median time per workbook of both readers, and of xlflow for
changing five cells.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

import openpyxl
import xlsxwriter

from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.splice import splice

SHEETS = ("流程现状分析", "流程优化计划", "跨部门协作沟通", "活动效果跟踪")


def workbook(seed: int) -> bytes:
    """Return a workbook of 4 × 250 rows with text, numbers, dates and percentages."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    percent = book.add_format({"num_format": "0%"})
    for name in SHEETS:
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["环节", "负责人", "天数", "完成时间", "说明", "比率", "提示"])
        for row in range(1, 251):
            sheet.write_string(row, 0, f"环节{row % 40}")
            sheet.write_string(row, 1, f"负责人{(row + seed) % 12}")
            sheet.write_number(row, 2, row % 17 + 0.5)
            sheet.write_datetime(row, 3, date(2024, 1, 1) + timedelta(row + seed), day)
            sheet.write_string(row, 4, f"第{seed}组第{row}行:需求文档不清晰,方案反复修改")
            sheet.write_number(row, 5, row / 250, percent)
            sheet.write_string(row, 6, "")
    book.close()
    return target.getvalue()


def median(action: Callable[[bytes], object], books: list[bytes]) -> float:
    """Return the median milliseconds of an action per workbook."""
    times = []
    for data in books:
        start = time.perf_counter()
        action(data)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def with_xlflow(data: bytes) -> tuple[Sheet, ...]:
    """Read every cell with xlflow."""
    return Book(data).sheets


def with_openpyxl(data: bytes) -> int:
    """Read every cell with openpyxl in full mode; return their number."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    return sum(1 for sheet in book for row in sheet.iter_rows(values_only=True) for _ in row)


def five_cells(data: bytes) -> bytes:
    """Change five cells of one sheet."""
    return splice(data, {SHEETS[1]: {(row, 7): f"逾期{row}天" for row in range(2, 7)}})


def main() -> None:
    """Create the workbooks, time the readers, print the medians."""
    books = [workbook(seed) for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 20)]
    print(f"{len(books)} workbooks of 4 × 250 rows, median a book:")
    for name, action in (
        ("xlflow reads", with_xlflow),
        ("openpyxl reads", with_openpyxl),
        ("xlflow writes 5 cells", five_cells),
    ):
        print(f"  {name:<24}{median(action, books):8.1f} ms")


if __name__ == "__main__":
    main()
