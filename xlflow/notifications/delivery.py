"""Delivering the notices in the outbox: one digest per team, run and address.

A digest that was accepted is recorded before the next one is sent. So a notice
reaches each of its addresses at least once, and a second time only if xlflow was
killed in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

import filelock

from xlflow.config import Settings
from xlflow.errors import UnavailableError
from xlflow.messages import say
from xlflow.notifications.addresses import Address, addresses
from xlflow.notifications.transport import DeliveryRefusedError, Transport
from xlflow.store import Reason, Store
from xlflow.store.outbox import Notice
from xlflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of one run.

    ``sent`` counts the notices that reached at least one address, ``waiting`` those
    still in the outbox, for ``reasons``. ``retry_at`` is the real time at which it
    makes sense to try again, None if time alone changes nothing.
    """

    sent: int = 0
    waiting: int = 0
    reasons: tuple[Reason, ...] = ()
    retry_at: datetime | None = None


def send(
    workspace: Workspace,
    store: Store,
    now: datetime,
    *,
    immediately: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> DeliveryResult:
    """Send the notices in the outbox.

    Args:
        now: the real time, with its zone.
        immediately: whether to ignore quiet hours and the delay after a failure.
        stopping: called before each digest; once it returns True, the rest waits.

    Raises:
        StoreError: the store, or the log of what was notified, can't be used.
    """
    if not store.queued():
        return DeliveryResult()
    try:
        with filelock.FileLock(workspace.state / "sending.lock", timeout=0):
            result = _Run(workspace, store, now, immediately, stopping).run()
            store.outbox.explain(result.reasons)
            return result
    except filelock.Timeout:
        return DeliveryResult(waiting=store.queued(), reasons=(Reason("notify.busy"),))


def quiet_until(settings: Settings, now: datetime) -> datetime | None:
    """Return when the current quiet hours end, None if ``now`` is outside them."""
    if not settings.quiet:
        return None
    local = now.astimezone(settings.zone)
    begin, end = (time.fromisoformat(text) for text in settings.quiet.split("-"))
    clock = local.time()
    quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not quiet:
        return None
    day = local.date() + timedelta(days=int(clock >= end))
    return datetime.combine(day, end, settings.zone)


def send_test(workspace: Workspace, language: str) -> list[tuple[Address, str | None]]:
    """Send a test message to every address; return each with why it was refused, None if it wasn't.

    Raises:
        UnavailableError: the keyring can't be opened.
    """
    from xlflow.notifications.digest import Digest, sanitized

    message = Digest(
        say("notify.trial_title", workspace.settings.language),
        say("notify.trial", workspace.settings.language, workspace=sanitized(workspace.root.name)),
    )
    results: list[tuple[Address, str | None]] = []
    for address in addresses(workspace):
        try:
            Transport(address, language).deliver(message)
        except DeliveryRefusedError as refused:
            results.append((address, str(refused)))
        else:
            results.append((address, None))
    return results


class _Run:
    """One run over the outbox."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        now: datetime,
        immediately: bool,
        stopping: Callable[[], bool],
    ) -> None:
        self.workspace = workspace
        self.settings = workspace.settings
        self.outbox = store.outbox
        self.store = store
        self.now = now
        self.immediately = immediately
        self.stopping = stopping
        self.reasons: list[Reason] = []
        self.retries: list[datetime] = []
        self.sent: set[int] = set()

    def run(self) -> DeliveryResult:
        """Deliver each address its digests, then remove what has reached all of its addresses."""
        try:
            known = addresses(self.workspace)
        except UnavailableError as error:
            return self._result(Reason(error.key, error.params))
        if not known:
            name = self.workspace.state.name
            return self._result(Reason("notify.no_address", {"workspace": name}))
        notices = self.outbox.waiting()
        until = None if self.immediately else quiet_until(self.settings, self.now)
        if notices and until is not None:
            self.retries.append(until)
            return self._result(Reason("notify.quiet", {"until": f"{until:%H:%M}"}))
        recipients = {notice.id: self._recipients(notice, known) for notice in notices}
        reached: dict[int, set[str]] = defaultdict(set)
        for notice in notices:
            reached[notice.id] |= notice.reached
        for address in known:
            due = [
                n for n in notices if address in recipients[n.id] and address.id not in n.reached
            ]
            for notice in self._deliver(address, due):
                reached[notice.id].add(address.id)
        finished = [
            n for n in notices if recipients[n.id] and _ids(recipients[n.id]) <= reached[n.id]
        ]
        self.outbox.finished(finished, self.now)
        without_recipient = sum(not recipients[notice.id] for notice in notices)
        if without_recipient:
            self.reasons.append(Reason("notify.nobody", {"count": without_recipient}))
        return self._result()

    def _recipients(self, notice: Notice, known: Sequence[Address]) -> tuple[Address, ...]:
        """Return the addresses that get a notice: those without a name, and its owners'."""
        owners = self.settings.owners
        names = {owners[name] for name in notice.facts["owners"] if name in owners}
        return tuple(a for a in known if a.name is None or a.name in names)

    def _deliver(self, address: Address, due: Sequence[Notice]) -> list[Notice]:
        """Deliver an address one digest per team until it refuses one; return what was accepted."""
        from xlflow.notifications.digest import compose

        accepted: list[Notice] = []
        rest = self.outbox.rest(address.id, self.now)
        if due and rest is not None and not self.immediately:
            self._wait("notify.resting", address, rest)
            return accepted
        for _, members in groupby(due, key=lambda notice: notice.team):
            if self.stopping():
                break
            notices = list(members)
            until = self.outbox.trying(address.id, self.now)
            try:
                transport = Transport(address, self.settings.language)
                local = self.now.astimezone(self.settings.zone).replace(tzinfo=None)
                digest = compose(notices, local, self.settings.language, transport.limit)
                transport.deliver(digest)
            except DeliveryRefusedError as refused:
                self._wait("notify.failed", address, until, told=str(refused))
                break
            self.outbox.reached(address.id, notices, self.now)
            self.sent |= {notice.id for notice in notices}
            accepted += notices
        return accepted

    def _wait(self, key: str, address: Address, until: datetime, **facts: str) -> None:
        self.retries.append(until)
        local = until.astimezone(self.settings.zone)
        self.reasons.append(
            Reason(key, {"address": address.shown, "until": f"{local:%H:%M}", **facts})
        )

    def _result(self, *reasons: Reason) -> DeliveryResult:
        return DeliveryResult(
            sent=len(self.sent),
            waiting=self.store.queued(),
            reasons=(*self.reasons, *reasons),
            retry_at=min(self.retries, default=None),
        )


def _ids(addresses: Sequence[Address]) -> set[str]:
    return {address.id for address in addresses}
