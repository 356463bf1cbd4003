"""Whole passes (``xlflow sync``) over many workbooks, and the loops that people write instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

from benchmarks import made_workbooks, peers, tracing
from benchmarks.made_workbooks import even
from benchmarks.suite import OURS, Line, Suite, run
from benchmarks.workspaces import SYNC, MeasuredWorkspace


def cold(suite: Suite) -> Iterator[Line]:
    """A first pass: reading, checking, keeping and rolling up everything.

    "Cold" is xlflow, not the disk: the files are in the system's cache for all alike.
    """
    for books, rows in ((300, 250), (300, 30)):
        made = made_workbooks.paths(suite.cache, suite.count(books), even(rows))
        what = f"{len(made)} × (4 × {rows} rows)"
        for write_back in ("report", "cells"):
            spaces = {
                by: MeasuredWorkspace(suite, f"cold-{rows}-{write_back}", made, by, write_back)
                for by in suite.versions
            }
            ours = [
                suite.xlflow(by, SYNC, space.root, space.forget) for by, space in spaces.items()
            ]
            others = []
            if write_back == "report":
                teams = spaces[OURS].teams
                others = [*peers.loops(suite, teams), *peers.readers(suite, teams)]
            flags = "without flags" if write_back == "report" else "flags written"
            yield from suite.lines(f"{what}, {flags}", [*ours, *others])


def edits(suite: Suite) -> Iterator[Line]:
    """A pass without an edit, and after one, among many workbooks that are known."""
    fewest = suite.count(300)
    for books in sorted({fewest, suite.count(1000)}):
        made = made_workbooks.paths(suite.cache, books, even(30))
        among = f"{books} × (4 × 30 rows)"
        spaces = {by: MeasuredWorkspace(suite, f"edits-{books}", made, by) for by in suite.versions}
        syncs = [suite.xlflow(by, SYNC, space.root) for by, space in spaces.items()]
        after_edit = [replace(sync, prepare=spaces[sync.by].edit) for sync in syncs]
        for sync in syncs:
            run(sync)
        # The peers know nothing of a pass before: every pass costs them the same.
        loops = peers.loops(suite, spaces[OURS].teams) if books == fewest else []
        others = suite.lines("", loops)
        yield from _beside(suite.lines(f"no edit, {among}", syncs), others)
        with ExitStack() as stack:
            for space in spaces.values():
                stack.enter_context(space.summary_open())
            waiting = suite.lines(f"one edit, {among}, the month's workbook is open", after_edit)
        yield from _beside(waiting, others)
        for sync in syncs:
            run(sync)
        measured = suite.lines(f"one edit, {among}, with the month's workbook", after_edit)
        if tracing.available():
            opened = tracing.opened_workbooks(after_edit[0])
            measured[0] = replace(measured[0], note=f"team workbooks opened: {opened}")
        yield from _beside(measured, others)


def growth(suite: Suite) -> Iterator[Line]:
    """How passes grow from 10 over 100 and 1,000 to 10,000 workbooks of 40 rows in all.

    First passes run once.
    """
    made = made_workbooks.paths(suite.cache, suite.count(10_000), even(10))
    for books in sorted({suite.count(books) for books in (10, 100, 1000, 10_000)}):
        spaces = {
            by: MeasuredWorkspace(suite, f"growth-{books}", made[:books], by)
            for by in suite.versions
        }
        syncs = [suite.xlflow(by, SYNC, space.root) for by, space in spaces.items()]
        yield from suite.lines(f"first pass, {books} × (4 × 10 rows)", syncs, runs=1)
        yield from suite.lines(f"no edit, {books} × (4 × 10 rows)", syncs)


def _beside(measured: list[Line], others: list[Line]) -> list[Line]:
    return [*measured, *(replace(line, what=measured[0].what) for line in others)]


def syncs_to_disk(suite: Suite) -> Iterator[Line]:
    """How often one flagged workbook has the system write to disk."""
    if not tracing.available():
        return
    for by in suite.versions:
        counts = []
        for books in (1, 3):
            made = made_workbooks.paths(suite.cache, 3, even(30))[:books]
            space = MeasuredWorkspace(suite, f"syncs-{books}", made, by, write_back="cells")
            sync = suite.xlflow(by, SYNC, space.root)
            counts.append(tracing.syncs(sync))
        each = (counts[1] - counts[0]) / 2
        note = f"{each:g} syncs to disk (3 workbooks {counts[1]}, 1 workbook {counts[0]})"
        yield Line("each workbook that is flagged", by, sync.shown, note=note)
