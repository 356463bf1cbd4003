"""The Excel side: worksheet functions, ribbon, master workbook and add-in.

Only free parts of xlwings (BSD) are used. Off Windows its decorators do nothing,
so the functions are plain functions there.
"""
