"""The workbook file format and nothing else: archive, XML, scanners, reading and writing cells.

It knows the schema only to find the tables and type their cells, and touches no disk.
"""
