"""Kept versions: once for each content, verified, and found again after renaming."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

import pytest

from xlflow.errors import StoreError, UsageError
from xlflow.messages import say
from xlflow.store.versions import Version, Versions

BOOK = "teams/市场一部.xlsx"
JULY, AUGUST = datetime(2024, 7, 17, 9), datetime(2024, 8, 2, 9)


def keep(
    versions: Versions,
    data: bytes = b"one",
    *,
    workbook: str = BOOK,
    content: str = "c1",
    seen: datetime = JULY,
    months: tuple[str, ...] = ("2024-07",),
) -> Version:
    return versions.keep(workbook, data, content=content, seen=seen, months=months)


def test_a_kept_version_is_loaded(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "versions")
    version = keep(versions, b"bytes" * 1000)
    assert versions.load(version) == b"bytes" * 1000
    assert versions.find(BOOK, version.id) == version
    assert (version.size, version.written_by) == (5000, "team")
    assert len(version.id) == 8


def test_one_content_is_kept_once(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    first = keep(versions, b"one")
    again = keep(versions, b"one, with other flags", seen=AUGUST)
    assert again.id == first.id
    assert versions.load(again) == b"one"
    assert [v.id for v in versions.all(BOOK)] == [first.id]
    assert len(list(tmp_path.rglob("*.gz"))) == 1


def test_the_same_content_of_two_workbooks_is_two_versions(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    one, other = keep(versions), keep(versions, workbook="teams/二部.xlsx")
    assert one.id != other.id
    assert {v.workbook for v in versions.everything()} == {BOOK, "teams/二部.xlsx"}


def test_versions_are_listed_oldest_first(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    # In the order of keeping; as-of may stay the same or go back.
    contents = ["first", "second", "third", "fourth"]
    seen = [JULY, JULY, AUGUST, JULY]
    ids = [keep(versions, content=c, seen=s).id for c, s in zip(contents, seen, strict=True)]
    assert [v.id for v in versions.all(BOOK)] == ids
    assert [v.number for v in versions.all(BOOK)] == [1, 2, 3, 4]


def test_a_month_counts_from_its_first_day_on(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    first = keep(versions, seen=JULY, months=("2024-06", "2024-07", "2024-08"))
    assert first.months == {"2024-06": JULY, "2024-07": JULY, "2024-08": None}
    # 24:00 of 31 July still is July.
    assert versions.seen_again(first, datetime(2024, 8, 1)).months["2024-08"] is None
    again = versions.seen_again(first, AUGUST)
    assert again.months["2024-08"] == AUGUST
    assert again.months["2024-07"] == JULY
    assert versions.all(BOOK) == (again,)
    # A pass as of an earlier day counts, but not for a month that hadn't begun.
    earlier = datetime(2024, 7, 2)
    back = versions.seen_again(again, earlier)
    assert back.months == {"2024-06": earlier, "2024-07": earlier, "2024-08": AUGUST}


@pytest.mark.parametrize(
    "workbook",
    [
        "teams/" + "很长的名字" * 40 + ".xlsx",
        "teams/..xlsx",
        "teams/a:b*c?.xlsm",
        "teams/ .xlsx",
        "teams/\ud800.xlsx",
        "teams/CON.xlsx",
    ],
)
def test_any_name_makes_a_safe_folder(tmp_path: Path, workbook: str) -> None:
    versions = Versions(tmp_path)
    version = keep(versions, workbook=workbook)
    assert versions.load(version) == b"one"
    (folder,) = tmp_path.iterdir()
    assert len(folder.name.encode()) < 100
    assert not set(folder.name) & set('<>:"/\\|?*.')


def test_a_version_is_a_gzip_file_with_a_description(tmp_path: Path) -> None:
    version = keep(Versions(tmp_path), b"PK bytes")
    (path,) = tmp_path.rglob("*.gz")
    assert path.name == f"{version.id}.xlsx.gz"
    assert gzip.decompress(path.read_bytes()) == b"PK bytes"
    described = json.loads(path.with_name(f"{version.id}.json").read_text("ascii"))
    assert described["workbook"] == BOOK
    assert described["sha256"] == version.sha256


def test_a_damaged_file_is_never_restored(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    version = keep(versions)
    (path,) = tmp_path.rglob("*.gz")
    path.write_bytes(gzip.compress(b"other"))
    with pytest.raises(StoreError, match="version_damaged"):
        versions.load(version)
    path.write_bytes(b"no gzip")
    with pytest.raises(StoreError, match="version_lost"):
        versions.load(version)
    path.unlink()
    with pytest.raises(StoreError, match="version_lost") as lost:
        versions.load(version)
    for language in ("zh", "en"):
        assert str(path) in say(lost.value.key, language, **lost.value.params)


def test_a_damaged_description_hides_no_other_version(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    keep(versions, content="a")
    keep(versions, content="b", seen=AUGUST)
    (first, _) = sorted(tmp_path.rglob("*.json"))
    first.write_text("{")
    assert len(versions.all(BOOK)) == 1
    first.write_text('{"months": [], "seen": 3}')
    assert len(versions.all(BOOK)) == 1


def test_no_such_version(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        Versions(tmp_path).find(BOOK, "12345678")
    assert "12345678" in say(error.value.key, "zh", **error.value.params)


def test_versions_follow_a_new_name(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    old = [keep(versions, content=c, seen=s) for c, s in (("a", JULY), ("b", AUGUST))]
    versions.rename(BOOK, "teams/新名.xlsx")
    assert versions.all(BOOK) == ()
    now = versions.all("teams/新名.xlsx")
    assert [v.id for v in now] == [v.id for v in old]
    assert [versions.load(v) for v in now] == [b"one", b"one"]
    versions.rename(BOOK, "teams/新名.xlsx")
    assert versions.all("teams/新名.xlsx") == now


def test_a_rename_that_was_interrupted_is_completed(tmp_path: Path) -> None:
    versions = Versions(tmp_path)
    version = keep(versions)
    elsewhere = keep(versions, workbook="teams/新名.xlsx", content="other")
    target = next(p for p in tmp_path.rglob("*.gz") if elsewhere.id in p.name).parent
    source = next(p for p in tmp_path.rglob("*.gz") if version.id in p.name)
    source.rename(target / source.name)
    versions.rename(BOOK, "teams/新名.xlsx")
    assert {v.id for v in versions.all("teams/新名.xlsx")} == {version.id, elsewhere.id}
    assert all(versions.load(v) for v in versions.all("teams/新名.xlsx"))


def test_a_folder_that_cant_be_written_is_reported(tmp_path: Path) -> None:
    blocked = tmp_path / "versions"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(StoreError) as error:
        keep(Versions(blocked))
    assert error.value.key == "store.version_not_kept"
    assert str(blocked) in say(error.value.key, "en", **error.value.params)


def test_a_write_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = Versions(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(StoreError, match="No space left"):
            keep(versions)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
    assert versions.all(BOOK) == ()


@pytest.mark.parametrize("left", [None, b"", bytes(400)])
def test_a_description_that_a_power_cut_left_out_is_read_from_the_data(
    tmp_path: Path, left: bytes | None
) -> None:
    versions = Versions(tmp_path)
    version = keep(versions, b"data" * 1000, workbook="teams/一\udc80.xlsx")
    (path,) = tmp_path.rglob("*.json")
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    assert tuple(versions.everything()) == (version,)
    again = keep(versions, b"other", workbook=version.workbook, seen=AUGUST)
    assert again.months == {"2024-07": JULY}
    keep(versions, workbook=version.workbook, content="c2")
    versions.rename(version.workbook, BOOK)
    assert [v.number for v in versions.all(BOOK)] == [1, 2]
    assert versions.load(versions.all(BOOK)[0]) == b"data" * 1000
