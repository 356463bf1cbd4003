"""Which cells of a team sheet change their colour by themselves, and when.

The formulas are Excel's own, so a sheet shows what is overdue and what missed
its target where nothing runs beside it: by true dates and numbers. What Excel
can't read (``6月底``, ``24小时``, a deviation as text) is coloured by what
xlflow wrote into its own cells. Every function here is in Excel 2010, LibreOffice
and WPS; array constants, which conditional formats refuse, don't occur.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from xlflow import look, schema
from xlflow.columns import Option, Owner, Table
from xlflow.facts import column_letters

FIRST_DAY = 36526
"""2000-01-01 as Excel counts days; smaller numbers are taken for something else than a date."""


class ConditionalFormat(NamedTuple):
    """Cells of ``fields`` take ``style`` in the rows where ``formula`` is true.

    The formula is written for the row that it was asked for, with columns fixed
    and the row relative. ``edge`` draws a line at the left of the cell instead.
    """

    fields: tuple[str, ...]
    formula: str
    style: look.Style
    edge: bool = False


def conditional_formats(table: Table, row: int) -> tuple[ConditionalFormat, ...]:
    """Return the highlights of one table for its first data row, the strongest first."""
    at = {c.field: f"${column_letters(n)}{row}" for n, c in enumerate(table.columns, 1)}
    return tuple(_highlights(table, at))


def row_is_filled(table: Table, row: int) -> str:
    """Return the formula that is true where a team has something in the row."""
    runs: list[list[str]] = []
    for number, column in enumerate(table.columns, 1):
        if column.owner is not Owner.TEAM:
            runs.append([])
        else:
            runs = runs or [[]]
            runs[-1].append(f"${column_letters(number)}{row}")
    spans = ",".join(f"{run[0]}:{run[-1]}" for run in runs if run)
    return f"COUNTA({spans})>0"


def _highlights(table: Table, at: dict[str, str]) -> Iterator[ConditionalFormat]:
    team = tuple(c.field for c in table.team_columns)
    first = table.columns[0].field
    remarks = at["remarks"]
    yield ConditionalFormat((first,), f'{remarks}<>""', look.BAD, edge=True)
    yield ConditionalFormat(("remarks",), f'{remarks}<>""', look.Style(look.BAD.ink))
    if table.name == schema.PLAN.name:
        closed = f"OR({_is(at['status'], *schema.STATUS[2:])},{_happened(at['done_on'])})"
        flagged = f'AND({at["late"]}<>"",NOT({closed}))'
        yield from _deadline("due", at, closed, flagged)
        yield ConditionalFormat(team, closed, look.DONE)
    if table.name == schema.MESSAGE.name:
        answered = _happened(at["answered_at"])
        # A duty that recurs can be late though an answer came, so its flag counts as it stands.
        yield from _deadline("deadline", at, answered, f'{at["late"]}<>""')
        yield ConditionalFormat(team, f'AND({answered},{at["late"]}="")', look.DONE)
    if table.name == schema.CAMPAIGN.name:
        yield from _deviation(at)


def _deadline(
    field: str, at: dict[str, str], closed: str, flagged: str
) -> Iterator[ConditionalFormat]:
    due = at[field]
    # A date alone lasts until the end of its day, a moment until its minute.
    past = f"N({due})+IF(N({due})=INT(N({due})),1,0)<=NOW()"
    dated = f"N({due})>={FIRST_DAY}"
    native = f"AND({dated},{past},NOT({closed}))"
    yield ConditionalFormat((field,), f"OR({native},AND(ISTEXT({due}),{flagged}))", look.BAD)
    yield ConditionalFormat(("late",), flagged, look.BAD)
    near = f"AND({dated},INT(N({due}))-TODAY()<={look.SOON_DAYS},NOT({closed}))"
    yield ConditionalFormat((field,), near, look.SOON)


def _deviation(at: dict[str, str]) -> Iterator[ConditionalFormat]:
    target, actual, deviation = at["target"], at["actual"], at["deviation"]
    lower = _is(at["direction"], schema.DIRECTION[1])
    sign = f"IF({lower},-1,1)"
    reached = f"(N({actual})-N({target}))*N({target})*{sign}"
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


def _is(cell: str, *options: Option) -> str:
    words = [word for option in options for word in (option.zh, option.en)]
    return "OR(" + ",".join(f'{cell}="{word}"' for word in words) + ")"


def _happened(cell: str) -> str:
    """Something stands there, and if it is a true date, it isn't one still to come."""
    return f'AND({cell}<>"",N({cell})<=NOW())'
