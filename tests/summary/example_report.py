"""Example reports of a month for the summary, with any number of teams or none."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xlflow.figures.catalogue import FIGURES, FigureUnit
from xlflow.figures.report import (
    CampaignItem,
    FindingItem,
    MessageItem,
    Origin,
    OverdueItem,
    PriorityItem,
    Report,
    Submission,
    TargetProgress,
)

NUMERALS = "一二三四五六七八九"
MONTHS = (*(f"2023-{m:02}" for m in range(8, 13)), *(f"2024-{m:02}" for m in range(1, 8)))


def team_name(index: int) -> str:
    kind = ("市场", "品牌", "渠道", "内容", "增长", "活动", "会员")[index // 9 % 7]
    return f"{kind}{NUMERALS[index % 9]}部"


def rates(figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures with the rates computed from their counts."""

    def share(part: str, *whole: str) -> float | None:
        total = sum(figures[key] for key in whole)
        return figures[part] / total if total else None

    return figures | {
        "overdue_rate": share("plan_overdue", "plan_overdue", "plan_done"),
        "on_time_rate": share("plan_on_time", "plan_on_time", "plan_late"),
        "in_time_rate": share(
            "messages_in_time", "messages_in_time", "messages_late", "messages_overdue"
        ),
    }


def team_figures(i: int) -> dict[str, Any]:
    on_time, late, overdue = 3 + i % 4, i % 3, (i * 2) % 5
    in_time, answered_late, unanswered = 4 + i % 3, i % 2, (i * 3) % 4
    met, missed = 2 + i % 3, (i + 1) % 3
    return rates(
        {
            "plan_rows": on_time + late + overdue + 2,
            "plan_cancelled": i % 2,
            "plan_done": on_time + late,
            "plan_undated": i % 3 // 2,
            "plan_on_time": on_time,
            "plan_late": late,
            "plan_overdue": overdue,
            "plan_due": on_time + late + overdue,
            "late_days_mean": 2.5 + i % 4 if late else None,
            "cycle_days_mean": 14.0 + i % 5 * 1.5,
            "messages": in_time + answered_late + unanswered,
            "messages_answered": in_time + answered_late,
            "messages_in_time": in_time,
            "messages_late": answered_late,
            "messages_overdue": unanswered,
            "answer_hours_mean": 11.25 + i % 7,
            "campaigns": met + missed + i % 2,
            "campaigns_met": met,
            "campaigns_missed": missed,
            "campaigns_unknown": i % 2,
            "metrics": [],
            "problems": 4 + i % 3,
            "problems_high": 1 + i % 2,
            "problems_medium": 2,
            "problems_low": 1 + i % 3 - i % 2,
            "problem_days": 15.5 + i,
            "errors": i % 4,
            "warnings": 2 + i % 5,
            "undated": i % 3,
            "handed_in": ("on_time", "on_time", "late", "on_time", "missing")[i % 5],
        }
    )


def total_figures(teams: dict[str, dict[str, Any]]) -> dict[str, Any]:
    counts = [f.key for f in FIGURES if f.unit is FigureUnit.COUNT]
    total: dict[str, Any] = {key: sum(t[key] for t in teams.values()) for key in counts}
    states = [t["handed_in"] for t in teams.values()]
    total |= {
        "late_days_mean": 3.2,
        "cycle_days_mean": 16.4,
        "answer_hours_mean": 13.4,
        "problem_days": sum(t["problem_days"] for t in teams.values()),
        "handed_in": {s: states.count(s) for s in ("on_time", "late", "missing")},
        "metrics": [
            metric("线索量", "条", 2, 10000, 8400, Decimal("-0.16"), 0, 2),
            metric("转化率", "%", 3, None, None, None, 2, 1),
            metric("新增会员", "人", 2, 12000, 13850.5, Decimal("0.1542"), 2, 0),
        ],
    }
    return rates(total)


def metric(
    name: str,
    unit: str,
    n: int,
    target: float | None,
    actual: float | None,
    deviation: Decimal | None,
    met: int,
    missed: int,
) -> dict[str, Any]:
    return {
        "metric": name,
        "unit": unit,
        "n": n,
        "target": target,
        "actual": actual,
        "deviation": deviation,
        "met": met,
        "missed": missed,
    }


def origin(team: str, sheet: str, cell: str | None, row: int | None) -> Origin:
    return Origin(team, f"teams/{team}.xlsx", sheet, cell, row)


def example(count: int = 5) -> Report:
    """Return a report of July 2024 with ``count`` teams."""
    names = [team_name(i) for i in range(count)]
    teams = {name: team_figures(i) for i, name in enumerate(names)}
    total = total_figures(teams)
    trend = tuple(
        (
            month,
            {} if i == 3 else total | {"overdue_rate": 0.34 - 0.018 * i + 0.02 * (i % 3),
                                       "on_time_rate": 0.58 + 0.017 * i - 0.03 * (i % 2)},
        )
        for i, month in enumerate(MONTHS)
    )  # fmt: skip
    return Report(
        month="2024-07",
        as_of=datetime(2024, 7, 17),
        until=datetime(2024, 7, 17),
        total=total,
        teams=teams,
        rows=sum(t["plan_rows"] + t["messages"] + t["campaigns"] for t in teams.values()),
        previous=total
        | {
            "overdue_rate": 0.285,
            "on_time_rate": total["on_time_rate"],
            "cycle_days_mean": 18.9,
            "in_time_rate": 0.91,
            "campaigns_met": 6,
            "campaigns_missed": 6,
            "handed_in": {"on_time": 2, "late": 1, "missing": 2},
        },
        trend=trend,
        targets=(
            TargetProgress("任务逾期率", "overdue_rate", 0.30, 0.10, 0.12, 0.24, 0.3),
            TargetProgress("上线周期", "cycle_days_mean", 20, 15, 15, 16.4, 0.72),
            TargetProgress("部门反馈", "in_time_rate", 0.6, 0.9, None, None, None),
        ),
        overdue=tuple(late_item(name, i) for i, name in enumerate(names)),
        priorities=tuple(priority_item(name, i) for i, name in enumerate(names)),
        campaigns=tuple(campaign_item(name, i) for i, name in enumerate(names)),
        messages=tuple(message_item(name, i) for i, name in enumerate(names)),
        findings=tuple(finding_item(name, i) for i, name in enumerate(names)),
        submissions=tuple(submission(name, i) for i, name in enumerate(names)),
    )


