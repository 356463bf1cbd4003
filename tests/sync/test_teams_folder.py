"""What lies in the teams' folder: by name and kind alone, and on a real disk."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from xlflow.errors import WorkspaceError
from xlflow.messages import explain
from xlflow.sync.teams_folder import (
    FileKind,
    TeamFile,
    classify,
    cloud_client_of,
    copied_stem,
    list_team_files,
)

TEAMS = Path("/share/teams")


def entries(*names: str, **kinds: FileKind) -> dict[str, TeamFile]:
    found = classify(TEAMS, dict.fromkeys(names, FileKind.FILE) | kinds)
    return {entry.name: entry for entry in found}


def reason(entry: TeamFile) -> str:
    assert entry.error is not None
    return explain(entry.error, "zh")


# Names


def test_workbooks_are_teams_by_their_stem() -> None:
    found = entries("市场一部.xlsx", "市场.华东.XLSM", "市场 二部.XlsX")
    assert [entry.team for entry in found.values()] == ["市场 二部", "市场.华东", "市场一部"]
    assert all(e.error is None and e.extends == () and e.twin is None for e in found.values())


@pytest.mark.parametrize(
    "name",
    [
        "~$市场一部.xlsx",
        ".~市场一部.xlsx",
        ".~lock.市场一部.xlsx#",
        "市场一部.xlsx.tmp",
        "市场一部.tmp",
        ".xlflow-owner",
        ".xlflow-swap-0123456789-0123456789-0123456789-abcdef.tmp",
        ".隐藏.xlsx",
        "8F3A1B2C",
        "说明.txt",
        "合同.pdf",
        "市场一部.docx",
        "xlsx",
        ".xlsx",
        "desktop.ini",
        "Thumbs.db",
    ],
)
def test_names_that_are_nobody_s_workbook(name: str) -> None:
    assert entries(name, "市场一部.xlsx").keys() == {"市场一部.xlsx"}


@pytest.mark.parametrize("suffix", [".xls", ".et", ".csv", ".ods", ".xlsb", ".XLS"])
def test_other_tables_are_unreadable_with_the_way_to_convert(suffix: str) -> None:
    found = entries(f"市场一部{suffix}")[f"市场一部{suffix}"]
    assert found.team == "市场一部"
    assert suffix.lower() in reason(found)
    assert "另存为" in reason(found)


@pytest.mark.parametrize(
    "kind", [FileKind.SYMLINK, FileKind.FIFO, FileKind.SOCKET, FileKind.DEVICE]
)
def test_what_is_no_file_is_unreadable_with_the_reason(kind: FileKind) -> None:
    found = entries(**{"市场一部.xlsx": kind})["市场一部.xlsx"]
    assert "没有打开" in reason(found)
    assert entries(**{"说明.txt": kind}) == {}


def test_folders_are_not_entered() -> None:
    assert entries(**{"市场一部.xlsx": FileKind.FOLDER}) == {}


def test_both_formats_of_one_team_are_twins() -> None:
    found = entries("市场一部.xlsx", "市场一部.xlsm", "市场二部.xlsx")
    assert found["市场一部.xlsx"].twin == "市场一部.xlsm"
    assert found["市场一部.xlsm"].twin == "市场一部.xlsx"
    assert found["市场二部.xlsx"].twin is None


def test_a_link_is_nobody_s_twin_or_original() -> None:
    found = entries("市场一部.xlsx", "市场二部(1).xlsx")
    links = entries(
        "市场一部.xlsx",
        "市场二部(1).xlsx",
        **{"市场一部.xlsm": FileKind.SYMLINK, "市场二部.xlsx": FileKind.SYMLINK},
    )
    assert {name: links[name] for name in found} == found


# Copies


@pytest.mark.parametrize(
    "stem",
    [
        "市场一部 - 副本",
        "市场一部 - 副本 (2)",
        "市场一部-副本",
        "市场一部_副本",
        "市场一部副本",
        "市场一部 副本 2",
        "市场一部的副本",
        "市场一部 的副本",
        "“市场一部”的副本",
        "副本 市场一部",
        "市场一部 - 複本",
        "市场一部 - Copy",
        "市场一部 - Copy (3)",
        "市场一部 copy",
        "市场一部 copy 2",
        "Copy of 市场一部",
        "市场一部(1)",
        "市场一部 (1)",
        "市场一部（1）",
        "市场一部(1) - 副本",
        "市场一部(1)(2)",
        "市场一部 2",
        "市场一部-PC01",
        "市场一部-DESKTOP-1A2B3C4",
        "市场一部-DESKTOP-1A2B3C4-2",
        "市场一部-刘经理的MacBook Pro",
        "市场一部-小张的电脑",
        "市场一部 (冲突副本 2024-07-16 09-00-00)",
        "市场一部(小张的冲突副本2024-07-16)",
        "市场一部 (PC01's conflicted copy 2024-07-16)",
        "市场一部 (conflicted copy 2024-07-16 090000)",
        "市场一部 (Case Conflict)",
        "市场一部's conflicted copy",
        "市场一部的冲突副本",
        "市场一部_冲突",
        "市场一部_冲突文件_20240716",
        "市场一部-NSConflict-小张-2024",
        "市场一部.sync-conflict-20240716-090000-ABCDEFG",
    ],
)
def test_names_of_copies(stem: str) -> None:
    found = entries("市场一部.xlsx", f"{stem}.xlsx")[f"{stem}.xlsx"]
    assert found.extends == ("市场一部.xlsx",)
    assert found.team == stem
    assert entries(f"{stem}.xlsx")[f"{stem}.xlsx"].extends == (), "without its original"


@pytest.mark.parametrize(
    "stem",
    [
        "市场一部",
        "市场一部二组",
        "市场一部A",
        "市场一部-华东",
        "市场一部2",
        "市场",
        "一部",
        "新市场一部",
        "市场一部 华东",
    ],
)
def test_names_of_other_teams(stem: str) -> None:
    assert (
        copied_stem(stem, ["市场一部"] if stem != "市场一部" else ["市场一部", "市场二部"]) is None
    )


def test_a_copy_in_the_other_format_is_one_too() -> None:
    found = entries("市场一部.xlsx", "市场一部 - 副本.xlsm")
    assert found["市场一部 - 副本.xlsm"].extends == ("市场一部.xlsx",)


@pytest.mark.parametrize(
    ("copy", "copy_of_it"),
    [("市场一部(1)", "市场一部(1) - 副本"), ("市场一部 - 副本", "市场一部 - 副本 (2)")],
)
def test_a_copy_of_a_copy_extends_both_the_first_original_first(copy: str, copy_of_it: str) -> None:
    found = entries("市场一部.xlsx", f"{copy}.xlsx", f"{copy_of_it}.xlsx")
    assert found[f"{copy_of_it}.xlsx"].extends == ("市场一部.xlsx", f"{copy}.xlsx")
    assert found[f"{copy}.xlsx"].extends == ("市场一部.xlsx",)


def test_hostile_names_are_looked_through_quickly() -> None:
    stems = ["a", *("a" + "-a" * n for n in range(100))]
    started = time.perf_counter()
    for stem in ("a" + "-a" * 120 + "!", "a" + " (" * 120, "a" + "的冲" * 60, "copy " * 50):
        copied_stem(stem, stems)
    assert time.perf_counter() - started < 2


# The disk


def test_a_real_folder(tmp_path: Path) -> None:
    (tmp_path / "市场一部.xlsx").touch()
    (tmp_path / "市场一部 - 副本.xlsx").touch()
    (tmp_path / "旧表.xls").touch()
    (tmp_path / "说明.txt").touch()
    (tmp_path / "归档.xlsx").mkdir()
    (tmp_path / "归档.xlsx" / "市场九部.xlsx").touch()
    (tmp_path / "链接.xlsx").symlink_to("市场一部.xlsx")
    os.mkfifo(tmp_path / "管道.xlsx")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.xlsx"))
    found = {entry.name: entry for entry in list_team_files(tmp_path)}
    assert found.keys() == {
        "市场一部.xlsx",
        "市场一部 - 副本.xlsx",
        "旧表.xls",
        "链接.xlsx",
        "管道.xlsx",
        "s.xlsx",
    }
    assert found["市场一部.xlsx"] == TeamFile(tmp_path / "市场一部.xlsx", "市场一部")
    assert found["市场一部 - 副本.xlsx"].extends == ("市场一部.xlsx",)
    assert "符号链接" in reason(found["链接.xlsx"])
    assert "管道" in reason(found["管道.xlsx"])
    assert "套接字" in reason(found["s.xlsx"])


@pytest.mark.skipif(os.name != "posix", reason="names there are always Unicode")
def test_a_name_that_is_no_utf_8(tmp_path: Path) -> None:
    raw = "部".encode("gbk") + b".xlsx"
    os.close(os.open(os.fsencode(tmp_path) + b"/" + raw, os.O_CREAT | os.O_WRONLY))
    (found,) = list_team_files(tmp_path)
    assert found.team == r"\xb2\xbf"
    assert os.fsencode(found.name) == raw
    assert found.path.exists()


def test_names_are_not_normalised(tmp_path: Path) -> None:
    for name in ("é.xlsx", "e\u0301.xlsx"):
        (tmp_path / name).touch()
    assert sorted(entry.team for entry in list_team_files(tmp_path)) == ["e\u0301", "é"]


def test_a_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert list_team_files(tmp_path / "teams") == []


def test_a_folder_that_can_t_be_listed_is_named(tmp_path: Path) -> None:
    (tmp_path / "teams").touch()
    with pytest.raises(WorkspaceError) as refused:
        list_team_files(tmp_path / "teams")
    assert refused.value.key == "teams_unavailable"


# Clouds


@pytest.mark.parametrize(
    ("path", "cloud"),
    [
        ("/Users/liu/OneDrive/营销/teams", "OneDrive"),
        ("/Users/liu/OneDrive - Contoso/营销", "OneDrive"),
        ("/Users/liu/Library/CloudStorage/OneDrive-Contoso/营销", "OneDrive"),
        ("/home/liu/Nutstore Files/营销", "坚果云"),
        ("/data/我的坚果云/营销", "坚果云"),
        ("/home/liu/Dropbox/营销", "Dropbox"),
        ("/home/liu/Dropbox (Contoso)/营销", "Dropbox"),
        ("/home/liu/WPS网盘/营销", "WPS网盘"),
        ("/home/liu/WPSDrive/1234/营销", "WPS网盘"),
        ("/home/liu/WPS Cloud Files/营销", "WPS网盘"),
        ("/Users/liu/Library/CloudStorage/GoogleDrive-liu@x.cn/My Drive", "Google Drive"),
        ("/Users/liu/Library/Mobile Documents/com~apple~CloudDocs/营销", "iCloud"),
        ("/Users/liu/iCloudDrive/营销", "iCloud"),
        ("/data/BaiduSyncdisk/营销", "百度网盘"),
        ("/home/liu/Nextcloud/营销", "Nextcloud"),
        ("/home/liu/营销/teams", None),
        ("/home/liu/OneDriver/营销", None),
        ("/home/liu/Dropboxes/营销", None),
        ("/srv/share/BaiduNetdiskDownload/营销", None),
    ],
)
def test_clouds_are_known_by_their_folders_names(path: str, cloud: str | None) -> None:
    assert cloud_client_of(Path(path), {}) == cloud


@pytest.mark.parametrize(
    ("mark", "cloud"), [(".stfolder", "Syncthing"), (".dropbox.cache", "Dropbox")]
)
def test_clouds_are_known_by_their_marks(tmp_path: Path, mark: str, cloud: str) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    assert cloud_client_of(inside, {}) is None
    (tmp_path / mark).mkdir()
    assert cloud_client_of(inside, {}) == cloud


def test_onedrive_is_known_from_the_environment(tmp_path: Path) -> None:
    environment = {"OneDriveCommercial": str(tmp_path / "公司")}
    assert cloud_client_of(tmp_path / "公司" / "营销", environment) == "OneDrive"
    assert cloud_client_of(tmp_path / "别处", environment) is None


def test_a_link_into_a_cloud_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "Dropbox" / "营销").mkdir(parents=True)
    (tmp_path / "共享").symlink_to(tmp_path / "Dropbox" / "营销")
    assert cloud_client_of(tmp_path / "共享" / "teams", {}) == "Dropbox"
