"""Which machine's daemon a shared folder belongs to, written in one small file in the share.

Not every share supports locks across machines, so the holder writes who it is,
where, since when, and its heartbeat. A lease is live while it is renewed; its age is
measured by the share's own clock (against a file written there now), since the
clocks of two machines may be hours apart.
"""

from __future__ import annotations

import getpass
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from xlflow.errors import HeldError

FILE_NAME = ".xlflow-owner"

RENEWAL_INTERVAL = 30.0
"""Seconds between two renewals."""

STALE_AFTER = 300.0
"""Seconds without a renewal after which a lease may be taken over."""

_TAKEOVER_DELAY = 0.5  # seconds; of two that take over at once, both then see who was last
_REREAD_DELAY = 0.2  # seconds in which a half-written lease is completed


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease; ``token`` is different for each run of a daemon."""

    who: str
    where: str
    pid: int
    since: str
    heartbeat: str
    token: str


class Lease:
    """The lease as one run of a daemon takes, renews and releases it."""

    def __init__(
        self,
        root: Path,
        host: str | None = None,
        pid: int | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        now = _now()
        self._path = root / FILE_NAME
        self._sleep = sleep
        self._own = Holder(
            who=current_user(),
            where=host or socket.gethostname(),
            pid=pid or os.getpid(),
            since=now,
            heartbeat=now,
            token=secrets.token_hex(8),
        )

    def take(self) -> None:
        """Take the lease, or take over a stale one.

        Raises:
            HeldError: another daemon holds it.
            OSError: the share refuses.
        """
        self._place(self._draft())

    def renew(self) -> None:
        """Renew the lease, or take it anew if its file is gone.

        Raises:
            HeldError: another daemon has taken it over meanwhile.
            OSError: the share refuses.
        """
        draft = self._draft()
        current = _read(self._path)
        if current is not None and current.token == self._own.token:
            os.replace(draft, self._path)
        else:
            self._place(draft)

    def release(self) -> None:
        """Remove the lease, if this run still holds it."""
        with suppress(OSError):
            current = _read(self._path)
            if current is not None and current.token == self._own.token:
                self._path.unlink()

    def _draft(self) -> Path:
        self._own = replace(self._own, heartbeat=_now())
        draft = self._path.with_name(f"{FILE_NAME}-{secrets.token_hex(4)}.tmp")
        try:
            draft.write_text(json.dumps(asdict(self._own), ensure_ascii=False), encoding="utf-8")
        except OSError:
            with suppress(OSError):
                draft.unlink()
            raise
        return draft

    def _place(self, draft: Path) -> None:
        try:
            if _is_free(self._path):
                content = draft.read_bytes()
                with suppress(FileExistsError):
                    with open(self._path, "xb") as stream:
                        stream.write(content)
                    return
            holder = _live_holder(self._path, draft, self._own.where, self._own.pid)
            if holder is not None:
                raise held_error(holder)
            os.replace(draft, self._path)
            self._sleep(_TAKEOVER_DELAY)
            holder = _read(self._path)
            if holder is not None and holder.token != self._own.token:
                raise held_error(holder)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def foreign_holder(root: Path, host: str | None = None) -> Holder | None:
    """Return who holds a live lease on another machine, None if nobody does."""
    path = root / FILE_NAME
    if _is_free(path):
        return None
    host = host or socket.gethostname()
    probe = path.with_name(f"{FILE_NAME}-{secrets.token_hex(4)}.tmp")
    try:
        probe.write_bytes(b"")
        holder = _live_holder(path, probe, host, os.getpid())
    except OSError:  # a read-only share: its clock can't be read, so this machine's has to do
        holder = _live_holder(path, None, host, os.getpid())
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return holder if holder is not None and holder.where.casefold() != host.casefold() else None


def held_error(holder: Holder) -> HeldError:
    """Return the error that names a holder."""
    return HeldError(
        "watching.held",
        who=holder.who,
        where=holder.where,
        pid=holder.pid,
        since=holder.since,
    )


def current_user() -> str:
    """Return the name of the user, ``?`` if the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "?"


def _live_holder(path: Path, probe: Path | None, host: str, pid: int) -> Holder | None:
    """Return who holds a live lease; one that can't be parsed is live until it is stale."""
    holder = _read(path)
    if holder is None:
        time.sleep(_REREAD_DELAY)
        holder = _read(path)
    try:
        renewed = path.stat().st_mtime
    except FileNotFoundError:
        return None
    now = probe.stat().st_mtime if probe is not None else time.time()
    if abs(now - renewed) > STALE_AFTER:
        return None
    if holder is None:
        return Holder("?", "?", 0, "?", "?", "")
    if holder.where.casefold() == host.casefold() and (
        holder.pid == pid or not process_runs(holder.pid)
    ):
        return None
    return holder


def _is_free(path: Path) -> bool:
    return not os.path.lexists(path)


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def process_runs(pid: int) -> bool:
    """Whether a process with this id runs on this machine."""
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, False, pid)
        if not handle:
            return False
        ctypes.windll.kernel32.CloseHandle(handle)
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
