"""``close`` and ``reopen`` on sample teams."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Run

pytestmark = pytest.mark.usefixtures("root")

AUGUST = ("--as-of", "2024-08-02")
"""July is over, its grace period isn't."""


def test_a_month_is_closed_and_reopened(run: Run) -> None:
    run("sync", "--as-of", "2024-07-16")
    closed = run("close", "2024-07", "--json", *AUGUST)
    assert closed.code == 0
    path = "summaries/汇总-2024-07.xlsx"
    assert closed.json == {"month": "2024-07", "closed": True, "already": False, "path": path}
    shown = run("summary", "--month", "2024-07", "--json", *AUGUST).json
    assert shown["closed"]
    assert shown["until"] == "2024-07-31"

    again = run("close", "2024-07", *AUGUST)
    assert again.code == 0
    assert "以前已经结账" in again.out

    opened = run("reopen", "2024-07", "--reason", " 漏了一项 ", "--json", *AUGUST)
    assert opened.json == {"month": "2024-07", "closed": False, "reason": "漏了一项"}
    assert "漏了一项" in Path("summaries/.closed/2024-07.1/reopened.json").read_text("utf-8")
    assert not run("summary", "--month", "2024-07", "--json", *AUGUST).json["closed"]


def test_a_closed_month_says_so(run: Run) -> None:
    run("close", "2024-06", "--as-of", "2024-07-16")
    shown = run("summary", "--month", "2024-06", "--as-of", "2024-07-16")
    assert "2024-06 已结账" in shown.out
    assert "事后计算" in shown.out


def test_status_tells_of_changed_data(run: Run) -> None:
    run("sync", "--as-of", "2024-07-16")
    run("close", "2024-07", *AUGUST)
    assert run("status", "--json").json["closed_months"] == []
    rows = Path("summaries/.closed/2024-07/rows.jsonl")
    rows.write_bytes(rows.read_bytes()[:-2])
    (told,) = run("status", "--json").json["closed_months"]
    assert "2024-07 已经结账" in told
    assert told in run("status").out
    ran = run("summary", "--month", "2024-07", *AUGUST)
    assert (ran.code, ran.out) == (2, "")
    assert "不一致" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("close", "2024-07"), "2024-07-31"),
        (("close", "七月"), "2024-07 这样"),
        (("reopen", "2024-07", "--reason", "…"), "没有结账"),
        (("reopen", "2024-07", "--reason", "  "), "--reason"),
        (("reopen", "2024-07"), "--reason"),
    ],
)
def test_what_can_not_be_done_is_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    ran = run(*arguments, "--as-of", "2024-07-16")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not Path("summaries/.closed").exists()
