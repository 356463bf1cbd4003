"""The month as people get it: the summary workbook, and when it is made anew.

It imports the figures, the store and the look.
"""
