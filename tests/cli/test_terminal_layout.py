import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlflow.cli.terminal_layout import (
    one_line,
    padded,
    progress_line,
    shortened,
    table,
    visible_width,
    wrapped,
)


@settings(max_examples=60)
@given(st.text("市场abc ,。", max_size=30), st.integers(1, 20))
def test_shortened_fits(text: str, columns: int) -> None:
    assert visible_width(shortened(text, columns)) <= columns


@settings(max_examples=60)
@given(st.text("市场部abc「」,。 ", max_size=80))
def test_wrapping_loses_nothing_but_spaces(text: str) -> None:
    assert "".join(wrapped(text, 20, 2).split()) == "".join(text.split())


def test_lines_break_between_chinese_characters_but_not_before_a_full_stop() -> None:
    assert wrapped("一二三四五。六七", 10) == "一二三四\n五。六七"
    assert wrapped("状态「已完成」的行", 8) == "状态「已\n完成」的\n行"


def test_a_table_lines_up_whatever_the_script() -> None:
    shown = table(["团队", "n"], [["市场一部", "5"], ["East", "12"]], right=[1])
    assert shown.splitlines() == [
        "团队       n",
        "────────  ──",
        "市场一部   5",
        "East      12",
    ]


def test_emoji_and_combining_characters_line_up_too() -> None:
    shown = table(["👨‍👩‍👧", "n"], [["e\u0301", "1"], ["ｶﾞ", "2"], ["⚠️", "3"]])
    assert shown.splitlines() == ["👨‍👩‍👧  n", "──  ─", "e\u0301   1", "ｶﾞ  2", "⚠️  3"]


def test_coloured_cells_are_padded_by_what_is_seen() -> None:
    assert padded("\x1b[31m错误\x1b[0m", 6) == "\x1b[31m错误\x1b[0m  "


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("两行\n文字", "两行 文字"),
        ("a\r\n\tb", "a b"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("右\u202e左", "右\\u202e左"),
    ],
)
def test_text_from_a_file_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_progress_fits_its_line() -> None:
    line = progress_line(3, 10, "很长的团队名称" * 10, 40)
    assert visible_width(line) <= 39
    assert "3/10" in line
