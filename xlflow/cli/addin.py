"""``addin``: building Excel's side, putting it into Excel, and taking it out again."""

from __future__ import annotations

from pathlib import Path

import click

from xlflow.cli.command import Command
from xlflow.cli.errors import CommandLineError
from xlflow.cli.session import Session
from xlflow.errors import WorkspaceError
from xlflow.messages import say

HERE = Path("workbooks")


@click.command(cls=Command)
@click.argument(
    "action",
    metavar="build|install|uninstall",
    type=click.Choice(("build", "install", "uninstall")),
)
@click.option("--output", metavar="DIR", type=click.Path(path_type=Path))
@click.pass_obj
def addin(session: Session, action: str, output: Path | None) -> None:
    """Build, install or uninstall the add-in."""
    if output is not None and action != "build":
        raise CommandLineError("other", message=_say(session, "output_only_build"))
    {"build": _build, "install": _install, "uninstall": _uninstall}[action](session, output)


def _build(session: Session, output: Path | None) -> None:
    from xlflow.excel import build

    made = build.build(output or HERE)
    session.answer(
        lambda: {"built": [path.as_posix() for path in made]},
        lambda: "\n".join(_say(session, "built", path=path) for path in made),
    )


def _install(session: Session, _output: Path | None) -> None:
    from xlflow.excel import install
    from xlflow.excel.machine import this_machine

    machine = this_machine()

    def build() -> bytes:
        from xlflow.excel import build as building

        building.require({"pyOpenVBA": ""})
        return building.addin()

    made = install.install(machine, build)
    lines = [_say(session, "installed", path=path) for path in made]
    try:
        master = session.workspace.master
    except WorkspaceError:
        master = None
    told = bool(master and master.exists() and install.set_master_interpreter(master, machine))
    if told:
        lines.append(_say(session, "told_master", path=master, python=machine.python))
    if machine.platform == "darwin":
        lines.append(_say(session, "macos"))
    lines.append(_say(session, "restart"))
    session.answer(
        lambda: {
            "installed": [str(path) for path in made],
            "interpreter": str(machine.python),
            "master": str(master) if told else None,
        },
        lambda: "\n".join(lines),
    )


def _uninstall(session: Session, _output: Path | None) -> None:
    from xlflow.excel import install
    from xlflow.excel.machine import this_machine

    removed = install.uninstall(this_machine())
    lines = [_say(session, "removed", path=path) for path in removed.files]
    lines += [_say(session, "left", path=path) for path in removed.kept]
    session.answer(
        lambda: {"removed": list(removed.files), "left": list(removed.kept)},
        lambda: "\n".join(lines) or _say(session, "not_installed"),
    )


def _say(session: Session, key: str, /, **params: object) -> str:
    return say(f"setup.{key}", session.language, **params)
