"""How wide text is and how many lines it takes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from wcwidth import wcwidth

from xlflow import text_width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("East 12%", 8),
        ("市场一部.xlsx", 13),
        ("（１２）：", 10),
        ("“引号”……—›", 10),
        ("é", 1),
        ("e\u0301", 1),
        ("ｶﾞﾊﾟ", 4),
        ("한국", 4),
        ("\u1112\u1161\u11ab", 2),
        ("👍", 2),
        ("👍🏽", 2),
        ("👨‍👩‍👧", 2),
        ("⚠️ 逾期", 7),
        ("a\u200bb", 2),
        ("a\x07b\x1b市", 4),
    ],
)
def test_width_counts_half_width_characters(text: str, columns: int) -> None:
    assert text_width.width(text) == columns


def test_characters_measured_without_wcwidth_have_its_widths() -> None:
    measured = [c for c in map(chr, range(sys.maxunicode + 1)) if not needs_wcwidth(c)]
    assert len(measured) > 20_000
    assert [c for c in measured if text_width.width(c) != wcwidth(c)] == []


def needs_wcwidth(character: str) -> bool:
    return not text_width._MEASURED_HERE.fullmatch(character)


def test_chinese_and_english_are_measured_without_importing_wcwidth() -> None:
    script = (
        "import sys; from xlflow import text_width; "
        "assert text_width.width('用法：xlflow check “路径” …') == 27; "
        "assert 'wcwidth' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("", 10, 1),
        ("十个汉字的一句话儿呢", 20, 1),
        ("十个汉字的一句话儿呢", 19.9, 2),
        ("a\n\n市场", 10, 3),
        ("ｶﾀｶﾅｶﾀｶﾅ", 8, 1),
        ("👨‍👩‍👧👨‍👩‍👧", 4, 1),
        ("e\u0301" * 8, 8, 1),
    ],
)
def test_lines_of_a_wrapped_text(text: str, room: float, lines: int) -> None:
    assert text_width.line_count(text, room) == lines


def test_letters_and_ragged_lines_may_take_more() -> None:
    assert text_width.line_count("a" * 20, 20, letter_width=1.06) == 2
    assert text_width.line_count("市" * 10, 20, letter_width=1.06) == 1
    assert text_width.line_count("市" * 20, 20) == 2
    assert text_width.line_count("市" * 20, 20, ragged=2) == 3
