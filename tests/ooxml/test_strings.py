"""Escapes for characters that XML doesn't allow: every text is restored."""

from __future__ import annotations

from xml.sax.saxutils import unescape

from hypothesis import given
from hypothesis import strategies as st

from xlflow.ooxml.strings import escape_text, unescape_text

awkward = st.text("_x05FfDd80aC\r\n\t\x01\x00\ufffe 甲", max_size=30)


@given(st.one_of(st.text(), awkward))
def test_unescaping_restores_every_text(text: str) -> None:
    assert unescape_text(unescape(escape_text(text))) == text


def test_examples() -> None:
    assert escape_text("a\rb") == "a_x000D_b"
    assert escape_text("_x000D_") == "_x005F_x000D_"
    assert escape_text("_x005F\r") == "_x005F_x005F_x000D_"
    assert escape_text("<&>") == "&lt;&amp;&gt;"
    assert escape_text("line\nfeed\t") == "line\nfeed\t"
    assert unescape_text("_x005F_x000D_") == "_x000D_"
    assert unescape_text("_x20AC_ _xZZZZ_ _x41_") == "€ _xZZZZ_ _x41_"
