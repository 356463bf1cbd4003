"""The many events of one save become one, whatever their order and number."""

from __future__ import annotations

import random

import pytest

from xlflow.daemon.debounce import LONGEST_WAIT, QUIET_PERIOD, Debouncer, affected_workbook

BOOK = "市场一部.xlsx"

# The file names in the events of one save, by program.
EXCEL = [
    "8F3A1B2C",
    f"~${BOOK}",
    "8F3A1B2C",
    BOOK,
    "7C11AB90.tmp",
    "8F3A1B2C",
    BOOK,
    "7C11AB90.tmp",
]
WPS = [".~" + BOOK, BOOK, BOOK, "wps1A2B.tmp", BOOK, ".~" + BOOK]
LIBREOFFICE = [f".~lock.{BOOK}#", "lu1234abcd.tmp", BOOK, "lu1234abcd.tmp", f".~lock.{BOOK}#"]
IN_PLACE = [BOOK] * 12


def quiet(events: list[tuple[float, str]], until: float = 60.0) -> list[tuple[float, set[str]]]:
    """Record events (seconds, file name); return when something was quiet, and what."""
    debouncer, waiting, found = Debouncer(), sorted(events), []
    now = 0.0
    while now < until:
        while waiting and waiting[0][0] <= now:
            name = affected_workbook(waiting.pop(0)[1])
            if name is not None:
                debouncer.record(name, now)
        if names := debouncer.take_quiet(now):
            found.append((now, set(names)))
        due = [
            *([waiting[0][0]] if waiting else []),
            *([debouncer.next_at()] if debouncer.next_at() else []),
        ]
        if not due:
            break
        now = max(min(due), now)
    return found


@pytest.mark.parametrize("save", [EXCEL, WPS, LIBREOFFICE, IN_PLACE])
@pytest.mark.parametrize("seed", range(20))
def test_a_save_settles_once(save: list[str], seed: int) -> None:
    chance = random.Random(seed)
    names = [name for name in save for _ in range(chance.randint(1, 3))]
    chance.shuffle(names)
    events = [(chance.uniform(0, QUIET_PERIOD), name) for name in names]
    found = quiet(events)
    assert [quiet for _, quiet in found] == [{BOOK}]
    last = max(moment for moment, name in events if affected_workbook(name))
    assert found[0][0] == pytest.approx(last + QUIET_PERIOD)


def test_a_file_that_never_gets_quiet_settles_anyway() -> None:
    events = [(number * QUIET_PERIOD / 2, BOOK) for number in range(100)]
    found = quiet(events)
    assert found[0][0] == pytest.approx(LONGEST_WAIT, abs=QUIET_PERIOD)
    assert len(found) >= 100 * QUIET_PERIOD / 2 // LONGEST_WAIT
    assert found[-1][0] >= events[-1][0]


def test_a_file_that_is_being_saved_delays_no_other() -> None:
    debouncer = Debouncer()
    debouncer.record("甲.xlsx", 0.0)
    debouncer.record("乙.xlsx", 0.0)
    debouncer.record("乙.xlsx", QUIET_PERIOD)
    assert debouncer.take_quiet(QUIET_PERIOD) == {"甲.xlsx"}
    assert debouncer.pending == {"乙.xlsx"}
    assert debouncer.next_at() == pytest.approx(2 * QUIET_PERIOD)
    assert debouncer.take_quiet(2 * QUIET_PERIOD) == {"乙.xlsx"}
    assert debouncer.next_at() is None


@pytest.mark.parametrize(
    ("name", "workbook"),
    [
        (BOOK, BOOK),
        ("市场.华东.XLSM", "市场.华东.XLSM"),
        ("旧表.xls", "旧表.xls"),
        (f"~${BOOK}", BOOK),
        (f".~lock.{BOOK}#", BOOK),
        (f".~{BOOK}", BOOK),
        (".~lock.xlsx", "lock.xlsx"),
        ("8F3A1B2C", None),
        ("7C11AB90.tmp", None),
        (".xlflow-owner", None),
        (".xlflow-swap-0123456789-0123456789-0123456789-abcdef.tmp", None),
        (".隐藏.xlsx", None),
        ("说明.txt", None),
    ],
)
def test_which_workbook_an_event_affects(name: str, workbook: str | None) -> None:
    assert affected_workbook(name) == workbook
