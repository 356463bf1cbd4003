"""Spellings for what XML can't hold: every text comes back as it was."""

from __future__ import annotations

from xml.sax.saxutils import unescape

from hypothesis import given
from hypothesis import strategies as st

from xlflow.workbook.strings import spelt, unspelt

awkward = st.text("_x05FfDd80aC\r\n\t\x01\x00\ufffe 甲", max_size=30)


@given(st.one_of(st.text(), awkward))
def test_what_is_spelt_is_read_back(text: str) -> None:
    assert unspelt(unescape(spelt(text))) == text


def test_examples() -> None:
    assert spelt("a\rb") == "a_x000D_b"
    assert spelt("_x000D_") == "_x005F_x000D_"
    assert spelt("_x005F\r") == "_x005F_x005F_x000D_"
    assert spelt("<&>") == "&lt;&amp;&gt;"
    assert spelt("line\nfeed\t") == "line\nfeed\t"
    assert unspelt("_x005F_x000D_") == "_x000D_"
    assert unspelt("_x20AC_ _xZZZZ_ _x41_") == "€ _xZZZZ_ _x41_"
