"""The files in the teams' folder: by name and kind alone, and on a real disk."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from xlflow.errors import WorkspaceError
from xlflow.messages import explain
from xlflow.sync.teams_folder import FileKind, TeamFile, classify, list_team_files

TEAMS = Path("/share/teams")


def entries(*names: str, **kinds: FileKind) -> dict[str, TeamFile]:
    found = classify(TEAMS, dict.fromkeys(names, FileKind.FILE) | kinds)
    return {entry.name: entry for entry in found}


def reason(entry: TeamFile) -> str:
    assert entry.error is not None
    return explain(entry.error, "zh")


# Names


def test_a_workbook_is_a_team_named_by_its_stem() -> None:
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
def test_names_that_are_not_workbooks(name: str) -> None:
    assert entries(name, "市场一部.xlsx").keys() == {"市场一部.xlsx"}


@pytest.mark.parametrize("suffix", [".xls", ".et", ".csv", ".ods", ".xlsb", ".XLS"])
def test_other_formats_are_unreadable_and_say_how_to_convert(suffix: str) -> None:
    found = entries(f"市场一部{suffix}")[f"市场一部{suffix}"]
    assert found.team == "市场一部"
    assert suffix.lower() in reason(found)
    assert "另存为" in reason(found)


@pytest.mark.parametrize(
    "kind", [FileKind.SYMLINK, FileKind.FIFO, FileKind.SOCKET, FileKind.DEVICE]
)
def test_an_entry_other_than_a_file_is_unreadable_with_the_reason(kind: FileKind) -> None:
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


def test_a_link_is_neither_twin_nor_original() -> None:
    found = entries("市场一部.xlsx", "市场二部(1).xlsx")
    links = entries(
        "市场一部.xlsx",
        "市场二部(1).xlsx",
        **{"市场一部.xlsm": FileKind.SYMLINK, "市场二部.xlsx": FileKind.SYMLINK},
    )
    assert {name: links[name] for name in found} == found


# Copies


def test_a_copy_may_be_in_the_other_format() -> None:
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
    assert found["市场一部.xlsx"] == TeamFile(tmp_path, "市场一部.xlsx", "市场一部")
    assert found["市场一部 - 副本.xlsx"].extends == ("市场一部.xlsx",)
    assert "符号链接" in reason(found["链接.xlsx"])
    assert "管道" in reason(found["管道.xlsx"])
    assert "套接字" in reason(found["s.xlsx"])


@pytest.mark.skipif(os.name != "posix", reason="names there are always Unicode")
def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
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


def test_a_missing_folder_has_no_entries(tmp_path: Path) -> None:
    assert list_team_files(tmp_path / "teams") == []


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path) -> None:
    (tmp_path / "teams").touch()
    with pytest.raises(WorkspaceError) as refused:
        list_team_files(tmp_path / "teams")
    assert refused.value.key == "teams_unavailable"


def test_names_with_a_trailing_blank_or_dot_are_unreadable(tmp_path: Path) -> None:
    names = ["乙.xlsx.", "丙.XLSX ", "丁.xlsm\u3000", "戊.csv. "]
    for name in ["甲.xlsx", *names, "己.txt "]:
        (tmp_path / name).touch()
    found = {entry.name: entry.error for entry in list_team_files(tmp_path)}
    assert set(found) == {"甲.xlsx", *names}
    assert found.pop("甲.xlsx") is None
    assert {error.key for error in found.values() if error} == {"reading.trailing_character"}
