"""File system events of watchdog's observer for Windows."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from xlflow.daemon.events import Events

TIMEOUT = 20.0


def test_a_save_by_renaming_is_noticed(tmp_path: Path) -> None:
    book = tmp_path / "市场一部.xlsx"
    book.write_bytes(b"before")
    noticed = threading.Event()
    events = Events([tmp_path], lambda path: noticed.set() if Path(path) == book else None)
    events.start()
    try:
        assert events.alive()
        temporary = tmp_path / "8F3A1B2C"
        temporary.write_bytes(b"after")
        assert not noticed.wait(0.5)
        os.unlink(book)
        os.rename(temporary, book)
        assert noticed.wait(TIMEOUT)
    finally:
        events.stop()
    assert not events.alive()
