"""The summary workbook of a month, and when it is written again.

It imports the figures, the store and the look.
"""
