"""Kept versions as people see them: what changed, cell by cell, and restoring one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from xlflow.errors import UsageError, WriteRefusedError
from xlflow.ooxml import splice
from xlflow.store import Store
from xlflow.sync import history, run
from xlflow.sync.history import Step
from xlflow.team_files.file_operations import FILE_OPERATIONS
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16 = datetime(2024, 7, 17)
NOW = datetime(2024, 7, 16, 16, tzinfo=UTC)
GUIDE = "teams/市场一部.xlsx"
PLAN = "流程优化计划"


@pytest.fixture
def space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_files: Mapping[str, bytes]
) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    space = create_workspace(tmp_path / "share", [], "zh")
    (space.root / GUIDE).write_bytes(sample_files["市场一部.xlsx"])
    return space


def synced(space: Workspace, *edits: tuple[tuple[int, int], str | None]) -> bytes:
    """Edit the plan's cells as a person would, do a pass, return the file."""
    path = space.root / GUIDE
    if edits:
        path.write_bytes(splice.splice(path.read_bytes(), {PLAN: dict(edits)}))
    run.run(space, JULY_16)
    return path.read_bytes()


def steps(space: Workspace) -> tuple[Step, ...]:
    with Store.open(space.state) as store:
        return history.history(space, store, GUIDE)


def restored(space: Workspace, identity: str) -> None:
    with Store.open(space.state) as store:
        history.restore(space, store, space.root / GUIDE, identity, JULY_16, NOW)


def test_changes_are_listed_cell_by_cell(space: Workspace) -> None:
    synced(space)
    synced(space, ((4, 5), "2024-08-01"), ((4, 2), "目标改了"))
    newest, first = steps(space)
    assert (first.version.number, newest.version.number) == (1, 2)
    assert {(c.cell, c.field, c.before, c.after) for c in newest.changes} == {
        ("E4", "due", "2024-06-30", "2024-08-01"),
        ("B4", "goal", "需求文档通过率提升至90%", "目标改了"),
    }
    assert {found.code for found in newest.change_findings} >= {"XF401"}


def test_flags_alone_make_no_version(space: Workspace) -> None:
    synced(space)
    run.run(space, datetime(2024, 7, 18))
    run.run(space, datetime(2024, 7, 19))
    assert len(steps(space)) == 1


def test_a_pass_expires_old_versions(space: Workspace) -> None:
    synced(space)
    synced(space, ((4, 5), "2024-08-01"))
    (former,) = space.state.rglob(f"{steps(space)[1].version.id}.json")
    os.utime(former, (0, 0))
    now = datetime.now(UTC)
    # Without notices, as under --as-of, a pass expires nothing.
    run.run(space, JULY_16, notify=False, clock=lambda: now + timedelta(days=9))
    assert len(steps(space)) == 2
    run.run(space, JULY_16, clock=lambda: now)
    assert len(steps(space)) == 2
    run.run(space, JULY_16, clock=lambda: now + timedelta(days=1))
    (newest,) = steps(space)
    assert newest.version.number == 2


def test_what_a_restore_replaces_is_kept(space: Workspace) -> None:
    first = synced(space)
    synced(space, ((4, 5), "2024-08-01"))
    # Saved just now, and no pass has seen it yet.
    path = space.root / GUIDE
    unseen = splice.splice(path.read_bytes(), {PLAN: {(4, 5): "2024-09-09"}})
    path.write_bytes(unseen)
    oldest = steps(space)[-1].version
    restored(space, oldest.id)
    with Store.open(space.state) as store:
        assert path.read_bytes() == store.kept.load(oldest)
        kept = [store.kept.load(version) for version in store.versions(GUIDE)]
    assert unseen in kept
    assert len(kept) == 3
    assert synced(space) == first  # with its flags, as it was


def test_a_version_whose_file_is_lost_hides_no_others(space: Workspace) -> None:
    synced(space)
    synced(space, ((4, 5), "2024-08-01"))
    lost = steps(space)[0].version
    (file,) = space.state.rglob(f"{lost.id}*.gz")
    file.unlink()
    newest, first = steps(space)
    assert (newest.version.id, newest.changes) == (lost.id, ())
    with pytest.raises(Exception, match="version_lost"):
        restored(space, lost.id)
    # What is displaced is kept again, since its file is lost.
    restored(space, first.version.id)
    restored(space, lost.id)


def test_a_save_in_the_middle_of_a_restore_wins(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(space)
    synced(space, ((4, 5), "2024-08-01"))
    path = space.root / GUIDE
    saved = splice.splice(path.read_bytes(), {PLAN: {(4, 5): "2024-09-09"}})

    class SavedMeanwhile:
        def read(self, path: Path) -> bytes | None:
            current = FILE_OPERATIONS.read(path)
            path.write_bytes(saved)
            return current

    monkeypatch.setattr(history, "FILE_OPERATIONS", SavedMeanwhile())
    with pytest.raises(WriteRefusedError) as refused:
        restored(space, steps(space)[-1].version.id)
    assert refused.value.key == "sync.being_saved"
    assert path.read_bytes() == saved
    assert [p.name for p in space.teams.iterdir()] == [path.name]


def test_a_workbook_that_is_gone_comes_back(space: Workspace) -> None:
    synced(space)
    path = space.root / GUIDE
    path.unlink()
    (kept,) = steps(space)
    restored(space, kept.version.id)
    with Store.open(space.state) as store:
        assert path.read_bytes() == store.kept.load(kept.version)


def test_unknown_versions_and_workbooks_are_refused(space: Workspace) -> None:
    synced(space)
    with pytest.raises(UsageError) as refused:
        restored(space, "nosuch")
    assert refused.value.key == "store.no_such_version"
    with Store.open(space.state) as store, pytest.raises(UsageError) as refused:
        history.history(space, store, "teams/没有.xlsx")
    assert refused.value.key == "sync.no_versions"


def test_a_row_that_stands_there_after_a_rename_is_not_called_deleted(space: Workspace) -> None:
    """The first version has no ids; those of the later ones come from the former name."""
    synced(space)
    synced(space, ((4, 2), "目标改了"), ((5, 3), "措施改了"))
    (space.root / GUIDE).rename(space.teams / "新名.xlsx")
    run.run(space, JULY_16)
    with Store.open(space.state) as store:
        newest, first = history.history(space, store, "teams/新名.xlsx")
    assert not first.changes
    assert {(c.kind, c.field) for c in newest.changes} == {
        ("edited", "goal"),
        ("edited", "measures"),
    }


def test_rows_added_to_an_empty_sheet_are_listed_with_their_items(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    space = create_workspace(tmp_path / "share", ["市场一部"], "zh")
    run.run(space, JULY_16)
    synced(space, ((6, 1), "需求调研"), ((6, 2), "通过率90%"))
    newest, first = steps(space)
    assert not first.changes
    (change,) = newest.changes
    assert (change.kind, change.row) == ("added", 6)
    assert newest.items == {change.row_id: "需求调研 · 通过率90%"}
