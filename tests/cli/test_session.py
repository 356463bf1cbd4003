"""What the common options of one run do: workspace, answer, progress, colour."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.cli.running import Run, environment
from xlflow.cli.session import Session
from xlflow.config import Settings


def test_the_workspace_is_named_by_option_environment_or_place(
    run: Run, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root / "teams")
    assert run("status").code == 0
    monkeypatch.chdir(tmp_path)
    assert run("status").code == 2
    assert run("status", "-C", root).code == 0
    monkeypatch.setenv("XLFLOW_WORKSPACE", str(root))
    assert run("status").code == 0
    assert run("-C", tmp_path, "status").code == 2


def test_without_a_workspace_the_error_says_how_to_make_one(run: Run) -> None:
    for command in (["team", "市场一部"], ["sync"], ["status"], ["overdue"], ["history", "x"]):
        ran = run(*command)
        assert ran.code == 2
        assert "xlflow init" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_typo_in_the_settings_is_named(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    settings = tmp_path / "w" / "xlflow.toml"
    settings.write_text('langauge = "en"\n', encoding="utf-8")
    ran = run("-C", tmp_path / "w", "status")
    assert ran.code == 2
    assert "langauge" in ran.err
    assert "language" in ran.err
    settings.write_text("language = zh\n", encoding="utf-8")
    ran = run("-C", tmp_path / "w", "sync")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)


def test_a_date_alone_is_taken_for_its_end() -> None:
    session = Session("zh")
    session.given_as_of = date(2024, 7, 16)
    assert session.as_of(Settings()) == datetime(2024, 7, 17)


def test_invalid_utf8_in_names_is_escaped(capfd: pytest.CaptureFixture[str]) -> None:
    session = Session("zh")
    session.json = True
    session.answer(
        lambda: {"workbook": b"teams/\xd6\xd0.xlsx".decode("utf-8", "surrogateescape")}, str
    )
    assert capfd.readouterr().out == ""
    session.write_document()
    assert '"teams/\\\\xd6\\\\xd0.xlsx"' in capfd.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(("options", "drawn"), [([], True), (["--json"], False)])
def test_progress_is_drawn_on_a_terminal_only(options: list[str], drawn: bool) -> None:
    ours, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "xlflow", "sync", "--as-of", "2024-07-16", *options],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(),
        check=True,
    )
    os.write(theirs, b"\nend")
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert ("█" in shown and "/6" in shown) is drawn
    assert "█" not in done.stdout.decode()


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_that_want_it(variables: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    subprocess.run(
        [sys.executable, "-m", "xlflow", "explain", "XF102"],
        stdout=theirs,
        check=True,
        env=environment(TERM="xterm", **variables),
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert ("\x1b[31m" in shown) is coloured
    assert "错误" in shown
