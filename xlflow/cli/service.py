"""``service``: the daemon as a service of this user."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.messages import say

if TYPE_CHECKING:
    from xlflow.daemon.service import Service
    from xlflow.daemon.service_definition import ServiceDefinition


@click.command(cls=Command)
@click.argument(
    "action", metavar="install|uninstall|show", type=click.Choice(("install", "uninstall", "show"))
)
@click.pass_obj
def service(session: Session, action: str) -> None:
    """Install, remove or show the service."""
    from xlflow.daemon import service as services
    from xlflow.daemon import service_definition

    host = service_definition.this_host()
    defined = service_definition.definition(session.workspace, host)
    one = services.Service(defined, services.run)
    if action == "install":
        told = _installed(one.install(), defined, session)
    elif action == "uninstall":
        told = _say(session, "uninstalled" if one.uninstall() else "not_there", name=defined.name)
    else:
        told = _state(one, defined, session)
    session.answer(
        lambda: {
            "manager": defined.manager,
            "name": defined.name,
            "path": str(defined.path),
            "installed": one.installed,
            "running": one.running,
            "definition": defined.text,
        },
        lambda: told,
    )


def _installed(new: bool, defined: ServiceDefinition, session: Session) -> str:
    if not new:
        return _say(session, "already", name=defined.name)
    lines = [_say(session, "installed", name=defined.name, path=defined.path)]
    if defined.manager == "systemd":
        environment = defined.path.parents[2] / "xlflow" / "environment"
        lines.append(_say(session, "linger", path=environment))
    return "\n".join(lines)


def _state(one: Service, defined: ServiceDefinition, session: Session) -> str:
    state = "running" if one.running else "installed" if one.installed else "absent"
    told = _say(
        session,
        "state",
        name=defined.name,
        manager=defined.manager,
        state=_say(session, f"state.{state}"),
        path=defined.path,
    )
    return f"{told}\n\n{defined.text.rstrip()}"


def _say(session: Session, key: str, /, **params: object) -> str:
    return say(f"service.{key}", session.language, **params)
