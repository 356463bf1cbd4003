"""People, disks and clocks acting on a watched folder, in any order.

A state machine plays them all against the daemon's own loop, whose time the machine
owns. Whenever everything has been quiet for a while: the team's own cells are as
the last person left them, a further pass writes nothing, the store is what a fresh
one would hold, the month's figures are those of an oracle over the workbooks as they
lie, and no temporary file is left.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.figures import oracle
from tests.rows import position
from tests.team_files.test_guarded_replace import Watched
from xlflow import workspace as workspaces
from xlflow.daemon.daemon import Daemon
from xlflow.facts import Outcome, Row
from xlflow.figures.rollup import month_report
from xlflow.matching import row_texts
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import BY_NAME
from xlflow.store import Store
from xlflow.store.database import CONFLICT, GONE, NOT_ROLLED_UP, UNREADABLE
from xlflow.store.database import FILE_NAME as DATABASE
from xlflow.sync import run
from xlflow.sync.lease import Lease
from xlflow.sync.processing import InProcess
from xlflow.team_files.guarded_replace import replace
from xlflow.templates import team_workbook
from xlflow.workspace_creation import create_workspace

EXAMPLES = int(os.environ.get("XLFLOW_MACHINE_EXAMPLES", "12"))
STEPS = int(os.environ.get("XLFLOW_MACHINE_STEPS", "20"))

INDEX = st.integers(0, 99)
CODES = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "EACCES": errno.EACCES}
QUIET_FOR = 700.0
OPEN = Store.open
ANY_MOMENT = datetime(2024, 7, 16, 9)
NO_WORKBOOK = b"no workbook"


class Edit(NamedTuple):
    """What somebody types into one column; ``content`` makes it of chance and today's date."""

    table: str
    field: str
    content: Callable[[random.Random, date], str]


def near(chance: random.Random, today: date) -> str:
    return (today + timedelta(days=chance.randint(-40, 5))).isoformat()


EDITS = (
    Edit("plan", "goal", lambda chance, _: f"目标{chance.randrange(1000)}%"),
    Edit("plan", "due", near),
    Edit("plan", "done_on", near),
    Edit("plan", "status", lambda chance, _: chance.choice(("进行中", "已完成", "已取消", "?"))),
    Edit("message", "answered_at", near),
    Edit("message", "asked_at", near),
    Edit("message", "deadline", lambda chance, _: chance.choice(("48小时", "每日17:00前", "尽快"))),
    Edit("campaign", "actual", lambda chance, _: f"{chance.randrange(9000)}条"),
    Edit("campaign", "month", lambda chance, today: near(chance, today)[:7]),
    Edit("problem", "days", lambda chance, _: str(chance.randint(1, 9))),
)


class Killed(BaseException):
    """The daemon ends here, as by SIGKILL."""


class NoSummaries:
    """A fake worker process for the summaries."""

    def submit(self, *_: Any) -> None: ...

    def poll(self) -> bool:
        return True

    def result(self) -> list[Any]:
        return []

    def close(self) -> None: ...


class SilentEvents:
    """Fakes the system's events, which the state machine itself emits."""

    def __init__(self, *_: Any) -> None: ...

    def start(self) -> None: ...

    def alive(self) -> bool:
        return True

    def stop(self) -> None: ...


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def own_cells(content: bytes) -> str:
    """Return a digest of a workbook with xlflow's cells masked."""
    return read(content).content


