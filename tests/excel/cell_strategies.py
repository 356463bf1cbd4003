"""Hypothesis strategies for the values and ranges that Excel passes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.meaning.hostile import MONSTERS, hostile_text

MISSING = -2147352572
NOT_AVAILABLE = -2146826246
ERRORS = [-2146826288, -2146826281, -2146826273, -2146826265, -2146826259, -2146826252]
ERRORS += [NOT_AVAILABLE, -2146826245, -2146826243, -2146826238]

numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-10, 100_000),
    st.sampled_from([0.0, -0.0, 1.0, 45473.0, 45473.999999, 60.0, 2958465.0, 1e300, 5e-324]),
)
moments = st.one_of(
    st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)),
    st.datetimes(datetime(100, 1, 1), datetime(9999, 12, 31)),
    st.dates(date(1990, 1, 1), date(2099, 12, 31)).map(lambda d: datetime(d.year, d.month, d.day)),
)
words = st.sampled_from(
    [
        *("高", "中", "低", "H", "大", "High", "已完成", "进行中", "已取消", "Done"),
        *("5000条", "8%", "1.2万", "10%", "2024-06-30", "2024-06-31", "6月底", "2024/6/30 9:30"),
        *("24小时", "2个工作日", "3天内", "每日17:00前", "每日24:00前", "按计划时间节点"),
        *("无法判断：", "", " ", "\x00", "\x1b[31m", "\ud800", "=1+1", "'", "优(yōu)先1"),
    ]
)
#: One cell: a value of a workbook or the result of another formula.
cells = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    moments,
    words,
    hostile_text,
    st.sampled_from([*ERRORS, MISSING, *MONSTERS]),
    st.integers(),
    st.decimals(allow_nan=True, allow_infinity=True).filter(lambda n: not n.is_snan()),
)


def columns(rows: int) -> st.SearchStrategy[tuple[tuple[Any], ...]]:
    """Return a strategy for columns of that many cells."""
    return st.lists(cells.map(lambda cell: (cell,)), min_size=rows, max_size=rows).map(tuple)


areas = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(cells, min_size=width, max_size=width).map(tuple), min_size=1, max_size=4
    ).map(tuple)
)
#: One argument: a cell, a range of any shape, an array constant.
arguments = st.one_of(cells, areas, st.lists(cells, max_size=4).map(tuple))

#: Values that the strategies don't generate.
STRANGE: list[Any] = [
    10**400,
    -(10**400),
    Decimal("1E+999999"),
    Decimal("sNaN"),
    datetime.max,
    datetime.min,
    datetime(2024, 6, 30, 23, 59, 59, 999_999),
    datetime(2024, 6, 30, tzinfo=UTC),
    date(2024, 6, 30),
    (),
    ((),),
    ((1.0,), (2.0, 3.0)),
    ((1.0,), "ab"),
    [[1.0], [2.0]],
    b"bytes",
    object(),
    {"a": 1},
    [[[1.0]]],
    1j,
]
