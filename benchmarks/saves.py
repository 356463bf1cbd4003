"""How long it takes from a save to its flag, with a real ``xlflow watch`` and real files.

    python benchmarks/saves.py [SAVES] [BOOKS] [--polling] [--bindfs]

Starts ``xlflow watch`` with default settings on BOOKS workbooks (20) and saves
SAVES times (200), in turn, the way Excel does: a temporary file, the workbook
renamed away, the temporary file renamed over, the old one deleted, while there is
an owner file. Each save moves a deadline, so that another value of 逾期 is due. The
time is measured from when the workbook is closed (its owner file is gone) until the
file has the right value. ``--bindfs`` saves behind a bindfs mount, for which the
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from xlflow import workspace as workspaces
from xlflow.config import Settings
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import PLAN
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

ROWS = 30
_TIMEOUT = 30.0


@dataclass(frozen=True)
class Figures:
    """The measurements: seconds from save to flag, of the saves that were flagged."""

    saves: int
    seconds: tuple[float, ...]
    watching: str
    interval: float

    @property
    def flagged(self) -> int:
        return len(self.seconds)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1]

    def __str__(self) -> str:
        return (
            f"{self.flagged} of {self.saves} saves flagged ({self.watching}): "
            f"median {statistics.median(self.seconds):.2f} s, p95 {self.p95:.2f} s, "
            f"longest {max(self.seconds):.2f} s; poll interval {self.interval:g} s"
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


@contextmanager
def opened(path: Path) -> Iterator[None]:
    """Keep a workbook open, with an owner file."""
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


def wait_for_flag(path: Path, late: str) -> float | None:
    """Return the seconds until the flag is in the file, None if it never is."""
    before = signature(path)
    start = time.perf_counter()
    while time.perf_counter() - start < _TIMEOUT:
        now = time.perf_counter()
        if flagged(path, before, late):
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
        settings = space.root / "xlflow.toml"
        text = settings.read_text("utf-8").replace('mode = "auto"', 'mode = "polling"')
        settings.write_text(text, "utf-8")
    paths = [space.teams / f"团队{number:02}.xlsx" for number in range(books)]
    plan = rows(local_now(space.settings).date())
    for path in paths:
        team_workbook.write(path, team=path.stem, language="zh", settings=space.settings, rows=plan)
    if bindfs:
        with behind_bindfs(space.root) as mount:
            return _measure(workspaces.find(mount), paths, saves)
    return _measure(space, paths, saves)


def _measure(space: Workspace, paths: list[Path], saves: int) -> Figures:
    from xlflow.daemon import heartbeat

    chance = random.Random(1)
    due, _ = flag_place(paths[0].read_bytes())
    seconds = []
    with watching(space):
        _until_first_pass(space, paths)
        for number in range(saves):
            path = paths[number % len(paths)]
            days = 1 + number
            deadline = (local_now(space.settings).date() - timedelta(days=days)).isoformat()
            with opened(path):
                content = splice(path.read_bytes(), {PLAN.sheet.zh: {due: deadline}})
                save_as_excel(path, content, chance)
                time.sleep(chance.uniform(0, 0.1))
            taken = wait_for_flag(path, f"逾期{days}天")
            if taken is not None:
                seconds.append(taken)
        beat = heartbeat.read(space.state)
    assert beat is not None
    assert beat.watching is not None
    return Figures(saves, tuple(seconds), beat.watching, space.settings.watch_poll_interval)


def _until_first_pass(space: Workspace, paths: list[Path]) -> None:
    """Wait until every workbook has its records, and watch is idle."""
    end = time.monotonic() + 120
    first = {path: signature(path) for path in paths}
    while any(signature(path) == state for path, state in first.items()):
        assert time.monotonic() < end, "the first pass never ended"
        time.sleep(0.2)
    time.sleep(1)


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
