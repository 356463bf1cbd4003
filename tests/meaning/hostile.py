"""Hostile text, as people and their clipboards produce it."""

from __future__ import annotations

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
#: Arbitrary Unicode, or an unlucky heap of pieces that the parsers look for.
hostile_text = st.one_of(st.text(max_size=40), st.lists(_PIECES, max_size=14).map("".join))
#: What no parser may hang on.
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
    " " * 10**5,
    "(" * 10**5,
    "一" * 10**5,
    "≤" * 10**5,
    "2024-" * 10**4,
]
