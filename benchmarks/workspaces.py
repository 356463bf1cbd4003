"""Workspaces to measure in: filled with made workbooks, emptied, edited."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import measuring
from benchmarks.made_workbooks import AS_OF, MONTH
from benchmarks.suite import Suite, environment, state_of
from xlflow.ooxml.splice import splice
from xlflow.schema import PLAN
from xlflow.templates.table_sheet import FIRST_ROW

SYNC = ("sync", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M}")
_DAY = 86_400


class MeasuredWorkspace:
    """A workspace of one version of xlflow, made by that version."""

    def __init__(
        self,
        suite: Suite,
        name: str,
        made: Sequence[Path],
        by: str,
        write_back: str = "report",
    ) -> None:
        self.root = suite.folder / f"{name}-{by.replace(' ', '-')}"
        self.teams = self.root / "teams"
        self._made = made
        self._edits = 0
        command = [suite.versions[by], "-m", "xlflow", "init", self.root]
        measuring.run(command, cwd=suite.folder, env=environment(by, self.root))
        set_setting(self.root, "write_back", "auto", write_back)
        self.fill()

    def fill(self) -> None:
        """Put the made workbooks into teams/, as if saved a day ago."""
        for path in self._made:
            copied = self.teams / path.name
            shutil.copyfile(path, copied)
            modified = path.stat().st_mtime - _DAY
            os.utime(copied, (modified, modified))

    def forget(self) -> None:
        """Go back to before the first pass: without state, summaries and flags."""
        shutil.rmtree(state_of(self.root), ignore_errors=True)
        for path in (self.root / "summaries").iterdir():
            path.unlink()
        self.fill()

    def edit(self) -> None:
        """Save a new text into the first row of the plan of one workbook, in turn."""
        path = self.teams / self._made[self._edits % len(self._made)].name
        self._edits += 1
        cell = (FIRST_ROW, 3)
        edited = splice(path.read_bytes(), {PLAN.sheet.zh: {cell: f"改为每{self._edits}天核对"}})
        path.write_bytes(edited)

    @contextmanager
    def summary_open(self) -> Iterator[None]:
        """Keep the month's workbook open, so that a pass doesn't write it."""
        with opened(self.root / "summaries" / f"汇总-{MONTH}.xlsx"):
            yield


def set_setting(root: Path, name: str, default: str, value: str) -> None:
    """Change a setting in xlflow.toml from its default."""
    settings = root / "xlflow.toml"
    text = settings.read_text("utf-8")
    line = f'{name} = "{default}"'
    assert line in text, f"{line} isn't in xlflow.toml"
    settings.write_text(text.replace(line, f'{name} = "{value}"'), "utf-8")


@contextmanager
def opened(path: Path) -> Iterator[None]:
    """Keep a workbook open, with the owner file that Excel makes."""
    owner = path.with_name(f"~${path.name}")
    name = "小张"
    owner.write_bytes(
        b"\x04Zhan".ljust(55)
        + len(name).to_bytes(2, "little")
        + name.encode("utf-16-le").ljust(108)
    )
    try:
        yield
    finally:
        owner.unlink()
