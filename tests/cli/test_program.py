"""One run of the program: how it is asked, how it fails, what it never does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest

import xlflow
from tests.cli.running import Run
from xlflow.cli import program, sections, stdio
from xlflow.cli.common_options import COMMON
from xlflow.cli.session import Session
from xlflow.messages import manual

COMMANDS = list(sections.COMMANDS)
HEAVY = (
    "pandas",
    "openpyxl",
    "sqlalchemy",
    "xlsxwriter",
    "numpy",
    "zhconv",
    "chinese_calendar",
    "wcwidth",
)


def commands() -> list[click.Command]:
    ctx = click.Context(program.program)
    found = [program.program.get_command(ctx, name) for name in COMMANDS]
    return [command for command in found if command is not None]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["check", "--help"], ["nonsense"]]
)
def test_nothing_heavy_is_loaded_to_answer_at_once(arguments: list[str]) -> None:
    script = (
        "import sys; from xlflow.cli import program; "
        f"program.run({arguments!r}); "
        f"print(*set({HEAVY!r}) & set(sys.modules), file=open('loaded', 'w'), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(xlflow.__file__).parents[1])},
    )
    assert done.returncode == 0
    assert Path("loaded").read_text() == ""


def test_every_command_is_the_one_its_name_promises() -> None:
    assert [command.name for command in commands()] == COMMANDS


def test_every_command_and_parameter_has_its_words() -> None:
    needed = {f"common.{name}" for name in COMMON}
    for command in commands():
        own = [param.name for param in command.params if param.name not in COMMON]
        needed.add(str(command.name))
        needed |= {f"{command.name}.{part}" for part in ("about", "examples", "exits", *own)}
    needed |= {f"program.{part}" for part in ("about", "examples", "exits", "version")}
    headings = {key for key in manual.CATALOGUE if key.startswith(("heading.", "usage."))}
    assert set(manual.CATALOGUE) - headings == needed


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_teaches(run: Run, command: list[str], language: str) -> None:
    ran = run(*command, "--language", language, "--help")
    assert ran.code == 0
    assert not ran.err
    headings = {"zh": ("用法:", "示例", "退出码"), "en": ("Usage:", "Examples", "Exit codes")}
    assert all(heading in ran.out for heading in headings[language])
    assert f"xlflow {command[0] if command else ''}" in ran.out


def test_without_arguments_it_shows_its_help(run: Run) -> None:
    assert run().out == run("--help").out


def test_version(run: Run) -> None:
    assert run("--version").out == f"xlflow {xlflow.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["synk"], "没有 synk 这个命令。是不是 sync?"),
        (["zzz"], "没有 zzz 这个命令。\n"),
        (["sync", "--acept"], "没有 --acept 这个选项。是不是 --accept?"),
        (["-x"], "没有 -x 这个选项。"),
        (["sync", "--accept=3"], "--accept 后面不带内容。"),
        (["check", "--as-of"], "--as-of 后面缺少内容。"),
        (["summary"], "缺少 --month。"),
        (["explain"], "缺少 CODE。"),
        (["rules", "XF102"], "多了一个参数:XF102。"),
        (["check", "--language", "fr"], "--language 只能是 zh | en。"),
        (["--json"], "请写明要运行哪个命令。"),
        (["status", "--version"], "没有 --version 这个选项。"),
    ],
)
def test_wrong_usage_takes_three_lines_and_names_the_form(
    run: Run, arguments: list[str], said: str
) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert not ran.out
    assert said in ran.err
    lines = ran.err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("错误:")
    assert lines[1].startswith("用法:xlflow")
    assert lines[2].endswith("--help")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["overdue", "--as-of", "2024-02-30"], "「2024-02-30」不是日期或时刻"),
        (["--as-of", "today", "rules"], "「today」不是日期或时刻"),
        (["summary", "--month", "2024-13"], "「2024-13」不是月份"),
        (["explain", "XF999"], "没有 XF999 这条规则"),
    ],
)
def test_what_does_not_exist_takes_one_line(run: Run, arguments: list[str], said: str) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_english_complaints(run: Run) -> None:
    ran = run("synk", "--language", "en")
    assert ran.err.splitlines() == [
        "Error: There is no command synk. Did you mean sync?",
        "Usage: xlflow [OPTIONS] COMMAND …",
        "More: xlflow --help",
    ]


class Broken:
    """A catalogue that fails in a way nobody thought of."""

    def __iter__(self) -> Any:
        raise RuntimeError("the sky\nfell")


def test_the_unexpected_shows_a_traceback_only_on_demand(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xlflow.rules.CATALOGUE", Broken())
    ran = run("rules")
    assert ran.code == 2
    assert ran.err.startswith("意外错误:RuntimeError: the sky\n")
    assert len(ran.err.splitlines()) == 2
    assert "Traceback" in run("rules", "-v").err


def test_common_options_stand_before_or_after(run: Run) -> None:
    before, after = run("--json", "explain", "XF102"), run("explain", "XF102", "--json")
    assert before.json == after.json
    assert before.json["code"] == "XF102"


@pytest.mark.parametrize("chatter", ["print('chat')", "import os; os.write(1, b'chat')"])
def test_only_the_document_reaches_standard_output(chatter: str) -> None:
    script = f"""
