"""Measure xlflow and its peers: ``python -m benchmarks [NAME ...]``.

Without a name all benchmarks run, for some hours. At full size their tables are
written into docs/performance.md; with another --scale they are only printed. It needs
Linux, and strace where system calls are counted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks import (
    bad_input,
    idle,
    measuring,
    one_workbook,
    passes,
    peers,
    saves,
    summaries,
    table,
    udfs,
)
from benchmarks.suite import Line, Suite

BENCHMARKS: Mapping[str, Callable[[Suite], Iterator[Line]]] = {
    "cold": passes.cold,
    "edits": passes.edits,
    "growth": passes.growth,
    "stages": one_workbook.stages,
    "write_back": one_workbook.write_back,
    "syncs_to_disk": passes.syncs_to_disk,
    "checking": one_workbook.checking,
    "start_up": one_workbook.start_up,
    "summary": summaries.summary,
    "saves": saves.lines,
    "idle": idle.lines,
    "udfs": udfs.lines,
    "bad_input": bad_input.lines,
}


def main() -> int:
    """Run the chosen benchmarks, print their tables, write them into the page.

    Returns 1 if a benchmark failed; the others run all the same.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument(
        "--scale", type=float, default=1.0, help="factor for the numbers of workbooks and rows"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median counts")
    parser.add_argument(
        "--xlflow",
        type=Path,
        metavar="PYTHON",
        help="interpreter in whose environment another version is installed, to measure beside",
    )
    parser.add_argument("--no-peers", action="store_true", help="measure only xlflow")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(tempfile.gettempdir()) / "xlflow-benchmarks",
        help="where made workbooks and the peers' environment are kept (default: %(default)s)",
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHMARKS):
        parser.error(f"no such benchmarks: {', '.join(sorted(unknown))}")
    python = None if asked.no_peers else peers.environment_in(asked.cache)
    machine = table.machine(asked.runs, peers.versions(python) if python else "")
    failed = False
    for name in asked.names or BENCHMARKS:
        with tempfile.TemporaryDirectory() as folder:
            suite = Suite(Path(folder), asked.cache, asked.scale, asked.runs, asked.xlflow, python)
            try:
                text = measured(name, suite)
            except measuring.FailedError as error:
                failed = True
                print(f"{name} failed: {error}", file=sys.stderr)
                continue
        print(f"{text}\n{machine}\n", flush=True)
        if asked.scale == 1:
            page = table.PAGE.read_text("utf-8")
            merged = table.merge(page, {name: text}, list(BENCHMARKS), machine)
            table.PAGE.write_text(merged, "utf-8", newline="\n")
    return int(failed)


def measured(name: str, suite: Suite) -> str:
    """Run one benchmark and return its section of the page."""
    benchmark = BENCHMARKS[name]
    about = (benchmark.__doc__ or "").strip().replace("\n    ", "\n")
    return table.section(name, f"{about}\n\n`python -m benchmarks {name}`", list(benchmark(suite)))


if __name__ == "__main__":
    sys.exit(main())
