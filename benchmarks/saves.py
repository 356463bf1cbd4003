"""How long a flag and the month's JSON take from a save, with a real ``xlflow watch``.

    python benchmarks/saves.py [SAVES] [BOOKS] [--polling] [--bindfs]

Starts ``xlflow watch`` with default settings on BOOKS workbooks (20) and saves
SAVES times (200), in turn, the way Excel does: a temporary file, the workbook
renamed away, the temporary file renamed over, the old one deleted, while there is
an owner file. Each save moves a deadline, so that another value of 逾期 is due. The
time is measured from when the workbook is closed (its owner file is gone) until the
file has the right value, and until the month's JSON file is another one (where there is
such a file). ``--bindfs`` saves behind a bindfs mount, for which the
kernel has no events, so that watch polls.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.suite import OURS, Line, Suite
from benchmarks.workspaces import opened, set_setting
from xlflow import workspace as workspaces
from xlflow.config import Settings
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import PLAN
from xlflow.summary.summary_files import summary_path
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

ROWS = 30
_TIMEOUT = 30.0


@dataclass(frozen=True)
class Figures:
    """The measurements: seconds from save to flag, of the saves that were flagged, and to JSON."""

    saves: int
    seconds: tuple[float, ...]
    json_seconds: tuple[float, ...]
    watching: str
    interval: float

    @property
    def flagged(self) -> int:
        return len(self.seconds)

    def __str__(self) -> str:
        json = f"; month's JSON: {_spread(self.json_seconds)}" if self.json_seconds else ""
        return (
            f"{self.flagged} of {self.saves} saves flagged ({self.watching}): "
            f"{_spread(self.seconds)}{json}; poll interval {self.interval:g} s"
        )


def _spread(seconds: Sequence[float]) -> str:
    """Return median, 95th percentile and maximum in words."""
    p95 = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
    return (
        f"median {statistics.median(seconds):.2f} s, p95 {p95:.2f} s, longest {max(seconds):.2f} s"
    )


def local_now(settings: Settings) -> datetime:
    """Return the moment in the workspace's zone: its days are those that flags count."""
    return datetime.now(settings.zone).replace(tzinfo=None)


def rows(today: date) -> dict[str, list[dict[str, object]]]:
    """Return the rows of a team's plan, none of them due yet."""
    return {
        "plan": [
            {
                "stage": f"环节{number}",
                "goal": f"通过率提升至{60 + number}%",
                "measures": "建立内部设计资源池",
                "owners": "小张+刘经理",
                "due": today + timedelta(days=100 + number),
                "acceptance": "≤1次",
                "status": "进行中",
            }
            for number in range(ROWS)
        ]
    }


