"""The heartbeat file, also when the disk is full."""

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

SINCE, BEAT = datetime(2024, 7, 16, tzinfo=UTC), datetime(2024, 7, 16, 9, tzinfo=UTC)
HEALTHY = Heartbeat(7, "li", SINCE, BEAT)


def test_a_full_disk_is_reported_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    failing = replace(HEALTHY, problem=Reason("store.full", {"path": "数据库" * 20}))
    heartbeat.write(tmp_path, failing)
    monkeypatch.setattr(heartbeat, "write_atomically", full)
    heartbeat.write(tmp_path, HEALTHY)
    assert heartbeat.read(tmp_path) == HEALTHY
    heartbeat.write(tmp_path, failing)
    assert heartbeat.read(tmp_path) == failing


def test_moments_are_written_in_iso_8601(tmp_path: Path) -> None:
    heartbeat.write(tmp_path, HEALTHY)
    document = json.loads((tmp_path / heartbeat.FILE_NAME).read_text("utf-8"))
    assert document["beat"] == "2024-07-16T09:00:00+00:00"
