"""The conditional formats of a team sheet: overdue, due soon, done, met and missed.

The formulas use Excel's own functions, so true dates and numbers are coloured even
where xlflow doesn't run. What Excel can't read (``6月底``, ``24小时``, a deviation as
text) is coloured by what xlflow wrote into its own cells. Every function used is in
Excel 2010, LibreOffice and WPS, and there are no array constants, which conditional
formats don't allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from xlflow import look, schema
from xlflow.columns import Option, Owner, Table
from xlflow.facts import column_letters

FIRST_DAY = 36526
"""2000-01-01 as Excel's serial number; smaller numbers aren't taken for dates."""


class ConditionalFormat(NamedTuple):
    """The ``style`` of the cells of ``fields`` in the rows where ``formula`` is true.

    The formula is written for the first data row, with absolute columns and relative
    rows. With ``edge`` only the left border of the cell is coloured.
    """

    fields: tuple[str, ...]
    formula: str
    style: look.Style
    edge: bool = False


def conditional_formats(
    table: Table, row: int, columns: Mapping[str, int] | None = None
) -> tuple[ConditionalFormat, ...]:
    """Return the formats of one table by priority; ``row`` is its first data row.

    ``columns`` are the numbers of all its columns by field; without them they are in the
    schema's order from the first one on.
    """
    numbers = columns or {c.field: n for n, c in enumerate(table.columns, 1)}
    cells = {field: f"${column_letters(number)}{row}" for field, number in numbers.items()}
    return tuple(_formats(table, cells))


def row_is_filled(table: Table, row: int) -> str:
    """Return the formula that is true if the team has typed something in the row."""
    runs: list[list[str]] = []
    for number, column in enumerate(table.columns, 1):
        if column.owner is not Owner.TEAM:
            runs.append([])
        else:
            runs = runs or [[]]
            runs[-1].append(f"${column_letters(number)}{row}")
    spans = ",".join(f"{run[0]}:{run[-1]}" for run in runs if run)
    return f"COUNTA({spans})>0"


def _formats(table: Table, cells: dict[str, str]) -> Iterator[ConditionalFormat]:
    team = tuple(c.field for c in table.team_columns)
    first = table.columns[0].field
    remarks = cells["remarks"]
    yield ConditionalFormat((first,), f'{remarks}<>""', look.BAD, edge=True)
    yield ConditionalFormat(("remarks",), f'{remarks}<>""', look.Style(look.BAD.color))
    if table.name == schema.PLAN.name:
        closed = (
            f"OR({_is_any_of(cells['status'], *schema.STATUS[2:])},{happened(cells['done_on'])})"
        )
        flagged = f'AND({cells["late"]}<>"",NOT({closed}))'
        yield from _deadline("due", cells, closed, flagged)
        yield ConditionalFormat(team, closed, look.DONE)
    if table.name == schema.MESSAGE.name:
        answered = happened(cells["answered_at"])
        # A recurring duty can be late in spite of an answer, so its flag alone decides.
        yield from _deadline("deadline", cells, answered, f'{cells["late"]}<>""')
        yield ConditionalFormat(team, f'AND({answered},{cells["late"]}="")', look.DONE)
    if table.name == schema.CAMPAIGN.name:
        yield from _deviation(cells)


def _deadline(
    field: str, cells: dict[str, str], closed: str, flagged: str
) -> Iterator[ConditionalFormat]:
    due = cells[field]
    # A date without a time of day is due at the end of the day.
    past = f"N({due})+IF(N({due})=INT(N({due})),1,0)<=NOW()"
    dated = f"N({due})>={FIRST_DAY}"
    native = f"AND({dated},{past},NOT({closed}))"
    yield ConditionalFormat((field,), f"OR({native},AND(ISTEXT({due}),{flagged}))", look.BAD)
    yield ConditionalFormat(("late",), flagged, look.BAD)
    near = f"AND({dated},INT(N({due}))-TODAY()<={look.SOON_DAYS},NOT({closed}))"
    yield ConditionalFormat((field,), near, look.SOON)


def _deviation(cells: dict[str, str]) -> Iterator[ConditionalFormat]:
    target, actual, deviation = cells["target"], cells["actual"], cells["deviation"]
    lower = _is_any_of(cells["direction"], schema.DIRECTION[1])
    sign = f"IF({lower},-1,1)"
    reached = f"(N({actual})-N({target}))*{sign}"
    known = f'AND({deviation}="",ISNUMBER({target}),ISNUMBER({actual}),N({target})<>0)'
    bad = (
        f"OR(AND(ISNUMBER({deviation}),N({deviation})*{sign}<0),"
        f'AND(ISTEXT({deviation}),LEFT({deviation},1)=IF({lower},"+","-")))'
    )
    good = (
        f"OR(AND(ISNUMBER({deviation}),N({deviation})*{sign}>=0),"
        f'AND(ISTEXT({deviation}),OR(LEFT({deviation},1)=IF({lower},"-","+"),{deviation}="0%")))'
    )
    yield ConditionalFormat(("actual",), f"OR({bad},AND({known},{reached}<0))", look.BAD)
    yield ConditionalFormat(("actual",), f"OR({good},AND({known},{reached}>=0))", look.GOOD)
    yield ConditionalFormat(("deviation",), bad, look.BAD)
    yield ConditionalFormat(("deviation",), good, look.GOOD)


def _is_any_of(cell: str, *options: Option) -> str:
    texts = [text for option in options for text in (option.zh, option.en)]
    return "OR(" + ",".join(f'{cell}="{text}"' for text in texts) + ")"


def happened(cell: str) -> str:
    """Return the formula that is true for a date that has come, and for a text like a date.

    A date of 1900 is no date, and neither is a text that begins with no digit, such as ``-``.
    """
    dated = f"AND(N({cell})>={FIRST_DAY},N({cell})<=NOW())"
    return f'AND({cell}<>"",IF(ISNUMBER({cell}),{dated},ISNUMBER(1*LEFT({cell},1))))'
