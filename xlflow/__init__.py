"""xlflow keeps marketing teams' workflow tables in Excel right.

Start reading at :mod:`xlflow.process`, which processes one workbook.
"""

__version__ = "0.1.0"
