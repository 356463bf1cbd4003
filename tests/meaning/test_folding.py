"""Text from the guide's web page, from Taiwan, from clumsy keyboards: understood alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given

from tests.meaning.hostile import MONSTERS, MUST_END, hostile_text
from xlflow.meaning.folding import fold, full_width, nearest


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("優(yōu)先1", "优先1"),
        ("協(xié)作事項", "协作事项"),
        ("協（xié）作（zuò）事項（xiàng）", "协作事项"),
        ("優 (yōu) 先１", "优先1"),
        ("個(ɡè)", "个"),
        ("我們(men)", "我们"),
        ("略(lüè)", "略"),
        ("耗时\n（天）", "耗时(天)"),
        ("状　态", "状态"),
        ("● 流程环节", "流程环节"),
        ("⚙️系统提示", "系统提示"),
        ("設計專員*", "设计专员"),
        ("Done \n on", "done on"),
        ("Impact (High)", "impact(high)"),
        ("完成\u200b时间\ufeff", "完成时间"),
        ("５０００條", "5000条"),
        ("A´", "á"),
    ],
)
def test_texts_with_one_meaning_fold_to_one_form(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    "text", ["方案(a)", "方案(an)", "耗时(天)", "德国(de)", "渠道(app)", "x(yōu)", "设计(yōux)"]
)
def test_brackets_that_hold_no_pinyin_stay(text: str) -> None:
    assert fold(text) == text


def test_signs_that_look_like_digits_are_not_digits() -> None:
    assert fold("10²") == "10²"
    assert fold("①½Ⅳ") == "①½ⅳ"


def test_a_character_folds_alike_in_any_company() -> None:
    assert fold("乾隆")[0] == fold("乾")


@pytest.mark.filterwarnings("ignore:pkg_resources is deprecated", "ignore::ResourceWarning")
def test_every_character_is_simplified_as_zhconv_converts_it() -> None:
    import zhconv

    for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00)):
        sign = unicodedata.normalize("NFKC", chr(code))
        # The rare characters beyond the basic plane are compared as they are.
        expected = zhconv.convert(sign, "zh-hans") if ord(sign) < 0x10000 else sign
        assert fold(chr(code)) == expected, f"U+{code:04X}"


@given(hostile_text)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@MUST_END
@pytest.mark.parametrize("monster", MONSTERS)
def test_monsters_fold(monster: str) -> None:
    assert fold(fold(monster)) == fold(monster)
    assert not full_width(monster)
    assert nearest(monster, ["高", "中", "低"]) is None


@pytest.mark.parametrize("text", ["１２", "8％", "Ａ", "１，２００", "1，200", "－5", "1．5"])
def test_full_width_typing(text: str) -> None:
    assert full_width(text)


@pytest.mark.parametrize(
    "text", ["12", "8%", "反馈不及时，平均延迟1天", "（天）", "刘经理＋小张", ""]
)
def test_ordinary_chinese_is_not_full_width_typing(text: str) -> None:
    assert not full_width(text)


STATES = ["未开始", "进行中", "已完成", "已取消"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("完成", "已完成"), ("已经完成", "已完成"), ("進行", "进行中"), ("没开始", "未开始")],
)
def test_nearest_choice(typed: str, meant: str) -> None:
    assert nearest(typed, STATES) == meant


def test_neither_a_distant_nor_a_contrary_choice_is_suggested() -> None:
    assert nearest("随便", STATES) is None
    assert nearest("未完成", STATES) is None
    assert nearest("越大越好", ["越高越好", "越低越好"]) is None
    assert nearest("高", []) is None
