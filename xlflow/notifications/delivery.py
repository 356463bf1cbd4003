"""Sending what waits in the outbox: one digest a team, run and address.

The outbox says what, the addresses say where; a digest that was taken is noted
at once, before the next one goes out. So a notice reaches each of its addresses at
least once, and a second time only if xlflow was killed between the two.
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
from xlflow.notifications.digest import Digest, compose, sanitized
from xlflow.notifications.transport import DeliveryRefusedError, Transport
from xlflow.store import Reason, Store
from xlflow.store.outbox import Notice
from xlflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What came of sending.

    ``sent`` counts the notices that reached somebody, ``waiting`` those that still
    wait, for ``reasons``. ``again`` is the real moment at which trying again makes
    sense, None where time alone changes nothing.
    """

    sent: int = 0
    waiting: int = 0
    reasons: tuple[Reason, ...] = ()
    again: datetime | None = None


def send(
    workspace: Workspace,
    store: Store,
    now: datetime,
    *,
    asked: bool = False,
    stopping: Callable[[], bool] = lambda: False,
) -> DeliveryResult:
    """Send what waits.

    Args:
        now: the real time, with its zone.
        asked: somebody asked for it just now, so neither quiet hours nor the wait
            after a failure count.
        stopping: asked before each digest; once it says yes, the rest waits.

    Raises:
        StoreError: the store, or the record of what was notified, can't be used.
    """
    if not store.queued():
        return DeliveryResult()
    try:
        with filelock.FileLock(workspace.state / "sending.lock", timeout=0):
            sending = _Round(workspace, store, now, asked, stopping).run()
            store.outbox.explain(sending.reasons)
            return sending
    except filelock.Timeout:
        return DeliveryResult(waiting=store.queued(), reasons=(Reason("notify.busy"),))


def quiet_until(settings: Settings, now: datetime) -> datetime | None:
    """Return when the quiet hours end in which ``now`` lies, None where it lies in none."""
    if not settings.quiet:
        return None
    here = now.astimezone(settings.zone)
    begin, end = (time.fromisoformat(text) for text in settings.quiet.split("-"))
    clock = here.time()
    quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not quiet:
        return None
    day = here.date() + timedelta(days=int(clock >= end))
    return datetime.combine(day, end, settings.zone)


def send_test(workspace: Workspace, language: str) -> list[tuple[Address, str | None]]:
    """Send a trial to every address; return each with what went wrong, None where it was taken.

    Raises:
        UnavailableError: the keyring can't be opened.
    """
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


class _Round:
    """One round of sending."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        now: datetime,
        asked: bool,
        stopping: Callable[[], bool],
    ) -> None:
        self.workspace = workspace
        self.settings = workspace.settings
        self.outbox = store.outbox
        self.store = store
        self.now = now
        self.asked = asked
        self.stopping = stopping
        self.reasons: list[Reason] = []
        self.again: list[datetime] = []
        self.sent: set[int] = set()

    def run(self) -> DeliveryResult:
        """Bring each address its digests, then take out of the outbox what reached them all."""
        notices = self.outbox.waiting()
        try:
            known = addresses(self.workspace) if notices else ()
        except UnavailableError as error:
            return self._result(Reason(error.key, error.params))
        if notices and not known:
            name = self.workspace.state.name
            return self._result(Reason("notify.no_address", {"workspace": name}))
        until = None if self.asked else quiet_until(self.settings, self.now)
        if notices and until is not None:
            self.again.append(until)
            return self._result(Reason("notify.quiet", {"until": f"{until:%H:%M}"}))
        wanted = {notice.id: self._wanted(notice, known) for notice in notices}
        reached: dict[int, set[str]] = defaultdict(set)
        for notice in notices:
            reached[notice.id] |= notice.reached
        for address in known:
            due = [n for n in notices if address in wanted[n.id] and address.id not in n.reached]
            for notice in self._bring(address, due):
                reached[notice.id].add(address.id)
        over = [n for n in notices if wanted[n.id] and _ids(wanted[n.id]) <= reached[n.id]]
        self.outbox.finished(over, self.now)
        homeless = sum(not wanted[notice.id] for notice in notices)
        if homeless:
            self.reasons.append(Reason("notify.nobody", {"count": homeless}))
        return self._result()

    def _wanted(self, notice: Notice, known: Sequence[Address]) -> tuple[Address, ...]:
        """Return whom a notice concerns: addresses without a name, and its owners'."""
        owners = self.settings.owners
        names = {owners[name] for name in notice.facts["owners"] if name in owners}
        return tuple(a for a in known if a.name is None or a.name in names)

    def _bring(self, address: Address, due: Sequence[Notice]) -> list[Notice]:
        """Bring an address one digest a team, until it refuses one; return what it took."""
        taken: list[Notice] = []
        rest = self.outbox.rest(address.id, self.now)
        if due and rest is not None and not self.asked:
            self._wait("notify.resting", address, rest)
            return taken
        for _, members in groupby(due, key=lambda notice: notice.team):
            if self.stopping():
                break
            notices = list(members)
            until = self.outbox.trying(address.id, self.now)
            try:
                courier = Transport(address, self.settings.language)
                here = self.now.astimezone(self.settings.zone).replace(tzinfo=None)
                courier.deliver(compose(notices, here, self.settings.language, courier.limit))
            except DeliveryRefusedError as refused:
                self._wait("notify.failed", address, until, told=str(refused))
                break
            self.outbox.reached(address.id, notices, self.now)
            self.sent |= {notice.id for notice in notices}
            taken += notices
        return taken

    def _wait(self, key: str, address: Address, until: datetime, **facts: str) -> None:
        self.again.append(until)
        here = until.astimezone(self.settings.zone)
        self.reasons.append(
            Reason(key, {"address": address.shown, "until": f"{here:%H:%M}", **facts})
        )

    def _result(self, *reasons: Reason) -> DeliveryResult:
        return DeliveryResult(
            sent=len(self.sent),
            waiting=self.store.queued(),
            reasons=(*self.reasons, *reasons),
            again=min(self.again, default=None),
        )


def _ids(wanted: Sequence[Address]) -> set[str]:
    return {address.id for address in wanted}
