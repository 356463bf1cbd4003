"""Which workbooks a command opens: those that can have changed since the run before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from xlflow.store import Store
from xlflow.store.database import FILE_NAME as DATABASE
from xlflow.sync import file_index, run
from xlflow.sync.results import PassResult
from xlflow.team_files import safe_open
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16 = datetime(2024, 7, 16, 12)
GUIDE = "市场一部.xlsx"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the workbooks that were read, in order."""
    names: list[str] = []

    read_safely = safe_open.read_safely

    def recorded(path: Path) -> bytes:
        names.append(path.name)
        return read_safely(path)

    monkeypatch.setattr(safe_open, "read_safely", recorded)
    return names


@pytest.fixture
def demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_files: Mapping[str, bytes]
) -> Workspace:
    """A workspace that was synced twice; every file counts as changed long ago."""
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(file_index, "TIMESTAMP_RESOLUTION", -1e9)
    workspace = create_workspace(tmp_path / "share", [], "zh")
    for name, data in sample_files.items():
        (workspace.teams / name).write_bytes(data)
    run.run(workspace, JULY_16)
    run.run(workspace, JULY_16)
    return workspace


def same_state(workspace: Workspace, result: PassResult) -> bool:
    """Whether a pass that reads everything gives the same result."""
    return run.run(workspace, result.as_of, everything=True) == result


def test_nothing_is_opened_without_an_edit(demo: Workspace, opened: list[str]) -> None:
    result = run.run(demo, JULY_16 + timedelta(minutes=1))
    assert not opened
    assert same_state(demo, result)
    assert len(opened) == len(result.workbooks)


def test_only_the_edited_workbook_is_opened(demo: Workspace, opened: list[str]) -> None:
    (demo.teams / GUIDE).write_bytes((demo.teams / "市场二部.xlsx").read_bytes())
    result = run.run(demo, JULY_16)
    assert set(opened) == {GUIDE}
    assert {Path(book.workbook).name: book.status for book in result.workbooks}[GUIDE] != (
        "unchanged"
    )


def test_a_file_listed_just_after_a_change_is_opened_once_more(
    demo: Workspace, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (demo.teams / GUIDE).touch()
    monkeypatch.setattr(file_index, "TIMESTAMP_RESOLUTION", 3600)
    for _ in range(2):
        opened.clear()
        run.run(demo, JULY_16)
        assert opened == [GUIDE]


def test_a_workbook_that_waits_for_a_second_reading_is_opened_again(
    demo: Workspace, opened: list[str]
) -> None:
    book = demo.teams / GUIDE
    team_workbook.write(book, team=book.stem, language="zh", settings=demo.settings)
    found = []
    for _ in range(2):
        opened.clear()
        result = run.run(demo, JULY_16)
        found.append([b.status for b in result.workbooks if Path(b.workbook).name == GUIDE])
        assert set(opened) == {GUIDE}
    assert found == [["deferred"], ["recorded"]]


def test_a_lost_or_older_store_is_never_taken_for_current(
    demo: Workspace, opened: list[str]
) -> None:
    with Store.open(demo.state) as store:
        state = store.state_of(f"teams/{GUIDE}")
        assert state is not None
        store.set_status(
            state.workbook, state.team, "recorded", None, as_of=JULY_16, sha256="another"
        )
    run.run(demo, JULY_16)
    assert opened == [GUIDE]
    opened.clear()
    (demo.state / DATABASE).unlink()
    result = run.run(demo, JULY_16)
    assert len(opened) == len(result.workbooks)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"x": 1}', b'{"x": [1, 2]}'])
def test_a_damaged_index_is_ignored(demo: Workspace, opened: list[str], content: bytes) -> None:
    (demo.state / file_index.FILE_NAME).write_bytes(content)
    result = run.run(demo, JULY_16)
    assert len(opened) == len(result.workbooks)
    opened.clear()
    run.run(demo, JULY_16)
    assert not opened


def test_every_workbook_is_seen_in_each_month_in_which_it_may_be_handed_in(
    demo: Workspace, opened: list[str]
) -> None:
    path = demo.state / file_index.FILE_NAME
    august = datetime(2024, 8, 1, 9)
    result = run.run(demo, august)
    assert len(opened) == len(result.workbooks)
    assert path.exists()
    opened.clear()
    assert same_state(demo, run.run(demo, august))


def test_an_unreadable_workbook_that_is_not_opened_counts_towards_a_freeze(
    demo: Workspace,
) -> None:
    names = sorted(path.name for path in demo.teams.iterdir() if "副本" not in path.name)
    assert len(names) == 5
    for name in names[:3]:
        (demo.teams / name).write_bytes(b"no workbook")
        result = run.run(demo, JULY_16)
    assert result.frozen is not None


def test_a_command_reads_an_unchanged_file_never_again(tmp_path: Path) -> None:
    path = tmp_path / "index.json"
    signature = file_index.Signature(0o100644, 1, 2, 3, 4)
    now = [1e9]

    def index() -> file_index.FileIndex:
        made = file_index.FileIndex(
            clock=lambda: now[0], recheck_interval=file_index.COMMAND_RECHECK_INTERVAL
        )
        made.load(path)
        return made

    written = index()
    written.mark_processed("甲.xlsx", signature, "digest", waits=False)
    written.mark_processed("乙.xlsx", signature, "digest", waits=True)
    written.save(path)
    assert list(json.loads(path.read_bytes())) == ["甲.xlsx"]
    assert index().is_unchanged("甲.xlsx", signature, "digest")
    assert not index().is_unchanged("甲.xlsx", signature, "other")
    assert not index().is_unchanged("甲.xlsx", signature._replace(changed=5), "digest")
    for moment in (1e9 + 400 * 24 * 3600, 1e9 - 8 * 3600):
        now[0] = moment
        assert index().is_unchanged("甲.xlsx", signature, "digest")
