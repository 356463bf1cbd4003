"""What a pass is going to do, decided purely from what was read and what is known.

Nothing here touches a file, the store or the clock; :mod:`xlflow.sync.carry_out` does
what is planned. Read the two tables, :func:`plan_pass` and :func:`plan_workbook`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xlflow.store import Reason, WorkbookState
from xlflow.store.database import CONFLICT, DEFERRED, GONE, UNREADABLE
from xlflow.sync.freeze import freeze_reason, second_reading_reason
from xlflow.sync.reading import Read


@dataclass(frozen=True, slots=True)
class Freeze:
    """Flag, record and roll up nothing until a person confirms; a ``reason`` of None unfreezes."""

    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Rename:
    """Move what is stored of a workbook to the new name of its file."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class MarkGone:
    """Record that a workbook isn't there any more, so that it isn't counted."""

    workbook: str
    team: str


@dataclass(frozen=True, slots=True)
class MarkSeen:
    """Record that a workbook is there unchanged."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Record why a workbook's content isn't taken over now; its last good rows stay.

    With ``retry`` it is read again even if it doesn't change.
    """

    status: str
    reason: Reason | None
    retry: bool


@dataclass(frozen=True, slots=True)
class KeepVersion:
    """Keep the content as a version, which recording and writing require."""


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Record the outcome; ``reason`` says why wanted cells aren't written, if so."""

    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Defer:
    """Record the outcome, and let the flags wait.

    With ``show`` the flags go into the workbook that is open in Excel on this machine.
    """

    reason: Reason
    show: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """Write the wanted cells into the file, and record the outcome."""


PassAction = Freeze | MarkGone
WorkbookAction = MarkSeen | Refuse | KeepVersion | RecordOutcome | Defer | Flag


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides about writing into a workbook besides its content.

    ``read_only`` says why it is never written, ``busy`` why it can't be now;
    ``open_here`` that it is open in Excel and flags may be shown there; ``accept``
    that a person confirmed what looks like a loss.
    """

    read_only: Reason | None = None
    busy: Reason | None = None
    open_here: bool = False
    accept: bool = False


def plan_renames(reads: Iterable[Read], states: Mapping[str, WorkbookState]) -> tuple[Rename, ...]:
    """Pair workbooks that are gone with new ones that hold the same bytes."""
    present = {read.workbook for read in reads}
    gone = {s.sha256: s for s in states.values() if s.workbook not in present and s.sha256}
    renames = []
    for read in reads:
        old = gone.pop(read.sha256, None) if read.known is None and read.sha256 else None
        if old is not None:
            renames.append(Rename(old.workbook, read.workbook))
    return tuple(renames)


def plan_pass(
    reads: Sequence[Read],
    states: Iterable[WorkbookState],
    being_saved: Collection[str] = (),
    *,
    accept: bool = False,
) -> tuple[PassAction, ...]:
    """Return the actions on the folder as a whole; a freeze with a reason is the only one.

    Args:
        reads: every workbook found.
        states: every workbook known.
        being_saved: workbooks left for later because somebody may be saving them.
        accept: whether a person confirmed what would freeze it.
    """
    present = {read.workbook for read in reads} | set(being_saved)
    gone = [state for state in states if state.workbook not in present and state.status != GONE]
    reason = None if accept else freeze_reason(reads, gone)
    if reason is not None:
        return (Freeze(reason),)
    return (Freeze(None), *(MarkGone(state.workbook, state.team) for state in gone))


def plan_workbook(read: Read, now: Circumstances) -> tuple[WorkbookAction, ...]:
    """Return the actions on one workbook; none if it was skipped."""
    if read.skipped:
        return ()
    if read.unreadable is not None:
        return (Refuse(UNREADABLE, read.unreadable, retry=not read.permanent),)
    if read.original is not None:
        copy = Reason("sync.copy", {"original": read.original})
        return (Refuse(CONFLICT, copy, retry=False),)
    if read.outcome is None:
        return (MarkSeen(),)
    collapsed = None if now.accept else second_reading_reason(read)
    if collapsed is not None:
        return (Refuse(DEFERRED, collapsed, retry=True),)
    if not read.outcome.writes:
        return (KeepVersion(), RecordOutcome())
    if now.read_only is not None:
        return (KeepVersion(), RecordOutcome(now.read_only))
    if now.busy is not None:
        return (KeepVersion(), Defer(now.busy, show=now.open_here))
    return (KeepVersion(), Flag())
