"""Names of copies, as file managers, browsers and cloud clients give them, and of other teams."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from xlflow.sync.copy_names import copied_stem
from xlflow.sync.teams_folder import FileKind, classify


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
    assert copied_stem(stem, {"市场一部", stem}) == "市场一部"
    assert copied_stem(stem, {stem}) is None, "without its original"
    names = ("市场一部.xlsx", f"{stem}.xlsx")
    found = {e.team: e for e in classify(Path("teams"), dict.fromkeys(names, FileKind.FILE))}
    assert found[stem].extends == ("市场一部.xlsx",)


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
    assert copied_stem(stem, {"市场一部", "市场二部"}) is None


@pytest.mark.timeout(60)
def test_hostile_names_are_matched_in_little_time() -> None:
    stems = {"a", *("a" + "-a" * n for n in range(100))}
    started = time.perf_counter()
    for stem in ("a" + "-a" * 120 + "!", "a" + " (" * 120, "a" + "的冲" * 60, "copy " * 50):
        copied_stem(stem, stems)
    assert time.perf_counter() - started < 2
