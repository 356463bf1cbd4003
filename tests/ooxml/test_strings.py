"""Escapes for characters that XML doesn't allow: every text is restored."""

from __future__ import annotations

from xml.sax.saxutils import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlflow.ooxml import strings
from xlflow.ooxml.strings import escape_text, shared_strings, unescape_text

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


PLAIN, RICH = "<si><t>a</t></si>", "<si><r><t>b</t></r><r><t>c</t></r></si>"


def part(items: str) -> bytes:
    return f'<sst xmlns="main">{items}</sst>'.encode()


@pytest.mark.parametrize("block", [1, 20, 50, 1 << 18])
@pytest.mark.parametrize(
    ("items", "texts"),
    [
        (PLAIN + RICH + PLAIN, ["a", "bc", "a"]),
        (RICH * 2 + f"<si/>{PLAIN}<si/>{RICH}<si/><si/>", ["bc"] * 2 + ["", "a", "", "bc", "", ""]),
        (f"<xlflow/>{RICH}{RICH}", ["bc", "bc"]),
        (f"{RICH}<x>{RICH}</x>{RICH}", ["bc", "bc"]),
        ("", []),
    ],
)
def test_items_of_any_form(
    items: str, texts: list[str], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strings, "BLOCK", block)
    assert shared_strings(part(items)) == texts
    assert shared_strings(part(items).replace(b"<sst ", b"<sst  ")) == texts


def test_rich_items_share_a_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser for each of them would take half a minute for a part of 60 MB."""
    made = []
    parse = strings.parse_tree
    monkeypatch.setattr(strings, "parse_tree", lambda data: made.append(data) or parse(data))
    assert len(shared_strings(part((PLAIN + RICH) * 20_000))) == 40_000
    assert len(made) < 10
