"""The daemon's loop with time of its own: what wakes it, what it tries again, what it says."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sync.test_state_machine import Deaf, Here
from xlflow.daemon import daemon as daemons
from xlflow.daemon import event_log, events, heartbeat
from xlflow.daemon.daemon import LOOK, Daemon
from xlflow.errors import StoreError
from xlflow.facts import Outcome
from xlflow.process import Inputs, process
from xlflow.store import Reason, Store
from xlflow.sync.lease import BEAT, Lease
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

TEAM = "市场一部"


class Run:
    """One daemon and the time it lives in."""

    def __init__(self, space: Workspace) -> None:
        self.space = space
        self.passed = 0.0
        self.start = datetime(2024, 7, 16, 9, tzinfo=space.settings.zone)
        self.daemon = Daemon(
            space,
            clock=lambda: self.start + timedelta(seconds=self.passed),
            monotonic=lambda: self.passed,
            lease=Lease(space.root, sleep=lambda _: None),
        )
        self.daemon.reader = self.daemon.summariser = Here()  # type: ignore[assignment]
        self.daemon.state.mkdir(parents=True, exist_ok=True)
        self.daemon.begin()

    def go(self, seconds: float) -> int:
        """Let time pass; return how many passes there were."""
        before, end = self.daemon.passes, self.passed + seconds
        while self.passed < end:
            self.daemon.step()
            self.passed = min(self.passed + max(self.daemon.until_next(), 0.01), end)
        return self.daemon.passes - before

    def late(self) -> object:
        """Return what 逾期 says in the first plan row."""
        return self.rows().rows[0].values["late"].cell.value

    def rows(self) -> Any:
        path = self.space.teams / f"{TEAM}.xlsx"
        return process(path.read_bytes(), Inputs(TEAM, self.space.settings), (), self.now).snapshot

    @property
    def now(self) -> datetime:
        return self.daemon._now()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(daemons, "Events", Deaf)
    space = create_workspace(tmp_path / "share")
    plan = [
        {
            "stage": "需求调研",
            "goal": "提升至90%",
            "owners": "小张",
            "due": datetime(2024, 7, 16).date(),
            "status": "进行中",
        }
    ]
    path = space.teams / f"{TEAM}.xlsx"
    team_workbook.write(
        path, team=TEAM, language="zh", settings=space.settings, rows={"plan": plan}
    )
    old = datetime(2024, 7, 1).timestamp()
    os.utime(path, (old, old))
    with event_log.log_to_file(space.state):
        made = Run(space)
        yield made
        made.daemon.close_store()


def lines(space: Workspace, event: str) -> list[dict[str, Any]]:
    text = (space.state / event_log.FOLDER / event_log.FILE_NAME).read_text("utf-8")
    return [line for line in map(json.loads, text.splitlines()) if line["event"] == event]


def test_midnight_makes_overdue_without_an_edit(run: Run) -> None:
    run.go(60)
    assert run.late() is None
    run.start += timedelta(hours=14, minutes=55)
    run.go(600)
    assert run.now.day == 17
    assert run.late() == "逾期1天"


def test_quiet_hours_cost_no_pass(run: Run) -> None:
    run.go(3 * LOOK)
    assert run.go(30 * 60) == 0


def test_what_no_event_told_is_seen_at_the_next_look(run: Run) -> None:
    run.go(60)
    path = run.space.teams / "新来的.xlsx"
    team_workbook.write(path, team="新来的", language="zh", settings=run.space.settings)
    run.go(LOOK + 10)
    with Store.open(run.space.state) as store:
        assert store.state_of("teams/新来的.xlsx") is not None


def test_an_open_workbook_is_flagged_as_soon_as_its_owner_file_goes(run: Run) -> None:
    owner = run.space.teams / f"~${TEAM}.xlsx"
    owner.write_bytes(b"\x04Zhan".ljust(165))
    moment = run.start.timestamp()
    os.utime(owner, (moment, moment))
    run.go(120)
    assert run.rows().rows[0].values["record"].cell.value is None
    owner.unlink()
    run.daemon.tell(str(owner))
    run.go(1)
    assert run.rows().rows[0].values["record"].cell.value is not None
    assert len(lines(run.space, "trouble")) == 1
    assert len(lines(run.space, "well_again")) == 1


def refused(*_: object) -> Outcome:
    raise StoreError("store.locked", path="x")


def away(run: Run, _: pytest.MonkeyPatch) -> Callable[[], None]:
    aside = run.space.root.with_name("aside")
    run.space.root.rename(aside)
    return lambda: aside.rename(run.space.root) and None


def locked(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setattr(Store, "workbooks", refused)
    return monkeypatch.undo


def crashing(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(Store, "workbooks", crash)
    return monkeypatch.undo


@pytest.mark.parametrize(
    ("trouble", "key"),
    [
        (away, "watching.share_away"),
        (locked, "store.locked"),
        (crashing, "watching.crashed"),
    ],
)
def test_a_fault_is_said_once_and_over_when_it_is(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Run, pytest.MonkeyPatch], Callable[[], None]],
    key: str,
) -> None:
    run.go(60)
    state = run.daemon.state
    with monkeypatch.context() as patched:
        mend = trouble(run, patched)
        run.daemon._wanted = True
        run.go(600)
        pulse = heartbeat.read(state)
        assert pulse is not None
        assert pulse.problem is not None
        assert pulse.problem.key == key
        mend()
    run.go(70)
    pulse = heartbeat.read(state)
    assert pulse is not None
    assert pulse.problem is None
    text = (state / event_log.FOLDER / event_log.FILE_NAME).read_text("utf-8")
    told = [json.loads(line) for line in text.splitlines()]
    assert len([line for line in told if line.get("reason") == key]) == 1
    assert len([line for line in told if "traceback" in line]) == (key == "watching.crashed")


def test_settings_are_taken_in_and_a_mistake_in_them_is_said(run: Run) -> None:
    run.go(60)
    path = run.space.root / "xlflow.toml"
    good = path.read_text("utf-8")
    path.write_text(good.replace('language = "zh"', 'language = "fr"'), "utf-8")
    run.daemon.tell(str(path))
    run.go(1)
    assert run.daemon.workspace.settings.language == "zh"
    assert lines(run.space, "trouble")[-1]["subject"] == "settings"
    path.write_text(good.replace('language = "zh"', 'language = "en"'), "utf-8")
    run.daemon.tell(str(path))
    run.go(1)
    assert run.daemon.workspace.settings.language == "en"


def test_the_heart_beats_and_stops(run: Run) -> None:
    run.go(60)
    first = heartbeat.read(run.daemon.state)
    run.go(2 * BEAT)
    second = heartbeat.read(run.daemon.state)
    assert first is not None
    assert second is not None
    assert second.beat - first.beat >= timedelta(seconds=BEAT)
    assert second.pid == os.getpid()
    run.daemon.stop()
    run.daemon.run()
    assert heartbeat.read(run.daemon.state) is None


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (errno.ENOSPC, "watching.inotify_watches"),
        (errno.EMFILE, "watching.inotify_instances"),
        (errno.EACCES, "watching.observer_failed"),
    ],
)
def test_a_limit_names_the_number_to_set(tmp_path: Path, code: int, key: str) -> None:
    (tmp_path / "max_user_watches").write_text("8192\n")
    (tmp_path / "max_user_instances").write_text("1024\n")
    reason = events.explain_watch_error(OSError(code, os.strerror(code)), tmp_path)
    assert reason.key == key
    assert reason.params.get("wanted") in (None, 65_536, 2048)


def test_where_events_can_t_be_had_it_polls(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(Deaf):
        def start(self) -> None:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(daemons, "Events", Refused)
    run.go(60)
    assert run.daemon.watching == "polling"
    path = run.space.teams / "新来的.xlsx"
    team_workbook.write(path, team="新来的", language="zh", settings=run.space.settings)
    run.go(3)
    with Store.open(run.space.state) as store:
        assert store.state_of("teams/新来的.xlsx") is not None
    assert len([line for line in lines(run.space, "trouble") if line["subject"] == "events"]) == 1


def test_a_hook_that_fails_hinders_nothing(run: Run) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError("no network")

    run.daemon.hook = fail
    run.go(60)
    assert run.rows().rows[0].values["record"].cell.value is not None
    assert run.daemon.problem is None
    assert lines(run.space, "trouble")[-1]["subject"] == "hook"


def test_frozen_is_said_and_ends_when_the_workbooks_return(run: Run) -> None:
    for name in ("乙", "丙"):
        path = run.space.teams / f"{name}.xlsx"
        path.write_bytes((run.space.teams / f"{TEAM}.xlsx").read_bytes())
    run.go(60)
    hidden = run.space.root / "hidden"
    run.space.teams.rename(hidden)
    run.space.teams.mkdir()
    run.go(LOOK + 10)
    pulse = heartbeat.read(run.daemon.state)
    assert pulse is not None
    assert isinstance(pulse.problem, Reason)
    assert pulse.problem.key == "sync.frozen"
    run.space.teams.rmdir()
    hidden.rename(run.space.teams)
    run.go(LOOK + 20)
    assert run.daemon.problem is None
