"""Whatever people, disks and clocks do to a watched folder, in whatever order.

A state machine plays them all against the daemon's own loop, whose time the machine
owns. Whenever everything has been quiet for a while: the team's own cells are as
the last person left them, a further pass writes nothing, the store is what a fresh
one would hold, and no temporary file is left.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.team_files.test_guarded_replace import Watched
from xlflow import workspace as workspaces
from xlflow.daemon.daemon import Daemon
from xlflow.matching import row_texts
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import PLAN
from xlflow.store import Store
from xlflow.store.database import FILE_NAME as DATABASE
from xlflow.store.database import GONE, NOT_ROLLED_UP
from xlflow.sync import run
from xlflow.sync.lease import Lease
from xlflow.team_files.guarded_replace import replace
from xlflow.templates import team_workbook
from xlflow.workspace_creation import create_workspace

EXAMPLES = int(os.environ.get("XLFLOW_MACHINE_EXAMPLES", "12"))
STEPS = int(os.environ.get("XLFLOW_MACHINE_STEPS", "20"))

SOME = st.integers(0, 99)
CODES = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}
QUIET_FOR = 700.0
OPEN = Store.open
TODAY = datetime(2024, 7, 16, 9)


class Killed(BaseException):
    """The daemon ends here, as by SIGKILL."""


class Here:
    """Stands in for a process beside this one."""

    def __call__(self, *arguments: Any) -> Any:
        return process(*arguments)

    def ask(self, *_: Any) -> None: ...

    def answered(self) -> bool:
        return True

    def answer(self) -> list[Any]:
        return []

    def close(self) -> None: ...


class Deaf:
    """Stands in for the system's events, which the machine itself hands out."""

    def __init__(self, *_: Any) -> None: ...

    def start(self) -> None: ...

    def alive(self) -> bool:
        return True

    def stop(self) -> None: ...


def own_cells(content: bytes) -> str:
    """Return a digest of a workbook with xlflow's cells masked."""
    return process(content, Inputs("x", workspaces.Settings()), (), TODAY).content


