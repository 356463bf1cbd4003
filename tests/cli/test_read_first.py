"""Reading what changed before answering from the store."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from xlflow.cli.read_first import read_first
from xlflow.cli.session import Session
from xlflow.errors import HeldError
from xlflow.store import Store
from xlflow.sync.lease import Lease


def test_the_store_is_up_to_date_afterwards(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (root / "teams" / "坏了.xlsx").write_bytes(b"no workbook")
    session = Session("zh")
    session.given_as_of = date(2024, 7, 16)
    assert read_first(session, session.workspace, read_only=False) == datetime(2024, 7, 17)
    with Store.open(session.workspace.state) as store:
        statuses = {state.workbook: state.status for state in store.workbooks()}
    assert len(statuses) == 7
    assert statuses["teams/市场一部.xlsx"] == "recorded"
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("坏了.xlsx：")


def test_looking_is_allowed_while_another_machine_watches(root: Path) -> None:
    lease = Lease(root, host="elsewhere")
    lease.take()
    session = Session("zh")
    try:
        read_first(session, session.workspace, read_only=True)
        with pytest.raises(HeldError):
            read_first(session, session.workspace, read_only=False)
    finally:
        lease.release()
