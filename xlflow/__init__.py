"""xlflow keeps marketing teams' workflow tables in Excel right.

Start reading at :mod:`xlflow.process`: one workbook, purely.
"""

__version__ = "0.1.0"
