"""``merge``: rows of a conflict copy taken over into the original, losslessly."""

from __future__ import annotations

import io
import shutil
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from click.testing import CliRunner

from tests.cli.running import Run
from xlflow.cli import confirmation
from xlflow.cli.program import program
from xlflow.cli.session import Session
from xlflow.ooxml.splice import splice
from xlflow.sync.lease import Lease

TEAM, COPY = "teams/市场一部.xlsx", "teams/市场一部最终版.xlsx"
PROBLEMS, PLAN = "流程现状分析", "流程优化计划"
DAY = ("--as-of", "2024-07-16")


@pytest.fixture
def books(run: Run, root: Path) -> tuple[Path, Path]:
    """The original, once flagged, and a copy of it that a pass hasn't seen yet."""
    run("sync", *DAY)
    (root / "teams" / "渠道部 - 副本.xlsx").unlink()
    shutil.copy(root / TEAM, root / COPY)
    return root / TEAM, root / COPY


def edit(path: Path, writes: Mapping[str, Mapping[tuple[int, int], Any]]) -> None:
    path.write_bytes(splice(path.read_bytes(), writes))


def values(path: Path, sheet: str, row: int, count: int) -> list[Any]:
    cells = openpyxl.load_workbook(path)[sheet][row]
    return [cell.value for cell in cells[:count]]


