"""What a running daemon says of itself, in a file that monitoring and ``status`` read.

``heartbeat.json`` in the state folder is renewed at least every half minute; if
``beat`` is older than a few of those, the daemon hangs or is gone.
"""

from __future__ import annotations

import errno
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from xlflow.atomic_write import write_atomically
from xlflow.store import Reason

FILE_NAME = "heartbeat.json"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One beat: who runs since when and how it goes.

    ``watching`` is ``native`` or ``polling``, None before the first pass;
    ``problem`` is what keeps the daemon from its work now, if anything.
    """

    pid: int
    who: str
    since: datetime
    beat: datetime
    watching: str | None = None
    passes: int = 0
    problem: Reason | None = None


def write(state: Path, pulse: Heartbeat) -> None:
    """Put a beat into its file, whole, or into the room the last one has on a full disk.

    A beat that was written half is none, to whoever reads it just then.

    Raises:
        OSError: the disk refuses.
    """
    problem = [pulse.problem.key, dict(pulse.problem.params)] if pulse.problem else None
    moments = {name: getattr(pulse, name).isoformat() for name in ("since", "beat")}
    fields = {**asdict(pulse), **moments, "problem": problem}
    text = json.dumps(fields, default=str, ensure_ascii=False)
    content = text.encode("utf-8", "surrogatepass")
    try:
        write_atomically(state / FILE_NAME, content)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        # That the disk is full is just what has to be told.
        with open(state / FILE_NAME, "r+b") as file:
            file.write(content)
            file.truncate()


def read(state: Path) -> Heartbeat | None:
    """Return the last beat, None where there was none."""
    try:
        fields = json.loads((state / FILE_NAME).read_text(encoding="utf-8"))
        problem = Reason(*fields["problem"]) if fields["problem"] else None
        moments = {name: datetime.fromisoformat(fields[name]) for name in ("since", "beat")}
        return Heartbeat(**{**fields, **moments, "problem": problem})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def stop(state: Path) -> None:
    """Take the file away: the daemon ended as it should."""
    with suppress(OSError):
        (state / FILE_NAME).unlink(missing_ok=True)
