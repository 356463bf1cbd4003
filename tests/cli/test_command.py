"""The classes of commands and of the program."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from tests.cli.running import environment
from xlflow.cli.command import Command
from xlflow.cli.errors import CommandSyntaxError
from xlflow.cli.program import program
from xlflow.cli.sections import COMMANDS
from xlflow.cli.session import Session


def test_a_commands_module_is_imported_when_it_is_needed() -> None:
    script = (
        "import sys; from xlflow.cli.program import run; run(['init', '--help']); "
        "print(*(m for m in sys.modules if m.startswith('xlflow.cli.')), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment()
    )
    loaded = {name.removeprefix("xlflow.cli.") for name in done.stderr.split()}
    assert "program" in loaded
    assert loaded & set(COMMANDS) == {"init"}


def test_an_unknown_command_suggests_the_closest() -> None:
    ctx = click.Context(program)
    assert program.get_command(ctx, "synk") is None
    with pytest.raises(CommandSyntaxError, match="no_such_command") as raised:
        program.resolve_command(ctx, ["synk"])
    assert raised.value.params == {"command": "synk", "near": "sync"}


def test_an_extra_argument_is_refused_with_its_context() -> None:
    command = Command("sample", callback=lambda: None)
    with pytest.raises(CommandSyntaxError, match="too_many") as raised:
        command.make_context("sample", ["extra"], obj=Session("en"))
    assert raised.value.params == {"what": "extra"}
    assert raised.value.ctx is not None
    assert raised.value.ctx.command is command


@pytest.mark.parametrize("json", [False, True])
def test_the_functions_value_is_the_exit_code(
    json: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    session = Session("en")
    session.json = json

    def answer() -> int:
        print("chat")
        session.answer(lambda: ["document"], lambda: "text")
        return 3

    command = Command("sample", callback=answer)
    with command.make_context("sample", [], obj=session) as ctx:
        assert command.invoke(ctx) == 3
    document, text = ('[\n  "document"\n]\n', "chat\n"), ("chat\ntext\n", "")
    assert capfd.readouterr() == (document if json else text)
