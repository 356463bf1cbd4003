"""Outages of the share: one beginning and one end each, by kind, also where it only hangs."""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from xlflow.config import FILE_NAME
from xlflow.daemon import share_outage
from xlflow.daemon.event_log import EventLog
from xlflow.daemon.share_outage import STEADY, ShareOutage, reason_of
from xlflow.store import Reason


@pytest.fixture
def log() -> EventLog:
    return EventLog("en")


class Clock:
    """A clock that stands still until it is set forward."""

    def __init__(self) -> None:
        self.now = datetime(2024, 7, 16)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def share(log: EventLog, clock: Clock) -> ShareOutage:
    return ShareOutage(log, clock)


def test_an_outage_begins_and_ends_once_and_hides_what_follows_from_it(
    share: ShareOutage,
    log: EventLog,
    clock: Clock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(2):
        assert not share.look(tmp_path)
        assert not share.look(tmp_path)
        log.problem("lease", Reason("watching.lease_refused", {"reason": "EIO"}))
        (tmp_path / FILE_NAME).touch()
        assert share.look(tmp_path)
        assert not share.end(tmp_path)
        clock.now += STEADY
        assert share.end(tmp_path)
        assert not share.end(tmp_path)
        (tmp_path / FILE_NAME).unlink()
    assert caplog.messages == ["share_away", "share_back"] * 2


def test_a_share_that_fails_once_more_is_still_away(
    share: ShareOutage, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings = tmp_path / FILE_NAME
    assert not share.look(tmp_path)
    settings.touch()
    assert not share.end(tmp_path)
    settings.unlink()
    assert not share.look(tmp_path)
    settings.touch()
    clock.now += STEADY
    assert not share.end(tmp_path)
    clock.now += STEADY
    assert share.end(tmp_path)
    assert caplog.messages == ["share_away", "share_back"]


def test_an_outage_ends_only_if_the_server_answers(
    share: ShareOutage, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Path) -> None:
        raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    share.look(tmp_path)
    share.end(tmp_path)
    clock.now += STEADY
    with monkeypatch.context() as patched:
        patched.setattr(os, "statvfs", away, raising=False)
        assert share.end(tmp_path) == (os.name != "posix")


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (errno.ENOENT, "watching.share_away"),
        (errno.ENOTCONN, "watching.share_away"),
        (errno.ESTALE, "watching.share_away"),
        (errno.EIO, "watching.share_away"),
        (errno.EACCES, "watching.share_refused"),
        (errno.ENOSPC, "watching.share_full"),
    ],
)
def test_the_kind_of_error_decides_what_is_said(code: int, key: str) -> None:
    assert reason_of(Path("share"), OSError(code, os.strerror(code))).key == key


def test_a_share_that_hangs_is_away(
    share: ShareOutage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_outage, "HANG", 0.2)
    told = threading.Event()
    with share.watched(told.set), share.asking(tmp_path):
        for _ in range(6):
            time.sleep(0.05)
            share.answered()
        assert share.reason is None
        assert told.wait(10)
    assert share.reason is not None
