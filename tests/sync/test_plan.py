"""What a pass decides, as tables: no folder, no store, no clock."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from xlflow.store import Reason, WorkbookState
from xlflow.store.database import CONFLICT, DEFERRED, GONE, RECORDED, UNREADABLE
from xlflow.sync.file_index import Signature
from xlflow.sync.plan import (
    Circumstances,
    Defer,
    Flag,
    Freeze,
    KeepVersion,
    MarkGone,
    MarkSeen,
    RecordOutcome,
    Refuse,
    Rename,
    WorkbookAction,
    plan_pass,
    plan_renames,
    plan_workbook,
)
from xlflow.sync.processing import OutcomeFacts
from xlflow.sync.reading import Read
from xlflow.sync.teams_folder import TeamFile

JULY_16 = datetime(2024, 7, 17)
DAMAGED = Reason("archive_damaged")
OPEN = Reason("sync.open")
SIGNED = Reason("sync.signed")


def outcome(rows: int = 10, writes: bool = True, lost: tuple[str, ...] = ()) -> OutcomeFacts:
    return OutcomeFacts(rows, lost, writes)


def state(
    team: str = "甲",
    *,
    status: str = RECORDED,
    rows: int = 10,
    sha256: str | None = "old",
    reason: Reason | None = None,
) -> WorkbookState:
    return WorkbookState(
        workbook=f"teams/{team}.xlsx",
        team=team,
        status=status,
        reason=reason,
        since=JULY_16,
        sha256=sha256,
        inputs="inputs",
        content="content",
        version="v1",
        valid_from=JULY_16,
        valid_until=JULY_16,
        waiting=False,
        rows=rows,
        findings=0,
        overdue=0,
        last_modified_by=None,
        first_seen=JULY_16,
        last_seen=JULY_16,
        last_good=JULY_16,
    )


def read(
    team: str = "甲",
    *,
    known: WorkbookState | None = None,
    skipped: bool = False,
    outcome: OutcomeFacts | None = None,
    unreadable: Reason | None = None,
    permanent: bool = False,
    original: str | None = None,
    sha256: str | None = "new",
) -> Read:
    return Read(
        TeamFile(Path("teams"), f"{team}.xlsx", team),
        f"teams/{team}.xlsx",
        known,
        Signature(0, 0, 0, 0, 0),
        skipped=skipped,
        sha256=sha256,
        outcome=outcome,
        unreadable=unreadable,
        permanent=permanent,
        original=original,
    )


COPY = Reason("sync.copy", {"original": "teams/乙.xlsx"})
HALVED = Reason("sync.second_reading", {"before": 10, "now": 4})

PLANS: dict[str, tuple[Read, Circumstances, tuple[WorkbookAction, ...]]] = {
    "nothing spoke for reading it": (read(skipped=True), Circumstances(), ()),
    "unreadable until its content changes": (
        read(unreadable=DAMAGED, permanent=True),
        Circumstances(),
        (Refuse(UNREADABLE, DAMAGED, retry=False),),
    ),
    "unreadable just now": (
        read(unreadable=DAMAGED),
        Circumstances(),
        (Refuse(UNREADABLE, DAMAGED, retry=True),),
    ),
    "a copy of another": (
        read(outcome=outcome(), original="teams/乙.xlsx"),
        Circumstances(),
        (Refuse(CONFLICT, COPY, retry=False),),
    ),
    "a copy, whatever else holds": (
        read(outcome=outcome(), original="teams/乙.xlsx"),
        Circumstances(busy=OPEN, read_only=SIGNED, accept=True),
        (Refuse(CONFLICT, COPY, retry=False),),
    ),
    "known, and still true": (read(known=state()), Circumstances(), (MarkSeen(),)),
    "new": (read(outcome=outcome()), Circumstances(), (KeepVersion(), Flag())),
    "changed": (
        read(known=state(), outcome=outcome()),
        Circumstances(),
        (KeepVersion(), Flag()),
    ),
    "nothing to write": (
        read(outcome=outcome(writes=False)),
        Circumstances(),
        (KeepVersion(), RecordOutcome()),
    ),
    "nothing to write, though it is open": (
        read(outcome=outcome(writes=False)),
        Circumstances(busy=OPEN, open_here=True),
        (KeepVersion(), RecordOutcome()),
    ),
    "never written": (
        read(outcome=outcome()),
        Circumstances(read_only=SIGNED),
        (KeepVersion(), RecordOutcome(SIGNED)),
    ),
    "never written, so it doesn't matter that it is open": (
        read(outcome=outcome()),
        Circumstances(read_only=SIGNED, busy=OPEN),
        (KeepVersion(), RecordOutcome(SIGNED)),
    ),
    "somebody has it open": (
        read(outcome=outcome()),
        Circumstances(busy=OPEN),
        (KeepVersion(), Defer(OPEN, show=False)),
    ),
    "open in Excel on this machine": (
        read(outcome=outcome()),
        Circumstances(busy=OPEN, open_here=True),
        (KeepVersion(), Defer(OPEN, show=True)),
    ),
    "over half of its rows are gone": (
        read(known=state(), outcome=outcome(rows=4)),
        Circumstances(),
        (Refuse(DEFERRED, HALVED, retry=True),),
    ),
    "exactly half of its rows are gone": (
        read(known=state(), outcome=outcome(rows=5)),
        Circumstances(),
        (KeepVersion(), Flag()),
    ),
    "a sheet is gone": (
        read(known=state(), outcome=outcome(rows=9, lost=("plan",))),
        Circumstances(),
        (Refuse(DEFERRED, Reason("sync.second_reading", {"before": 10, "now": 9}), retry=True),),
    ),
    "rows are gone, and a person says that is right": (
        read(known=state(), outcome=outcome(rows=4)),
        Circumstances(accept=True),
        (KeepVersion(), Flag()),
    ),
    "the second reading finds the same": (
        read(known=state(reason=HALVED, sha256="new"), outcome=outcome(rows=4)),
        Circumstances(),
        (KeepVersion(), Flag()),
    ),
    "the second reading finds something else": (
        read(known=state(reason=HALVED, sha256="other"), outcome=outcome(rows=4)),
        Circumstances(),
        (Refuse(DEFERRED, HALVED, retry=True),),
    ),
}


@pytest.mark.parametrize("case", PLANS)
def test_what_is_done_about_a_workbook(case: str) -> None:
    found, circumstances, expected = PLANS[case]
    assert plan_workbook(found, circumstances) == expected


TEAMS = "甲乙丙丁"
GOOD = [read(team, known=state(team), skipped=True) for team in TEAMS]


def damaged(team: str, *, stored: bool = True) -> Read:
    return read(team, known=state(team) if stored else None, unreadable=DAMAGED)


def frozen(lost: int, teams: int) -> tuple[Freeze, ...]:
    return (Freeze(Reason("sync.frozen", {"lost": lost, "teams": teams})),)


STATES = [state(team) for team in TEAMS]
NOT_FROZEN = Freeze(None)
PASSES: dict[str, tuple[list[Read], list[WorkbookState], tuple[object, ...]]] = {
    "all as before": (GOOD, STATES, (NOT_FROZEN,)),
    "one of four is gone": (GOOD[:3], STATES, (NOT_FROZEN, MarkGone("teams/丁.xlsx", "丁"))),
    "half of them are gone": (
        GOOD[:2],
        STATES,
        (NOT_FROZEN, MarkGone("teams/丙.xlsx", "丙"), MarkGone("teams/丁.xlsx", "丁")),
    ),
    "more than half of them are gone": (GOOD[:1], STATES, frozen(3, 4)),
    "all of them are gone": ([], STATES, frozen(4, 4)),
    "gone and unreadable add up": ([*GOOD[:1], damaged("乙")], STATES, frozen(3, 4)),
    "collapsed ones count, too": (
        [read(t, known=state(t), outcome=outcome(rows=1)) for t in TEAMS],
        STATES,
        frozen(4, 4),
    ),
    "two teams are too few to tell": (
        [],
        STATES[:2],
        (NOT_FROZEN, MarkGone("teams/甲.xlsx", "甲"), MarkGone("teams/乙.xlsx", "乙")),
    ),
    "new unreadable files freeze nothing": (
        [*GOOD, *(damaged(f"新{n}", stored=False) for n in range(9))],
        STATES,
        (NOT_FROZEN,),
    ),
    "what never held rows doesn't count": (
        [],
        [state(t, rows=0) for t in TEAMS],
        (
            NOT_FROZEN,
            *(MarkGone(f"teams/{team}.xlsx", team) for team in TEAMS),
        ),
    ),
    "gone long ago is no news": (GOOD, [*STATES, state("戊", status=GONE)], (NOT_FROZEN,)),
}


@pytest.mark.parametrize("case", PASSES)
def test_what_is_done_about_the_folder(case: str) -> None:
    reads, states, expected = PASSES[case]
    assert plan_pass(reads, states) == expected


def test_a_person_confirms_what_would_freeze() -> None:
    gone = tuple(MarkGone(f"teams/{team}.xlsx", team) for team in TEAMS)
    assert plan_pass([], STATES, accept=True) == (NOT_FROZEN, *gone)


def test_what_is_just_being_saved_is_not_gone() -> None:
    assert plan_pass(GOOD[:3], STATES, ["teams/丁.xlsx"]) == (NOT_FROZEN,)


def test_the_same_bytes_under_a_new_name_are_a_rename() -> None:
    states = {s.workbook: s for s in (state("甲", sha256="a"), state("乙", sha256="b"))}
    renamed = read("新甲", sha256="a")
    assert plan_renames([renamed, read("乙", known=state("乙"))], states) == (
        Rename("teams/甲.xlsx", "teams/新甲.xlsx"),
    )


def test_a_copy_next_to_its_original_is_not_a_rename() -> None:
    known = state("甲", sha256="a")
    reads = [read("甲", known=known, sha256="a"), read("新甲", sha256="a")]
    assert plan_renames(reads, {known.workbook: known}) == ()


def test_one_old_name_goes_to_one_new_name() -> None:
    known = state("甲", sha256="a")
    reads = [read("乙", sha256="a"), read("丙", sha256="a"), read("丁", sha256="other")]
    assert plan_renames(reads, {known.workbook: known}) == (
        Rename("teams/甲.xlsx", "teams/乙.xlsx"),
    )
