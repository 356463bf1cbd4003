"""Which workbooks of a folder are copies of each other, and which one is the original.

Two workbooks are copies if they share at least half of the smaller one's rows: the ids of
those rows, and content that says that it is the same row still. With fewer in common,
such as last month's workbook beside this month's, both count, and each shared row counts
in one of them. Rows that never had ids are compared by content, but only where a
name says that one file is a copy of the other.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from xlflow import rules
from xlflow.config import Settings
from xlflow.facts import Finding, Row, Snapshot
from xlflow.matching import key_texts, row_texts
from xlflow.meaning.workdays import Calendar

RowKey = tuple[str, str]
"""A row within a workbook: its table's name and its id."""


class Candidate(NamedTuple):
    """What decides which of two copies is the original, besides their names.

    ``extends`` are the workbooks whose names this one's extends as programs name copies.
    ``first_known`` is when it was first recorded, "" if never. ``conflicting`` says that
    it is known as a copy. ``edited`` is when a person last changed it as far as that was
    recorded, ``modified`` the file's time in nanoseconds.
    """

    workbook: str
    stem: str
    rows: int
    extends: tuple[str, ...] = ()
    first_known: str = ""
    conflicting: bool = False
    edited: str = ""
    modified: int = 0


class Shared(NamedTuple):
    """The rows that two workbooks have in common.

    ``by_id`` is false for rows that only hold the same.
    """

    first: str
    second: str
    rows: frozenset[RowKey]
    by_id: bool = True


class Verdict(NamedTuple):
    """What follows from shared rows.

    ``original_of`` maps each copy to its original. ``counted_in`` maps (workbook, other
    workbook) to the rows of the first one that are counted in the other.
    """

    original_of: Mapping[str, str]
    counted_in: Mapping[tuple[str, str], frozenset[RowKey]]


def fingerprint(rows: Iterable[Row]) -> bytes:
    """Return 64 bits for each row's id and key columns, by which copied rows are found.

    An id alone has 30 bits, too few to tell the rows of hundreds of workbooks apart.
    """
    marks = array("Q")
    for row in rows:
        text = "\0".join((row.table.name, row.id, *key_texts(row)))
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        marks.append(int.from_bytes(digest))
    return marks.tobytes()


