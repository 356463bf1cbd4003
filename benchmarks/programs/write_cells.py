"""Write cells in sheets of 16 columns with XlsxWriter: ``write_cells.py CELLS OUT.xlsx``."""

import sys

import xlsxwriter

COLUMNS, SHEETS = 16, 5

cells, out = int(sys.argv[1]), sys.argv[2]
with xlsxwriter.Workbook(out) as book:
    edge = book.add_format({"border": 1})
    for _ in range(SHEETS):
        sheet = book.add_worksheet()
        for row in range(cells // COLUMNS // SHEETS):
            for column in range(COLUMNS):
                value = f"第{row}行：方案反复修改{column}次" if column % 4 else row * column
                sheet.write(row, column, value, edge)
