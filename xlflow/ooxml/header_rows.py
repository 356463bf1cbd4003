"""The headers of a sheet: in which rows they are, and which column is which.

A header is matched as a whole row, or as two where a group such as 完成时间 stands over 计划
and 实际. What is written around a name (brackets, marks, line breaks, a number in front) is
no part of it; a unit in brackets is kept.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple

from xlflow.columns import Owner, Table
from xlflow.facts import Cell
from xlflow.meaning.folding import fold
from xlflow.meaning.header_notes import amount_unit, days_unit
from xlflow.ooxml.book import Sheet
from xlflow.schema import TABLES
from xlflow.values import header_unit, shown

MAX_HEADER_ROW = 20
"""The last row in which the first header of a sheet is looked for."""

MIN_SHARE = 0.6
"""The share of the guide's headers by which a table is recognized, whatever its sheet's name."""

_LONGEST_CACHED = 256
_LONGEST_HEADER = 40
_MARKS = " *:;,.。、…!?#★☆※▲◆"
_BRACKETED = r"[(\[【「〔<《{]([^()\[\]【】「」〔〕<>《》{}]*)[)\]】」〕>》}]"
_NOTE_BEHIND = re.compile(rf"(.*?){_BRACKETED}", re.DOTALL)
_NOTE_IN_FRONT = re.compile(rf"{_BRACKETED}(.*)", re.DOTALL)
_UNIT_BEHIND = re.compile(r"(.+)[/:_-]([^/:_-]+)")
_NUMBER_IN_FRONT = re.compile(r"(?:\d{1,2}[.、)]|[①-⑳])(.+)")
_SECOND_LINE_NOTE = re.compile(rf"{_BRACKETED}|必填|选填|可选|非必填|示例.*|如:.*|例:.*")

OwnWords = Mapping[str, str]
"""A company's own headers → headers of the schema."""


@dataclass(frozen=True, slots=True)
class Header:
    """A table's header in a sheet.

    ``row`` is its last line, of ``lines``. ``columns`` gives the column of each field,
    ``texts`` the header of each column as written, ``units`` the unit of a field's bare
    numbers. ``duplicates`` are further columns that claim a field, with their headers.
    ``left`` and ``right`` are the columns of the sheet that the table takes up.
    """

    table: Table
    row: int
    lines: int
    columns: Mapping[str, int]
    texts: Mapping[int, str]
    units: Mapping[str, str]
    duplicates: tuple[tuple[str, int, str], ...]
    left: int
    right: int

    @property
    def first_row(self) -> int:
        """Its first line."""
        return self.row - self.lines + 1

    @property
    def share(self) -> float:
        """The share of the guide's own columns that it has."""
        guide = [c.field for c in self.table.columns if c.guide and c.owner is Owner.TEAM]
        return sum(field in self.columns for field in guide) / len(guide)


def find_headers(sheet: Sheet, own_words: OwnWords) -> list[Header]:
    """Return every reading of a sheet's rows as headers, by row.

    Below :data:`MAX_HEADER_ROW` only rows that hold several headers are looked at, and only
    as headers of a table that has most of them.
    """
    names = _header_names(tuple(sorted(own_words.items())))
    found = []
    for number in sorted(n for n in sheet.rows if n <= MAX_HEADER_ROW):
        found += _headers_at(sheet, number, names)
    for number in _further_candidates(sheet, names):
        found += [h for h in _headers_at(sheet, number, names) if h.share >= MIN_SHARE]
    return found


def claimed_fields(text: str, table: Table, own_words: OwnWords) -> frozenset[str]:
    """Return the fields of a table that a text would be a header of."""
    names = _header_names(tuple(sorted(own_words.items())))
    return frozenset(n.field for n in _meaning(text, names)[0] if n.table is table)


def normalized(text: str) -> str:
    """Return a text as names and headers are compared; long ones aren't kept in memory."""
    if len(text) > _LONGEST_CACHED:
        return fold(text).replace(" ", "")
    return _normalized_cached(text)


@lru_cache(maxsize=4096)
def _normalized_cached(text: str) -> str:
    return fold(text).replace(" ", "")


class _Name(NamedTuple):
    """What a header means in one table: its column's own header, an alias, or a doubtful one.

    A doubtful one means ``beside`` instead where another header names its field.
    """

    table: Table
    field: str
    own: bool
    beside: str = ""


_Names = Mapping[str, tuple[_Name, ...]]


