"""One thing is called by one word: the table of docs/wording.md holds in every Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.messages.chinese_texts import ROOT, Text, all_texts, headers_of_the_guide

_CODE = re.compile(r"`([^`]*)`")


class Entry(NamedTuple):
    """A row of the table."""

    word: str
    meaning: str
    english: str
    never: tuple[str, ...]


def table() -> list[Entry]:
    """Return the rows of docs/wording.md."""
    rows = []
    for line in (ROOT / "docs/wording.md").read_text("utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| word |"):
            word, meaning, english, never = (cell.strip() for cell in line.split("|")[1:5])
            rows.append(Entry(word, meaning, english, tuple(_CODE.findall(never))))
    return rows


TABLE = table()
_INSTEAD = {never: entry.word for entry in TABLE for never in entry.never}
_HEADERS = headers_of_the_guide()
_QUOTED_HEADERS = "|".join(f"“{re.escape(header)}”" for header in _HEADERS)


def faults(text: Text) -> Iterator[str]:
    """Yield what a text calls by a word that it shouldn't."""
    if text.in_a_sheet and text.text in _HEADERS:
        return
    bare = re.sub(f"`[^`]*`|{_QUOTED_HEADERS}", "", text.text)
    for never, instead in _INSTEAD.items():
        rest = bare
        for longer in (entry.word for entry in TABLE if never in entry.word):
            rest = rest.replace(longer, "")
        if never in rest:
            yield f"{text.place}: “{never}”, write “{instead}”: {text.text[:60]}"


def test_no_text_has_a_second_word_for_a_thing() -> None:
    assert [fault for text in all_texts() for fault in faults(text)] == []


@pytest.mark.parametrize("never", _INSTEAD)
def test_a_planted_word_is_found(never: str) -> None:
    assert list(faults(Text("here", f"请看{never}。"))) != []
    assert list(faults(Text("a sheet", f"请看{never}。", in_a_sheet=True))) != []


@pytest.mark.parametrize(
    "text",
    [
        Text("a sheet", "责任人", in_a_sheet=True),
        Text("a sentence", "请看“责任人”这一列"),
        Text("a page", "表头 `责任人`"),
        Text("a sentence", "改进优先级、团队名称和单元格格式"),
        Text("a sentence", "统一格式，进度在状态栏"),
    ],
)
def test_the_guides_headers_and_longer_words_are_not_faults(text: Text) -> None:
    assert list(faults(text)) == []


def test_a_header_is_exempt_only_as_a_header() -> None:
    assert list(faults(Text("a sentence", "责任人"))) != []
    assert list(faults(Text("a sheet", "写清目标、责任人和完成时间", in_a_sheet=True))) != []


def test_the_table_has_what_the_team_agreed_on() -> None:
    words = {entry.word for entry in TABLE}
    assert {"列", "单元格", "负责人", "反馈", "无法读取"} <= words
    assert {"已读取", "超时反馈", "改进优先级", "进度", "到期或已完成"} <= words
    assert {"跑一遍", "造一个", "没有动它"} <= set(_INSTEAD)


def test_the_table_contradicts_nothing() -> None:
    words = [entry.word for entry in TABLE]
    assert len(words) == len(set(words))
    assert not set(words) & set(_INSTEAD)
    assert all(entry.meaning and entry.english for entry in TABLE)
    assert sum(len(entry.never) for entry in TABLE) == len(_INSTEAD), "a word is forbidden twice"


def test_every_word_of_the_table_is_in_use() -> None:
    said = "\n".join(text.text for text in all_texts())
    assert [entry.word for entry in TABLE if entry.word not in said] == []
