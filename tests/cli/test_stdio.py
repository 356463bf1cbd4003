"""The standard streams: encodings, redirection, closed pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.cli.running import Run, environment
from xlflow.cli import stdio


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
        [sys.executable, "-c", script], capture_output=True, check=False, env=environment()
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"{")
    assert b"chat" not in done.stdout
    assert b"chat" in done.stderr


def test_characters_that_the_encoding_lacks_are_escaped(run_process: Run) -> None:
    gbk = run_process("rules", PYTHONIOENCODING="gbk", LC_ALL="zh_CN.GBK")
    assert gbk.code == 0
    assert "必填的单元格没有填。" in gbk.out
    ascii_only = run_process("rules", "--language", "zh", PYTHONIOENCODING="ascii")
    assert ascii_only.code == 0
    assert "\\u5fc5" in ascii_only.out


def test_signs_of_our_own_have_a_substitute(run_process: Run, tmp_path: Path) -> None:
    (tmp_path / "here" / "坏了🙂.xlsx").write_bytes(b"")
    lone = run_process("check", "坏了🙂.xlsx", PYTHONIOENCODING="gbk")
    assert "坏了\\U0001f642.xlsx：" in lone.out
    run_process("init", tmp_path / "w", "--team", "市场一部")
    book = openpyxl.load_workbook(tmp_path / "w" / "teams" / "市场一部.xlsx")
    del book["流程优化计划"]["A3"]
    book["流程优化计划"]["A3"] = "别的"
    book.save(tmp_path / "w" / "teams" / "市场一部.xlsx")
    ran = run_process("-C", tmp_path / "w", "check", PYTHONIOENCODING="gbk")
    assert "市场一部.xlsx > 流程优化计划" in ran.out


def test_invalid_utf8_is_escaped(capfd: pytest.CaptureFixture[str]) -> None:
    stdio.write(b"\xd6.xlsx".decode("utf-8", "surrogateescape"))
    assert capfd.readouterr().out == "\\xd6.xlsx\n"


def test_a_closed_pipe_is_not_a_failure(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with (tmp_path / "err").open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-m", "xlflow", "rules"],
            stdout=writing,
            stderr=errors,
            env=environment(),
            check=False,
        )
    os.close(writing)
    assert done.returncode == 0
    assert (tmp_path / "err").read_bytes() == b""
