"""Which files of a folder needn't be read again, and when they are read anyway."""

from __future__ import annotations

import os
from pathlib import Path

from xlflow.sync.file_index import (
    FIRST_RETRY,
    LONGEST_RETRY,
    RECHECK_INTERVAL,
    TIMESTAMP_RESOLUTION,
    FileIndex,
    list_folder,
    list_folder_uncached,
)

BOOK = "市场一部.xlsx"


class FakeTime:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.passed = 0.0

    def monotonic(self) -> float:
        return 1000 + self.passed

    def clock(self) -> float:
        return 1_700_000_000 + self.passed


def write(folder: Path, content: bytes, age: float, time: FakeTime) -> None:
    path = folder / BOOK
    path.write_bytes(content)
    moment = time.clock() - age
    os.utime(path, (moment, moment))


def test_listing_opens_nothing_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "链接.xlsx").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "管道.xlsx")
    (tmp_path / BOOK).write_bytes(b"x")
    listing = list_folder(tmp_path)
    assert listing.keys() == {"链接.xlsx", "管道.xlsx", BOOK}
    assert listing[BOOK].size == 1
    assert listing == list_folder(tmp_path)


def test_the_uncached_listing_is_the_same_on_a_local_disk(tmp_path: Path) -> None:
    (tmp_path / "链接.xlsx").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "管道.xlsx")
    (tmp_path / BOOK).write_bytes(b"x" * 12345)
    os.utime(tmp_path / BOOK, ns=(1, 1_700_000_000_123_456_789))
    assert list_folder_uncached(tmp_path) == list_folder(tmp_path)


def test_every_way_of_changing_a_file_changes_its_signature(tmp_path: Path) -> None:
    path = tmp_path / BOOK
    path.write_bytes(b"one")
    before = list_folder(tmp_path)[BOOK]
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(b"two")
    os.utime(path, ns=times)
    same_size_and_time = list_folder(tmp_path)[BOOK]
    assert same_size_and_time[2:4] == before[2:4]
    assert same_size_and_time != before
    other = tmp_path / "8F3A1B2C"
    other.write_bytes(b"two")
    os.utime(other, ns=times)
    other.replace(path)
    assert list_folder(tmp_path)[BOOK] != same_size_and_time


def test_a_processed_file_is_unchanged_until_its_signature_changes(tmp_path: Path) -> None:
    time = FakeTime()
    file_index = FileIndex(time.monotonic, time.clock)
    write(tmp_path, b"one", 100, time)
    signature = list_folder(tmp_path)[BOOK]
    assert not file_index.is_unchanged(BOOK, signature)
    file_index.mark_processed(BOOK, signature, waits=False)
    assert file_index.is_unchanged(BOOK, signature)
    assert file_index.changed_since(list_folder(tmp_path)) == set()
    write(tmp_path, b"two!", 50, time)
    assert not file_index.is_unchanged(BOOK, list_folder(tmp_path)[BOOK])
    assert file_index.changed_since(list_folder(tmp_path)) == {BOOK}
    assert file_index.changed_since({}) == {BOOK}
    file_index.invalidate(BOOK)
    assert file_index.changed_since({}) == set()


def test_a_file_changed_just_before_it_was_read_is_read_once_more(tmp_path: Path) -> None:
    time = FakeTime()
    file_index = FileIndex(time.monotonic, time.clock)
    signature = list_folder(tmp_path.parent)[tmp_path.name]
    young = int((time.clock() - 0.1) * 1e9)
    signature = signature._replace(modified=young, changed=young)
    file_index.mark_processed(BOOK, signature, waits=False)
    due = file_index.next_check()
    assert due is not None
    assert TIMESTAMP_RESOLUTION < due - time.monotonic() < 2 * TIMESTAMP_RESOLUTION
    time.passed = due - 1000
    assert not file_index.is_unchanged(BOOK, signature)
    file_index.mark_processed(BOOK, signature, waits=False)
    assert file_index.is_unchanged(BOOK, signature)
    assert file_index.next_check() is None


def test_every_file_is_read_again_after_a_longer_time(tmp_path: Path) -> None:
    time = FakeTime()
    file_index = FileIndex(time.monotonic, time.clock)
    write(tmp_path, b"one", 100, time)
    signature = list_folder(tmp_path)[BOOK]._replace(changed=0)
    file_index.mark_processed(BOOK, signature, waits=False)
    assert not file_index.recheck_is_due()
    time.passed = RECHECK_INTERVAL * 1.3
    assert file_index.recheck_is_due()
    assert not file_index.is_unchanged(BOOK, signature)


def test_a_waiting_file_is_tried_less_and_less_often_until_it_changes() -> None:
    time = FakeTime()
    file_index = FileIndex(time.monotonic, time.clock)
    signature = list_folder(Path(__file__).parent)[Path(__file__).name]
    delays = []
    for _ in range(10):
        file_index.mark_processed(BOOK, signature, waits=True)
        assert file_index.is_unchanged(BOOK, signature)
        due = file_index.next_check()
        assert due is not None
        delays.append(due - time.monotonic())
        time.passed = due - 1000
        assert not file_index.is_unchanged(BOOK, signature)
    assert delays[0] == FIRST_RETRY
    assert delays[-1] == LONGEST_RETRY
    file_index.invalidate(BOOK)
    file_index.mark_processed(BOOK, signature, waits=True)
    assert file_index.next_check() == time.monotonic() + FIRST_RETRY
