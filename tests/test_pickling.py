"""What goes to another process and comes back is what it was."""

from __future__ import annotations

import pickle
from datetime import datetime
from pathlib import Path

from xlflow.config import Settings
from xlflow.errors import UnavailableError
from xlflow.process import Inputs, process
from xlflow.schema import TABLES
from xlflow.store import Reason
from xlflow.templates import samples


def test_rows_that_come_back_are_rows_of_the_same_tables(tmp_path: Path) -> None:
    settings = Settings()
    for path in samples.write_samples(tmp_path, settings, "zh"):
        outcome = process(path.read_bytes(), Inputs("x", settings), (), datetime(2024, 7, 17))
        back = pickle.loads(pickle.dumps(outcome))
        assert back == outcome
        assert all(any(row.table is table for table in TABLES) for row in back.rows)


def test_an_error_keeps_its_facts() -> None:
    error = UnavailableError("io_error", reason="I/O error")
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), back.key, back.params) == (type(error), error.key, error.params)


def test_a_reason_travels() -> None:
    reason = Reason("sync.open")
    assert pickle.loads(pickle.dumps(reason)) == reason
