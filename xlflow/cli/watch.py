"""``watch``: runs the daemon in the foreground."""

from __future__ import annotations

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session


@click.command(cls=Command)
@click.pass_obj
def watch(session: Session) -> None:
    """Watch the workspace until stopped."""
    from xlflow.daemon import daemon
    from xlflow.daemon.sender import Sender
    from xlflow.errors import UsageError

    if session.given_as_of is not None:
        raise UsageError("watching.real_time_only")
    workspace = session.workspace

    def started() -> None:
        session.to_stderr(session.say("watch.begins", root=workspace.root))

    with Sender(workspace) as sender:
        done = daemon.watch(workspace, sender.after_pass, started)
    session.answer(
        lambda: {"pid": done.pulse.pid, "passes": done.passes},
        lambda: session.say("watch.ended", passes=done.passes),
    )
