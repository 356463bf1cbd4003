"""Many events of one save become one, in whatever order and number they come."""

from __future__ import annotations

import random

import pytest

from xlflow.daemon.debounce import LONGEST, QUIET, Debouncer, workbook_concerned

BOOK = "市场一部.xlsx"

# What is heard in teams/ of one save, as each program does it.
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


def passes(events: list[tuple[float, str]], until: float = 60.0) -> list[tuple[float, set[str]]]:
    """Play events (seconds, file name); return when something settled, and what."""
    settling, waiting, found = Debouncer(), sorted(events), []
    now = 0.0
    while now < until:
        while waiting and waiting[0][0] <= now:
            name = workbook_concerned(waiting.pop(0)[1])
            if name is not None:
                settling.hear(name, now)
        if names := settling.settled(now):
            found.append((now, set(names)))
        due = [
            *([waiting[0][0]] if waiting else []),
            *([settling.next()] if settling.next() else []),
        ]
        if not due:
            break
        now = max(min(due), now)
    return found


@pytest.mark.parametrize("save", [EXCEL, WPS, LIBREOFFICE, IN_PLACE])
@pytest.mark.parametrize("seed", range(20))
def test_a_save_comes_through_once(save: list[str], seed: int) -> None:
    chance = random.Random(seed)
    heard = [name for name in save for _ in range(chance.randint(1, 3))]
    chance.shuffle(heard)
    events = [(chance.uniform(0, QUIET), name) for name in heard]
    found = passes(events)
    assert [names for _, names in found] == [{BOOK}]
    last = max(moment for moment, name in events if workbook_concerned(name))
    assert found[0][0] == pytest.approx(last + QUIET)


def test_what_never_gets_quiet_is_looked_at_all_the_same() -> None:
    events = [(number * QUIET / 2, BOOK) for number in range(100)]
    found = passes(events)
    assert found[0][0] == pytest.approx(LONGEST, abs=QUIET)
    assert len(found) >= 100 * QUIET / 2 // LONGEST
    assert found[-1][0] >= events[-1][0]


def test_one_that_is_being_saved_keeps_no_other_waiting() -> None:
    settling = Debouncer()
    settling.hear("甲.xlsx", 0.0)
    settling.hear("乙.xlsx", 0.0)
    settling.hear("乙.xlsx", QUIET)
    assert settling.settled(QUIET) == {"甲.xlsx"}
    assert settling.unsettled == {"乙.xlsx"}
    assert settling.next() == pytest.approx(2 * QUIET)
    assert settling.settled(2 * QUIET) == {"乙.xlsx"}
    assert settling.next() is None


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
def test_which_workbook_an_event_concerns(name: str, workbook: str | None) -> None:
    assert workbook_concerned(name) == workbook
