"""The text of a digest: complete, short enough, and harmless."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from xlflow.notifications.digest import compose, sanitized
from xlflow.store.outbox import Notice

NOW = datetime(2024, 7, 17, 9)


def notice(number: int = 1, team: str = "市场一部", **facts: Any) -> Notice:
    whole = {
        "kind": "overdue",
        "sheet": "流程优化计划",
        "row": 4,
        "item": f"需求调研 · 目标{number}",
        "owners": ["小张", "李姐"],
        "due": "2024-07-15",
        **facts,
    }
    return Notice(number, f"teams/{team}.xlsx", team, "a", "s", "k", whole, frozenset())


def error(**facts: Any) -> Notice:
    found = {"cell": "E7", "column": "完成时间", "code": "XF102"}
    params = {"params": {"value": "2024-06-31", "example": "2024-06-30"}}
    return notice(kind="error", **{**found, **params, **facts})


def test_a_digest_in_chinese() -> None:
    soon = [notice(2, kind="soon", due=due) for due in ("2024-07-17", "2024-07-18T17:00:00")]
    later = [notice(2, kind="soon", due=due) for due in ("2024-07-19", "2024-07-20")]
    required = error(code="XF101", params={"column": "责任人"}, column="责任人", cell="D7")
    absent = error(code="XF301", params={"table": {"zh": "流程现状分析"}}, sheet=None, cell=None)
    notices = [
        error(),
        required,
        absent,
        *reversed(soon + later),
        notice(),
        notice(3, due="2024-07-01"),
    ]
    title, body = compose(notices, NOW, "zh", 8000)
    assert title == "xlflow 提醒｜市场一部：逾期 2 项，即将到期 4 项，待更正 3 处"
    assert body.splitlines() == [
        "【逾期】",
        "· 需求调研 · 目标3：逾期16天（2024-07-01），小张、李姐",
        "· 需求调研 · 目标1：逾期2天（2024-07-15），小张、李姐",
        "【即将到期】",
        "· 需求调研 · 目标2：今天到期（2024-07-17），小张、李姐",
        "· 需求调研 · 目标2：明天到期（2024-07-18 17:00），小张、李姐",
        "· 需求调研 · 目标2：后天到期（2024-07-19），小张、李姐",
        "· 需求调研 · 目标2：3天后到期（2024-07-20），小张、李姐",
        "【待更正】",
        "· 流程优化计划!E7 完成时间：“2024-06-31”不是有效日期，请改正，如 2024-06-30（XF102）",
        "· 流程优化计划!D7：“责任人”是必填项，请补上（XF101）",
        "· 缺少工作表“流程现状分析”，请从模板复制一张或改回原名（XF301）",
        "详见 teams/市场一部.xlsx",
    ]


def test_a_digest_in_english() -> None:
    notices = [notice(team="East", owners=[], item=""), error(cell=None, column=None)]
    title, body = compose(notices, NOW, "en", 8000)
    assert title == "xlflow | East: 1 overdue, 1 to correct"
    assert body.splitlines() == [
        "OVERDUE",
        "- 流程优化计划, row 4: 2 days overdue (2024-07-15)",
        "TO CORRECT",
        '- 流程优化计划: "2024-06-31" isn\'t a valid date; use one such as 2024-06-30 (XF102)',
        "See teams/East.xlsx",
    ]


def test_an_error_queued_by_another_version_is_named_by_its_code() -> None:
    gone = [error(code="XF999"), error(params={"old": 1})]
    _, body = compose(gone, NOW, "zh", 8000)
    assert "· 流程优化计划!E7 完成时间：XF999" in body
    assert "· 流程优化计划!E7 完成时间：XF102" in body


@pytest.mark.parametrize("limit", [60, 140, 300, 301, 302, 303, 1000, 2048, 8000])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_digest_fits_and_counts_the_rest(limit: int, language: str) -> None:
    notices = [notice(number) for number in range(40)]
    title, body = compose(notices, NOW, language, limit)
    assert len(title.encode()) + len(body.encode()) + 2 <= max(limit, 2)
    listed = body.count("目标")
    assert listed < 40 or limit == 8000
    if limit >= 300 and listed < 40:
        assert str(40 - listed) in body.splitlines()[-1]
        assert body.splitlines()[-1].endswith("teams/市场一部.xlsx")
    body.encode().decode()  # no character was split


@pytest.mark.parametrize(
    "hostile",
    [
        "@all 请看",
        '<at user_id="all">所有人</at>',
        "<!channel> <@U0123>",
        "[点我](http://evil.example)",
        "*加粗* `代码` #标题 ~~删~~ | 表",
    ],
)
def test_text_from_a_cell_mentions_nobody(hostile: str) -> None:
    notices = [
        notice(item=hostile, owners=[hostile], team=hostile),
        error(params={"value": hostile, "example": "x"}, column=hostile, sheet=hostile),
    ]
    text = "\n".join(compose(notices, NOW, "zh", 8000))
    assert not set("@<>`*[]~#") & set(text)


def test_a_long_or_broken_text_becomes_one_short_line() -> None:
    assert sanitized("一\n二\r\n 三\u202e四\x07\ud800") == "一 二 三四"
    assert sanitized("长" * 500) == "长" * 119 + "…"
    assert sanitized(12) == "12"
    notice = error(params={"value": "长" * 500, "example": "2024-06-30"})
    _, body = compose([notice], NOW, "zh", 8000)
    assert f"“{'长' * 39}…”不是有效日期，请改正，如 2024-06-30（XF102）" in body
