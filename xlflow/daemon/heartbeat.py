"""The state of a running daemon, in a file that monitoring and ``status`` read.

``heartbeat.json`` in the state folder is renewed at least every 30 seconds; if
``beat`` is several times older than that, the daemon hangs or is gone.
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
    """One heartbeat: who runs the daemon, since when, and in what state it is.

    ``watching`` is ``native`` or ``polling``, None before the first listing;
    ``problem`` is what keeps the daemon from its work now, if anything.
    """

    pid: int
    who: str
    since: datetime
    beat: datetime
    watching: str | None = None
    passes: int = 0
    problem: Reason | None = None


def write(state: Path, heartbeat: Heartbeat) -> None:
    """Replace the file atomically, or on a full disk overwrite it in place.

    A half-written heartbeat, which is possible only then, reads as none.

    Raises:
        OSError: the disk refuses.
    """
    problem = [heartbeat.problem.key, dict(heartbeat.problem.params)] if heartbeat.problem else None
    moments = {name: getattr(heartbeat, name).isoformat() for name in ("since", "beat")}
    fields = {**asdict(heartbeat), **moments, "problem": problem}
    text = json.dumps(fields, default=str, ensure_ascii=False)
    content = text.encode("utf-8", "surrogatepass")
    try:
        write_atomically(state / FILE_NAME, content)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        # The full disk is the very thing that has to be reported.
        with open(state / FILE_NAME, "r+b") as file:
            file.write(content)
            file.truncate()


def read(state: Path) -> Heartbeat | None:
    """Return the last heartbeat, None if there is none that can be read."""
    try:
        fields = json.loads((state / FILE_NAME).read_text(encoding="utf-8"))
        problem = Reason(*fields["problem"]) if fields["problem"] else None
        moments = {name: datetime.fromisoformat(fields[name]) for name in ("since", "beat")}
        return Heartbeat(**{**fields, **moments, "problem": problem})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def remove(state: Path) -> None:
    """Remove the file, when the daemon ends normally."""
    with suppress(OSError):
        (state / FILE_NAME).unlink(missing_ok=True)