def save_as_excel(path: Path, content: bytes, chance: random.Random) -> None:
    """Save a workbook the way Excel does, on a local disk and on a share."""
    temporary = path.with_name(f"{chance.randrange(16**8):08X}")
    away = path.with_name(f"{chance.randrange(16**8):08X}.tmp")
    with open(temporary, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(path, away)
    os.rename(temporary, path)
    os.unlink(away)


def flag_place(content: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the cells of the first plan row's deadline and 逾期."""
    settings = Settings()
    outcome = process(content, Inputs("x", settings), (), local_now(settings))
    sheet = outcome.snapshot.tables["plan"]
    number = sheet.rows[0].number
    return (number, sheet.columns["due"]), (number, sheet.columns["late"])


def signature(path: Path) -> tuple[int, int]:
    """Return what identifies one state of a file.

    Where a mount can't exchange two files, a workbook that is being replaced doesn't
    exist for an instant.
    """
    for _ in range(100):
        try:
            status = path.stat()
        except FileNotFoundError:
            time.sleep(0.01)
        else:
            return status.st_ino, status.st_mtime_ns
    raise FileNotFoundError(path)


def flagged(path: Path, before: tuple[int, int], late: str) -> bool:
    """Whether the first plan row's 逾期 has this value; reads the file only if it changed."""
    try:
        if signature(path) == before:
            return False
        content = path.read_bytes()
    except FileNotFoundError:
        return False
    settings = Settings()
    outcome = process(content, Inputs("x", settings), (), local_now(settings))
    row = outcome.snapshot.tables["plan"].rows[0]
    return row.value_in("late").cell.value == late


def seconds_until(happened: Callable[[], bool], start: float) -> float | None:
    """Return the seconds from ``start`` until something has happened, None if it never does."""
    while time.perf_counter() - start < _TIMEOUT:
        now = time.perf_counter()
        if happened():
            return now - start
        time.sleep(0.01)
    return None


@contextmanager
def watching(space: Workspace) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``xlflow watch`` while the context lasts."""
    command = [sys.executable, "-m", "xlflow", "watch", "-C", str(space.root)]
    watch = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield watch
    finally:
        watch.send_signal(signal.SIGTERM)
        assert watch.wait(10) == 0, "watch didn't stop as it should"


@contextmanager
def behind_bindfs(root: Path) -> Iterator[Path]:
    """Mount a folder at another path through FUSE, which has no events for changes behind it."""
    mount = root.with_name(f"{root.name}-mounted")
    mount.mkdir()
    subprocess.run(["bindfs", "--no-allow-other", str(root), str(mount)], check=True)
    try:
        yield mount
    finally:
        subprocess.run(
            ["fusermount3" if shutil.which("fusermount3") else "fusermount", "-uz", str(mount)],
            check=True,
        )
        mount.rmdir()


def measure(saves: int, books: int, folder: Path, *, polling: bool, bindfs: bool) -> Figures:
    """Create a workspace in ``folder``, watch it, save, and time the flags."""
    os.environ["XLFLOW_STATE_DIR"] = str(folder / "state")
    space = create_workspace(folder / "share")
    if polling:
        set_setting(space.root, "mode", "auto", "polling")
    paths = [space.teams / f"团队{number:02}.xlsx" for number in range(books)]
    plan = rows(local_now(space.settings).date())
    content = team_workbook.team_workbook(
        team="团队", language="zh", settings=space.settings, rows=plan
    )
    for path in paths:
        path.write_bytes(content)
    if bindfs:
        with behind_bindfs(space.root) as mount:
            return _measure(workspaces.find(mount), paths, saves)
    return _measure(space, paths, saves)


def _measure(space: Workspace, paths: list[Path], saves: int) -> Figures:
    from xlflow.daemon import heartbeat

    chance = random.Random(1)
    due, _ = flag_place(paths[0].read_bytes())
    seconds, json_seconds = [], []
    with watching(space):
        _until_first_pass(space, paths)
        month = f"{local_now(space.settings):%Y-%m}"
        json = summary_path(space, month).with_suffix(".json")
        for number in range(saves):
            path = paths[number % len(paths)]
            days = 1 + number
            deadline = (local_now(space.settings).date() - timedelta(days=days)).isoformat()
            json_before = signature(json) if json.exists() else None
            with opened(path):
                content = splice(path.read_bytes(), {PLAN.sheet.zh: {due: deadline}})
                save_as_excel(path, content, chance)
                time.sleep(chance.uniform(0, 0.1))
            saved, closed = signature(path), time.perf_counter()
            taken = seconds_until(partial(flagged, path, saved, f"逾期{days}天"), closed)
            if taken is not None:
                seconds.append(taken)
            if json_before is not None:
                renewed = seconds_until(partial(_is_another, json, json_before), closed)
                if renewed is not None:
                    json_seconds.append(renewed)
        beat = heartbeat.read(space.state)
    assert beat is not None
    assert beat.watching is not None
    interval = space.settings.watch_poll_interval
    return Figures(saves, tuple(seconds), tuple(json_seconds), beat.watching, interval)


def _is_another(path: Path, before: tuple[int, int]) -> bool:
    return signature(path) != before


def _until_first_pass(space: Workspace, paths: list[Path]) -> None:
    """Wait until every workbook has its records, and watch is idle."""
    end = time.monotonic() + 600
    first = {path: signature(path) for path in paths}
    while any(signature(path) == state for path, state in first.items()):
        assert time.monotonic() < end, "the first pass never ended"
        time.sleep(0.2)
    time.sleep(1)


def lines(suite: Suite) -> Iterator[Line]:
    """From a save to the flag in the workbook, and to the month's JSON, in `xlflow watch`.

    300 teams on a local disk with native events, default settings, debouncing included.
    """
    books, saves = suite.count(300), suite.count(200)
    folder = suite.folder / "saves"
    folder.mkdir()
    figures = measure(saves, books, folder, polling=False, bindfs=False)
    what, command = f"{saves} saves, {books} teams", f"python benchmarks/saves.py {saves} {books}"
    note = f"{figures.flagged} flagged: {_spread(figures.seconds)}"
    yield Line(f"{what}, flag", OURS, command, statistics.median(figures.seconds), note=note)
    if figures.json_seconds:
        median, note = statistics.median(figures.json_seconds), _spread(figures.json_seconds)
        yield Line(f"{what}, month's JSON", OURS, command, median, note=note)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("saves", nargs="?", type=int, default=200)
    parser.add_argument("books", nargs="?", type=int, default=20)
    parser.add_argument("--polling", action="store_true")
    parser.add_argument("--bindfs", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(
            measure(
                asked.saves, asked.books, Path(folder), polling=asked.polling, bindfs=asked.bindfs
            )
        )


if __name__ == "__main__":
    main()
