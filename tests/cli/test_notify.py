"""``notify``, and what ``sync``, ``status`` and ``watch`` do with notices."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from tests.cli.running import Run, environment
from tests.notifications import fake_service
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

BOOK = "teams/市场一部.xlsx"


@pytest.fixture
def service() -> Iterator[fake_service.Service]:
    with fake_service.running() as service:
        yield service


@pytest.fixture
def space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: fake_service.Service
) -> Workspace:
    """A workspace with one team, which has one item that was due the day before yesterday."""
    monkeypatch.setenv("XLFLOW_NOTIFY_URLS", service.url)
    space = create_workspace(tmp_path / "w", ["市场一部"])
    settings = space.root / "xlflow.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace('quiet = "22:00-08:00"', 'quiet = ""'),
        encoding="utf-8",
    )
    monkeypatch.chdir(space.root)
    due = (datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(days=2)).date()
    fill(
        space.root / BOOK,
        {"优化环节": "需求调研", "优化目标": "90%", "责任人": "小张", "完成时间": due},
    )
    return space


def fill(path: Path, values: dict[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["流程优化计划"]
    (header,) = (row for row in sheet.iter_rows() if any(c.value == "优化环节" for c in row))
    for cell in header:
        if cell.value in values:
            sheet.cell(cell.row + 1, cell.column, values[str(cell.value)])
    book.save(path)


def test_sync_sends_once(run: Run, space: Workspace, service: fake_service.Service) -> None:
    ran = run("sync")
    assert ran.code == 0
    assert "已发送 1 条通知。" in ran.err
    (message,) = service.messages
    assert "需求调研 · 90%：逾期2天" in message
    assert "已发送" not in run("sync").err
    assert run("status", "--json").json["outbox"] == 0
    assert len(service.arrived) == 1


def test_as_of_sends_nothing(run: Run, space: Workspace, service: fake_service.Service) -> None:
    assert run("sync", "--as-of", "2030-01-01").code == 0
    assert service.arrived == []
    assert run("status", "--json").json["outbox"] == 0


def test_status_shows_that_the_service_is_down(
    run: Run, space: Workspace, service: fake_service.Service
) -> None:
    service.status = 503
    ran = run("sync", "--json")
    assert ran.code == 0
    assert "未能发到 json #1" in ran.err
    status = run("status", "--json").json
    assert status["outbox"] == 1
    (reason,) = status["outbox_reasons"]
    assert "503" in reason
    assert reason in run("status").out
    assert "hush" not in ran.err + str(status)
    service.status = 200
    assert run("notify").code == 0
    assert run("status", "--json").json["outbox_reasons"] == []


def test_notify_lists_and_sends(run: Run, space: Workspace, service: fake_service.Service) -> None:
    service.status = 503
    run("sync")
    ran = run("notify", "--json")
    assert ran.code == 1
    (notice,) = ran.json["outbox"]
    assert {**notice, "due": None, "row": None} == {
        "team": "市场一部",
        "workbook": BOOK,
        "sheet": "流程优化计划",
        "cell": None,
        "row": None,
        "kind": "overdue",
        "item": "需求调研 · 90%",
        "code": None,
        "owners": ["小张"],
        "due": None,
    }
    assert (ran.json["sent"], ran.json["waiting"], len(ran.json["reasons"])) == (0, 1, 1)
    service.status = 200
    ran = run("notify")
    assert ran.code == 0
    assert ran.out == "待发 1 条：\n  市场一部：逾期 1 项\n已发送 1 条通知。\n"
    assert run("notify").out == "没有待发的通知。\n"


def test_a_test_message(run: Run, space: Workspace, service: fake_service.Service) -> None:
    ran = run("notify", "--test")
    assert (ran.code, ran.out) == (0, "json #1：收到了测试通知\n")
    assert "工作区“w”" in service.messages[0]
    service.status = 404
    ran = run("notify", "--test", "--json")
    assert ran.code == 1
    (address,) = ran.json["addresses"]
    assert (address["address"], address["taken"]) == ("json #1", False)
    assert "404" in address["reason"]


def test_without_an_address(run: Run, space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XLFLOW_NOTIFY_URLS")
    monkeypatch.setattr("keyring.get_password", lambda *_: None)
    ran = run("notify", "--test")
    assert ran.code == 2
    assert f"keyring set xlflow {space.state.name}" in ran.err
    assert run("sync").err == ""  # not everybody wants notices
    ran = run("notify")
    assert ran.code == 1
    assert "没有设置通知地址" in ran.out


def test_the_keyring_is_searched_for_new_notices_only(
    run: Run, space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[str] = []
    monkeypatch.delenv("XLFLOW_NOTIFY_URLS")
    monkeypatch.setattr("keyring.get_password", lambda _, name: searched.append(name))
    run("sync")
    assert len(searched) == 1
    run("sync")
    assert len(searched) == 1
    assert "没有设置通知地址" in run("status").out
    run("notify")
    assert len(searched) == 2
    later = datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)
    fill(space.root / BOOK, {"优化环节": "素材制作", "完成时间": later})
    run("sync", "--all")
    assert len(searched) == 3


def test_sync_sends_once_a_new_address_was_tested(
    run: Run, space: Workspace, service: fake_service.Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XLFLOW_NOTIFY_URLS")
    monkeypatch.setattr("keyring.get_password", lambda *_: None)
    run("sync")
    monkeypatch.setattr("keyring.get_password", lambda *_: service.url)
    assert run("notify", "--test").code == 0
    assert "已发送 1 条通知。" in run("sync").err


@pytest.mark.timeout(60)
def test_watch_ends_in_time_while_the_service_hangs(
    space: Workspace, service: fake_service.Service
) -> None:
    hanging = threading.Event()
    service.on_arrival = lambda _document: hanging.wait(30)
    daemon = subprocess.Popen(
        [sys.executable, "-m", "xlflow", "watch"],
        env=environment(),
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 60
        while not service.arrived and time.monotonic() < until:
            time.sleep(0.05)
        assert "逾期2天" in service.messages[0]
        daemon.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert daemon.wait(30) == 0
        took = time.monotonic() - started
    finally:
        daemon.kill()
        daemon.wait()
        hanging.set()
    assert took < 5
    log = (space.state / "logs" / "xlflow.log").read_text(encoding="utf-8")
    assert "hush" not in log
