"""Which machine's daemon a shared folder belongs to: one small file in the share says it.

Locks don't reach from machine to machine on every share, so the holder writes who
it is, where, since when, and its heartbeat. A lease is live while it is renewed;
how old it is, is measured by the share's own clock (against a file written there
now), since the clocks of two machines may be hours apart.
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

BEAT = 30.0
"""Seconds between two renewals."""

STALE = 300.0
"""Seconds without a renewal after which a lease may be taken over."""

_SETTLE = 0.5  # seconds after which two that took over at once see who came last
_HALF_WRITTEN = 0.2


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease; ``token`` tells one run of a daemon from another."""

    who: str
    where: str
    pid: int
    since: str
    heartbeat: str
    token: str


class Lease:
    """The lease that one run of a daemon takes, renews and gives back."""

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
        self._put(self._draft())

    def renew(self) -> None:
        """Renew the lease; one that vanished is taken anew.

        Raises:
            HeldError: another daemon has taken it over meanwhile.
            OSError: the share refuses.
        """
        draft = self._draft()
        standing = _read(self._path)
        if standing is not None and standing.token == self._own.token:
            _over(draft, self._path)
        else:
            self._put(draft)

    def release(self) -> None:
        """Give the lease back, if it is still ours."""
        with suppress(OSError):
            standing = _read(self._path)
            if standing is not None and standing.token == self._own.token:
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

    def _put(self, draft: Path) -> None:
        try:
            if _vacant(self._path):
                draft_text = draft.read_bytes()
                with suppress(FileExistsError):
                    with open(self._path, "xb") as stream:
                        stream.write(draft_text)
                    return
            held = _held(self._path, draft, self._own.where, self._own.pid)
            if held is not None:
                raise held_error(held)
            _over(draft, self._path)
            self._sleep(_SETTLE)
            later = _read(self._path)
            if later is not None and later.token != self._own.token:
                raise held_error(later)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def foreign_holder(root: Path, host: str | None = None) -> Holder | None:
    """Return who holds a live lease on another machine, None where nobody does."""
    path = root / FILE_NAME
    if _vacant(path):
        return None
    host = host or socket.gethostname()
    probe = path.with_name(f"{FILE_NAME}-{secrets.token_hex(4)}.tmp")
    try:
        probe.write_bytes(b"")
        held = _held(path, probe, host, os.getpid())
    except OSError:  # a share that can't be written: its clock is then taken for ours
        held = _held(path, None, host, os.getpid())
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return held if held is not None and held.where.casefold() != host.casefold() else None


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
    """Return the name of this machine's user, as far as the system knows one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "?"


def _held(path: Path, probe: Path | None, host: str, pid: int) -> Holder | None:
    """Return whose lease is live; one whose text makes no sense is somebody's while it is young."""
    holder = _read(path)
    if holder is None:
        time.sleep(_HALF_WRITTEN)
        holder = _read(path)
    try:
        renewed = path.stat().st_mtime
    except FileNotFoundError:
        return None
    now = probe.stat().st_mtime if probe is not None else time.time()
    if abs(now - renewed) > STALE:
        return None
    if holder is None:
        return Holder("?", "?", 0, "?", "?", "")
    if holder.where.casefold() == host.casefold() and (
        holder.pid == pid or not process_runs(holder.pid)
    ):
        return None
    return holder


def _vacant(path: Path) -> bool:
    return not os.path.lexists(path)


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _over(draft: Path, path: Path) -> None:
    os.replace(draft, path)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def process_runs(pid: int) -> bool:
    """Tell whether a process of this number runs on this machine."""
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
