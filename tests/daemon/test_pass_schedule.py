"""When a pass is due: at first, on request, when findings expire, and as a retry."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

import pytest

from xlflow.daemon.pass_schedule import FIRST_RETRY, FROZEN_RETRY, LONGEST_RETRY, PassSchedule
from xlflow.store import Reason
from xlflow.sync.file_index import FileIndex
from xlflow.sync.results import PassResult

AS_OF = datetime(2024, 7, 16, 9)


def result(frozen: Reason | None = None, valid_until: datetime | None = None) -> PassResult:
    return PassResult(AS_OF, (), frozen, valid_until=valid_until)


@pytest.fixture
def schedule() -> PassSchedule:
    return PassSchedule(FileIndex(lambda: 0.0, lambda: 0.0))


def test_the_first_pass_is_due_at_once_and_the_next_on_request(schedule: PassSchedule) -> None:
    assert schedule.next_at(0, AS_OF) == 0
    assert schedule.is_due(0, AS_OF)
    assert not schedule.has_succeeded
    schedule.succeeded(result(), 0)
    assert schedule.has_succeeded
    assert not schedule.is_due(1, AS_OF)
    assert schedule.next_at(1, AS_OF) == inf
    schedule.request()
    assert schedule.is_due(1, AS_OF)


@pytest.mark.parametrize(
    ("as_of", "due"),
    [
        (AS_OF, False),
        (AS_OF + timedelta(hours=1), False),
        (AS_OF + timedelta(hours=1, seconds=1), True),
        (AS_OF - timedelta(seconds=1), True),
        (AS_OF + timedelta(days=1), True),
    ],
)
def test_a_pass_is_due_when_findings_expire(
    schedule: PassSchedule, as_of: datetime, due: bool
) -> None:
    schedule.succeeded(result(valid_until=AS_OF + timedelta(hours=1)), 0)
    assert schedule.next_at(7, AS_OF) == 7 + 3600
    assert schedule.is_due(0, as_of) == due


def test_retries_come_less_and_less_often(schedule: PassSchedule) -> None:
    now, delays = 0.0, []
    for _ in range(6):
        schedule.failed(now)
        assert schedule.retrying
        delays.append(schedule.next_at(now, AS_OF) - now)
        assert not schedule.is_due(now, AS_OF)
        schedule.request()
        assert not schedule.is_due(now, AS_OF), "a request doesn't hurry a retry"
        now = schedule.next_at(now, AS_OF)
        assert schedule.is_due(now, AS_OF)
    assert (delays[0], delays[-1]) == (FIRST_RETRY, LONGEST_RETRY)
    assert delays == sorted(delays)
    schedule.succeeded(result(), now)
    schedule.failed(now)
    assert schedule.next_at(now, AS_OF) == now + FIRST_RETRY


def test_a_change_ends_the_wait_only_of_a_frozen_pass(schedule: PassSchedule) -> None:
    schedule.succeeded(result(frozen=Reason("sync.frozen")), 0)
    assert schedule.frozen
    assert schedule.next_at(0, AS_OF) == FROZEN_RETRY
    schedule.request_for_change()
    assert schedule.is_due(0, AS_OF)
    schedule.succeeded(result(), 0)
    schedule.failed(0)
    schedule.request_for_change()
    assert not schedule.is_due(0, AS_OF)


def test_a_postponed_pass_is_due_later(schedule: PassSchedule) -> None:
    schedule.postpone(0.5)
    assert not schedule.is_due(0, AS_OF)
    assert schedule.is_due(0.5, AS_OF)
