"""The lease of a share: taken, refused, renewed, lost, taken over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xlflow.errors import HeldError
from xlflow.sync import lease
from xlflow.sync.lease import FILE_NAME, STALE_AFTER, Lease, foreign_holder


def lease_of(root: Path, host: str, pid: int | None = None) -> Lease:
    return Lease(root, host=host, pid=pid, sleep=lambda _: None)


def age(root: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(root / FILE_NAME, (moment, moment))


def test_a_second_machine_is_refused_by_name(tmp_path: Path) -> None:
    lease_of(tmp_path, "甲", 11).take()
    with pytest.raises(HeldError) as refused:
        lease_of(tmp_path, "乙", 22).take()
    assert refused.value.params["where"] == "甲"
    assert refused.value.params["pid"] == 11
    holder = foreign_holder(tmp_path, "乙")
    assert holder is not None
    assert holder.where == "甲"
    assert foreign_holder(tmp_path, "甲") is None
    assert os.listdir(tmp_path) == [FILE_NAME]


def test_a_stale_lease_is_taken_over_and_its_holder_notices(tmp_path: Path) -> None:
    first = lease_of(tmp_path, "甲")
    first.take()
    age(tmp_path, STALE_AFTER + 1)
    assert foreign_holder(tmp_path, "乙") is None
    second = lease_of(tmp_path, "乙")
    second.take()
    with pytest.raises(HeldError) as lost:
        first.renew()
    assert lost.value.params["where"] == "乙"
    first.release()
    second.renew()
    assert json.loads((tmp_path / FILE_NAME).read_text("utf-8"))["where"] == "乙"


def test_the_age_of_a_lease_is_measured_by_the_shares_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease_of(tmp_path, "甲").take()
    wrong = time.time() + 10 * STALE_AFTER
    monkeypatch.setattr(time, "time", lambda: wrong)
    assert foreign_holder(tmp_path, "乙") is not None


@pytest.mark.timeout(60)
def test_the_lease_of_a_dead_process_on_this_machine_is_free(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lease_of(tmp_path, "甲", ended.pid).take()
    lease_of(tmp_path, "甲").take()
    alive = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        lease_of(tmp_path, "甲", alive.pid)._draft().replace(tmp_path / FILE_NAME)
        with pytest.raises(HeldError):
            lease_of(tmp_path, "甲").take()
    finally:
        alive.communicate()


def test_of_two_that_take_over_at_once_one_keeps_it(tmp_path: Path) -> None:
    lease_of(tmp_path, "丙").take()
    age(tmp_path, STALE_AFTER + 1)
    other = lease_of(tmp_path, "乙")

    def take_over_meanwhile(_: float) -> None:
        age(tmp_path, STALE_AFTER + 1)
        other.take()

    with pytest.raises(HeldError):
        Lease(tmp_path, host="甲", sleep=take_over_meanwhile).take()
    other.renew()
    assert os.listdir(tmp_path) == [FILE_NAME]


@pytest.mark.parametrize("text", ["", "half a {", "[]", '{"who": 1}'])
def test_a_lease_that_cannot_be_parsed_is_held_until_it_is_stale(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_REREAD_DELAY", 0.0)
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(HeldError):
        lease_of(tmp_path, "甲").take()
    age(tmp_path, STALE_AFTER + 1)
    lease_of(tmp_path, "甲").take()


def test_a_lease_whose_file_is_gone_is_taken_anew_and_released(tmp_path: Path) -> None:
    mine = lease_of(tmp_path, "甲")
    mine.take()
    (tmp_path / FILE_NAME).unlink()
    mine.renew()
    assert (tmp_path / FILE_NAME).exists()
    mine.release()
    assert os.listdir(tmp_path) == []


def test_a_share_that_cannot_be_written_raises(tmp_path: Path) -> None:
    mine = lease_of(tmp_path / "gone", "甲")
    with pytest.raises(OSError, match="No such file"):
        mine.take()