@lru_cache(maxsize=64)
def read(content: bytes) -> Outcome:
    """Return what a workbook holds, whatever is remembered of it and whenever it is read."""
    return process(content, Inputs("x", workspaces.Settings()), (), ANY_MOMENT)


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
            mock.patch("xlflow.daemon.change_detector.Events", SilentEvents),
            mock.patch(
                "xlflow.store.Store.open", lambda at, migrate=False: OPEN(at, 0.02, migrate=migrate)
            ),
            mock.patch("xlflow.sync.carry_out.replace_file", self.replace),
            mock.patch("xlflow.summary.renewal.renew", return_value=()),
        ):
            self.patches.enter_context(patch)
        self.space = create_workspace(self.folder / "share")
        self.passed = 0.0
        self.real = datetime.now(self.space.settings.zone)
        self.jumped = timedelta(0)
        self.chance = random.Random(1)
        self.fault: tuple[str, int] | None = None
        self.events: list[Path] = []
        self.expected: dict[str, str] = {}
        self.copies: set[str] = set()
        self.unreadable: dict[str, bytes] = {}
        self.opened: dict[str, bytes] = {}
        self.lock: sqlite3.Connection | None = None
        for number, team in enumerate(("市场一部", "市场二部", "市场三部")):
            self.write(f"{team}.xlsx", self.made(team, number), "in_place")
        self.start()
        self.run_for(1)

    def made(self, team: str, seed: int) -> bytes:
        path, today = self.folder / "made.xlsx", self.real.date()
        rows: dict[str, list[dict[str, Any]]] = {
            "plan": [
                {
                    "stage": stage,
                    "goal": f"{team}通过率提升至{80 + seed + number}%",
                    "owners": "小张+刘经理",
                    "due": today + timedelta(days=number - 1),
                    "started_on": today - timedelta(days=20),
                    "status": "进行中",
                }
                for number, stage in enumerate(("需求调研", "活动执行", "效果复盘"))
            ],
            "message": [
                {
                    "topic": f"{team}方案评审",
                    "sender": team,
                    "partners": "销售部",
                    "owners": "刘经理",
                    "deadline": "24小时",
                    "asked_at": self.real.replace(tzinfo=None, microsecond=0) - timedelta(days=2),
                }
            ],
            "campaign": [
                {
                    "name": f"{team}夏季推广",
                    "metric": "线索量",
                    "target": "5000条",
                    "actual": f"{4200 + seed}条",
                    "month": f"{today:%Y-%m}",
                }
            ],
            "problem": [{"stage": f"{team}调研", "owner": "小张", "days": 3, "impact": "高"}],
        }
        settings_ = self.space.settings
        team_workbook.write(path, team=team, language="zh", settings=settings_, rows=rows)
        return path.read_bytes()

    # The daemon

    def clock(self) -> datetime:
        return self.real + timedelta(seconds=self.passed) + self.jumped

    def start(self) -> None:
        if hasattr(self, "daemon"):
            self.daemon.runner.close_store()
        self.daemon = Daemon(
            self.space,
            clock=self.clock,
            monotonic=lambda: self.passed,
            lease=Lease(self.space.root, sleep=lambda _: None),
        )
        self.daemon.runner.processor = InProcess()
        self.daemon.summaries.process = NoSummaries()  # type: ignore[assignment]
        self.space.state.mkdir(parents=True, exist_ok=True)
        self.daemon.start()

    def run_for(self, seconds: float) -> None:
        end = self.passed + seconds
        while True:
            try:
                self.daemon.step()
            except Killed:
                self.start()
            self.passed += max(self.daemon.seconds_until_next(), 0.01)
            if self.passed >= end:
                self.passed = end
                return

    def replace(self, path: Path, *arguments: Any) -> bool:
        return replace(path, *arguments[:3], Watched(self.operation))

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
            chance = self.chance
            self.edit(chance.randrange(9), chance.randrange(3), chance.choice(EDITS), "excel")
        else:
            raise OSError(CODES[kind], os.strerror(CODES[kind]))

    # People

    def pick(self, number: int) -> str | None:
        """Return one of the workbooks that can be read, if there is one."""
        names = sorted(self.expected.keys() - self.unreadable.keys())
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
        which=INDEX,
        row=st.integers(0, 2),
        what=st.sampled_from(EDITS),
        manner=st.sampled_from(("excel", "rename", "in_place")),
    )
    def edit(self, which: int, row: int, what: Edit, manner: str) -> None:
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
        place = self.place(content, what, row)
        typed = what.content(self.chance, self.clock().date())
        content = splice(content, {BY_NAME[what.table].sheet.zh: {place: typed}})
        if name in self.opened:
            self.opened[name] = content
        self.write(name, content, manner)

    def place(self, content: bytes, what: Edit, row: int) -> tuple[int, int]:
        sheet = read(content).snapshot.tables[what.table]
        return position(sheet, sheet.rows[row % len(sheet.rows)], what.field)

    @rule(which=INDEX)
    def save_slowly(self, which: int) -> None:
        name = self.pick(which)
        if name is not None and name not in self.opened:
            self.write(name, (self.space.teams / name).read_bytes(), "truncated")

    @rule(which=INDEX)
    def open(self, which: int) -> None:
        name = self.pick(which)
        if name is not None and name not in self.opened:
            self.opened[name] = (self.space.teams / name).read_bytes()
            owner = self.space.teams / f"~${name}"
            owner.write_bytes(b"\x04Zhan".ljust(165))
            self.events.append(owner)

    @rule(which=INDEX)
    def close(self, which: int) -> None:
        for name in sorted(self.opened)[which % 2 : which % 2 + 1]:
            del self.opened[name]
            owner = self.space.teams / f"~${name}"
            owner.unlink()
            self.events.append(owner)

    @rule(which=INDEX, to=st.integers(1, 3))
    def rename(self, which: int, to: int) -> None:
        name, new = self.pick(which), f"团队{to}.xlsx"
        if name is not None and name not in self.opened and new not in self.expected:
            (self.space.teams / name).rename(self.space.teams / new)
            self.expected[new] = self.expected.pop(name)
            if name in self.copies:
                self.copies = self.copies - {name} | {new}
            self.events += [self.space.teams / name, self.space.teams / new]

    @rule(which=INDEX)
    def copy(self, which: int) -> None:
        name = self.pick(which)
        if name is None or len(self.expected) > 5:
            return
        new = f"{Path(name).stem} - 副本.xlsx"
        if new not in self.expected:
            shutil.copy(self.space.teams / name, self.space.teams / new)
            self.expected[new] = own_cells((self.space.teams / new).read_bytes())
            self.copies |= {name, new}
            self.events.append(self.space.teams / new)

    @rule(which=INDEX)
    def delete(self, which: int) -> None:
        name = sorted(self.expected)[which % len(self.expected)]
        if name not in self.opened and len(self.expected) > 1:
            (self.space.teams / name).unlink()
            del self.expected[name]
            self.unreadable.pop(name, None)
            self.events.append(self.space.teams / name)

    @rule(which=INDEX)
    def overwrite_with_garbage(self, which: int) -> None:
        """A workbook can't be read any more; the rows it last held still count."""
        self.settle()
        name = self.pick(which)
        if name is not None and name not in self.copies:
            path = self.space.teams / name
            self.unreadable[name] = path.read_bytes()
            path.write_bytes(NO_WORKBOOK)
            self.expected[name] = digest(NO_WORKBOOK)
            self.events.append(path)

    @rule(which=INDEX, manner=st.sampled_from(("excel", "in_place")))
    def mend(self, which: int, manner: str) -> None:
        """Somebody saves a workbook again that couldn't be read."""
        for name in sorted(self.unreadable)[which % 2 : which % 2 + 1]:
            self.write(name, self.unreadable.pop(name), manner)

    # Machines

    @rule(seconds=st.sampled_from((0.05, 0.3, 1.0, 3.0, 61.0)))
    def time_passes(self, seconds: float) -> None:
        self.run_for(seconds)

    @rule(lost=st.floats(0, 1), seed=INDEX)
    def events_come(self, lost: float, seed: int) -> None:
        """Events come late: some not at all, some twice, in any order."""
        chance = random.Random(seed)
        heard = [
            e for e in self.events for _ in range(chance.randint(1, 2)) if chance.random() > lost
        ]
        chance.shuffle(heard)
        for path in heard:
            self.daemon.changes.notify(str(path))
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
        if self.lock is None and (self.space.state / DATABASE).exists():
            self.lock = sqlite3.connect(self.space.state / DATABASE, isolation_level=None)
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

    @rule()
    def most_workbooks_are_lost_for_a_while(self) -> None:
        """Everything is frozen: the figures stay those of the workbooks as they were."""
        self.settle()
        originals = sorted(self.expected.keys() - self.copies - self.unreadable.keys())
        if len(originals) < 3 or self.copies & self.expected.keys() or self.unreadable:
            return
        lying = self.lying()
        away = self.folder / "lost"
        away.mkdir()
        for name in originals[1:]:
            (self.space.teams / name).rename(away / name)
        self.run_for(100)
        assert self.daemon.schedule.frozen
        self.check_figures(lying, lying)
        for name in originals[1:]:
            (away / name).rename(self.space.teams / name)
        away.rmdir()
        self.run_for(100)
        assert not self.daemon.schedule.frozen

    # Quiet

    def lying(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.space.teams.iterdir()}

    def settle(self) -> None:
        """Let all trouble end and the daemon deal with everything."""
        self.heal()
        self.run_for(100)
        if self.daemon.schedule.frozen:
            assert run.run(self.space, self.daemon.as_of, accept=True).frozen is None
        self.run_for(QUIET_FOR)

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
        self.settle()
        while (left := self.until_renewal()) < 200:
            self.run_for(left + QUIET_FOR)
        lying = self.lying()
        assert sorted(lying) == sorted(self.expected)
        assert {
            name: digest(content) if name in self.unreadable else own_cells(content)
            for name, content in lying.items()
        } == self.expected

        held = self.held(self.space)
        for name in lying:
            self.daemon.file_index.invalidate(name)
        self.run_for(100)
        as_of = self.daemon.as_of
        again = run.run(self.space, as_of, clock=self.clock)
        assert [(b.workbook, b.cells_written) for b in again.workbooks if b.cells_written] == []
        assert self.lying() == lying
        assert self.held(self.space) == held

        by_status: dict[str, set[str]] = {}
        for book in again.workbooks:
            by_status.setdefault(book.status, set()).add(Path(book.workbook).name)
        conflicts = by_status.get(CONFLICT, set())
        assert conflicts <= self.copies
        assert by_status.get(UNREADABLE, set()) == self.unreadable.keys()
        self.check_figures(lying.keys() - conflicts, {**lying, **self.unreadable})

        with mock.patch.dict(os.environ, {"XLFLOW_STATE_DIR": str(self.folder / "fresh")}):
            run.run(self.space, as_of, clock=self.clock)
            fresh = self.held(self.space)
            shutil.rmtree(self.folder / "fresh")
        for name in self.unreadable:  # a fresh store has never seen their rows
            del fresh[f"teams/{name}"], held[f"teams/{name}"]
        assert fresh == held
        assert self.lying() == lying

    def until_renewal(self) -> float:
        """Return the seconds until flags change by themselves, at midnight or before."""
        now = self.daemon.as_of
        midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time())
        with Store.open(self.space.state) as store:
            counted = [s for s in store.workbooks() if s.status not in NOT_ROLLED_UP]
        ends = [book.valid_until for book in counted if book.valid_until is not None]
        return (min([*ends, midnight]) - now).total_seconds()

    def check_figures(self, counted: Iterable[str], contents: Mapping[str, bytes]) -> None:
        """Compare the figures of this month, and the totals of the last twelve, with the oracle's.

        ``counted`` are the workbooks that are to be rolled up.
        """
        as_of = self.daemon.as_of
        month = f"{as_of:%Y-%m}"
        with Store.open(self.space.state) as store:
            report = month_report(store, self.space.settings, month, as_of, "zh")
        rows = {Path(name).stem: read(contents[name]).rows for name in counted}
        assert report.teams.keys() == rows.keys()
        for team, of_team in rows.items():
            self.compare(report.teams[team], of_team, month, as_of)
        everything = [row for of_team in rows.values() for row in of_team]
        self.compare(report.total, everything, month, as_of)
        for earlier, total in report.trend:
            self.compare(total, everything, earlier, as_of)

    def compare(
        self, figures: Mapping[str, Any], rows: Sequence[Row], month: str, as_of: datetime
    ) -> None:
        expected = oracle.figures(rows, month, as_of)
        assert oracle.comparable(figures, expected) == oracle.comparable(expected, expected)

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
            self.daemon.runner.close_store()
            self.patches.close()
            shutil.rmtree(self.folder, ignore_errors=True)


@pytest.mark.timeout(60 * EXAMPLES)
@pytest.mark.skipif(os.name == "nt", reason="opens and renames as other systems let one")
def test_any_history_settles_in_the_expected_state() -> None:
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
