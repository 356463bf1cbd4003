"""Chinese sentences take full-width signs, also beside latin words and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.messages.chinese_texts import Text, all_texts, printed_by_the_guide

FULL_WIDTH = dict(zip(",;:?!()", "，；：？！（）", strict=True))
QUOTES = {'"': "“ ”", "'": "“ ”", "「": "“", "」": "”", "『": "‘", "』": "’"}

# Where half-width signs stay. Each pattern is one kind of thing, and takes no more than that.
ALLOWED = [
    r"`[^`]*`",  # a code span
    r"\{[^{}]*\}",  # what is filled in
    r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)",  # a time
    r"(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)",  # a number
    r"\$?[A-Z]{1,3}\$?\d+:\$?[A-Z]{1,3}\$?\d+",  # a range of cells
    r"!(?=\$?[A-Z]{1,3}\$?\d|\x00|Print_)",  # the sign between a sheet and its cell
    r"\b[a-z]+://[!-~]*[\w/]?",  # an address
    r"\b[A-Z]:[\\/]",  # a drive
    r"#[A-Z]+/?[A-Z0]*[!?]",  # an error of Excel's: #REF!, #NAME?
    r'(?<== )"[ -!#-~]*"|"(?:off|error|warning|info)"',  # a value of the settings
    r"(?:^|(?<=\n))(?:xlflow|cd|\{path\})[^#\n]*(?= # )",  # command # what it does
    # A command within a sentence; a sign at a word's end is the sentence's.
    r"\b(?:xlflow|pip|python|sysctl|loginctl|keyring)(?: [!-~]*[\w/=.\]}\x00-])+",
    r"(?<=Excel 工作簿) \(\*\.xlsx\)",  # a file type as Excel's own dialog prints it
    r"“[^“”\u4e00-\u9fff]*”",  # a wholly latin phrase in quotes
    r"!(?=\[)|\]\([^()\s]+\)",  # a picture, the target of a link
    r'&"[^"]*"',  # a font in a page's header or footer
]


class Fault(NamedTuple):
    """A half-width sign, a few characters about it, and what should stand there."""

    sign: str
    about: str
    instead: str

    def __str__(self) -> str:
        return f"{self.sign} in “{self.about}”: write {self.instead}"


def faults(text: str) -> Iterator[Fault]:
    """Yield the half-width signs and wrong quotes of a Chinese text."""
    bare = text
    for printed in printed_by_the_guide():
        bare = bare.replace(printed, "\x00" * len(printed))
    for allowed in ALLOWED:
        bare = re.sub(allowed, lambda match: "\x00" * len(match[0]), bare, flags=re.ASCII)
    for at, sign in enumerate(bare):
        instead = FULL_WIDTH.get(sign) or QUOTES.get(sign)
        if instead:
            yield Fault(sign, text[max(at - 8, 0) : at + 9].replace("\n", "⏎"), instead)


def test_every_sentence_takes_full_width_signs() -> None:
    found = [f"{t.place}: {fault}" for t in all_texts() for fault in faults(t.text)]
    assert found == []


def test_texts_of_every_kind_are_looked_at() -> None:
    texts = all_texts()
    kinds = [
        *("messages rules.XF102", "messages rules page XF102", "messages terminal.", "schema "),
        *("settings watch.mode", "function xlf_deadline(phrase)", "figure plan_due", "reason "),
        *(
            "formula campaign.deviation",
            "macros/customUI14.xml",
            "README.md:",
            "docs/coordinator/excel.md:",
        ),
        *(
            "docs/reference/rules.md:",
            "docs/reference/commands.md:",
            "workbooks/master.xlsm xl/sharedStrings.xml",
        ),
        *("workbooks/team-template.xlsx xl/worksheets/sheet", "workbooks/xlflow.xlam "),
        *("workbooks/team-template.xlsx xl/comments", "workbooks/master.xlsm customUI/"),
    ]
    for kind in kinds:
        assert any(text.place.startswith(kind) for text in texts), kind
    assert sum(text.place.startswith("messages ") for text in texts) > 800
    built = [text.text for text in texts if text.place.startswith("workbooks/xlflow.xlam")]
    assert any(text.startswith("没能启动 Python") for text in built), "the sheet that VBA reads"


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("这一列要填日期,这里不是", ","),
        ("请在 Excel, WPS 里打开", ","),
        ("运行 xlflow sync, 再看汇总", ","),
        (":中", ":"),
        (";请补上", ";"),
        ("原因:{reason}", ":"),
        ("{place}:{told}", ":"),
        ("是不是 sync?", "?"),
        ("请注意!", "!"),
        ("耗时(小时)", "()"),
        ("有一处不对 (XF102)", "()"),
        ("请从列表选“高”;或清空(见说明)", ";()"),
        ('请选"高"', '""'),
        ("请选'高'", "''"),
        ("「{value}」不是日期", "「」"),
        ("『高』", "『』"),
        ("格式是 (*.ods)", "()"),
        ("从“高,中,低”里选", ",,"),
    ],
)
def test_a_fault_is_found(text: str, signs: str) -> None:
    assert "".join(fault.sign for fault in faults(text)) == signs


def test_a_fault_says_where_it_is_and_what_to_write() -> None:
    (fault,) = faults("这一列要填日期,这里不是")
    assert str(fault) == ", in “这一列要填日期,这里不是”: write ，"


@pytest.mark.parametrize(
    "text",
    [
        "每日17:00前反馈，或 09:30:00 以前",
        "数据区 E7:F9 合并了单元格",
        "流程优化计划!E7 是公式，{sheet}!{cell} 也是",
        "单元格显示 #REF!、#N/A 之类的错误",
        "xlflow sync --as-of 2024-07-16T09:00 # 按那一刻",
        "请运行：sysctl fs.inotify.max_user_watches={wanted}",
        "自 {since:%Y-%m-%d %H:%M} 起",
        "最多 5,000,000 个单元格",
        "“耗时(天)”只填数字，“影响程度(高/中/低)”从列表选",
        "需求文档不清晰,导致方案反复修改",
        "地址如 zhang=mailto://…，写进 XLFLOW_NOTIFY_URLS",
        '设 write_back = "cells"，或写 "off"',
        "另存为“Excel 工作簿 (*.xlsx)”",
        "点“Enable Content (once)”",
        "在 `xlf_variance(目标, 实际)` 里",
    ],
)
def test_allowed_words_are_not_faults(text: str) -> None:
    assert list(faults(text)) == []


def test_a_fault_in_any_text_is_found() -> None:
    planted = [Text(text.place, f"{text.text},请") for text in all_texts()]
    missed = [text for text in planted if not list(faults(text.text))]
    assert missed == []
