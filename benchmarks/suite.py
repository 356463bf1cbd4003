"""What the benchmarks share: contenders that take turns, and the lines that they give."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import measuring
from benchmarks.measuring import Usage

OURS, BEFORE = "xlflow", "xlflow before"
PROGRAMS = Path(__file__).with_name("programs")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what was measured, of whose program, with which command.

    ``wall`` and ``cpu`` are seconds, ``memory`` is in bytes; ``note`` is any other result.
    """

    what: str
    by: str
    command: str
    wall: float | None = None
    cpu: float | None = None
    memory: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that is measured as a whole process; ``prepare`` runs before each run."""

    by: str
    command: Sequence[str | Path]
    shown: str
    folder: Path
    env: Mapping[str, str]
    prepare: Callable[[], object] = lambda: None
    note: Callable[[Usage], str] = lambda usage: ""


@dataclass(frozen=True, slots=True)
class Suite:
    """One run of the benchmarks.

    Args:
        folder: an empty folder for workspaces and results.
        cache: where made workbooks are kept for the next run.
        scale: the factor by which numbers of workbooks and rows are reduced.
        runs: how often each contender runs.
        before: the interpreter of another version of xlflow to measure beside this one.
        peers: the interpreter that has the libraries of the peers.
    """

    folder: Path
    cache: Path
    scale: float = 1.0
    runs: int = 3
    before: Path | None = None
    peers: Path | None = None

    def count(self, full: int) -> int:
        """Return a number of workbooks, rows or cells at this scale, at least 2."""
        return max(2, round(full * self.scale))

    @property
    def versions(self) -> dict[str, Path]:
        """The interpreters of the versions of xlflow to measure."""
        before = {BEFORE: self.before} if self.before else {}
        return {OURS: Path(sys.executable), **before}

    def xlflow(
        self,
        by: str,
        arguments: Sequence[str | Path],
        folder: Path,
        prepare: Callable[[], object] = lambda: None,
        note: Callable[[Usage], str] = lambda usage: "",
    ) -> Contender:
        """Return one version's ``xlflow``, run in a folder; its state is kept beside that."""
        command = [self.versions[by], "-m", "xlflow", *arguments]
        shown = _shown("xlflow", arguments)
        return Contender(by, command, shown, folder, environment(by, folder), prepare, note)

    def peer(self, by: str, program: str, *arguments: str | Path) -> list[Contender]:
        """Return a peer's program of ``programs/``; none without an interpreter for it."""
        if self.peers is None:
            return []
        command = [self.peers, PROGRAMS / program, *arguments]
        shown = _shown(f"python {program}", arguments)
        return [Contender(by, command, shown, self.folder, environment(by, self.folder))]

    def lines(
        self, what: str, contenders: Sequence[Contender], runs: int | None = None
    ) -> list[Line]:
        """Let contenders take turns, each as a whole process; return the medians."""
        usages: dict[str, list[Usage]] = {contender.by: [] for contender in contenders}
        for _ in range(runs or self.runs):
            for contender in contenders:
                contender.prepare()
                usages[contender.by].append(run(contender))
        lines = []
        for contender in contenders:
            usage = measuring.median(usages[contender.by])
            note = contender.note(usage)
            lines.append(
                Line(what, contender.by, contender.shown, usage.wall, usage.cpu, usage.memory, note)
            )
        return lines

    def inside(
        self, by: str, program: str, target: Path, *arguments: str
    ) -> tuple[str, dict[str, Any]]:
        """Run a program of ``programs/`` with a version of xlflow on a workspace or workbook.

        Returns the command and what the program measured in its own process: nothing if it
        can't run with the other version.
        """
        command = [self.versions[by], PROGRAMS / program, target, *arguments]
        shown = _shown(f"python {program}", [target, *arguments])
        try:
            usage = measuring.run(command, cwd=self.folder, env=environment(by, target))
        except measuring.FailedError as error:
            if by == OURS:
                raise
            print(f"{by} can't be measured from inside: {error}", file=sys.stderr)
            return shown, {}
        return shown, json.loads(usage.output)


def run(contender: Contender) -> Usage:
    """Run a contender once; xlflow's exit code 1 says that something needs attention."""
    return measuring.run(contender.command, cwd=contender.folder, env=contender.env, codes=(0, 1))


def environment(by: str, folder: Path) -> dict[str, str]:
    """Return the environment of a measured process: no settings of the user who measures."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("XLFLOW_")}
    if by != OURS:
        kept.pop("PYTHONPATH", None)  # it may lead to this version
    return kept | {"XLFLOW_STATE_DIR": str(state_of(folder))}


def state_of(folder: Path) -> Path:
    """Return where xlflow keeps the state of a measured workspace."""
    return folder.with_name(f"{folder.name}-state")


def _shown(program: str, arguments: Sequence[str | Path]) -> str:
    """Return a command as the table shows it: of a path only the name."""
    return " ".join([program, *(a.name if isinstance(a, Path) else a for a in arguments)])
