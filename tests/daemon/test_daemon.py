"""The daemon's loop with a clock of the test's: what wakes it, what it retries, what it logs."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.sync.test_state_machine import NoSummaries, SilentEvents
from xlflow.daemon import change_detector, event_log, events, heartbeat
from xlflow.daemon.change_detector import LISTING_INTERVAL
from xlflow.daemon.daemon import Daemon
from xlflow.errors import StoreError
from xlflow.facts import Outcome
from xlflow.process import Inputs, process
from xlflow.store import Reason, Store
from xlflow.sync.lease import RENEWAL_INTERVAL, Lease
from xlflow.sync.processing import InProcess
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

TEAM = "市场一部"


class Run:
    """A daemon and the clocks that it goes by."""

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
        self.daemon.runner.processor = InProcess()
        self.daemon.summaries.process = NoSummaries()  # type: ignore[assignment]
        space.state.mkdir(parents=True, exist_ok=True)
        self.daemon.start()

    def advance(self, seconds: float) -> int:
        """Let time pass; return how many passes there were."""
        before, end = self.daemon.passes, self.passed + seconds
        while self.passed < end:
            self.daemon.step()
            self.passed = min(self.passed + max(self.daemon.seconds_until_next(), 0.01), end)
        return self.daemon.passes - before

    def overdue_cell(self) -> object:
        """Return the value of 逾期 in the first plan row."""
        return self.snapshot().rows[0].value_in("late").cell.value

    def snapshot(self) -> Any:
        path = self.space.teams / f"{TEAM}.xlsx"
        return process(path.read_bytes(), Inputs(TEAM, self.space.settings), (), self.now).snapshot

    @property
    def now(self) -> datetime:
        return self.daemon.as_of


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(change_detector, "Events", SilentEvents)
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
        run = Run(space)
        yield run
        run.daemon.runner.close_store()


def logged(space: Workspace, event: str) -> list[dict[str, Any]]:
    text = (space.state / event_log.FOLDER / event_log.FILE_NAME).read_text("utf-8")
    return [line for line in map(json.loads, text.splitlines()) if line["event"] == event]


def test_midnight_makes_overdue_without_an_edit(run: Run) -> None:
    run.advance(60)
    assert run.overdue_cell() is None
    run.start += timedelta(hours=14, minutes=55)
    run.advance(600)
    assert run.now.day == 17
    assert run.overdue_cell() == "逾期1天"


def test_no_pass_runs_while_nothing_happens(run: Run) -> None:
    run.advance(3 * LISTING_INTERVAL)
    assert run.advance(30 * 60) == 0


def test_a_change_without_an_event_is_found_by_the_next_listing(run: Run) -> None:
    run.advance(60)
    path = run.space.teams / "新来的.xlsx"
    team_workbook.write(path, team="新来的", language="zh", settings=run.space.settings)
    run.advance(LISTING_INTERVAL + 10)
    with Store.open(run.space.state) as store:
        assert store.state_of("teams/新来的.xlsx") is not None


def test_an_open_workbook_is_flagged_as_soon_as_its_owner_file_goes(run: Run) -> None:
    owner = run.space.teams / f"~${TEAM}.xlsx"
    owner.write_bytes(b"\x04Zhan".ljust(165))
    moment = run.start.timestamp()
    os.utime(owner, (moment, moment))
    run.advance(120)
    assert run.snapshot().rows[0].value_in("record").cell.value is None
    owner.unlink()
    run.daemon.changes.notify(str(owner))
    run.advance(1)
    assert run.snapshot().rows[0].value_in("record").cell.value is not None
    assert len(logged(run.space, "trouble")) == 1
    assert len(logged(run.space, "well_again")) == 1


def raise_locked(*_: object) -> Outcome:
    raise StoreError("store.locked", path="x")


def share_is_away(run: Run, _: pytest.MonkeyPatch) -> Callable[[], None]:
    aside = run.space.root.with_name("aside")
    run.space.root.rename(aside)
    return lambda: aside.rename(run.space.root) and None


def store_is_locked(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    monkeypatch.setattr(Store, "workbooks", raise_locked)
    return monkeypatch.undo


def store_crashes(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Store, "workbooks", crash)
    return monkeypatch.undo


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (share_is_away, "watching.share_away"),
        (store_is_locked, "store.locked"),
        (store_crashes, "watching.crashed"),
    ],
)
def test_a_fault_is_logged_once_and_ends(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[Run, pytest.MonkeyPatch], Callable[[], None]],
    key: str,
) -> None:
    run.advance(60)
    state = run.space.state
    with monkeypatch.context() as patched:
        end_fault = fault(run, patched)
        run.daemon.schedule.request()
        run.advance(600)
        beat = heartbeat.read(state)
        assert beat is not None
        assert beat.problem is not None
        assert beat.problem.key == key
        end_fault()
    run.advance(70)
    beat = heartbeat.read(state)
    assert beat is not None
    assert beat.problem is None
    text = (state / event_log.FOLDER / event_log.FILE_NAME).read_text("utf-8")
    log = [json.loads(line) for line in text.splitlines()]
    assert len([line for line in log if line.get("reason") == key]) == 1
    assert len([line for line in log if "traceback" in line]) == (key == "watching.crashed")


def test_changed_settings_take_effect_and_a_mistake_in_them_is_logged(run: Run) -> None:
    run.advance(60)
    path = run.space.root / "xlflow.toml"
    good = path.read_text("utf-8")
    path.write_text(good.replace('language = "zh"', 'language = "fr"'), "utf-8")
    run.daemon.changes.notify(str(path))
    run.advance(1)
    assert run.daemon.workspace.settings.language == "zh"
    assert logged(run.space, "trouble")[-1]["subject"] == "settings"
    path.write_text(good.replace('language = "zh"', 'language = "en"'), "utf-8")
    run.daemon.changes.notify(str(path))
    run.advance(1)
    assert run.daemon.workspace.settings.language == "en"


def test_the_heartbeat_is_renewed_and_removed_at_the_end(run: Run) -> None:
    run.advance(60)
    first = heartbeat.read(run.space.state)
    run.advance(2 * RENEWAL_INTERVAL)
    second = heartbeat.read(run.space.state)
    assert first is not None
    assert second is not None
    assert second.beat - first.beat >= timedelta(seconds=RENEWAL_INTERVAL)
    assert second.pid == os.getpid()
    run.daemon.stop()
    run.daemon.run()
    assert heartbeat.read(run.space.state) is None


@pytest.mark.parametrize(
    ("code", "key", "wanted"),
    [
        (errno.ENOSPC, "watching.inotify_watches", 65_536),
        (errno.EMFILE, "watching.inotify_instances", 2048),
        (errno.EACCES, "watching.observer_failed", None),
    ],
)
def test_a_limit_names_the_number_to_set(
    tmp_path: Path, code: int, key: str, wanted: int | None
) -> None:
    (tmp_path / "max_user_watches").write_text("8192\n")
    (tmp_path / "max_user_instances").write_text("1024\n")
    reason = events.explain_watch_error(OSError(code, os.strerror(code)), tmp_path)
    assert reason.key == key
    assert reason.params.get("wanted") == wanted


def test_without_events_it_polls(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(SilentEvents):
        def start(self) -> None:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(change_detector, "Events", Refused)
    run.advance(60)
    assert run.daemon.changes.mode == "polling"
    path = run.space.teams / "新来的.xlsx"
    team_workbook.write(path, team="新来的", language="zh", settings=run.space.settings)
    run.advance(3)
    with Store.open(run.space.state) as store:
        assert store.state_of("teams/新来的.xlsx") is not None
    assert len([line for line in logged(run.space, "trouble") if line["subject"] == "events"]) == 1


def test_a_folder_that_cannot_be_listed_is_logged_until_it_can(run: Run) -> None:
    run.advance(60)
    aside = run.space.root / "aside"
    run.space.teams.rename(aside)
    run.space.teams.touch()
    run.advance(2 * LISTING_INTERVAL)
    assert [e["subject"] for e in logged(run.space, "trouble")].count("teams") == 1
    run.space.teams.unlink()
    aside.rename(run.space.teams)
    run.advance(2 * LISTING_INTERVAL)
    assert [e["subject"] for e in logged(run.space, "well_again")].count("teams") == 1
    assert run.daemon.problem is None


def test_a_failing_hook_does_not_fail_the_pass(run: Run) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError("no network")

    run.daemon.runner.hook = fail
    run.advance(60)
    assert run.snapshot().rows[0].value_in("record").cell.value is not None
    assert run.daemon.problem is None
    assert logged(run.space, "trouble")[-1]["subject"] == "hook"


def test_a_freeze_is_reported_and_ends_when_the_workbooks_return(run: Run) -> None:
    for name in ("乙", "丙"):
        path = run.space.teams / f"{name}.xlsx"
        path.write_bytes((run.space.teams / f"{TEAM}.xlsx").read_bytes())
    run.advance(60)
    hidden = run.space.root / "hidden"
    run.space.teams.rename(hidden)
    run.space.teams.mkdir()
    run.advance(LISTING_INTERVAL + 10)
    beat = heartbeat.read(run.space.state)
    assert beat is not None
    assert isinstance(beat.problem, Reason)
    assert beat.problem.key == "sync.frozen"
    run.space.teams.rmdir()
    hidden.rename(run.space.teams)
    run.advance(LISTING_INTERVAL + 20)
    assert run.daemon.problem is None
