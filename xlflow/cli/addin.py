"""``addin``: builds the add-in and its workbooks, installs it into Excel, removes it."""

from __future__ import annotations

from pathlib import Path

import click

from xlflow.cli.command import Command
from xlflow.cli.errors import CommandLineError
from xlflow.cli.session import Session
from xlflow.errors import WorkspaceError

DEFAULT_OUTPUT = Path("workbooks")


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
        raise CommandLineError("other", message=session.sentence("setup.output_only_build"))
    if action == "build":
        _build(session, output or DEFAULT_OUTPUT)
    elif action == "install":
        _install(session)
    else:
        _uninstall(session)


def _build(session: Session, output: Path) -> None:
    from xlflow.excel import build

    paths = build.build(output)
    session.answer(
        lambda: {"built": [path.as_posix() for path in paths]},
        lambda: "\n".join(session.sentence("setup.built", path=path) for path in paths),
    )


def _install(session: Session) -> None:
    from xlflow.excel import install
    from xlflow.excel.machine import this_machine

    machine = this_machine()

    def build_addin() -> bytes:
        from xlflow.excel import build

        build.require({"pyOpenVBA": ""})
        return build.addin()

    paths = install.install(machine, build_addin)
    lines = [session.sentence("setup.installed", path=path) for path in paths]
    try:
        master = session.workspace.master
    except WorkspaceError:
        master = None
    master_set = bool(
        master and master.exists() and install.set_master_interpreter(master, machine)
    )
    if master_set:
        lines.append(session.sentence("setup.told_master", path=master, python=machine.python))
    if machine.platform == "darwin":
        lines.append(session.sentence("setup.macos"))
    lines.append(session.sentence("setup.restart"))
    session.answer(
        lambda: {
            "installed": [str(path) for path in paths],
            "interpreter": str(machine.python),
            "master": str(master) if master_set else None,
        },
        lambda: "\n".join(lines),
    )


def _uninstall(session: Session) -> None:
    from xlflow.excel import install
    from xlflow.excel.machine import this_machine

    removed = install.uninstall(this_machine())
    lines = [session.sentence("setup.removed", path=path) for path in removed.files]
    lines += [session.sentence("setup.left", path=path) for path in removed.kept]
    session.answer(
        lambda: {"removed": list(removed.files), "left": list(removed.kept)},
        lambda: "\n".join(lines) or session.sentence("setup.not_installed"),
    )