class Share(RuleBasedStateMachine):
    """A shared folder, its people, and the daemon that watches it."""

    @initialize()
    def a_workspace(self) -> None:
        self.patches = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        state = {"XLFLOW_STATE_DIR": str(self.folder / "state")}
        for patch in (
            mock.patch.dict(os.environ, state),
            mock.patch("os.fsync", return_value=None),
            mock.patch("xlflow.daemon.daemon.Events", Deaf),
            mock.patch("xlflow.daemon.daemon.Store.open", lambda at: OPEN(at, 0.02)),
            mock.patch("xlflow.sync.run.replace_file", self.replace),
            mock.patch("xlflow.summary.renewal.renew", return_value=()),
        ):
            self.patches.enter_context(patch)
        self.space = create_workspace(self.folder / "share")
        self.passed = 0.0
        self.real = datetime.now().astimezone()
        self.jumped = timedelta(0)
        self.chance = random.Random(1)
        self.fault: tuple[str, int] | None = None
        self.events: list[Path] = []
        self.expected: dict[str, str] = {}
        self.opened: dict[str, bytes] = {}
        self.lock: sqlite3.Connection | None = None
        for number, team in enumerate(("市场一部", "市场二部")):
            self.write(f"{team}.xlsx", self.made(team, number), "in_place")
        self.start()
        self.run_for(1)

    def made(self, team: str, seed: int) -> bytes:
        path = self.folder / "made.xlsx"
        rows = [
            {
                "stage": stage,
                "goal": f"{team}通过率提升至{80 + seed + number}%",
                "owners": "小张+刘经理",
                "due": TODAY.date() + timedelta(days=number - 1),
                "status": "进行中",
            }
            for number, stage in enumerate(("需求调研", "活动执行", "效果复盘"))
        ]
        settings_ = self.space.settings
        team_workbook.write(path, team=team, language="zh", settings=settings_, rows={"plan": rows})
        return path.read_bytes()

    # The daemon

    def clock(self) -> datetime:
        return self.real + timedelta(seconds=self.passed) + self.jumped

    def start(self) -> None:
        if hasattr(self, "daemon"):
            self.daemon.close_store()
        self.daemon = Daemon(
            self.space,
            clock=self.clock,
            monotonic=lambda: self.passed,
            lease=Lease(self.space.root, sleep=lambda _: None),
        )
        self.daemon.reader = self.daemon.summariser = Here()  # type: ignore[assignment]
        self.daemon.state.mkdir(parents=True, exist_ok=True)
        self.daemon.begin()

    def run_for(self, seconds: float) -> None:
        end = self.passed + seconds
        while True:
            try:
                self.daemon.step()
            except Killed:
                self.start()
            self.passed += max(self.daemon.until_next(), 0.01)
            if self.passed >= end:
                self.passed = end
                return

    def replace(self, path: Path, *arguments: Any) -> bool:
        return replace(path, *arguments, Watched(self.operation))

    def operation(self, _: str) -> None:
        """Let happen what was planned for one of the next operations of a replace."""
        if self.fault is None:
            return
        kind, after = self.fault
        if after:
            self.fault = kind, after - 1
            return
        self.fault = None
        if kind == "kill":
            raise Killed
        if kind == "save":
            self.edit(self.chance.randrange(9), self.chance.randrange(3), "excel")
        else:
            raise OSError(CODES[kind], os.strerror(CODES[kind]))

    # People

    def pick(self, number: int) -> str | None:
        names = sorted(self.expected)
        return names[number % len(names)] if names else None

    def write(self, name: str, content: bytes, manner: str) -> None:
        path = self.space.teams / name
        temporary = path.with_name(f"{self.chance.randrange(16**8):08X}")
        if manner == "in_place":
            path.write_bytes(content)
        elif manner == "truncated":
            path.write_bytes(content[: len(content) // 2])
            self.run_for(self.chance.choice((0.05, 0.6)))
            path.write_bytes(content)
        else:
            temporary.write_bytes(content)
            if manner == "excel" and path.exists():
                away = path.with_name(f"{temporary.name}.tmp")
                path.rename(away)
                temporary.rename(path)
                away.unlink()
                self.events.append(away)
            else:
                temporary.replace(path)
        self.events += [temporary, path, path]
        self.expected[name] = own_cells(content)

    @rule(
        which=SOME, row=st.integers(0, 2), manner=st.sampled_from(("excel", "rename", "in_place"))
    )
    def edit(self, which: int, row: int, manner: str) -> None:
        """Somebody saves: what they have open, as they opened it, or the file as it lies."""
        name = self.pick(which)
        if name is None:
            return
        content = self.opened.get(name)
        if content is None:
            with suppress(FileNotFoundError):
                content = (self.space.teams / name).read_bytes()
        if content is None:
            return
        place = self.place(content, row)
        if place is None:
            return
        content = splice(content, {PLAN.sheet.zh: {place: f"目标{self.chance.randrange(1000)}%"}})
        if name in self.opened:
            self.opened[name] = content
        self.write(name, content, manner)

    def place(self, content: bytes, row: int) -> tuple[int, int] | None:
        rows = process(content, Inputs("x", self.space.settings), (), TODAY).snapshot.rows
        cell = rows[row].values["goal"].cell
        return cell.row, cell.column

    @rule(which=SOME)
    def save_slowly(self, which: int) -> None:
        name = self.pick(which)
        if name is not None and name not in self.opened:
            self.write(name, (self.space.teams / name).read_bytes(), "truncated")

    @rule(which=SOME)
    def open(self, which: int) -> None:
        name = self.pick(which)
        if name is not None and name not in self.opened:
            self.opened[name] = (self.space.teams / name).read_bytes()
            owner = self.space.teams / f"~${name}"
            owner.write_bytes(b"\x04Zhan".ljust(165))
            self.events.append(owner)

    @rule(which=SOME)
    def close(self, which: int) -> None:
        for name in sorted(self.opened)[which % 2 : which % 2 + 1]:
            del self.opened[name]
            owner = self.space.teams / f"~${name}"
            owner.unlink()
            self.events.append(owner)

    @rule(which=SOME, to=st.integers(1, 3))
    def rename(self, which: int, to: int) -> None:
        name, new = self.pick(which), f"团队{to}.xlsx"
        if name is not None and name not in self.opened and new not in self.expected:
            (self.space.teams / name).rename(self.space.teams / new)
            self.expected[new] = self.expected.pop(name)
            self.events += [self.space.teams / name, self.space.teams / new]

    @rule(which=SOME)
    def copy(self, which: int) -> None:
        name = self.pick(which)
        if name is None or len(self.expected) > 4:
            return
        new = f"{Path(name).stem} - 副本.xlsx"
        if new not in self.expected:
            shutil.copy(self.space.teams / name, self.space.teams / new)
            self.expected[new] = own_cells((self.space.teams / new).read_bytes())
            self.events.append(self.space.teams / new)

    @rule(which=SOME)
    def delete(self, which: int) -> None:
        name = self.pick(which)
        if name is not None and name not in self.opened and len(self.expected) > 1:
            (self.space.teams / name).unlink()
            del self.expected[name]
            self.events.append(self.space.teams / name)

    # Machines

    @rule(seconds=st.sampled_from((0.05, 0.3, 1.0, 3.0, 61.0)))
    def time_passes(self, seconds: float) -> None:
        self.run_for(seconds)

    @rule(lost=st.floats(0, 1), seed=SOME)
    def events_come(self, lost: float, seed: int) -> None:
        """Events come late: some not at all, some twice, in any order."""
        chance = random.Random(seed)
        heard = [
            e for e in self.events for _ in range(chance.randint(1, 2)) if chance.random() > lost
        ]
        chance.shuffle(heard)
        for path in heard:
            self.daemon.tell(str(path))
        self.events.clear()
        self.run_for(0.5)

    @rule()
    def the_day_turns(self) -> None:
        now = self.clock()
        midnight = now.replace(hour=0, minute=0, second=1) + timedelta(days=1)
        self.jumped += midnight - now
        self.run_for(31)

    @rule(hours=st.sampled_from((-30, -1, 1, 5)))
    def the_clock_is_set(self, hours: int) -> None:
        self.jumped += timedelta(hours=hours)
        self.run_for(31)

    @rule(kind=st.sampled_from(("kill", "save", *CODES)), after=st.integers(0, 9))
    def trouble_is_near(self, kind: str, after: int) -> None:
        self.fault = kind, after

    @rule()
    def killed(self) -> None:
        self.start()

    @rule()
    def the_database_is_locked(self) -> None:
        if self.lock is None and (self.daemon.state / DATABASE).exists():
            self.lock = sqlite3.connect(self.daemon.state / DATABASE, isolation_level=None)
            self.lock.execute("BEGIN IMMEDIATE")
            self.run_for(1)

    @rule()
    def the_share_goes_away(self) -> None:
        root, away = self.space.root, self.folder / "away"
        if not away.exists():
            root.rename(away)
            root.mkdir()
            self.run_for(3)
            shutil.rmtree(root)
            away.rename(root)

    # Quiet

    def heal(self) -> None:
        self.fault = None
        if self.lock is not None:
            self.lock.rollback()
            self.lock.close()
            self.lock = None
        for _ in range(len(self.opened)):
            self.close(0)
        self.events.clear()

    @rule()
    def quiet(self) -> None:
        """After a while without any trouble everything is as it should be."""
        self.heal()
        self.run_for(100)
        if self.daemon.frozen:
            assert run.run(self.space, self.daemon._now(), accept=True).frozen is None
        self.run_for(QUIET_FOR)
        if (left := self.until_midnight()) < 200:  # the day's turn rightly renews flags
            self.run_for(left + QUIET_FOR)
        teams = self.space.teams
        lying = {path.name: path.read_bytes() for path in teams.iterdir()}
        assert sorted(lying) == sorted(self.expected)
        assert {name: own_cells(content) for name, content in lying.items()} == self.expected

        held = self.held(self.space)
        self.daemon.file_index.invalidate_all()
        self.run_for(100)
        as_of = self.daemon._now()
        again = run.run(self.space, as_of, clock=self.clock)
        assert [(b.workbook, b.cells_written) for b in again.workbooks if b.cells_written] == []
        assert {path.name: path.read_bytes() for path in teams.iterdir()} == lying
        assert self.held(self.space) == held

        with mock.patch.dict(os.environ, {"XLFLOW_STATE_DIR": str(self.folder / "fresh")}):
            run.run(self.space, as_of, clock=self.clock)
            assert self.held(self.space) == held
            shutil.rmtree(self.folder / "fresh")
        assert {path.name: path.read_bytes() for path in teams.iterdir()} == lying

    def until_midnight(self) -> float:
        now = self.daemon._now()
        midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time())
        return (midnight - now).total_seconds()

    def held(self, space: workspaces.Workspace) -> dict[str, Any]:
        """Return what the store holds of the workbooks that lie there, as far as it counts."""
        with Store.open(space.state) as store:
            return {
                s.workbook: (s.status, s.reason)
                if s.status in NOT_ROLLED_UP
                else (
                    *(s.status, s.reason, s.rows, s.findings, s.overdue),
                    [
                        (r.table.name, r.id, r.number, row_texts(r))
                        for r in store.memory(s.workbook)
                    ],
                    store.findings(s.workbook),
                )
                for s in store.workbooks()
                if s.status != GONE
            }

    def teardown(self) -> None:
        try:
            if hasattr(self, "daemon"):
                self.quiet()
        finally:
            self.daemon.close_store()
            self.patches.close()
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.skipif(os.name == "nt", reason="opens and renames as other systems let one")
def test_whatever_happens_ends_well() -> None:
    run_state_machine_as_test(
        Share,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),  # shrinking would take an hour
            suppress_health_check=list(HealthCheck),
            derandomize="XLFLOW_MACHINE_EXAMPLES" not in os.environ,
        ),
    )