def members(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_edited_and_added_rows_are_taken_over_and_nothing_else_changes(
    run: Run, books: tuple[Path, Path]
) -> None:
    original, copy = books
    before = original.read_bytes()
    edit(
        copy,
        {
            PLAN: {
                (4, 2): "副本里的目标",
                (4, 10): "不该合并的系统列",
                (12, 1): "新环节",
                (12, 2): "新目标",
                (12, 4): "王五",
            },
            PROBLEMS: {(5, 4): "副本里的描述"},
        },
    )
    copied = copy.read_bytes()
    run("sync", *DAY)
    merged = run("merge", COPY, "--yes", "--json", *DAY)
    assert (merged.code, merged.err) == (0, "")
    found = merged.json
    assert (found["workbook"], found["original"], found["status"]) == (COPY, TEAM, "merged")
    assert [(r["kind"], r["sheet"], r["row"], r["reason"]) for r in found["rows"]] == [
        ("edited", PROBLEMS, 5, None),
        ("edited", PLAN, 4, None),
        ("added", PLAN, 12, None),
    ]
    assert found["rows"][2]["merged_into"] == {"sheet": PLAN, "row": 6}  # the first ready one
    assert [(c["cell"], c["column"], c["copy"]) for c in found["rows"][1]["cells"]] == [
        ("B4", "优化目标", "副本里的目标")
    ]
    after = original.read_bytes()
    assert copy.read_bytes() == copied
    wanted = splice(
        before,
        {
            PLAN: {
                (4, 2): "副本里的目标",
                (6, 1): "新环节",
                (6, 2): "新目标",
                (6, 4): "王五",
            },
            PROBLEMS: {(5, 4): "副本里的描述"},
        },
    )
    assert after == wanted
    changed = {name for name, part in members(after).items() if members(before)[name] != part}
    assert len(changed) == 2
    assert all(name.startswith("xl/worksheets/sheet") for name in changed)

    synced = {book["workbook"]: book for book in run("sync", *DAY, "--json").json["workbooks"]}
    assert synced[TEAM]["status"] == "recorded"
    (conflict,) = run("conflicts", "--json", *DAY).json["conflicts"]
    assert conflict["rows"] == []
    again = run("merge", COPY, "--yes", "--json", *DAY)
    assert (again.code, again.json["status"], again.json["rows"]) == (0, "nothing", [])


def test_the_original_comes_back_by_restore(run: Run, books: tuple[Path, Path]) -> None:
    original, copy = books
    edit(original, {PLAN: {(5, 2): "只在原表里改的目标"}})
    before = original.read_bytes()
    edit(copy, {PLAN: {(4, 2): "副本里的目标"}})
    run("sync", *DAY, "--json")
    before = original.read_bytes()
    assert run("merge", COPY, "--rows", f"{PLAN}!4", "--yes", *DAY).code == 0
    assert values(original, PLAN, 4, 2)[1] == "副本里的目标"
    assert values(original, PLAN, 5, 2)[1] == "只在原表里改的目标"
    run("sync", *DAY)
    newest, kept, *_ = run("history", TEAM, "--json").json["versions"]
    assert newest["id"] != kept["id"]
    assert run("restore", TEAM, "--version", kept["id"], *DAY).code == 0
    assert values(original, PLAN, 4, 12) == openpyxl_values(before, PLAN, 4, 12)


def openpyxl_values(data: bytes, sheet: str, row: int, count: int) -> list[Any]:
    return [cell.value for cell in openpyxl.load_workbook(io.BytesIO(data))[sheet][row][:count]]


def test_only_the_named_rows_are_taken(run: Run, books: tuple[Path, Path]) -> None:
    original, copy = books
    edit(copy, {PLAN: {(4, 2): "一", (5, 2): "二"}, PROBLEMS: {(5, 4): "三"}})
    run("sync", *DAY)
    rows = ("--rows", f"{PLAN}!4", "--rows", f"{PROBLEMS}！D5")
    found = run("merge", COPY, *rows, "--yes", "--json", *DAY).json
    assert [(row["sheet"], row["row"]) for row in found["rows"]] == [(PROBLEMS, 5), (PLAN, 4)]
    assert values(original, PLAN, 4, 2)[1] == "一"
    assert values(original, PLAN, 5, 2)[1] != "二"
    assert values(original, PROBLEMS, 5, 4)[3] == "三"
    unchanged = run("merge", COPY, "--rows", f"{PLAN}!4", "--yes", "--json", *DAY)
    assert (unchanged.code, unchanged.json["status"]) == (0, "nothing")


def test_a_row_that_the_copy_lacks_stays(run: Run, books: tuple[Path, Path]) -> None:
    original, copy = books
    before = original.read_bytes()
    edit(copy, {PLAN: {(4, column): None for column in range(1, 13)}})
    run("sync", *DAY)
    found = run("merge", COPY, "--yes", "--json", *DAY)
    assert (found.code, found.json["status"]) == (0, "nothing")
    assert [(row["sheet"], row["row"]) for row in found.json["kept"]] == [(PLAN, 4)]
    assert original.read_bytes() == before
    assert "只在原表里的 1 行不删除" in run("merge", COPY, "--yes", *DAY).out


def test_rows_and_copies_that_do_not_exist_are_named_with_the_nearest(
    run: Run, books: tuple[Path, Path]
) -> None:
    original, copy = books
    edit(copy, {PLAN: {(4, 2): "副本里的目标"}})
    run("sync", *DAY)
    before = original.read_bytes()
    for arguments, said in (
        ((COPY, "--rows", f"{PLAN}!3"), f"{PLAN}!4"),
        ((COPY, "--rows", "流程优化!4"), f"{PLAN}!4"),
        ((COPY, "--rows", "4"), f"{PLAN}!7"),
        (("teams/市场一部最终板.xlsx",), COPY),
        ((TEAM,), "不是冲突副本"),
        (("teams/产品部.xlsx",), "产品部"),
    ):
        ran = run("merge", *arguments, "--yes", *DAY)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert said in ran.err, arguments
    assert original.read_bytes() == before


def test_an_open_original_is_not_written(run: Run, books: tuple[Path, Path]) -> None:
    original, copy = books
    edit(copy, {PLAN: {(4, 2): "副本里的目标"}})
    run("sync", *DAY)
    before = original.read_bytes()
    lock = original.with_name(".~lock.市场一部.xlsx#")
    lock.write_text(",小张，elsewhere,16.07.2024 09:00;")
    ran = run("merge", COPY, "--yes", *DAY)
    assert (ran.code, ran.out) == (1, "")
    assert "市场一部.xlsx 正被打开" in ran.err
    assert original.read_bytes() == before


def test_another_machines_lease_refuses(run: Run, books: tuple[Path, Path]) -> None:
    original, copy = books
    edit(copy, {PLAN: {(4, 2): "副本里的目标"}})
    run("sync", *DAY)
    before = original.read_bytes()
    lease = Lease(original.parent.parent, host="别的电脑")
    lease.take()
    ran = run("merge", COPY, "--yes", *DAY)
    lease.release()
    assert (ran.code, ran.out) == (2, "")
    assert "别的电脑" in ran.err
    assert original.read_bytes() == before


def test_it_asks_on_a_terminal_and_needs_yes_elsewhere(
    run: Run, books: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, copy = books
    edit(copy, {PLAN: {(4, 2): "副本里的目标"}})
    run("sync", *DAY)
    before = original.read_bytes()
    ran = run("merge", COPY, *DAY)
    assert (ran.code, ran.out) == (2, "")
    assert "--yes" in ran.err
    monkeypatch.setattr(confirmation, "on_terminal", lambda: True)
    asked = CliRunner().invoke(program, ["merge", COPY, *DAY], "n\n", obj=Session("zh"))
    assert "B4 优化目标" in asked.output
    assert "未作改动" in asked.output
    assert original.read_bytes() == before
    asked = CliRunner().invoke(program, ["merge", COPY, *DAY], "y\n", obj=Session("zh"))
    assert "已合并 1 行" in asked.output
    assert values(original, PLAN, 4, 2)[1] == "副本里的目标"


HEADERS = ["优化环节", "优化目标", "具体措施", "责任人", "完成时间", "验收标准", "状态", "系统记录"]
ROWS = [
    ["需求", "目标一", "措施", "张三", date(2024, 7, 5), "≤1天", "进行中", None],
    ["设计", "目标二", "措施", "李四", date(2024, 7, 6), "≤2天", "进行中", None],
    ["评审", "目标三", "措施", "王五", date(2024, 7, 7), "≤3天", "进行中", None],
]


def made(path: Path, change: Any = None) -> None:
    """Write a workbook with one plan per month, a protected one among them, and notes below."""
    book = openpyxl.Workbook()
    for month in ("7月", "8月"):
        sheet = book.create_sheet(f"{month}计划")
        sheet.append(HEADERS)
        for row in ROWS:
            sheet.append([f"{month}{row[0]}", *row[1:]])
        for number in range(2, 7):
            sheet.cell(number, 5).number_format = "yyyy/m/d"
    del book["Sheet"]
    if change is not None:
        change(book)
    book.save(path)


@pytest.fixture
def own(run: Run, root: Path) -> tuple[Path, Path]:
    """A team's own workbook with a plan on two sheets, and the place of its copy."""
    path = root / "teams" / "自制.xlsx"
    made(path)
    run("sync", *DAY)
    return path, root / "teams" / "自制 - 副本.xlsx"


def altered(own: tuple[Path, Path], run: Run, change: Any) -> Any:
    """Copy the original, change the copy with openpyxl, let a pass find it, and merge."""
    original, copy = own
    book = openpyxl.load_workbook(original)
    change(book)
    book.save(copy)
    run("sync", *DAY)
    return run("merge", "teams/自制 - 副本.xlsx", "--yes", "--json", *DAY)


def test_rows_go_to_the_sheet_of_their_name_and_keep_their_meaning(
    run: Run, own: tuple[Path, Path]
) -> None:
    def change(book: Any) -> None:
        book["8月计划"]["E3"] = date(2024, 8, 20)
        book["8月计划"].append(["8月新", "新目标", None, "赵六", datetime(2024, 8, 9), None, None])
        book["7月计划"].append(
            ["7月新", "新目标", None, "赵六", datetime(2024, 7, 9, 17, 30), None]
        )
        book["7月计划"].append(["7月又", "新目标", None, "赵六", datetime(2024, 7, 10), 3, None])

    found = altered(own, run, change)
    assert found.code == 0, found.json
    original, _ = own
    book = openpyxl.load_workbook(original)
    assert book["8月计划"]["E3"].value == datetime(2024, 8, 20)
    assert book["8月计划"]["E3"].number_format == "yyyy/m/d"
    # Below the data the template's format stands in row 5, a General one from row 7 on.
    assert book["8月计划"]["A5"].value == "8月新"
    assert book["8月计划"]["E5"].value == datetime(2024, 8, 9)
    assert [book["7月计划"].cell(n, 1).value for n in (5, 6)] == ["7月新", "7月又"]
    assert book["7月计划"]["F6"].value == 3
    assert run("conflicts", "--json", *DAY).json["conflicts"][-1]["rows"] == []


def test_a_date_below_the_formatted_rows_is_written_as_people_see_it(
    run: Run, own: tuple[Path, Path]
) -> None:
    def change(book: Any) -> None:
        for number in range(4):
            book["7月计划"].append(
                [f"新{number}", "新目标", None, "赵六", date(2024, 9, 1 + number)]
            )

    assert altered(own, run, change).code == 0
    sheet = openpyxl.load_workbook(own[0])["7月计划"]
    assert [sheet.cell(n, 5).value for n in (6, 7)] == [datetime(2024, 9, 2), "2024-09-03"]


def test_formulas_merged_cells_and_full_sheets_are_refused_row_by_row(run: Run, root: Path) -> None:
    path = root / "teams" / "自制.xlsx"

    def hostile(book: Any) -> None:
        july, august = book["7月计划"], book["8月计划"]
        july["B2"] = '="目标"&"一"'
        july.merge_cells("F3:F4")
        august["A5"], august["B5"] = "合计", "3 项"
        august.protection.sheet = True

    made(path, hostile)
    run("sync", *DAY)

    def change(book: Any) -> None:
        july, august = book["7月计划"], book["8月计划"]
        july["B2"] = "手工目标"
        july.unmerge_cells("F3:F4")
        july["F4"] = "别的标准"
        july["B3"] = "可以合并"
        august["B3"] = "受保护也合并"
        august.insert_rows(5)
        august["A5"], august["B5"] = "新环节", "新目标"

    found = altered((path, root / "teams" / "自制 - 副本.xlsx"), run, change)
    assert found.code == 1
    rows = {(row["sheet"], row["row"]): row for row in found.json["rows"]}
    assert "公式" in rows["7月计划", 2]["reason"]
    assert "合并单元格" in rows["7月计划", 4]["reason"]
    assert "没有空行" in rows["8月计划", 5]["reason"]
    assert rows["7月计划", 3]["reason"] is None
    book = openpyxl.load_workbook(path)
    assert book["7月计划"]["B2"].value == '="目标"&"一"'
    assert book["7月计划"]["B3"].value == "可以合并"
    assert book["8月计划"]["B3"].value == "受保护也合并"
    assert book["8月计划"].protection.sheet
    assert book["8月计划"]["A5"].value == "合计"


def test_a_column_that_the_copy_lacks_is_left_alone(run: Run, own: tuple[Path, Path]) -> None:
    def change(book: Any) -> None:
        book["7月计划"]["B2"] = "副本里的目标"
        book["7月计划"].delete_cols(7)

    found = altered(own, run, change)
    assert found.code == 0, found.json
    sheet = openpyxl.load_workbook(own[0])["7月计划"]
    assert (sheet["B2"].value, sheet["G2"].value) == ("副本里的目标", "进行中")
