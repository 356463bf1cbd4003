"""``summary`` on sample teams."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Run
from xlflow.cli.session import Session
from xlflow.cli.summary import figure_text

DAY = ("--as-of", "2024-07-16")


@pytest.mark.usefixtures("root")
def test_a_summary_as_json(run: Run) -> None:
    found = run("summary", "--month", "2024-07", "--json", *DAY).json
    assert set(found) == {
        "month",
        "as_of",
        "path",
        "html",
        "teams",
        "rows",
        "figures",
        "targets",
        "closed",
        "until",
        "made_at",
        "afterwards",
        "later_edits",
    }
    assert found["later_edits"] == []
    assert (found["until"], found["made_at"]) == ("2024-07-16", "2024-07-16")
    assert (found["closed"], found["afterwards"]) == (False, False)
    assert (found["month"], found["path"]) == ("2024-07", "summaries/汇总-2024-07.xlsx")
    assert found["teams"] == len(found["figures"]["teams"]) == 5
    assert found["figures"]["teams"]["市场一部"]["plan_overdue"] == 2
    assert found["figures"]["total"]["handed_in"] == {"on_time": 5, "late": 0, "missing": 0}
    metrics = found["figures"]["teams"]["市场一部"]["metrics"]
    deviations = {metric["metric"]: metric["deviation"] for metric in metrics}
    assert deviations == {"线索量": -0.16, "转化率": None}


@pytest.mark.usefixtures("root")
def test_a_summary_as_text(run: Run) -> None:
    ran = run("summary", "--month", "2024-07", *DAY)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert "2024-07" in lines[0]
    assert len(lines) == 8
    assert "summaries/汇总-2024-07.xlsx" in lines[-1]


@pytest.mark.usefixtures("root")
def test_a_summary_in_another_place(run: Run, tmp_path: Path) -> None:
    ran = run("summary", "--month", "2024-07", "--out", tmp_path / "七月.xlsx", *DAY)
    assert ran.code == 0
    assert (tmp_path / "七月.xlsx").is_file()
    assert str(tmp_path / "七月.xlsx") in ran.out


@pytest.mark.usefixtures("root")
def test_a_month_without_data_has_a_summary(run: Run) -> None:
    ran = run("summary", "--month", "2023-02", "--json", *DAY)
    assert ran.code == 0
    assert ran.json["month"] == "2023-02"
    assert ran.json["afterwards"]
    assert ran.json["figures"]["total"]["campaigns"] == 0
    assert Path(ran.json["path"]).is_file()


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("options", [(), ("--json",), ("--out", "later.xlsx")])
def test_a_month_to_come_is_refused(run: Run, options: tuple[str, ...]) -> None:
    ran = run("summary", "--month", "2024-08", *options, "--as-of", "2024-07-31")
    assert (ran.code, ran.out) == (2, "")
    assert "2024-07" in ran.err
    assert [path.name for path in Path("summaries").glob("*2024-08*")] == []
    assert not Path("later.xlsx").exists()


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("month", ["2024-13", "2024", "七月", "2024-7"])
def test_an_invalid_month_is_refused(run: Run, month: str) -> None:
    ran = run("summary", "--month", month)
    assert (ran.code, ran.out) == (2, "")
    assert month in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("key", "figures", "text"),
    [
        ("overdue_rate", {"overdue_rate": Decimal("0.254")}, "25%"),
        ("overdue_rate", {"overdue_rate": None}, "—"),
        ("cycle_days_mean", {"cycle_days_mean": Decimal("12.5")}, "12.5 天"),
        ("cycle_days_mean", {"cycle_days_mean": Decimal("3.0")}, "3 天"),
        ("campaigns_met", {"campaigns_met": 3, "campaigns": 5}, "3 / 5"),
        ("campaigns_met", {"campaigns_met": 0, "campaigns": 0}, "—"),
    ],
)
def test_figures_as_text(key: str, figures: dict[str, Any], text: str) -> None:
    assert figure_text(key, figures, Session("zh")) == text
