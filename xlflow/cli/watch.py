"""``watch``: the daemon, in the foreground."""

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

    if session.moment is not None:
        raise UsageError("watching.real_time_only")
    space = session.workspace

    def begun() -> None:
        session.tell(session.say("watch.begins", root=space.root))

    with Sender(space) as messenger:
        done = daemon.watch(space, messenger.after_pass, begun)
    session.answer(
        lambda: {"pid": done.presence.pid, "passes": done.passes},
        lambda: session.say("watch.ended", passes=done.passes),
    )
