"""What is wrong in a workbook, and what was changed that deserves a second look.

It imports rows as facts, the schema, meaning and the sentences, never a file or the store.

One file a family: :mod:`cells` (XF1xx), :mod:`rows` (XF2xx), :mod:`workbooks` (XF3xx),
:mod:`changes` (XF4xx). To add a rule, write a function there (see
:mod:`xlflow.rules.catalogue`), its sentences and Chinese page in
:mod:`xlflow.messages.rules`, and its cases in ``tests/rules/cases``.
"""

from __future__ import annotations

from xlflow.rules import cells, changes, rows, workbooks
from xlflow.rules.catalogue import RULES, Problem, Rule
from xlflow.rules.runner import (
    check,
    check_rule_settings,
    compare,
    message,
    remark,
    remarks,
)

CATALOGUE: tuple[Rule, ...] = tuple(RULES[code] for code in sorted(RULES))
"""Every rule there is, by code."""

__all__ = [
    "CATALOGUE",
    "Problem",
    "Rule",
    "cells",
    "changes",
    "check",
    "check_rule_settings",
    "compare",
    "message",
    "remark",
    "remarks",
    "rows",
    "workbooks",
]
