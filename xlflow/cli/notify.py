"""``notify``: what waits in the outbox, sent now; or a trial."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.as_of import system_now
from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.messages import say

if TYPE_CHECKING:
    from xlflow.notifications.addresses import Address
    from xlflow.notifications.delivery import DeliveryResult
    from xlflow.store.outbox import Notice
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.option("--test", "test", is_flag=True)
@click.pass_obj
def notify(session: Session, test: bool) -> int:
    """Send what waits, or a trial."""
    return _trial(session) if test else _send(session)


def send_after_pass(session: Session, space: Workspace) -> None:
    """Send what a pass has queued; the pass counts, however that ends.

    That nobody has set an address is said by ``notify`` and ``status``, not here:
    not everybody wants notices.
    """
    from xlflow.errors import XlflowError
    from xlflow.messages import explain
    from xlflow.notifications import delivery as sending
    from xlflow.store import Store

    try:
        with Store.open(space.state) as store:
            done = sending.send(space, store, system_now())
    except XlflowError as error:
        session.tell(explain(error, session.language))
        return
    if done.sent:
        session.tell(_say(session, "sent", count=done.sent))
    for line in _reasons(done, session, but="notify.no_address"):
        session.tell(line)


def _reasons(done: DeliveryResult, session: Session, but: str = "") -> list[str]:
    return [
        _say(session, "waits", count=done.waiting, reason=session.reason(reason))
        for reason in done.reasons
        if reason.key != but
    ]


def _send(session: Session) -> int:
    from xlflow.notifications import delivery as sending
    from xlflow.store import Store

    space = session.workspace
    with Store.open(space.state) as store:
        waiting = store.outbox.waiting()
        done = sending.send(space, store, system_now(), immediately=True)
    session.answer(
        lambda: {
            "outbox": [_shape(notice) for notice in waiting],
            "sent": done.sent,
            "waiting": done.waiting,
            "reasons": [session.reason(reason) for reason in done.reasons],
        },
        lambda: _text(waiting, done, session),
    )
    return int(bool(done.reasons))


def _shape(notice: Notice) -> dict[str, Any]:
    facts = notice.facts
    return {
        "team": notice.team,
        "workbook": notice.workbook,
        "sheet": facts["sheet"],
        "cell": facts.get("cell"),
        "row": facts.get("row"),
        "kind": facts["kind"],
        "item": facts.get("item"),
        "code": facts.get("code"),
        "owners": list(facts["owners"]),
        "due": facts.get("due"),
    }


def _text(waiting: Sequence[Notice], done: DeliveryResult, session: Session) -> str:
    from xlflow.notifications.digest import counts_text

    if not waiting:
        return _say(session, "nothing")
    lines = [_say(session, "waiting", count=len(waiting))]
    for team, notices in groupby(waiting, key=lambda notice: notice.team):
        counts = counts_text(notices, session.language)
        lines.append(_say(session, "waiting_of_team", team=team, counts=counts))
    if done.sent:
        lines.append(_say(session, "sent", count=done.sent))
    lines += _reasons(done, session)
    return "\n".join(lines)


def _trial(session: Session) -> int:
    from xlflow.errors import UsageError
    from xlflow.notifications import delivery as sending

    space = session.workspace
    results = sending.send_test(space, session.language)
    if not results:
        raise UsageError("notify.no_address", workspace=space.state.name)
    session.answer(
        lambda: {
            "addresses": [
                {"address": address.shown, "taken": told is None, "reason": told}
                for address, told in results
            ]
        },
        lambda: "\n".join(_outcome(address, told, session) for address, told in results),
    )
    return int(any(told is not None for _, told in results))


def _outcome(address: Address, told: str | None, session: Session) -> str:
    if told is None:
        return _say(session, "tried", address=address.shown)
    return click.style(_say(session, "not_tried", address=address.shown, told=told), fg="red")


def _say(session: Session, name: str, **params: Any) -> str:
    return say(f"notify.{name}", session.language, **params)