def suspected_pairs(fingerprints: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """Return the pairs of workbooks with a row in common, each in the order of names."""
    names = sorted(fingerprints)
    bits = len(names).bit_length()
    found = array("Q")
    for place, name in enumerate(names):
        # The lowest bits of a mark give way to the workbook's place.
        found.extend(mark >> bits << bits | place for mark in array("Q", bytes(fingerprints[name])))
    pairs = set()
    holders: list[int] = []
    last = None
    for entry in sorted(found):
        mark, place = entry >> bits, entry & (1 << bits) - 1
        if mark != last:
            last, holders = mark, []
        for holder in holders:
            if holder != place:
                pairs.add((names[holder], names[place]))
        holders.append(place)
    return pairs


def shared_by_id(first: Sequence[Row], second: Sequence[Row]) -> frozenset[RowKey]:
    """Return the rows of two workbooks that have the same id and are alike."""
    by_key = {(row.table.name, row.id): row for row in first}
    return frozenset(
        key
        for row in second
        if (key := (row.table.name, row.id)) in by_key and _alike(by_key[key], row)
    )


def shared_by_content(first: Sequence[Row], second: Sequence[Row]) -> frozenset[RowKey]:
    """Return the rows of the second workbook that hold all of what a row of the first holds."""
    held = {(row.table.name, frozenset(row_texts(row).items())) for row in first}
    return frozenset(
        (row.table.name, row.id)
        for row in second
        if (row.table.name, frozenset(row_texts(row).items())) in held
    )


def _alike(first: Row, second: Row) -> bool:
    """Whether two rows of one id are one row still: an id may be left in a row typed anew."""
    if any(a and a == b for a, b in zip(key_texts(first), key_texts(second), strict=True)):
        return True
    texts, others = row_texts(first), row_texts(second)
    equal = sum(others.get(field) == text for field, text in texts.items())
    return 2 * equal >= max(len(texts), len(others), 1)


def judge(
    candidates: Mapping[str, Candidate],
    shared: Iterable[Shared],
    counted_before: Collection[tuple[str, str]] = (),
) -> Verdict:
    """Decide which workbooks are copies, and in which file rows that two have are counted.

    ``counted_before`` are pairs whose first workbook's rows have counted in the second one
    so far, which stays so unless one of them was edited later than the other.
    """
    copies: dict[str, set[str]] = defaultdict(set)
    fewer: list[Shared] = []
    for pair in shared:
        first, second = candidates[pair.first], candidates[pair.second]
        if not pair.rows:
            continue
        if 2 * len(pair.rows) >= min(first.rows, second.rows):
            copies[pair.first].add(pair.second)
            copies[pair.second].add(pair.first)
        elif pair.by_id:
            fewer.append(pair)
    original_of: dict[str, str] = {}
    for workbook in _by_originality(candidates, copies):
        if workbook not in original_of:
            for copy in copies[workbook]:
                original_of.setdefault(copy, workbook)
    counted_in: dict[tuple[str, str], frozenset[RowKey]] = {}
    for pair in fewer:
        if pair.first in original_of or pair.second in original_of:
            continue
        first, second = candidates[pair.first], candidates[pair.second]
        settled = {
            first.workbook: (second.workbook, first.workbook) in counted_before,
            second.workbook: (first.workbook, second.workbook) in counted_before,
        }
        earlier, later = sorted(
            (first, second), key=lambda c: (c.edited, settled[c.workbook], c.modified, c.workbook)
        )
        counted_in[earlier.workbook, later.workbook] = pair.rows
    return Verdict(original_of, _each_once(candidates, counted_in))


def _by_originality(
    candidates: Mapping[str, Candidate], copies: Mapping[str, Collection[str]]
) -> list[str]:
    """Return the workbooks that share rows, the likeliest originals first."""

    def rank(workbook: str) -> tuple[object, ...]:
        candidate = candidates[workbook]
        extends = any(_extends(candidate, candidates[other]) for other in copies[workbook])
        return (
            extends,
            candidate.conflicting,
            candidate.first_known == "",
            candidate.first_known,
            candidate.modified,
            len(candidate.stem),
            workbook,
        )

    return sorted(copies, key=rank)


def _extends(candidate: Candidate, other: Candidate) -> bool:
    """Whether a name is another one with something added to it."""
    longer = len(candidate.stem) > len(other.stem)
    return other.workbook in candidate.extends or (longer and other.stem in candidate.stem)


def _each_once(
    candidates: Mapping[str, Candidate],
    counted_in: Mapping[tuple[str, str], frozenset[RowKey]],
) -> dict[tuple[str, str], frozenset[RowKey]]:
    """Name for each row the last of its holders alone, where it is in more than two workbooks."""
    later: dict[tuple[str, RowKey], list[str]] = defaultdict(list)
    for (workbook, other), rows in counted_in.items():
        for row in rows:
            later[workbook, row].append(other)
    once: dict[tuple[str, str], set[RowKey]] = defaultdict(set)
    for (workbook, row), others in later.items():
        last = max(others, key=lambda o: (candidates[o].edited, candidates[o].modified, o))
        once[workbook, last].add(row)
    return {pair: frozenset(rows) for pair, rows in once.items()}


def findings_beside(
    settings: Settings,
    as_of: datetime,
    *,
    equal_to: tuple[str, ...] = (),
    shares: tuple[tuple[str, int, str], ...] = (),
) -> list[Finding]:
    """Return what is found about a workbook because of the others in its folder."""
    beside = Snapshot(sheets=(), equal_to=equal_to, shares=shares)
    return rules.check(beside, (), {}, settings, Calendar(), as_of)
