"""``notify``: sends what is queued in the outbox, or a test message."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.as_of import system_now
from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.notifications.addresses import Address
    from xlflow.notifications.delivery import DeliveryResult
    from xlflow.store import Reason
    from xlflow.store.outbox import Notice
    from xlflow.workspace import Workspace


@click.command(cls=Command)
@click.option("--test", "test", is_flag=True)
@click.pass_obj
def notify(session: Session, test: bool) -> int:
    """Send what is queued, or a test message."""
    return _send_test(session) if test else _send(session)


def send_after_pass(session: Session, workspace: Workspace, *, news: bool) -> None:
    """Send what a pass has queued; a failure is reported but doesn't fail the pass.

    A missing address is reported by ``notify`` and ``status`` only, since not
    everybody wants notices. ``news`` says whether the pass may have queued any.
    """
    if not _is_worth_trying(workspace, news):
        return
    from xlflow.errors import XlflowError
    from xlflow.messages import explain
    from xlflow.notifications import delivery
    from xlflow.store import Store

    try:
        with Store.open(workspace.state) as store:
            result = delivery.send(workspace, store, system_now())
    except XlflowError as error:
        session.to_stderr(explain(error, session.language))
        return
    if result.sent:
        session.to_stderr(session.sentence("notify.sent", count=result.sent))
    for line in _reason_lines(result, session, omit="notify.no_address"):
        session.to_stderr(line)


def _is_worth_trying(workspace: Workspace, news: bool) -> bool:
    """Whether notices wait, and there may be an address to send them to.

    Looking into the keyring takes as long as an idle pass. So where nobody has set an
    address, it is looked into again only for new notices, and by ``notify``.
    """
    from xlflow.notifications.addresses import VARIABLE
    from xlflow.store.status import FILE_NAME, read_queue

    queue = read_queue(workspace.state / FILE_NAME)
    if queue is None:
        return True  # opening the store says what is wrong with it
    queued, reasons = queue
    if not queued or news or os.environ.get(VARIABLE, "").strip():
        return queued > 0
    return not _has_no_address(reasons)


def _reason_lines(result: DeliveryResult, session: Session, omit: str = "") -> list[str]:
    return [
        session.sentence("notify.waits", count=result.waiting, reason=session.reason(reason))
        for reason in result.reasons
        if reason.key != omit
    ]


def _send(session: Session) -> int:
    from xlflow.notifications import delivery
    from xlflow.store import Store

    workspace = session.workspace
    with Store.open(workspace.state) as store:
        queued = store.outbox.waiting()
        result = delivery.send(workspace, store, system_now(), immediately=True)
    session.answer(
        lambda: {
            "outbox": [_notice_json(notice) for notice in queued],
            "sent": result.sent,
            "waiting": result.waiting,
            "reasons": [session.reason(reason) for reason in result.reasons],
        },
        lambda: _text(queued, result, session),
    )
    return int(bool(result.reasons))


def _notice_json(notice: Notice) -> dict[str, Any]:
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


def _text(queued: Sequence[Notice], result: DeliveryResult, session: Session) -> str:
    from xlflow.notifications.digest import counts_text

    if not queued:
        return session.sentence("notify.nothing")
    lines = [session.sentence("notify.waiting", count=len(queued))]
    for team, notices in groupby(queued, key=lambda notice: notice.team):
        counts = counts_text(notices, session.language)
        lines.append(session.sentence("notify.waiting_of_team", team=team, counts=counts))
    if result.sent:
        lines.append(session.sentence("notify.sent", count=result.sent))
    lines += _reason_lines(result, session)
    return "\n".join(lines)


def _send_test(session: Session) -> int:
    from xlflow.errors import UsageError
    from xlflow.notifications import delivery

    workspace = session.workspace
    results = delivery.send_test(workspace, session.language)
    if not results:
        raise UsageError("notify.no_address", workspace=workspace.state.name)
    _have_next_pass_look(workspace)
    session.answer(
        lambda: {
            "addresses": [
                {"address": address.shown, "taken": failure is None, "reason": failure}
                for address, failure in results
            ]
        },
        lambda: "\n".join(_test_line(address, failure, session) for address, failure in results),
    )
    return int(any(failure is not None for _, failure in results))


def _have_next_pass_look(workspace: Workspace) -> None:
    """Have the next pass look for the address that had been missing."""
    from xlflow.store import Store
    from xlflow.store.status import FILE_NAME, read_queue

    queue = read_queue(workspace.state / FILE_NAME)
    if queue is not None and _has_no_address(queue[1]):
        with Store.open(workspace.state) as store:
            store.outbox.explain(())


def _has_no_address(reasons: Sequence[Reason]) -> bool:
    return [reason.key for reason in reasons] == ["notify.no_address"]


def _test_line(address: Address, failure: str | None, session: Session) -> str:
    if failure is None:
        return session.sentence("notify.tried", address=address.shown)
    line = session.sentence("notify.not_tried", address=address.shown, told=failure)
    return click.style(line, fg="red")
