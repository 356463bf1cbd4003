"""Trying out what a mount can do, with files of xlflow's, and remembering it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xlflow.team_files import file_operations, mount_abilities, mounts
from xlflow.team_files.file_operations import CannotExchangeError, Way
from xlflow.team_files.mount_abilities import find_out, known, try_out

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has one way only")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "teams"
    path.mkdir()
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def refused(code: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        if code == errno.EINVAL:
            raise CannotExchangeError(code, os.strerror(code))
        raise OSError(code, os.strerror(code))

    return refuse


def test_a_local_disk_exchanges_and_nothing_is_left(folder: Path) -> None:
    found = try_out(folder)
    assert found.way is Way.EXCHANGE
    assert found.modes
    assert not found.finds_every_name
    if sys.platform == "linux":
        assert found.leases
    assert os.listdir(folder) == []


def test_a_rename_that_mustnt_replace_is_only_believed_of_a_local_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = file_operations._rename

    def without_exchange(source: Path, target: Path, flag: int) -> None:
        if flag == file_operations._EXCHANGE:
            refused(errno.EINVAL)()
        rename(source, target, flag)

    monkeypatch.setattr(file_operations, "_rename", without_exchange)
    assert try_out(folder).way is Way.NO_REPLACE
    monkeypatch.setattr(mounts, "is_believed", lambda _: False)
    assert try_out(folder).way is Way.LINK
    assert os.listdir(folder) == []


def link_by_copy(source: Path, target: Path, **_: object) -> None:
    with open(target, "xb") as file:
        file.write(source.read_bytes())


def link_that_replaces(source: Path, target: Path, **_: object) -> None:
    Path(target).unlink(missing_ok=True)
    shutil.copy(source, target)


def rename_that_refuses(source: Path, target: Path) -> None:
    """Rename as an SFTP server without POSIX renames: by link and unlink."""
    link_by_copy(source, target)
    os.unlink(source)


@pytest.mark.parametrize(
    ("call", "does"),
    [
        ("link", refused(errno.EPERM)),
        ("link", refused(errno.EIO)),
        ("link", link_by_copy),
        ("link", link_that_replaces),
        ("link", lambda *_, **__: None),
        ("rename", rename_that_refuses),
        ("rename", lambda *_: None),
    ],
    ids=["no link", "broken link", "a copy", "replaces", "lies", "rename links", "rename lies"],
)
def test_a_mount_whose_answers_cant_be_believed_has_no_safe_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, does: Callable[..., None]
) -> None:
    monkeypatch.setattr(file_operations, "_rename", refused(errno.EINVAL))
    monkeypatch.setattr(mounts, "is_believed", lambda _: False)
    listed: list[object] = []
    monkeypatch.setattr(os, "listxattr", listed.append)
    monkeypatch.setattr(os, call, does)
    assert try_out(folder).way is None
    monkeypatch.undo()
    assert os.listdir(folder) == []
    assert listed == []  # which makes some shares hang


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.ENOTCONN])
def test_a_full_disk_and_a_share_that_is_away_say_nothing_of_the_mount(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(file_operations, "_rename", refused(code))
    assert find_out(state, folder) is None
    monkeypatch.undo()
    assert known(state, folder) is None
    assert find_out(state, folder) is not None


def test_a_missing_folder_says_nothing(folder: Path, state: Path) -> None:
    assert find_out(state, folder.with_name("gone")) is None


def tried(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    calls = []
    real = mount_abilities.try_out

    def counted(folder: Path, now: float = 0.0) -> mount_abilities.MountAbilities:
        calls.append(folder)
        return real(folder, now)

    monkeypatch.setattr(mount_abilities, "try_out", counted)
    return calls


def test_a_mount_is_tried_out_once_and_again_when_it_is_another(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tried(monkeypatch)
    assert known(state, folder) is None
    first = find_out(state, folder)
    assert find_out(state, folder) == first == known(state, folder)
    assert len(calls) == 1
    monkeypatch.setattr(mounts, "identity", lambda _: "another")
    assert known(state, folder) is None
    find_out(state, folder)
    assert len(calls) == 2


def test_a_mount_without_a_safe_way_is_tried_out_again_a_day_later(
    folder: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_operations, "_rename", refused(errno.EINVAL))
    monkeypatch.setattr(mounts, "is_believed", lambda _: False)
    monkeypatch.setattr(os, "link", refused(errno.EPERM))
    found = find_out(state, folder, lambda: 1000.0)
    assert found is not None
    assert found.way is None
    monkeypatch.undo()
    assert find_out(state, folder, lambda: 1000.0 + 23 * 3600) == found
    again = find_out(state, folder, lambda: 1000.0 + 25 * 3600)
    assert again is not None
    assert again.way is not None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"form": 0}', '{"form": 1, "way": "x"}'])
def test_a_file_that_cant_be_understood_is_nothing_known(
    folder: Path, state: Path, content: str
) -> None:
    state.mkdir()
    (state / mount_abilities.FILE_NAME).write_text(content)
    assert known(state, folder) is None
    assert find_out(state, folder) is not None
    assert json.loads((state / mount_abilities.FILE_NAME).read_bytes())["way"]
