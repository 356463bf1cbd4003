"""Read every cell of every workbook with fastexcel: ``read_with_fastexcel.py FOLDER``."""

import sys
from pathlib import Path

import fastexcel

for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
    workbook = fastexcel.read_excel(path)
    for name in workbook.sheet_names:
        workbook.load_sheet(name, header_row=None, dtypes="string")
