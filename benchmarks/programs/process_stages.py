"""Processor time of ``process`` and of the store: ``process_stages.py ROOT AS_OF CASE``.

ROOT is a workspace. Prints as JSON the seconds for one of its workbooks, by CASE:

- ``first-sight``, ``without-memory``: ``process`` of a content without remembered rows;
- ``with-memory``: with those of the store;
- ``store``: the store's methods, as a pass calls them.

The first workbook warms up. The others are processed once each, since xlflow may remember
what it has read: every second one for the time, and the rest under cProfile for the shares
of the stages, the functions that ``process`` itself calls. The profiler's own cost makes
stages of many small calls look bigger.
"""

import cProfile
import functools
import gc
import json
import linecache
import pstats
import statistics
import sys
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from xlflow import workspace as workspaces
from xlflow.process import Inputs, process
from xlflow.store import Store
from xlflow.sync import run

NESTED = {"sheets": "reading (Book.sheets)"}
STORE = ("keep", "record", "memory")


def profiled(*arguments):
    """Return the share of each function that ``process`` calls, and of those in ``NESTED``."""
    profile = cProfile.Profile()
    profile.runcall(process, *arguments)
    stats = pstats.Stats(profile).stats
    itself = (process.__code__.co_filename, "process")
    whole = next(entry[3] for place, entry in stats.items() if place[::2] == itself)
    shares = defaultdict(float)
    for (file, line, name), (*_, total, callers) in stats.items():
        for caller, (*_, cumulative) in callers.items():
            if caller[::2] == itself:
                if name == "<genexpr>":
                    name = linecache.getline(file, line).strip()
                elif name == "__init__":
                    name = f"{Path(file).stem}.{name}"
                shares[name] += cumulative / whole
        if name in NESTED and "ooxml" in file:
            shares[f"of which {NESTED[name]}"] = total / whole
    return shares


def stages(cases):
    """Return the median time of ``process`` over the cases, and its stages."""
    process(*cases[0])
    times, shares = [], defaultdict(list)
    for case in cases[1::2]:
        gc.collect()
        began = time.process_time()
        process(*case)
        times.append(time.process_time() - began)
    for case in cases[2::2]:
        for name, share in profiled(*case).items():
            shares[name].append(share)
    seconds = statistics.median(times)
    medians = {name: seconds * statistics.median(found) for name, found in shares.items()}
    return {"whole": seconds, "parts": dict(sorted(medians.items(), key=lambda s: -s[1]))}


def timed(method, times):
    """Return a method that records its processor time."""

    @functools.wraps(method)
    def call(*arguments, **named):
        began = time.process_time()
        try:
            return method(*arguments, **named)
        finally:
            times.append(time.process_time() - began)

    return call


def store_methods(space, as_of):
    """Return the median time of each of the store's methods in one pass, and their sum."""
    calls = {name: [] for name in STORE}
    for name, times in calls.items():
        setattr(Store, name, timed(getattr(Store, name), times))
    run.run(space, as_of, notify=False)
    medians = {f"Store.{name}": statistics.median(times[1:]) for name, times in calls.items()}
    return {"whole": sum(medians.values()), "parts": medians}


def main(root, as_of, case):
    """Return the measurements of one case."""
    space = workspaces.find(root)
    if case == "store":
        return store_methods(space, as_of)
    memory = {}
    files = sorted(space.teams.glob("*.xlsx"))
    if case == "with-memory":
        with Store.open(space.state) as store:
            memory = {path: store.memory(space.relative(path)) for path in files}
    cases = []
    for path in files:
        inputs = Inputs(path.stem, space.settings, space.relative(path))
        cases.append((path.read_bytes(), inputs, memory.get(path, ()), as_of))
    return stages(cases)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3])))
