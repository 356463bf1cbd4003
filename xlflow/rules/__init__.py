"""What is wrong in a workbook, and what was changed that deserves a second look.

One file a family: :mod:`cells` (XF1xx), :mod:`rows` (XF2xx), :mod:`books` (XF3xx),
:mod:`edits` (XF4xx). To add a rule, write a function there (see
:mod:`xlflow.rules.catalogue`), its sentences and Chinese page in
:mod:`xlflow.messages.rules`, and its cases in ``tests/rules/cases``.
"""

from __future__ import annotations

from xlflow.rules import books, cells, edits, rows
from xlflow.rules.catalogue import RULES, Problem, Rule
from xlflow.rules.checking import check, compare, configure, message, remark

CATALOGUE: tuple[Rule, ...] = tuple(RULES[code] for code in sorted(RULES))
"""Every rule there is, by code."""

__all__ = [
    "CATALOGUE",
    "Problem",
    "Rule",
    "books",
    "cells",
    "check",
    "compare",
    "configure",
    "edits",
    "message",
    "remark",
    "rows",
]
