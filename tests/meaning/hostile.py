"""Hostile text, as people and their clipboards produce it."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

_PIECES = st.sampled_from(
    [
        *"0123456789０１９.,，-−+%％‰条條万亿年月日号底点时:：/ \n\t()（）*●⚙²①½ⅣeEß￥$\u200b\x00",
        *(
            "yōu",
            "優(yōu)",
            "小时",
            "工作日",
            "每日",
            "以上",
            "不超过",
            "NaN",
            "Infinity",
            "1e999999",
        ),
    ]
)
#: Arbitrary Unicode, or pieces that the parsers look for, thrown together.
hostile_text = st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=14).map("".join))
#: Text on which no parser may hang or fail.
MONSTERS = [
    "1e999999",
    "-1E+999999",
    "NaN",
    "Infinity",
    "-Infinity",
    "sNaN",
    "\x00",
    "\ud800",
    "9" * 10**5,
    "1," * 10**5,
    "优(yōu)" * 10**4,
    "优" + "(yōu)" * 10**4,
    " " * 10**5,
    "(" * 10**5,
    "一" * 10**5,
    "≤" * 10**5,
    "2024-" * 10**4,
    "e" + "\u0301\u0323" * 10**5,
]
MUST_END = pytest.mark.timeout(30)
"""Marks the tests of these: a linear parser takes milliseconds, a quadratic one minutes."""