@cache
def _header_names(own_words: tuple[tuple[str, str], ...] = ()) -> _Names:
    """Map each normalized header to its columns, at most one in each table."""
    names: dict[str, dict[str, _Name]] = defaultdict(dict)
    for table in TABLES:
        doubtful = {
            normalized(name): column.field
            for column in table.columns
            for name in column.aliases_beside[1]
        }
        for column in table.columns:
            own = {normalized(column.header.zh), normalized(column.header.en)}
            # xlflow's own columns are found by exactly their own headers.
            aliases = () if column.owner is Owner.XLFLOW else column.aliases
            for name in (*map(normalized, aliases), *own):
                if table.name not in names[name] or name in own:
                    beside = doubtful.get(name, "")
                    names[name][table.name] = _Name(table, column.field, name in own, beside)
        for name, field in doubtful.items():
            if table.name not in names[name]:
                other = table[field].aliases_beside[0]
                names[name][table.name] = _Name(table, other, False, field)
    for word, header in own_words:
        meant = names.get(normalized(header), {})
        for table_name, meaning in meant.items():
            alias = _Name(meaning.table, meaning.field, own=False)
            names[normalized(word)].setdefault(table_name, alias)
    return {name: tuple(columns.values()) for name, columns in names.items()}


def _meaning(text: str, names: _Names) -> tuple[tuple[_Name, ...], tuple[str, ...]]:
    """Return the columns of which a text is the header, and the notes beside its name."""
    if len(text) > _LONGEST_CACHED:
        return (), ()
    rest = normalized(text).strip(_MARKS)
    notes: list[str] = []
    while rest and rest not in names:
        if behind := _NOTE_BEHIND.fullmatch(rest):
            rest = behind[1]
            notes.append(behind[2])
        elif in_front := _NOTE_IN_FRONT.fullmatch(rest):
            rest = in_front[2]
            notes.append(in_front[1])
        elif numbered := _NUMBER_IN_FRONT.fullmatch(rest):
            rest = numbered[1]
        elif (behind := _UNIT_BEHIND.fullmatch(rest)) and _is_unit(behind[2]):
            rest = behind[1]
            notes.append(behind[2])
        else:
            return (), ()
        rest = rest.strip(_MARKS)
    return names.get(rest, ()), tuple(notes)


def _is_unit(text: str) -> bool:
    return bool(amount_unit((text,)) or days_unit((text,)))


def _headers_at(sheet: Sheet, number: int, names: _Names) -> list[Header]:
    """Return a row as the header of each table of which it has two of the team's columns."""
    line = {
        column: cell.value
        for column, cell in sorted(sheet.rows[number].items())
        if isinstance(cell.value, str) and cell.value.strip()
    }
    if len(line) < 2:
        return []
    alone = _tables_of(line, number, 1, names)
    both = _second_line(sheet, number, line, names)
    if both is None:
        return alone
    joined = _tables_of(both, number + 1, 2, names)
    most = max((len(h.columns) for h in alone), default=0)
    noted = any(h.units for h in joined) or not any(
        both[column] != text for column, text in line.items()
    )
    better = [h for h in joined if len(h.columns) > most or (noted and len(h.columns) == most)]
    return joined if better else alone


def _second_line(
    sheet: Sheet, number: int, first: Mapping[int, str], names: _Names
) -> dict[int, str] | None:
    """Return each column's header out of two lines; None if the next row is no second line.

    A group stands over several columns: merged, or with blank cells to its right. Every
    cell of a second line has to say something: a header alone or with its group, a unit,
    or what to fill in.
    """
    second = {
        column: cell.value
        for column, cell in sheet.rows.get(number + 1, {}).items()
        if cell.value is not None and cell.value != ""
    }
    texts = {column: text for column, text in second.items() if isinstance(text, str)}
    if not texts or len(texts) != len(second):
        return None
    merged = {
        column: sheet.rows[number][left].value
        for top, left, bottom, right in sheet.merges
        if top <= number == bottom and left in sheet.rows[number] and right - left < 100
        for column in range(left, right + 1)
    }
    lines: dict[int, str] = dict(first)
    group = ""
    known = 0
    for column in range(min(first), max((*first, *second)) + 1):
        if column in first or column in merged:
            covering = merged.get(column)
            group = first.get(column) or (covering if isinstance(covering, str) else "")
        elif column not in texts:
            group = ""
        below = texts.get(column)
        if below is None:
            continue
        spelled = _joined(group, below, names)
        if spelled is None:
            return None
        known += 1
        lines[column] = spelled
    return lines if known == len(texts) else None


def _joined(group: str, below: str, names: _Names) -> str | None:
    """Return a group and the header below it as one text; None where they say nothing."""
    if not group:
        return below if _meaning(below, names)[0] else None
    plain, over = below.strip(), group.strip()
    if _SECOND_LINE_NOTE.fullmatch(normalized(plain)):
        bare = normalized(plain).strip("()[]【】")
        return f"{over}({bare})" if bare else over
    if _is_unit(plain):
        return f"{over}({plain})"
    for spelled in (f"{plain}{over}", f"{over}{plain}"):
        if _meaning(spelled, names)[0]:
            return spelled
    return plain if _meaning(plain, names)[0] else None


