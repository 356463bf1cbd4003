"""Read every sheet of every workbook, put them together, write them into one workbook.

    python loop.py openpyxl|calamine FOLDER OUT.xlsx

The loop that one would write with pandas: no check, no identity, no trace.
"""

import sys
from pathlib import Path

import pandas as pd

engine, folder, out = sys.argv[1:]
parts: dict[str, list[pd.DataFrame]] = {}
for path in sorted(Path(folder).glob("*.xlsx")):
    for sheet, frame in pd.read_excel(path, sheet_name=None, header=2, engine=engine).items():
        filled = frame.dropna(how="all")
        filled.insert(0, "团队", path.stem)
        parts.setdefault(sheet, []).append(filled)
with pd.ExcelWriter(out, engine="openpyxl" if engine == "openpyxl" else "xlsxwriter") as writer:
    tables = {sheet: pd.concat(frames, ignore_index=True) for sheet, frames in parts.items()}
    counts = {sheet: table.groupby("团队").size() for sheet, table in tables.items() if len(table)}
    pd.DataFrame(counts).to_excel(writer, sheet_name="总览")
    for sheet, table in tables.items():
        table.to_excel(writer, sheet_name=sheet, index=False)
