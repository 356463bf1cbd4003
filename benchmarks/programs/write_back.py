"""Seconds of writing cells into a workbook in-process: ``write_back.py WORKBOOK AS_OF RUNS``.

Prints as JSON the medians of splicing three cells and all that a first pass wants to write,
the scan at hand, and of openpyxl loading the workbook, setting the same cells and saving it.
"""

import gc
import io
import json
import statistics
import sys
import time
from datetime import datetime
from pathlib import Path

import openpyxl

from xlflow.config import Settings
from xlflow.ooxml.book import Book
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process

path, as_of, runs = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
SHEET = "流程优化计划"
THREE = {SHEET: {(row, 3): f"改为每{row}天核对" for row in (4, 5, 6)}}


def with_openpyxl(data, cells):
    book = openpyxl.load_workbook(io.BytesIO(data))
    for sheet, values in cells.items():
        for (row, column), value in values.items():
            book[sheet].cell(row, column).value = value
    book.save(io.BytesIO())


def median(action, times):
    taken = []
    for _ in range(times):
        gc.collect()
        began = time.process_time()
        action()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


book = Book(path.read_bytes())
flags = process(book, Inputs(path.stem, Settings(), path.name), (), as_of).cells
plain = {
    sheet: {place: str(value) for place, value in cells.items()} for sheet, cells in flags.items()
}
splice(book, THREE)
print(
    json.dumps(
        {
            "three cells": [
                median(lambda: splice(book, THREE), runs),
                median(lambda: with_openpyxl(book.data, THREE), 1),
            ],
            "first flags": [
                median(lambda: splice(book, flags), runs),
                median(lambda: with_openpyxl(book.data, plain), 1),
            ],
            "cells": sum(map(len, flags.values())),
        }
    )
)
