"""``service``: installs, removes or shows the daemon as a service of this user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.daemon.service import Service, ServiceDefinition


@click.command(cls=Command)
@click.argument(
    "action", metavar="install|uninstall|show", type=click.Choice(("install", "uninstall", "show"))
)
@click.pass_obj
def service(session: Session, action: str) -> None:
    """Install, remove or show the service."""
    from xlflow.daemon import service as services

    definition = services.definition(session.workspace, services.this_host())
    managed = services.Service(definition, services.run)
    if action == "install":
        text = _install(managed, definition, session)
    elif action == "uninstall":
        key = "uninstalled" if managed.uninstall() else "not_there"
        text = session.sentence(f"service.{key}", name=definition.name)
    else:
        text = _state(managed, definition, session)
    session.answer(
        lambda: {
            "manager": definition.manager,
            "name": definition.name,
            "path": str(definition.path),
            "installed": managed.installed,
            "running": managed.running,
            "definition": definition.text,
        },
        lambda: text,
    )


def _install(managed: Service, definition: ServiceDefinition, session: Session) -> str:
    if not managed.install():
        return session.sentence("service.already", name=definition.name)
    lines = [session.sentence("service.installed", name=definition.name, path=definition.path)]
    if definition.manager == "systemd":
        environment = definition.path.parents[2] / "xlflow" / "environment"
        lines.append(session.sentence("service.linger", path=environment))
    return "\n".join(lines)


def _state(managed: Service, definition: ServiceDefinition, session: Session) -> str:
    state = "running" if managed.running else "installed" if managed.installed else "absent"
    line = session.sentence(
        "service.state",
        name=definition.name,
        manager=definition.manager,
        state=session.sentence(f"service.state.{state}"),
        path=definition.path,
    )
    return f"{line}\n\n{definition.text.rstrip()}"
