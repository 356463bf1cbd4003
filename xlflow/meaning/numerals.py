"""Small whole numbers in words: 两, 十二, 二十四."""

from __future__ import annotations

import re

#: The pattern of a small whole number in digits or in Chinese numerals.
NUMERAL = r"(?:\d{1,4}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"

_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_NUMERAL = re.compile(NUMERAL, re.ASCII)


def read_numeral(text: str) -> int | None:
    """Return the number that folded ``text`` spells, up to 9999 in digits and 99 in words."""
    if not text.isascii() and _NUMERAL.fullmatch(text):
        tens, ten, ones = text.rpartition("十")
        return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
    return int(text) if text.isascii() and _NUMERAL.fullmatch(text) else None
