"""Numbers in words."""

from __future__ import annotations

import pytest

from tests.meaning.hostile import MONSTERS, MUST_END
from xlflow.meaning.numerals import read_numeral


@pytest.mark.parametrize(
    ("text", "number"),
    [("24", 24), ("一", 1), ("两", 2), ("十", 10), ("十二", 12), ("二十", 20), ("九十九", 99)],
)
def test_numerals(text: str, number: int) -> None:
    assert read_numeral(text) == number


@MUST_END
@pytest.mark.parametrize("text", ["", "百", "十十", "12345", "1.5", "²", "一二", *MONSTERS])
def test_no_numerals(text: str) -> None:
    assert read_numeral(text) is None
