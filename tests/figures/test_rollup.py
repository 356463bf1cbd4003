"""A month over all teams: worked out by hand, in edge cases, and against an oracle."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.figures import oracle
from tests.rows import row, with_values
from tests.store.outcomes import AS_OF, record_rows
from xlflow.columns import Table
from xlflow.computing import compute_all
from xlflow.config import Settings, Target
from xlflow.facts import Finding, Row, address
from xlflow.figures.catalogue import FIGURES
from xlflow.figures.report import Origin, Report
from xlflow.figures.rollup import month_report, overdue_items
from xlflow.meaning.workdays import Calendar
from xlflow.schema import CAMPAIGN, MESSAGE, PLAN, PROBLEM
from xlflow.store import Reason, Store
from xlflow.store.database import CONFLICT, GONE, UNREADABLE

JULY_ENDS = datetime(2024, 8, 1)
ONE, TWO = "teams/市场一部.xlsx", "teams/市场二部.xlsx"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path) as opened:
        yield opened


class Rows:
    """Rows below each other, each with its own id."""

    def __init__(self) -> None:
        self.all: list[Row] = []

    def add(self, table: Table, without: tuple[str, ...] = (), **content: Any) -> Rows:
        number = len(self.all) + 4
        new = row(table, content, number=number, id=f"r{number}", without=without)
        self.all.append(new)
        return self


def plan(*contents: dict[str, Any], without: tuple[str, ...] = ()) -> list[Row]:
    rows = Rows()
    for content in contents:
        rows.add(PLAN, without, **{"stage": "需求调研", "owners": "小张", **content})
    return rows.all


def july(
    store: Store, as_of: datetime = JULY_ENDS, settings: Settings | None = None, month: str = ""
) -> Report:
    return month_report(store, settings or Settings(), month or "2024-07", as_of, "zh")


def test_every_figure_is_there_in_order(store: Store) -> None:
    record_rows(store, ONE, [])
    result = july(store)
    keys = [figure.key for figure in FIGURES]
    assert list(result.total) == keys
    assert list(result.teams["市场一部"]) == keys
    assert [list(figures) for _, figures in result.trend] == [keys] * 12


def test_no_teams_at_all(store: Store) -> None:
    result = july(store)
    assert result.teams == {}
    assert result.total["overdue_rate"] is None
    assert result.total["handed_in"] == {"on_time": 0, "late": 0, "missing": 0}
    assert (result.rows, result.previous, result.overdue) == (0, None, ())


def test_the_rows_of_the_guide(store: Store) -> None:
    guide = (
        Rows()
        .add(PROBLEM, stage="需求调研", owner="小张", days=Decimal(3), impact="高")
        .add(PROBLEM, stage="跨部门评审", owner="刘经理", days=Decimal(2), impact="中")
        .add(PROBLEM, stage="活动执行", owner="小陈", days=Decimal(10), impact="高")
        .add(PLAN, stage="需求调研", goal="提升至90%", owners="小张", due=date(2024, 6, 30))
        .add(PLAN, stage="活动执行", goal="1天", owners="刘经理+设计主管", due=date(2024, 7, 15))
        .add(MESSAGE, topic="评审", sender="市场部", partners="销售部、产品部", deadline="24小时")
        .add(
            CAMPAIGN,
            name="夏季",
            metric="线索量",
            target="5000条",
            actual="4200条",
            month="2024-07",
        )
        .add(CAMPAIGN, name="裂变", metric="转化率", target="8%", actual="10%", month="2024-07")
    )
    record_rows(store, ONE, guide.all)
    for day, late in ((date(2024, 6, 30), 0), (date(2024, 7, 1), 1), (date(2024, 7, 16), 2)):
        as_of = datetime.combine(day + timedelta(days=1), datetime.min.time())
        assert len(overdue_items(store, Settings(), as_of)) == late
    result = july(store, AS_OF)
    assert [p.rank for p in result.priorities] == [1, 2, 3]
    assert [p.stage for p in result.priorities] == ["需求调研", "活动执行", "跨部门评审"]
    assert [c.deviation for c in result.campaigns] == [Decimal("-0.16"), Decimal("0.25")]
    total = result.total
    assert (total["plan_rows"], total["plan_overdue"], total["overdue_rate"]) == (2, 2, 1.0)
    assert (total["campaigns_met"], total["campaigns_missed"], total["undated"]) == (1, 1, 1)
    assert (total["problems_high"], total["problem_days"]) == (2, 15)
    assert result.rows == 2 + 2 + 3
    done = [
        with_values(r, status=plan({"status": "已完成"})[0].value_in("status"))
        if r.table is PLAN
        else r
        for r in guide.all
    ]
    record_rows(store, ONE, done)
    assert overdue_items(store, Settings(), AS_OF) == ()


def test_a_month_by_hand(store: Store) -> None:
    record_rows(
        store,
        ONE,
        plan(
            {"due": "2024-07-10", "done_on": "2024-07-10", "started_on": "2024-07-01"},
            {"due": "2024-07-10", "done_on": "2024-07-13", "started_on": "2024-07-03"},
            {"due": "2024-06-20", "done_on": "2024-07-05"},  # carried over, done late
            {"due": "2024-06-20", "done_on": "2024-06-25"},  # only in June
            {"due": "2024-06-20"},  # carried over, overdue
            {"due": "2024-07-31"},  # due on the last day
            {"due": "2024-08-20", "done_on": "2024-07-20"},  # done early
            {"due": "2024-07-20", "status": "已完成"},  # without a date
            {"due": "2024-06-20", "status": "已完成"},
            {"due": "2024-07-20", "status": "已取消"},
            {"due": "2024-06-20", "status": "已取消"},
            {"status": "进行中"},  # undated
            {"due": "2024-07-20", "done_on": "2024-08-02", "status": "已完成"},  # not by July's end
        ),
    )
    figures = july(store, datetime(2024, 9, 1)).teams["市场一部"]
    expected = {
        "plan_rows": 8,
        "plan_cancelled": 1,
        "plan_done": 5,
        "plan_undated": 1,
        "plan_on_time": 2,
        "plan_late": 2,
        "plan_overdue": 2,
        "plan_due": 7,
        "overdue_rate": 4 / 7,
        "on_time_rate": 0.5,
        "late_days_mean": 9.0,
        "cycle_days_mean": 9.5,
        "undated": 1,
    }
    assert {key: figures[key] for key in expected} == expected
    august = july(store, datetime(2024, 9, 1), month="2024-08").teams["市场一部"]
    assert (august["plan_rows"], august["plan_late"], august["plan_overdue"]) == (4, 1, 2)


def test_requests_by_hand(store: Store) -> None:
    def asked(at: str, within: str, answered: str | None = None) -> dict[str, Any]:
        return {"asked_at": at, "deadline": within, "answered_at": answered}

    rows = Rows()
    for content in (
        asked("2024-07-01 09:00", "24小时", "2024-07-02 09:00"),  # exactly at the deadline
        asked("2024-07-01 09:00", "24小时", "2024-07-02 09:01"),
        asked("2024-07-01", "2个工作日", "2024-07-03"),
        asked("2024-06-28", "3天内", "2024-07-01"),  # carried over, in time
        asked("2024-06-28", "3天内", "2024-06-30"),  # only in June
        asked("2024-07-30", "2个工作日"),  # due on 1 August
        asked("2024-07-20", "3天内"),
        asked("2024-07-20", "按计划时间节点"),
        asked("2024-07-20", "按计划时间节点", "2024-07-21"),
    ):
        rows.add(MESSAGE, topic="评审", sender="市场部", partners="销售部", **content)
    record_rows(store, ONE, rows.all)
    result = july(store)
    expected = {
        "messages": 8,
        "messages_answered": 5,
        "messages_in_time": 3,
        "messages_late": 1,
        "messages_overdue": 1,
        "in_time_rate": 0.6,
        "answer_hours_mean": (24 + 24 + 1 / 60) / 2,
    }
    assert {key: result.total[key] for key in expected} == pytest.approx(expected)
    states = ["in_time", "late", "in_time", "in_time", "open", "overdue", "unknown", "unknown"]
    assert [item.state for item in result.messages] == states


def test_recurring_duties_are_never_late(store: Store) -> None:
    rows = Rows()
    for answered in (None, "2024-07-31 16:00", "2024-07-31 18:00"):
        rows.add(MESSAGE, deadline="每日17:00前", asked_at="2024-07-31", answered_at=answered)
    rows.add(MESSAGE, ("answered_at",), deadline="每日17:00前", asked_at="2024-07-31")
    record_rows(store, ONE, rows.all)
    result = july(store)
    assert [item.state for item in result.messages] == ["overdue", "in_time", "overdue", "unknown"]
    figures = {key: result.total[f"messages_{key}"] for key in ("in_time", "late", "overdue")}
    assert figures == {"in_time": 1, "late": 0, "overdue": 2}
    assert result.total["messages"] == 4
    assert july(store, month="2024-06").total["messages"] == 0
    assert july(store, datetime(2024, 9, 1), month="2024-08").total["messages"] == 4


def test_an_occurrence_counts_in_its_own_month(store: Store) -> None:
    record_rows(store, ONE, Rows().add(MESSAGE, deadline="每日17:00前", asked_at="2024-06-28").all)
    noon = datetime(2024, 7, 1, 12)
    assert july(store, noon).total["messages_overdue"] == 0
    assert july(store, noon).overdue == ()
    assert july(store, noon).messages[0].state == "in_time"
    assert july(store, noon, month="2024-06").total["messages_overdue"] == 1
    # It is overdue now, whichever month it counts in.
    assert [item.due for item in overdue_items(store, Settings(), noon)] == [
        datetime(2024, 6, 28, 17)
    ]


def test_a_request_that_belongs_to_no_month_is_only_overdue_now(store: Store) -> None:
    record_rows(store, ONE, Rows().add(MESSAGE, deadline="2024-07-15").all)
    result = july(store)
    assert (result.total["messages"], result.total["undated"]) == (0, 1)
    assert (result.messages, result.overdue) == ((), ())
    assert len(overdue_items(store, Settings(), AS_OF)) == 1


def test_a_team_can_have_days_off_of_its_own(store: Store) -> None:
    rows = Rows().add(MESSAGE, deadline="每日17:00前", asked_at="2024-07-31")
    record_rows(store, ONE, rows.all)
    free = Settings(team_days_off={"市场一部": frozenset({date(2024, 7, 31)})})
    assert july(store, settings=free).total["messages_overdue"] == 0
    assert july(store).total["messages_overdue"] == 1


def test_what_is_unknown_is_neither_overdue_nor_in_time(store: Store) -> None:
    bare = ("status", "started_on", "done_on", "asked_at", "answered_at")
    rows = plan({"due": "2024-07-01"}, without=bare)
    rows += plan({"due": "2024-07-02", "status": "搞定了"})[:1]
    rows[1] = rows[1]._replace(id="x")
    record_rows(store, ONE, rows)
    result = july(store)
    assert (result.total["plan_rows"], result.total["plan_due"]) == (2, 0)
    assert result.total["overdue_rate"] is None
    assert result.overdue == ()
    assert overdue_items(store, Settings(), AS_OF) == ()


def test_rates_are_computed_from_sums(store: Store) -> None:
    late, done = {"due": "2024-07-01"}, {"due": "2024-07-01", "done_on": "2024-07-01"}
    record_rows(store, ONE, plan(late))
    record_rows(store, TWO, plan(*[done] * 9))
    result = july(store)
    assert result.teams["市场一部"]["overdue_rate"] == 1
    assert result.teams["市场二部"]["overdue_rate"] == 0
    assert result.total["overdue_rate"] == 0.1


def test_metrics_add_up_exactly_by_metric_and_unit(store: Store) -> None:
    def campaign(metric: str, target: Any, actual: Any, **more: Any) -> dict[str, Any]:
        return {"metric": metric, "target": target, "actual": actual, "month": "2024-07", **more}

    rows = Rows()
    for content in (
        campaign("线索量", "0.1条", "0.2条"),
        campaign("线索量", "0.2条", Decimal("0.1")),  # a bare number against a unit
        campaign("線索量", "900000000000条", "1条"),  # the same in traditional characters
        campaign("成本", Decimal(100), Decimal(90), direction="越低越好"),
        campaign("转化率", "8%", "10%"),
        campaign("转化率", "8%", "5%"),
        campaign("转化率", "8%", Decimal(5)),
        campaign("线索量", "5000条", None),
    ):
        rows.add(CAMPAIGN, name="夏季", **content)
    record_rows(store, ONE, rows.all)
    result = july(store)
    by_metric = {(m["metric"], m["unit"]): m for m in result.total["metrics"]}
    leads = by_metric["线索量", "条"]
    assert (leads["n"], leads["target"], leads["actual"]) == (3, 900000000000.3, 1.3)
    assert leads["deviation"] == float(
        (Decimal("1.3") - Decimal("900000000000.3")) / Decimal("900000000000.3")
    )
    assert by_metric["成本", ""]["met"] == 1
    rates = by_metric["转化率", "%"]
    assert (rates["n"], rates["met"], rates["missed"]) == (2, 1, 1)
    assert (rates["target"], rates["actual"], rates["deviation"]) == (None, None, None)
    assert result.total["campaigns_unknown"] == 2
    unknown = [(c.reason, c.actual) for c in result.campaigns if c.verdict == "unknown"]
    assert unknown == [("无法计算：单位不一致", "5"), ("还没有实际值", None)]


HANDED_IN = [
    (datetime(2024, 6, 30, 12), None, "missing"),  # before the month, and never seen again
    (datetime(2024, 6, 30, 12), datetime(2024, 7, 1, 9), "on_time"),
    (datetime(2024, 7, 1), None, "missing"),  # 24:00 of 30 June
    (datetime(2024, 7, 1, 0, 1), None, "on_time"),
    (datetime(2024, 8, 6), None, "on_time"),  # 24:00 of the third working day, 5 August
    (datetime(2024, 8, 6, 0, 1), None, "late"),
]


@pytest.mark.parametrize(("recorded", "seen_again", "state"), HANDED_IN)
def test_handed_in(
    store: Store, recorded: datetime, seen_again: datetime | None, state: str
) -> None:
    record_rows(store, ONE, plan({"due": "2024-07-10"}), recorded)
    if seen_again is not None:
        store.mark_seen(ONE, seen_again)
    result = july(store, datetime(2024, 9, 1))
    assert result.teams["市场一部"]["handed_in"] == state
    assert result.total["handed_in"] == {"on_time": 0, "late": 0, "missing": 0, state: 1}
    (submission,) = result.submissions
    assert submission.state == state
    assert submission.first_seen == (None if state == "missing" else seen_again or recorded)


def test_grace_follows_settings_and_calendar(store: Store) -> None:
    record_rows(store, ONE, plan({"due": "2024-09-10"}), datetime(2024, 10, 9, 9))
    # 1 to 7 October is a holiday: the third working day after September is the 10th.
    result = month_report(store, Settings(), "2024-09", datetime(2024, 11, 1), "zh")
    assert result.teams["市场一部"]["handed_in"] == "on_time"
    strict = Settings(grace_workdays=0)
    result = month_report(store, strict, "2024-09", datetime(2024, 11, 1), "zh")
    assert result.teams["市场一部"]["handed_in"] == "late"


def test_rows_carried_over_hand_in_nothing(store: Store) -> None:
    record_rows(store, ONE, plan({"due": "2024-06-10"}), datetime(2024, 7, 5))
    result = july(store)
    assert result.teams["市场一部"]["plan_overdue"] == 1
    assert result.teams["市场一部"]["handed_in"] == "missing"


def test_what_was_handed_in_after_as_of_doesnt_count(store: Store) -> None:
    record_rows(store, ONE, plan({"due": "2024-07-10"}), datetime(2024, 7, 20))
    assert july(store, datetime(2024, 7, 15)).teams["市场一部"]["handed_in"] == "missing"


def test_which_workbooks_are_rolled_up(store: Store) -> None:
    for name in ("copy", "gone", "broken"):
        record_rows(store, f"teams/{name}.xlsx", plan({"due": "2024-07-01"}))
    store.set_status("teams/copy.xlsx", "copy", CONFLICT, Reason("x.y"), as_of=AS_OF)
    store.set_status("teams/gone.xlsx", "gone", GONE, None, as_of=AS_OF)
    reason = Reason("store.locked", {"path": "teams/broken.xlsx"})
    store.set_status("teams/broken.xlsx", "broken", UNREADABLE, reason, as_of=AS_OF)
    store.set_status("teams/never.xlsx", "never", UNREADABLE, Reason("no.such"), as_of=AS_OF)
    result = july(store)
    assert list(result.teams) == ["broken", "never"]
    assert result.total["plan_overdue"] == 1
    assert [item.origin.team for item in result.overdue] == ["broken"]
    assert [item.origin.team for item in overdue_items(store, Settings(), AS_OF)] == ["broken"]
    broken, never = result.submissions
    assert broken.reason is not None
    assert "teams/broken.xlsx" in broken.reason
    assert (never.reason, never.rows, never.state) == ("no.such", 0, "missing")


def test_findings_are_listed_and_counted(store: Store) -> None:
    place = {"sheet": "流程优化计划", "cell": "E4", "row": 4, "column": "完成时间"}
    error = Finding("XF101", "error", params={"column": "完成时间"}, **place)  # type: ignore[arg-type]
    odd = Finding("XF999", "warning", **place)  # type: ignore[arg-type]
    edited = odd._replace(code="XF499")
    record_rows(
        store,
        ONE,
        [],
        datetime(2024, 6, 20),
        content="0",
        change_findings=[odd._replace(code="XF498")],
    )
    record_rows(
        store,
        ONE,
        [],
        datetime(2024, 7, 5),
        content="1",
        findings=[odd, error],
        change_findings=[edited],
    )
    result = july(store)
    assert (result.total["errors"], result.total["warnings"]) == (1, 1)
    # The one about an edit in June is listed in June.
    assert [item.code for item in result.findings] == ["XF101", "XF499", "XF999"]
    first = result.findings[0]
    assert first.origin == Origin("市场一部", ONE, "流程优化计划", "E4", 4)
    assert "完成时间" in first.message
    assert result.findings[2].message == "rules.XF999"
    assert {i.code for i in july(store, month="2024-06").findings} == {"XF101", "XF498", "XF999"}


def test_every_row_names_its_cell(store: Store) -> None:
    rows = (
        Rows()
        .add(PROBLEM, days=Decimal(3), impact="高")
        .add(PLAN, goal="90%", stage="需求调研", due="2024-07-01", owners="刘经理+设计主管")
        .add(MESSAGE, topic="评审", deadline="24小时", asked_at="2024-07-01", sender="市场部")
        .add(CAMPAIGN, name="夏季", target="5000条", month="2024-07")
    )
    record_rows(store, ONE, rows.all)
    bare = Rows().add(PROBLEM, ("priority",), impact="低")
    record_rows(store, TWO, bare.all, without=("priority",))
    result = july(store, AS_OF)
    priority = [c.field for c in PROBLEM.columns].index("priority") + 1
    places = [item.origin.cell for item in result.priorities]
    assert places == [address(4, priority), address(4, priority - 1)]
    assert [i.rank for i in result.priorities] == [1, None]
    assert {i.origin.cell for i in result.overdue} == {"E5", "F6"}
    assert [i.item for i in result.overdue] == ["需求调研 · 90%", "评审 · 市场部"]
    assert result.overdue[0].owners == ("刘经理", "设计主管")
    assert [i.origin.cell for i in result.messages] == ["F6"]
    assert [i.origin.cell for i in result.campaigns] == ["E7"]
    assert all(i.origin.workbook == ONE and i.origin.row for i in result.campaigns)


def test_an_item_done_later_counts_as_overdue_then_but_is_no_longer_flagged(store: Store) -> None:
    record_rows(
        store, ONE, plan({"due": "2024-07-10", "status": "已完成", "done_on": "2024-08-02"})
    )
    assert july(store).total["plan_overdue"] == len(july(store).overdue) == 1
    assert overdue_items(store, Settings(), JULY_ENDS) == ()


def test_the_longest_overdue_comes_first(store: Store) -> None:
    record_rows(store, TWO, plan({"due": "2024-07-10"}, {"due": datetime(2024, 7, 16, 17)}))
    record_rows(store, ONE, plan({"due": "2024-06-30"}, {"due": "2024-07-16"}))
    listed = overdue_items(store, Settings(), AS_OF)
    assert [item.late for item in listed] == ["逾期16天", "逾期6天", "逾期7小时"]
    assert [item.late_seconds for item in listed] == [16 * 86400, 6 * 86400, 7 * 3600]
    assert listed[0].due == date(2024, 6, 30)
    english = overdue_items(store, Settings(language="en"), AS_OF)
    assert [item.late for item in english] == [
        "16 days overdue",
        "6 days overdue",
        "7 hours overdue",
    ]


def test_problems_are_ranked_over_all_teams(store: Store) -> None:
    record_rows(store, ONE, Rows().add(PROBLEM, impact="高", days=Decimal(5)).all)
    record_rows(
        store,
        TWO,
        Rows()
        .add(PROBLEM, impact="高", days=Decimal("0.5"))
        .add(PROBLEM, impact="高", days=Decimal(5))
        .add(PROBLEM, impact="低", days=Decimal(1))
        .all,
    )
    ranks = [(item.origin.team, item.rank) for item in july(store).priorities]
    assert ranks == [("市场二部", 1), ("市场一部", 2), ("市场二部", 2), ("市场二部", 3)]


def test_the_month_before_and_the_trend(store: Store) -> None:
    record_rows(
        store, ONE, plan({"due": "2024-06-10", "done_on": "2024-06-09"}, {"due": "2024-07-10"})
    )
    result = july(store)
    assert result.previous is not None
    assert (result.previous["plan_done"], result.total["plan_done"]) == (1, 0)
    assert [month for month, _ in result.trend][0::11] == ["2023-08", "2024-07"]
    assert result.trend[-1][1] == result.total
    assert result.trend[-2][1] == result.previous
    assert july(store, month="2024-06").previous is None


def test_a_month_in_progress_is_compared_with_the_same_day_of_the_last(store: Store) -> None:
    june = ("2024-06-05", "2024-06-20", "2024-06-29")
    record_rows(store, ONE, plan(*({"due": day} for day in june), {"due": "2024-07-01"}))

    def before(as_of: datetime, month: str = "2024-07") -> tuple[Any, ...]:
        result = month_report(store, Settings(), month, as_of, "zh")
        assert result.previous is not None
        return result.previous["plan_overdue"], result.previous_until, result.until

    # The end of July 16, a moment of it, and July's end and after it, when all of June counts.
    assert before(datetime(2024, 7, 17)) == (1, datetime(2024, 6, 17), datetime(2024, 7, 17))
    noon = datetime(2024, 7, 16, 12)
    assert before(noon) == (1, datetime(2024, 6, 16, 12), noon)
    assert before(datetime(2024, 7, 29, 12))[:2] == (2, datetime(2024, 6, 29, 12))
    assert before(datetime(2024, 7, 31, 12))[:2] == (3, datetime(2024, 6, 30, 12))
    assert before(JULY_ENDS) == (3, datetime(2024, 7, 1), JULY_ENDS)
    assert before(datetime(2024, 11, 5)) == (3, datetime(2024, 7, 1), JULY_ENDS)


def test_without_a_sheet_nothing_is_known(store: Store) -> None:
    record_rows(store, ONE, plan({"due": "2024-07-05"}), tables=["plan"])
    problems = Rows().add(PROBLEM, impact="高", days=Decimal(3)).all
    record_rows(store, TWO, problems, tables=["problem"])
    result = july(store)
    one, two, total = result.teams["市场一部"], result.teams["市场二部"], result.total
    assert (one["plan_rows"], one["problems"], one["problem_days"]) == (1, None, None)
    assert (two["plan_rows"], two["overdue_rate"], two["problems"]) == (None, None, 1)
    assert (total["plan_rows"], total["problems"], total["problem_days"]) == (1, 1, 3)
    assert (total["campaigns"], total["messages"], total["metrics"]) == (None, None, None)
    assert (one["errors"], one["undated"]) == (0, 0)


def test_a_month_before_the_first_pass_is_computed_afterwards(store: Store) -> None:
    record_rows(store, ONE, plan({"due": "2024-05-10"}), as_of=datetime(2024, 7, 3))
    afterwards = {
        month: july(store, month=month).afterwards for month in ("2024-05", "2024-06", "2024-07")
    }
    # June's grace period, until July 3, wasn't over yet.
    assert afterwards == {"2024-05": True, "2024-06": False, "2024-07": False}


def test_the_turn_of_the_year(store: Store) -> None:
    record_rows(store, ONE, plan({"due": "2023-12-31"}, {"due": "2024-01-01"}))
    january = month_report(store, Settings(), "2024-01", datetime(2024, 1, 2), "zh")
    assert (january.total["plan_rows"], january.total["plan_overdue"]) == (2, 1)
    assert january.trend[-2][0] == "2023-12"
    assert january.previous is not None
    assert january.previous["plan_rows"] == 1


def test_targets(store: Store) -> None:
    late, done = {"due": "2024-07-01"}, {"due": "2024-07-01", "done_on": "2024-07-01"}
    record_rows(store, ONE, plan(late, *[done] * 4))
    settings = Settings(
        targets={
            "任务逾期率": Target("overdue_rate", 0.3, 0.1, 0.15),
            "周期": Target("cycle_days_mean", 20, 15),
            "一样": Target("plan_rows", 5, 5),
        }
    )
    rate, cycle, same = july(store, settings=settings).targets
    assert (rate.current, rate.progress, rate.benchmark) == (0.2, 0.5, 0.15)
    assert (cycle.current, cycle.progress) == (None, None)
    assert (same.current, same.progress) == (5, None)


# Against the oracle

AROUND_JULY = st.sampled_from(
    [date(2024, 6, day) for day in (10, 29, 30)]
    + [date(2024, 7, day) for day in (1, 2, 16, 30, 31)]
    + [date(2024, 8, day) for day in (1, 9)]
)
CLOCKS = st.sampled_from([timedelta(seconds=1), timedelta(hours=9), timedelta(hours=17)])
MOMENTS = st.builds(lambda d, c: datetime.combine(d, datetime.min.time()) + c, AROUND_JULY, CLOCKS)
POINTS = AROUND_JULY | MOMENTS
BLANK = st.none()
CONTENTS: list[tuple[Table, dict[str, st.SearchStrategy[Any]]]] = [
    (
        PLAN,
        {
            "due": BLANK | POINTS | st.just("下周"),
            "status": st.sampled_from([None, "进行中", "已完成", "已取消", "Done", "搞定了"]),
            "started_on": BLANK | POINTS,
            "done_on": BLANK | POINTS | st.just("不详"),
        },
    ),
    (
        MESSAGE,
        {
            "deadline": st.sampled_from(
                [
                    *(None, "24小时", "48小时", "2个工作日", "3天内", "每日17:00前", "每日24:00前"),
                    *("按计划时间节点", "尽快", "2024-07-15", "2024-07-31 17:00"),
                ]
            ),
            "asked_at": BLANK | POINTS,
            "answered_at": BLANK | POINTS | st.just("不详"),
        },
    ),
    (
        CAMPAIGN,
        {
            "metric": st.sampled_from(["线索量", "转化率"]),
            "target": BLANK | st.sampled_from(["5000条", "0.1条", "8%", "0%", Decimal(3), "很多"]),
            "actual": BLANK | st.sampled_from(["4200条", "0.3条", "10%", Decimal(3), Decimal(0)]),
            "direction": st.sampled_from([None, "越高越好", "越低越好"]),
            "month": st.sampled_from([None, "2024-06", "2024-07", "2024-07", "2024-08"]),
        },
    ),
    (
        PROBLEM,
        {
            "impact": st.sampled_from([None, "高", "中", "低", "极高"]),
            "days": BLANK | st.decimals(0, 30, places=2) | st.just("几天"),
        },
    ),
]
OPTIONAL = {
    "plan": ("status", "done_on", "started_on"),
    "message": ("asked_at", "answered_at"),
    "campaign": ("month", "direction"),
    "problem": (),
}


@st.composite
def some_rows(draw: st.DrawFn) -> list[Row]:
    rows = Rows()
    for table, contents in CONTENTS:
        without = tuple(f for f in OPTIONAL[table.name] if draw(st.integers(0, 5)) == 0)
        drawn = draw(st.lists(st.fixed_dictionaries(contents), max_size=6))
        for content in drawn:
            rows.add(table, without, **{k: v for k, v in content.items() if k not in without})
    return rows.all


AS_OFS = st.sampled_from(
    [
        *(datetime(2024, 6, 30), datetime(2024, 7, 1), datetime(2024, 7, 16, 12)),
        *(datetime(2024, 7, 17), datetime(2024, 7, 31, 17), datetime(2024, 8, 1)),
        datetime(2024, 8, 9, 12),
    ]
)


@given(
    one=some_rows(), two=some_rows(), as_of=AS_OFS, month=st.sampled_from(["2024-06", "2024-07"])
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_the_figures_agree_with_the_formulas(
    one: list[Row], two: list[Row], as_of: datetime, month: str
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Store.open(Path(folder)) as store,
        mock.patch("xlflow.figures.rollup.TREND", 2),  # earlier months aren't looked at here
    ):
        record_rows(store, ONE, one, as_of)
        record_rows(store, TWO, two, as_of)
        result = month_report(store, Settings(), month, as_of, "zh")
        now = overdue_items(store, Settings(), as_of)
    expected = {
        "市场一部": oracle.figures(one, month, as_of),
        "市场二部": oracle.figures(two, month, as_of),
    }
    for team, figures in expected.items():
        assert oracle.comparable(result.teams[team], figures) == oracle.comparable(figures, figures)
    both = oracle.figures([*one, *two], month, as_of)
    assert oracle.comparable(result.total, both) == oracle.comparable(both, both)
    assert len(result.overdue) == both["plan_overdue"] + both["messages_overdue"]
    assert len(result.messages) == both["messages"]
    assert len(result.campaigns) == both["campaigns"]
    # The overdue list agrees with the flags in the workbooks.
    for workbook, rows in ((ONE, one), (TWO, two)):
        flags = {
            (rows[i].sheet, rows[i].number, c.due, c.late_text, c.late_seconds)
            for i, c in enumerate(compute_all(rows, Calendar(), as_of)[r.id] for r in rows)
            if c.late
        }
        listed = {
            (i.origin.sheet, i.origin.row, i.due, i.late, i.late_seconds)
            for i in now
            if i.origin.workbook == workbook
        }
        assert listed == flags
