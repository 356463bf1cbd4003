"""Which machine a share belongs to: taken, refused, renewed, lost, taken over."""

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
from xlflow.sync.lease import FILE_NAME, STALE, Lease, foreign_holder


def of(root: Path, host: str, pid: int | None = None) -> Lease:
    return Lease(root, host=host, pid=pid, sleep=lambda _: None)


def age(root: Path, seconds: float) -> None:
    moment = time.time() - seconds
    os.utime(root / FILE_NAME, (moment, moment))


def test_a_second_machine_is_refused_by_name(tmp_path: Path) -> None:
    of(tmp_path, "甲", 11).take()
    with pytest.raises(HeldError) as refused:
        of(tmp_path, "乙", 22).take()
    assert refused.value.params["where"] == "甲"
    assert refused.value.params["pid"] == 11
    holder = foreign_holder(tmp_path, "乙")
    assert holder is not None
    assert holder.where == "甲"
    assert foreign_holder(tmp_path, "甲") is None
    assert os.listdir(tmp_path) == [FILE_NAME]


def test_a_stale_lease_is_taken_over_and_its_holder_notices(tmp_path: Path) -> None:
    first = of(tmp_path, "甲")
    first.take()
    age(tmp_path, STALE + 1)
    assert foreign_holder(tmp_path, "乙") is None
    second = of(tmp_path, "乙")
    second.take()
    with pytest.raises(HeldError) as lost:
        first.renew()
    assert lost.value.params["where"] == "乙"
    first.release()
    second.renew()
    assert json.loads((tmp_path / FILE_NAME).read_text("utf-8"))["where"] == "乙"


def test_how_old_a_lease_is_is_told_by_the_shares_own_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of(tmp_path, "甲").take()
    wrong = time.time() + 10 * STALE
    monkeypatch.setattr(time, "time", lambda: wrong)
    assert foreign_holder(tmp_path, "乙") is not None


def test_the_lease_of_a_process_that_died_here_is_nobodys(tmp_path: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    of(tmp_path, "甲", done.pid).take()
    of(tmp_path, "甲").take()
    alive = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        of(tmp_path, "甲", alive.pid)._draft().replace(tmp_path / FILE_NAME)
        with pytest.raises(HeldError):
            of(tmp_path, "甲").take()
    finally:
        alive.communicate()


def test_of_two_that_take_over_at_once_one_stays(tmp_path: Path) -> None:
    of(tmp_path, "丙").take()
    age(tmp_path, STALE + 1)
    other = of(tmp_path, "乙")

    def while_it_settles(_: float) -> None:
        age(tmp_path, STALE + 1)
        other.take()

    with pytest.raises(HeldError):
        Lease(tmp_path, host="甲", sleep=while_it_settles).take()
    other.renew()
    assert os.listdir(tmp_path) == [FILE_NAME]


@pytest.mark.parametrize("text", ["", "half a {", "[]", '{"who": 1}'])
def test_one_that_makes_no_sense_is_somebodys_while_it_is_young(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_HALF_WRITTEN", 0.0)
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(HeldError):
        of(tmp_path, "甲").take()
    age(tmp_path, STALE + 1)
    of(tmp_path, "甲").take()


def test_one_that_vanished_is_taken_anew_and_given_back(tmp_path: Path) -> None:
    mine = of(tmp_path, "甲")
    mine.take()
    (tmp_path / FILE_NAME).unlink()
    mine.renew()
    assert (tmp_path / FILE_NAME).exists()
    mine.release()
    assert os.listdir(tmp_path) == []


def test_a_share_that_refuses_says_so(tmp_path: Path) -> None:
    mine = of(tmp_path / "gone", "甲")
    with pytest.raises(OSError, match="No such file"):
        mine.take()