def _tables_of(line: Mapping[int, str], number: int, lines: int, names: _Names) -> list[Header]:
    """Return a header line as the tables that it may be, side by side or one."""
    meanings = {column: _meaning(text, names) for column, text in line.items()}
    columns = sorted(line)
    if not any(meanings[column][0] for column in columns):
        return []
    runs = _runs(columns)
    if len(runs) > 1:
        beside: list[Header] = []
        for run in runs:
            left = beside[-1].right + 1 if beside else 1
            read = _readings(left, run, line, meanings, number, lines)
            best = max(read, key=lambda header: header.share, default=None)
            if best is not None and best.share >= MIN_SHARE:
                beside.append(best)
        if len(beside) > 1:
            return beside
    return _readings(1, columns, line, meanings, number, lines)


def _runs(columns: Sequence[int]) -> list[list[int]]:
    """Return runs of columns that stand next to each other."""
    runs: list[list[int]] = []
    for column in columns:
        if runs and runs[-1][-1] == column - 1:
            runs[-1].append(column)
        else:
            runs.append([column])
    return runs


def _readings(
    left: int,
    columns: Sequence[int],
    line: Mapping[int, str],
    meanings: Mapping[int, tuple[tuple[_Name, ...], tuple[str, ...]]],
    number: int,
    lines: int,
) -> list[Header]:
    """Return some columns of a line as the header of each table, where they are one."""
    claims: dict[Table, list[tuple[int, _Name]]] = defaultdict(list)
    for column in columns:
        for name in meanings[column][0]:
            claims[name.table].append((column, name))
    found = []
    for table, named in claims.items():
        fields, duplicates = _assigned(table, named)
        if sum(table[field].owner is Owner.TEAM for field in fields) < 2:
            continue
        if "record" not in fields:
            fields = {f: c for f, c in fields.items() if table[f].owner is not Owner.XLFLOW}
        units = {
            field: unit
            for field, column in fields.items()
            if (unit := header_unit(table[field], meanings[column][1]))
        }
        found.append(
            Header(
                table,
                number,
                lines,
                fields,
                {column: shown(line[column]) for column in columns},
                units,
                tuple((field, column, shown(line[column])) for field, column in duplicates),
                left,
                columns[-1],
            )
        )
    return found


def _assigned(
    table: Table, named: Sequence[tuple[int, _Name]]
) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Return the column of each field, and the further columns that claim one.

    Beside 截止日期, 完成时间 is the day on which it was done; a column's own header comes
    before an alias.
    """
    claims: dict[str, list[tuple[int, int]]] = defaultdict(list)
    doubtful: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for column, name in sorted(named, key=itemgetter(0)):
        rank = 0 if name.own else 1
        if name.beside:
            doubtful[name.field].append((rank, column, name.beside))
        else:
            claims[name.field].append((rank, column))
    sure = set(claims)
    for field, unsure in doubtful.items():
        for rank, column, beside in unsure:
            meant = beside if field in sure and beside not in sure else field
            claims[meant].append((rank, column))
    columns: dict[str, int] = {}
    duplicates: list[tuple[str, int]] = []
    for field, claim in claims.items():
        (_, columns[field]), *others = sorted(claim)
        if table[field].owner is not Owner.XLFLOW:
            duplicates += [(field, column) for _, column in others]
    return columns, duplicates


def _further_candidates(sheet: Sheet, names: _Names) -> Iterator[int]:
    """Yield the numbers of the rows past the first ones that hold several headers."""
    distinct: dict[int, Cell] = {}
    numbers = [number for number in sheet.rows if number > MAX_HEADER_ROW]
    for number in numbers:
        row = sheet.rows[number]
        distinct.update(zip(map(id, row.values()), row.values(), strict=True))
    first_signs = _first_signs(tuple(names))
    headers = {
        key
        for key, cell in distinct.items()
        if isinstance(cell.value, str)
        and len(cell.value) <= _LONGEST_HEADER
        and fold(cell.value.lstrip("*●○⚙ ")[:1]) in first_signs
        and _meaning(cell.value, names)[0]
    }
    if not headers:
        return
    for number in sorted(numbers):
        cells = list(map(id, sheet.rows[number].values()))
        if sum(key in headers for key in cells) >= 3:
            yield number


@lru_cache(maxsize=8)
def _first_signs(names: tuple[str, ...]) -> frozenset[str]:
    """Return the signs that headers begin with, and those of brackets in front of one."""
    return frozenset(name[0] for name in names) | frozenset("([【「")
