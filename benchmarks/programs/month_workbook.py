"""Processor seconds of one month's report and workbook: ``month_workbook.py ROOT MONTH AS_OF``.

ROOT is a workspace after a pass. Prints them as JSON, imports not included.
"""

import json
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import pandas  # noqa: F401  (its import isn't measured)
import xlsxwriter  # noqa: F401

from xlflow import workspace as workspaces
from xlflow.store import Store
from xlflow.summary import renewal

root, month, as_of = Path(sys.argv[1]), sys.argv[2], datetime.fromisoformat(sys.argv[3])
space = workspaces.find(root)
with tempfile.TemporaryDirectory() as folder, Store.open(space.state) as store:
    began = time.process_time()
    now = datetime.now().astimezone()
    renewal.write_summary(space, store, month, as_of, now, Path(folder) / "out.xlsx")
    print(json.dumps({"summary": time.process_time() - began}))