def late_item(team: str, i: int) -> OverdueItem:
    if i % 2:
        return OverdueItem(
            origin(team, "跨部门协作沟通", f"F{i + 5}", i + 5),
            "message",
            f"活动方案评审 · 市场部 · 销售部、产品部(第{i + 1}次)",
            ("刘经理",),
            datetime(2024, 7, 15, 9, 30 + i % 20),
            f"逾期{i + 2}小时",
            7200,
        )
    return OverdueItem(
        origin(team, "流程优化计划", f"E{i + 5}", i + 5),
        "plan",
        f"活动执行 · 设计资源响应时间缩短至1天(第{i + 1}项)",
        ("刘经理", "设计主管"),
        date(2024, 7, 13 - i % 9),
        f"逾期{3 + i % 9}天",
        86400 * (3 + i % 9),
    )


def priority_item(team: str, i: int) -> PriorityItem:
    impact = ("高", "高", "中", "低", None)[i % 5]
    return PriorityItem(
        origin(team, "流程现状分析", f"A{i + 4}", i + 4),
        None if impact is None else i + 1,
        ("需求调研", "活动执行", "跨部门评审")[i % 3],
        ("小张", "小陈")[: 1 + i % 2],
        Decimal("2.5") + i,
        impact,
        f"需求文档不清晰,导致方案反复修改,平均每个方案多花{i + 2}天",
    )


def campaign_item(team: str, i: int) -> CampaignItem:
    verdict = ("missed", "met", "unknown")[i % 3]
    return CampaignItem(
        origin(team, "活动效果跟踪", f"D{i + 5}", i + 5),
        ("夏季新品推广", "用户裂变活动", "会员日")[i % 3] + str(i + 1),
        ("线索量", "转化率", "新增会员")[i % 3],
        ("5000条", "8%", "1.2万")[i % 3],
        ("4200条", "10%", "约1万多")[i % 3],
        (Decimal("-0.16"), Decimal("0.25"), None)[i % 3],
        verdict,
        "无法计算：不是数字" if verdict == "unknown" else None,
        "渠道投放预算不足,社群触达率低" if i % 3 == 0 else None,
        "增加社群运营投入,优化渠道投放比例" if i % 3 == 0 else None,
    )


def message_item(team: str, i: int) -> MessageItem:
    state = ("in_time", "late", "overdue", "open", "unknown")[i % 5]
    return MessageItem(
        origin(team, "跨部门协作沟通", f"A{i + 5}", i + 5),
        f"线索数据对接{i + 1}",
        ("市场部",),
        ("销售部", "产品部"),
        ("小陈", "李姐"),
        ("24小时", "2个工作日", "每日17:00前")[i % 3],
        datetime(2024, 7, 1, 9, 30) if i % 2 else date(2024, 7, 2),
        datetime(2024, 7, 2, 9, 30),
        datetime(2024, 7, 2, 8, 5) if state in ("in_time", "late") else None,
        state,
    )


def finding_item(team: str, i: int) -> FindingItem:
    if i % 5 == 4:
        return FindingItem(
            origin(team, "流程优化计划", None, None),
            None, "XF302", "info", f"缺少“状态”一列({i})", None, None,
        )  # fmt: skip
    if i % 5 == 3:
        return FindingItem(
            origin(team, "流程优化计划", f"E{i + 4}", i + 4),
            "完成时间", "XF401", "info", f"完成时间推迟了{i}天", "2024-07-30", None,
        )  # fmt: skip
    return FindingItem(
        origin(team, "流程优化计划", f"E{i + 4}", i + 4),
        "完成时间",
        "XF102",
        ("error", "warning")[i % 2],
        f"“2024-06-31”不是有效日期，请改正，如 2024-06-30（第{i + 1}处）",
        "2024-06-31",
        "2024-06-30",
    )


def submission(team: str, i: int) -> Submission:
    status = ("recorded", "unchanged", "deferred", "unreadable", "recorded")[i % 5]
    return Submission(
        origin(team, "", None, None),
        ("on_time", "on_time", "late", "on_time", "missing")[i % 5],
        datetime(2024, 7, 3, 9, 12) if i % 5 != 4 else None,
        datetime(2024, 7, 16, 18, 0),
        ("小张", None)[i % 2],
        status,
        "文件已损坏，无法打开；请用 Excel 另存一份" if status == "unreadable" else None,
        12 + i,
    )


def empty() -> Report:
    """Return the report of a workspace without teams."""
    total = {f.key: 0 if f.unit is FigureUnit.COUNT else None for f in FIGURES}
    total |= {"metrics": [], "handed_in": {"on_time": 0, "late": 0, "missing": 0}}
    moment = datetime(2024, 7, 16, 9, 5)
    return Report(month="2024-07", as_of=moment, until=moment, total=total, teams={}, rows=0)
