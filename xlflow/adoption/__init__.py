"""Bringing a workbook that people have into the form that xlflow works with.

It says what the headers mean and which columns are added, as a pure function of the content.
It imports the file format, the schema and the templates' formats, never the store.
"""
