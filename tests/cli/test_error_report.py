"""How failures are reported, and with which exit code."""

from __future__ import annotations

from typing import Any

import click
import pytest

from tests.cli.running import Run
from xlflow.cli.error_report import report
from xlflow.cli.session import Session
from xlflow.errors import StoreError, WriteRefusedError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["synk"], "没有 synk 这个命令。是不是 sync？"),
        (["zzz"], "没有 zzz 这个命令。\n"),
        (["sync", "--acept"], "没有 --acept 这个选项。是不是 --accept？"),
        (["-x"], "没有 -x 这个选项。"),
        (["sync", "--accept=3"], "--accept 后面不带内容。"),
        (["check", "--as-of"], "--as-of 后面缺少内容。"),
        (["summary"], "缺少 --month。"),
        (["explain"], "缺少 CODE。"),
        (["rules", "XF102"], "多了一个参数：XF102。"),
        (["check", "--language", "fr"], "--language 只能是 zh | en。"),
        (["--json"], "请写明要运行哪个命令。"),
        (["status", "--version"], "没有 --version 这个选项。"),
    ],
)
def test_a_syntax_error_takes_three_lines_and_shows_the_usage(
    run: Run, arguments: list[str], message: str
) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert not ran.out
    assert message in ran.err
    lines = ran.err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("错误：")
    assert lines[1].startswith("用法：xlflow")
    assert lines[2].endswith("--help")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["overdue", "--as-of", "2024-02-30"], "“2024-02-30”不是日期或时刻"),
        (["--as-of", "today", "rules"], "“today”不是日期或时刻"),
        (["summary", "--month", "2024-13"], "“2024-13”不是月份"),
        (["explain", "XF999"], "没有 XF999 这条规则"),
    ],
)
def test_a_value_that_does_not_exist_takes_one_line(
    run: Run, arguments: list[str], message: str
) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_syntax_error_in_english(run: Run) -> None:
    ran = run("synk", "--language", "en")
    assert ran.err.splitlines() == [
        "Error: There is no command synk. Did you mean sync?",
        "Usage: xlflow [OPTIONS] COMMAND …",
        "More: xlflow --help",
    ]


class BrokenCatalogue:
    def __iter__(self) -> Any:
        raise RuntimeError("the sky\nfell")


def test_an_unexpected_error_shows_its_traceback_only_under_verbose(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlflow.rules.CATALOGUE", BrokenCatalogue())
    ran = run("rules")
    assert ran.code == 2
    assert ran.err.startswith("意外错误：RuntimeError: the sky\n")
    assert len(ran.err.splitlines()) == 2
    assert "Traceback" in run("rules", "-v").err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreError("store.locked", path="x"), 2),
        (WriteRefusedError("no_permission"), 1),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
)
def test_the_exit_code_is_the_errors(error: BaseException, code: int) -> None:
    assert report(error, Session("en")) == code
