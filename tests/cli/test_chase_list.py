"""``overdue`` as a list to chase people with."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from tests.cli.running import Run
from xlflow.cli import chase_list
from xlflow.cli.session import Session
from xlflow.figures.report import Origin, OverdueItem

DAY = ("--as-of", "2024-07-16")


@pytest.mark.usefixtures("root")
def test_one_team_or_one_owner(run: Run) -> None:
    everything = run("overdue", "--json", *DAY).json["overdue"]
    team = run("overdue", "--json", "--team", "市场一部", *DAY).json["overdue"]
    assert team == [item for item in everything if item["team"] == "市场一部"] != []
    owner = run("overdue", "--json", "--owner", "小张", *DAY).json["overdue"]
    assert owner == [item for item in everything if "小张" in item["owners"]] != []
    other = next(name for i in everything for name in i["owners"] if name != "小张")
    two = run("overdue", "--json", "--owner", "小张", "--owner", other, *DAY).json["overdue"]
    assert two == [i for i in everything if {"小张", other} & set(i["owners"])] != owner
    assert run("overdue", "--json", "--owner", "没有这个人", *DAY).json["overdue"] == []


@pytest.mark.usefixtures("root")
def test_a_team_that_does_not_exist_is_refused(run: Run) -> None:
    for command in ("overdue", "check"):
        ran = run(command, "--team", "市场一步", *DAY)
        assert (ran.code, ran.out) == (2, "")
        assert "没有“市场一步”这个团队。是不是 市场一部？" in ran.err


@pytest.mark.usefixtures("root")
def test_findings_of_a_level_or_of_a_team(run: Run) -> None:
    everything = run("check", "--json", *DAY).json["findings"]
    errors = run("check", "--severity", "error", "--json", *DAY)
    assert errors.json["findings"] == [f for f in everything if f["severity"] == "error"]
    assert errors.code == int(bool(errors.json["findings"]))
    warnings = run("check", "--severity", "warning", "--json", *DAY).json["findings"]
    assert {f["severity"] for f in warnings} == {"error", "warning"}
    team = run("check", "--team", "市场一部", "--json", *DAY).json
    assert [book["team"] for book in team["workbooks"]] == ["市场一部"]
    assert team["findings"] == [f for f in everything if f["team"] == "市场一部"]


def item(text: str, *owners: str) -> OverdueItem:
    origin = Origin("市场一部", "teams/市场一部.xlsx", "流程优化计划", "E7", 7)
    return OverdueItem(origin, "plan", text, owners, date(2024, 7, 13), "逾期3天", 3 * 86400)


ITEMS = (item("方案 · 需求", "小张", "小李"), item("*评审* [1]\n=1+1"), item("=1+1", "小李"))


def test_each_owner_gets_a_paragraph() -> None:
    text = chase_list.as_text(ITEMS, (), Session("zh"))
    assert text.split("\n\n") == [
        "小张：1 项逾期\n"
        "· 方案 · 需求，逾期3天（期限 2024-07-13），市场一部.xlsx › 流程优化计划!E7",
        "小李：2 项逾期\n"
        "· 方案 · 需求，逾期3天（期限 2024-07-13），市场一部.xlsx › 流程优化计划!E7\n"
        "· =1+1，逾期3天（期限 2024-07-13），市场一部.xlsx › 流程优化计划!E7",
        "没有负责人：1 项逾期\n"
        "· *评审* [1] =1+1，逾期3天（期限 2024-07-13），市场一部.xlsx › 流程优化计划!E7",
    ]
    only = chase_list.as_text(ITEMS, {"小张"}, Session("zh"))
    assert "小李" not in only
    assert chase_list.as_text((), (), Session("en")) == "Nothing is overdue."


def test_markdown_shows_what_was_typed() -> None:
    text = chase_list.as_markdown(ITEMS, (), Session("zh"))
    assert "**小张：1 项逾期**\n\n- 方案" in text
    assert r"- \*评审\* \[1\] =1+1，" in text


def test_csv_is_no_formula() -> None:
    rows = list(csv.reader(chase_list.as_csv(ITEMS, (), Session("zh")).splitlines()))
    assert rows[0][:5] == ["团队", "工作簿", "工作表", "单元格", "事项"]
    assert [row[4] for row in rows[1:]] == ["方案 · 需求", "*评审* [1] =1+1", "'=1+1"]
    assert rows[1][5:] == ["小张、小李", "2024-07-13", "逾期3天"]
