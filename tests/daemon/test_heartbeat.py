"""What monitoring reads of a daemon when its own disk is full."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from xlflow.daemon import heartbeat
from xlflow.daemon.heartbeat import Heartbeat
from xlflow.store import Reason

WELL = Heartbeat(7, "li", datetime(2024, 7, 16, tzinfo=UTC), datetime(2024, 7, 16, 9, tzinfo=UTC))


def test_a_full_disk_is_told_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    troubled = replace(WELL, problem=Reason("store.full", {"path": "数据库" * 20}))
    heartbeat.write(tmp_path, troubled)
    monkeypatch.setattr(heartbeat, "write_atomically", full)
    heartbeat.write(tmp_path, WELL)
    assert heartbeat.read(tmp_path) == WELL
    heartbeat.write(tmp_path, troubled)
    assert heartbeat.read(tmp_path) == troubled


def test_moments_are_written_as_iso_8601_has_them(tmp_path: Path) -> None:
    heartbeat.write(tmp_path, WELL)
    told = json.loads((tmp_path / heartbeat.FILE_NAME).read_text("utf-8"))
    assert told["beat"] == "2024-07-16T09:00:00+00:00"