import sys
from xlflow.cli import program
import xlflow.rules
class Chatty(tuple):
    def __iter__(self):
        {chatter}
        return super().__iter__()
xlflow.rules.CATALOGUE = Chatty(xlflow.rules.CATALOGUE[:1])
sys.exit(program.run(["rules", "--json"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(xlflow.__file__).parents[1])},
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"{")
    assert b"chat" not in done.stdout
    assert b"chat" in done.stderr


def test_a_terminal_in_another_encoding_gets_what_it_can_show(process: Run) -> None:
    gbk = process("rules", PYTHONIOENCODING="gbk", LC_ALL="zh_CN.GBK")
    assert gbk.code == 0
    assert "必填的单元格没有填。" in gbk.out
    ascii_only = process("rules", "--language", "zh", PYTHONIOENCODING="ascii")
    assert ascii_only.code == 0
    assert "\\u5fc5" in ascii_only.out


def test_signs_of_our_own_have_a_plainer_form(process: Run, tmp_path: Path) -> None:
    (tmp_path / "here" / "坏了🙂.xlsx").write_bytes(b"")
    lone = process("check", "坏了🙂.xlsx", PYTHONIOENCODING="gbk")
    assert "坏了\\U0001f642.xlsx:" in lone.out
    process("init", tmp_path / "w", "--team", "市场一部")
    book = openpyxl.load_workbook(tmp_path / "w" / "teams" / "市场一部.xlsx")
    del book["流程优化计划"]["A3"]
    book["流程优化计划"]["A3"] = "别的"
    book.save(tmp_path / "w" / "teams" / "市场一部.xlsx")
    ran = process("-C", tmp_path / "w", "check", PYTHONIOENCODING="gbk")
    assert "市场一部.xlsx > 流程优化计划" in ran.out


def test_json_survives_any_encoding(process: Run) -> None:
    for encoding in ("utf-8", "gbk", "ascii", "latin-1"):
        rules = process("rules", "--json", PYTHONIOENCODING=encoding).json["rules"]
        assert rules[0]["zh"].startswith("必填的单元格没有填。")


def test_the_c_locale_speaks_english(process: Run) -> None:
    ran = process("rules", LC_ALL="C", LANG="C")
    assert ran.code == 0
    assert ran.out.startswith("Code ")


def test_a_closed_pipe_is_no_failure(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(xlflow.__file__).parents[1])}
    reading, writing = os.pipe()
    os.close(reading)
    with (tmp_path / "err").open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "xlflow", "rules"],
            stdout=writing,
            stderr=errors,
            env=environment,
            check=False,
        )
    os.close(writing)
    assert done.returncode == 0
    assert (tmp_path / "err").read_bytes() == b""


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_interrupting_is_quiet() -> None:
    script = """
import os, signal, sys
from xlflow.cli import program
import xlflow.rules
class Slow(tuple):
    def __iter__(self):
        os.kill(os.getpid(), signal.SIGINT)
        return super().__iter__()
xlflow.rules.CATALOGUE = Slow()
sys.exit(program.run(["rules"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(xlflow.__file__).parents[1])},
    )
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.strip() == done.stdout.strip() == b""


def test_names_that_are_no_utf8_are_escaped(capfd: pytest.CaptureFixture[str]) -> None:
    session = Session("zh")
    session.json = True
    session.answer(
        lambda: {"workbook": b"teams/\xd6\xd0.xlsx".decode("utf-8", "surrogateescape")}, str
    )
    session.deliver()
    assert '"teams/\\\\xd6\\\\xd0.xlsx"' in capfd.readouterr().out
    stdio.write(b"\xd6.xlsx".decode("utf-8", "surrogateescape"))
    assert capfd.readouterr().out == "\\xd6.xlsx\n"


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_that_want_it(environment: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    subprocess.run(
        [sys.executable, "-m", "xlflow", "explain", "XF102"],
        stdout=theirs,
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(xlflow.__file__).parents[1]),
            "TERM": "xterm",
            **environment,
        },
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert ("\x1b[31m" in shown) is coloured
    assert "错误" in shown
