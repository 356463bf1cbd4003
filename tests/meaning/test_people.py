"""People and departments: guide.md, What is computed."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.meaning.hostile import MONSTERS, MUST_END, hostile_text
from xlflow.meaning.people import split_people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        # The guide's.
        ("刘经理+设计主管", ("刘经理", "设计主管")),
        ("小陈+李姐", ("小陈", "李姐")),
        ("销售部、产品部", ("销售部", "产品部")),
        ("小陈+设计专员*", ("小陈", "设计专员")),
        # Ours.
        ("甲+乙＋丙、丁，戊,己;庚；辛/壬&癸\n子", tuple("甲乙丙丁戊己庚辛壬癸子")),
        (" 小陈 *、 , 李姐　", ("小陈", "李姐")),
        ("小陈+小陈*", ("小陈",)),
        ("劉經理", ("劉經理",)),
        ("John Smith & Mary", ("John Smith", "Mary")),
        ("", ()),
        ("、+*", ()),
    ],
)
def test_one_cell_names_several(text: str, people: tuple[str, ...]) -> None:
    assert split_people(text) == people


def test_aliases_make_one_person_of_two_names() -> None:
    aliases = {"市场调研专员小张": "小张"}
    assert split_people("市场调研专员小张+小张", aliases) == ("小张",)
    assert split_people("市場調研專員小張*、李姐", aliases) == ("小张", "李姐")


@given(hostile_text)
def test_splitting_again_changes_nothing(text: str) -> None:
    people = split_people(text)
    assert split_people("+".join(people)) == people


@MUST_END
@pytest.mark.parametrize("monster", MONSTERS)
def test_monsters_split(monster: str) -> None:
    people = split_people(monster)
    assert split_people("+".join(people)) == people
