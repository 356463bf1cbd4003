"""One pass over a real folder: statuses, flags, versions, and everything that may go wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.rows import position
from xlflow import workspace as workspaces
from xlflow.facts import Row, TableSheet, address
from xlflow.figures.report import Report
from xlflow.figures.rollup import month_report
from xlflow.ooxml import splice
from xlflow.ooxml.book import Book
from xlflow.process import Inputs, process
from xlflow.record import parse_record, value_digest
from xlflow.schema import PLAN, TABLES
from xlflow.store import Store
from xlflow.sync import carry_out, run
from xlflow.sync.file_index import FileIndex
from xlflow.sync.results import PassResult, WorkbookResult
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

JULY_16 = datetime(2024, 7, 17)
GUIDE, CLEAN, FAULTY = "市场一部", "市场二部", "品牌部"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("XLFLOW_STATE_DIR", str(tmp_path / "state"))
    return create_workspace(tmp_path / "share", [], "zh")


@pytest.fixture
def demo(workspace: Workspace, sample_files: Mapping[str, bytes]) -> Workspace:
    for name, data in sample_files.items():
        (workspace.teams / name).write_bytes(data)
    return workspace


def reported(workspace: Workspace, as_of: datetime = JULY_16) -> Report:
    with Store.open(workspace.state) as store:
        return month_report(store, workspace.settings, "2024-07", as_of, "zh")


def by_name(result: PassResult) -> dict[str, WorkbookResult]:
    return {Path(book.workbook).stem: book for book in result.workbooks}


def statuses(result: PassResult) -> dict[str, str]:
    return {name: book.status for name, book in by_name(result).items()}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def edit(path: Path, sheet: str, cells: Mapping[tuple[int, int], str | None]) -> None:
    """Change cells as a person would, in place."""
    path.write_bytes(splice.splice(path.read_bytes(), {sheet: cells}))


def plan_cell(path: Path, index: int, field: str) -> tuple[int, int]:
    outcome = process(path.read_bytes(), Inputs("x", workspaces.Settings()), (), JULY_16)
    sheet = outcome.snapshot.tables["plan"]
    return position(sheet, sheet.rows[index], field)


def test_the_demo_ends_as_it_should(demo: Workspace) -> None:
    result = run.run(demo, JULY_16)
    assert statuses(result) == {
        GUIDE: "recorded",
        CLEAN: "recorded",
        FAULTY: "recorded",
        "华东市场部": "recorded",
        "渠道部": "recorded",
        "渠道部 - 副本": "conflict",
    }
    books = by_name(result)
    assert (books[GUIDE].rows, books[GUIDE].overdue, books[GUIDE].findings) == (9, 2, 1)
    assert books[CLEAN].findings == 0
    assert books["华东市场部"].cells_written == 0
    assert books["渠道部 - 副本"].rows == 0
    assert not result.needs_attention
    (summary,) = result.summaries
    assert summary.written
    assert summary.path == demo.summaries / "汇总-2024-07.xlsx"


def test_only_xlflows_cells_change(demo: Workspace, sample_files: Mapping[str, bytes]) -> None:
    run.run(demo, JULY_16)
    own = {c.header.zh for t in TABLES for c in t.written_by_xlflow()}
    for name, before in sample_files.items():
        for old, new in zip(
            Book(before).sheets,
            Book((demo.teams / name).read_bytes()).sheets,
            strict=True,
        ):
            changed = {
                place
                for place in {*old.cells, *new.cells}
                if (c := old.cells.get(place)) != (d := new.cells.get(place))
                and (c.value if c else None) != (d.value if d else None)
            }
            headers = {
                column: cell.value
                for (row, column), cell in old.cells.items()
                if row <= 20 and cell.value in own
            }
            assert {headers.get(column) for _, column in changed} <= own
    copy = "渠道部 - 副本.xlsx"
    assert (demo.teams / copy).read_bytes() == sample_files[copy]


@pytest.mark.parametrize("lose_the_store", [False, True])
def test_a_second_pass_writes_nothing(demo: Workspace, lose_the_store: bool) -> None:
    run.run(demo, JULY_16)
    before = {**contents(demo.teams), **contents(demo.summaries)}
    times = {p: p.stat().st_mtime_ns for p in (*demo.teams.iterdir(), *demo.summaries.iterdir())}
    if lose_the_store:
        shutil.rmtree(demo.state)
    result = run.run(demo, JULY_16)
    assert {**contents(demo.teams), **contents(demo.summaries)} == before
    assert sum(book.cells_written for book in result.workbooks) == 0
    if not lose_the_store:
        assert {b.status for b in result.workbooks} == {"unchanged", "conflict"}
        assert times == {p: p.stat().st_mtime_ns for p in times}


def test_the_day_turning_renews_flags_without_an_edit(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    book = by_name(run.run(demo, datetime(2024, 7, 18)))[GUIDE]
    assert book.status == "recorded"
    # Both plan rows are a day later, and the daily duty of the 17th has passed.
    assert book.cells_written == book.overdue == 3
    with Store.open(demo.state) as store:
        assert len(store.versions(f"teams/{GUIDE}.xlsx")) == 1


def test_an_edit_is_read_kept_and_reported(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    path = demo.teams / f"{GUIDE}.xlsx"
    edit(path, PLAN.sheet.zh, {plan_cell(path, 0, "due"): "2024-08-09"})
    edited = path.read_bytes()
    result = by_name(run.run(demo, JULY_16))[GUIDE]
    assert (result.status, result.overdue) == ("recorded", 1)
    with Store.open(demo.state) as store:
        newest, _ = store.versions(f"teams/{GUIDE}.xlsx")
        assert store.kept.load(newest) == edited
        changes = store.changes(f"teams/{GUIDE}.xlsx")
    assert {getattr(edit.what, "code", edit.what.__class__.__name__) for edit in changes} >= {
        "Change",
        "XF401",
    }


@pytest.mark.parametrize(
    "owner_file", ["~${name}", ".~lock.{name}#", ".~{name}"], ids=["excel", "libreoffice", "wps"]
)
def test_an_open_workbook_is_rolled_up_and_its_flags_wait(demo: Workspace, owner_file: str) -> None:
    name = f"{GUIDE}.xlsx"
    holder = demo.teams / owner_file.format(name=name)
    holder.write_bytes(b"\x0bsomebody" + b" " * 156)
    before = (demo.teams / name).read_bytes()
    result = run.run(demo, JULY_16)
    book = by_name(result)[GUIDE]
    assert (book.status, book.cells_written, book.overdue) == ("deferred", 0, 2)
    assert book.reason is not None
    assert not result.needs_attention
    assert (demo.teams / name).read_bytes() == before
    assert reported(demo).teams[GUIDE]["plan_overdue"] == 2
    holder.unlink()
    after = by_name(run.run(demo, JULY_16))[GUIDE]
    assert after.status == "recorded"
    assert after.cells_written > 0


def test_an_open_summary_waits(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    path = demo.summaries / "汇总-2024-07.xlsx"
    before = path.read_bytes()
    holder = path.with_name(f"~${path.name}")
    holder.write_bytes(b"\x06somebody" + b" " * 156)
    (summary,) = run.run(demo, datetime(2024, 7, 19)).summaries
    assert not summary.written
    assert summary.deferred is not None
    assert path.read_bytes() == before
    holder.unlink()
    (summary,) = run.run(demo, datetime(2024, 7, 19)).summaries
    assert summary.written
    assert path.read_bytes() != before


def broken_zip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:3000])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def turned_into_a_link(path: Path) -> None:
    other = path.parent.parent / "elsewhere.xlsx"
    path.rename(other)
    path.symlink_to(other)


@pytest.mark.parametrize("spoil", [broken_zip, emptied, turned_into_a_link])
def test_an_unreadable_workbook_keeps_its_last_good_rows(
    demo: Workspace, spoil: Callable[[Path], None]
) -> None:
    run.run(demo, JULY_16)
    path = demo.teams / f"{GUIDE}.xlsx"
    spoil(path)
    for _ in range(2):
        result = run.run(demo, JULY_16)
        book = by_name(result)[GUIDE]
        assert (book.status, book.rows) == ("unreadable", 9)
        assert book.reason is not None
        assert result.needs_attention
        assert statuses(result)[CLEAN] == "unchanged"
        assert reported(demo).teams[GUIDE]["plan_overdue"] == 2


def test_a_renamed_workbook_stays_the_same_team_book(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    (demo.teams / f"{GUIDE}.xlsx").rename(demo.teams / "市场三部.xlsx")
    result = run.run(demo, JULY_16)
    assert GUIDE not in statuses(result)
    assert statuses(result)["市场三部"] in ("recorded", "unchanged")
    assert set(reported(demo).teams) >= {"市场三部"}
    assert GUIDE not in reported(demo).teams
    with Store.open(demo.state) as store:
        assert len(store.versions("teams/市场三部.xlsx")) == 1


def test_a_workbook_that_is_gone_for_a_while_comes_back_as_itself(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    path = demo.teams / f"{GUIDE}.xlsx"
    data = path.read_bytes()
    path.unlink()
    result = run.run(demo, JULY_16)
    assert GUIDE not in reported(demo).teams
    path.write_bytes(data)
    result = run.run(demo, JULY_16)
    assert GUIDE in reported(demo).teams
    assert by_name(result)[GUIDE].cells_written == 0


def test_most_teams_gone_freezes_until_accepted_or_returned(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    summary = (demo.summaries / "汇总-2024-07.xlsx").read_bytes()
    aside = demo.root / "aside"
    aside.mkdir()
    for name in (GUIDE, CLEAN, FAULTY):
        (demo.teams / f"{name}.xlsx").rename(aside / f"{name}.xlsx")
    result = run.run(demo, datetime(2024, 7, 19))
    assert result.frozen is not None
    assert result.needs_attention
    assert result.summaries == ()
    assert (demo.summaries / "汇总-2024-07.xlsx").read_bytes() == summary
    for path in aside.iterdir():
        path.rename(demo.teams / path.name)
    assert run.run(demo, JULY_16).frozen is None
    for name in (GUIDE, CLEAN, FAULTY):
        (demo.teams / f"{name}.xlsx").unlink()
    assert run.run(demo, JULY_16).frozen is not None
    accepted = run.run(demo, JULY_16, accept=True)
    assert accepted.frozen is None
    assert set(reported(demo).teams) == {"华东市场部", "渠道部"}
    assert run.run(demo, JULY_16).frozen is None


def test_mere_change_never_freezes(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    for name in (GUIDE, CLEAN, FAULTY, "渠道部"):
        path = demo.teams / f"{name}.xlsx"
        edit(path, PLAN.sheet.zh, {plan_cell(path, 0, "goal"): "提升至99%"})
    assert run.run(demo, JULY_16).frozen is None


def test_a_collapsed_workbook_needs_a_second_reading(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    path = demo.teams / f"{CLEAN}.xlsx"
    settings = demo.settings
    team_workbook.write(path, team=CLEAN, language="zh", settings=settings, rows={})
    first = run.run(demo, JULY_16)
    assert (statuses(first)[CLEAN], by_name(first)[CLEAN].rows) == ("deferred", 19)
    second = run.run(demo, JULY_16)
    assert (statuses(second)[CLEAN], by_name(second)[CLEAN].rows) == ("recorded", 0)


def test_a_team_with_a_copys_name_but_rows_of_its_own_is_a_team(demo: Workspace) -> None:
    team_workbook.write(
        demo.teams / f"{GUIDE}(2).xlsx",
        team=f"{GUIDE}(2)",
        language="zh",
        settings=demo.settings,
        rows={"problem": [{"stage": "效果复盘", "owner": "老王", "days": 4, "impact": "低"}]},
    )
    assert statuses(run.run(demo, JULY_16))[f"{GUIDE}(2)"] == "recorded"


def test_further_copies_are_not_teams_either(demo: Workspace) -> None:
    original = demo.teams / f"{GUIDE}.xlsx"
    copies = [f"{GUIDE} - 副本", f"{GUIDE} - 副本 (2)", f"{GUIDE} - 副本 (2) - 副本"]
    for copy in copies:
        shutil.copy(original, demo.teams / f"{copy}.xlsx")
    for _ in range(2):
        books = by_name(run.run(demo, JULY_16))
        assert {books[copy].status for copy in copies} == {"conflict"}
        reasons = [books[copy].reason for copy in copies]
        assert {r and r.params["original"] for r in reasons} == {f"teams/{GUIDE}.xlsx"}
    assert set(reported(demo).teams) == {GUIDE, CLEAN, FAULTY, "华东市场部", "渠道部"}


def test_two_formats_of_one_team_conflict(demo: Workspace) -> None:
    shutil.copy(demo.teams / f"{GUIDE}.xlsx", demo.teams / f"{GUIDE}.xlsm")
    result = run.run(demo, JULY_16)
    same = [b.status for b in result.workbooks if Path(b.workbook).stem == GUIDE]
    assert same == ["conflict", "conflict"]


@pytest.mark.parametrize("name", ["备份.xls", "导出.csv", "表.et", "表.ods"])
def test_other_formats_are_named_with_the_way_out(demo: Workspace, name: str) -> None:
    (demo.teams / name).write_bytes(b"x")
    book = by_name(run.run(demo, JULY_16))[Path(name).stem]
    assert (book.status, book.reason and book.reason.key) == ("unreadable", "reading.other_format")


def test_a_fifo_hangs_nothing(demo: Workspace) -> None:
    os.mkfifo(demo.teams / "管道.xlsx")
    assert statuses(run.run(demo, JULY_16))["管道"] == "unreadable"


def test_report_only_writes_no_team_workbook(demo: Workspace) -> None:
    settings = demo.root / "xlflow.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('write_back = "auto"', 'write_back = "report"'), "utf-8"
    )
    before = contents(demo.teams)
    result = run.run(workspaces.find(demo.root), JULY_16)
    assert contents(demo.teams) == before
    assert by_name(result)[GUIDE].reason is not None
    assert reported(demo).teams[GUIDE]["plan_overdue"] == 2


def test_a_hard_linked_workbook_is_counted_and_never_written(demo: Workspace) -> None:
    path = demo.teams / f"{GUIDE}.xlsx"
    os.link(path, demo.root / "second name.xlsx")
    before = path.read_bytes()
    book = by_name(run.run(demo, JULY_16))[GUIDE]
    assert (book.status, book.cells_written, book.overdue) == ("recorded", 0, 2)
    assert book.reason is not None
    assert path.read_bytes() == before


def test_a_write_that_the_system_refuses_is_deferred_and_seen_to(demo: Workspace) -> None:
    path = demo.teams / f"{GUIDE}.xlsx"
    path.chmod(0o444)
    before = path.read_bytes()
    result = run.run(demo, JULY_16)
    book = by_name(result)[GUIDE]
    assert (book.status, book.failed, book.overdue) == ("deferred", True, 2)
    assert result.needs_attention
    assert path.read_bytes() == before
    path.chmod(0o644)
    assert by_name(run.run(demo, JULY_16))[GUIDE].status == "recorded"


def test_a_save_during_the_write_wins(demo: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    path = demo.teams / f"{GUIDE}.xlsx"
    saves: list[bytes] = []
    real = carry_out.replace_file

    def racing(target: Path, *args: object) -> bool:
        if target == path and not saves:
            edit(path, PLAN.sheet.zh, {plan_cell(path, 0, "goal"): "提升至97%"})
            saves.append(path.read_bytes())
        return real(target, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(carry_out, "replace_file", racing)
    book = by_name(run.run(demo, JULY_16))[GUIDE]
    assert (book.status, len(saves)) == ("recorded", 1)
    outcome = process(path.read_bytes(), Inputs("x", demo.settings), (), JULY_16)
    assert outcome.snapshot.tables["plan"].rows[0].get("goal") == "提升至97%"
    assert outcome.cells == {}
    with Store.open(demo.state) as store:
        kept = {v.sha256 for v in store.versions(f"teams/{GUIDE}.xlsx")}
    assert sha256(saves[0]).hexdigest() in kept


def test_no_temporary_file_is_left(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    names = [p.name for f in (demo.teams, demo.summaries) for p in f.iterdir()]
    assert [name for name in names if name.startswith(".xlflow-")] == []


def test_an_empty_folder_and_a_missing_one_make_an_empty_summary(workspace: Workspace) -> None:
    assert run.run(workspace, JULY_16).workbooks == ()
    workspace.teams.rmdir()
    result = run.run(workspace, JULY_16)
    assert result.workbooks == ()
    assert reported(workspace).teams == {}


def test_progress_names_each_workbook(demo: Workspace) -> None:
    calls: list[tuple[int, int, str]] = []
    run.run(demo, JULY_16, progress=lambda *args: calls.append(args))
    assert [done for done, _, _ in calls] == list(range(6))
    assert {total for _, total, _ in calls} == {6}
    assert f"{GUIDE}.xlsx" in {name for _, _, name in calls}


def test_addresses_of_the_rows_are_physical(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    late = next(item for item in reported(demo).overdue if item.origin.team == GUIDE)
    path = demo.teams / f"{GUIDE}.xlsx"
    assert late.origin.cell == address(*plan_cell(path, 0, "due"))


def test_a_workbook_that_is_gone_is_named_once(demo: Workspace) -> None:
    run.run(demo, JULY_16)
    (demo.teams / f"{GUIDE}.xlsx").unlink()
    assert run.run(demo, JULY_16).gone == (f"teams/{GUIDE}.xlsx",)
    assert run.run(demo, JULY_16).gone == ()


def test_a_former_spelling_of_its_own_is_rewritten_once(demo: Workspace) -> None:
    path = demo.teams / f"{FAULTY}.xlsx"
    run.run(demo, JULY_16)
    settled = path.read_bytes()
    spell_as_formerly(path)
    assert reasons(path) == ["无法计算:单位不一致", "无法计算：单位不一致"]
    assert by_name(run.run(demo, JULY_16))[FAULTY].cells_written == 3
    assert reasons(path) == ["无法计算：单位不一致"] * 2
    assert [sheet.cells for sheet in Book(path.read_bytes()).sheets] == [
        sheet.cells for sheet in Book(settled).sheets
    ]
    rewritten = path.read_bytes()
    assert by_name(run.run(demo, JULY_16))[FAULTY].cells_written == 0
    assert path.read_bytes() == rewritten


def spell_as_formerly(path: Path) -> None:
    """Put into a row what xlflow wrote there, and vouched for, when it used half-width signs."""
    sheet = campaigns(path)
    row = next(row for row in sheet.rows if reason(row) == "无法计算：单位不一致")
    record = parse_record(row.value_in("record").cell.value)
    assert record is not None
    former = {
        "deviation": "无法计算:单位不一致",
        "remarks": "实际值:无法计算:目标值 3000条 与实际值 8% 单位不一致,请统一单位 (XF231)",
    }
    digest = value_digest(record.id, "deviation", former["deviation"])
    former["record"] = str(replace(record, written={**record.written, "deviation": digest}))
    cells = {position(sheet, row, field): text for field, text in former.items()}
    edit(path, row.sheet, cells)


def campaigns(path: Path) -> TableSheet:
    outcome = process(path.read_bytes(), Inputs("x", workspaces.Settings()), (), JULY_16)
    return outcome.snapshot.tables["campaign"]


def reason(row: Row) -> object:
    return row.value_in("deviation").cell.value


def reasons(path: Path) -> list[object]:
    return [reason(row) for row in campaigns(path).rows if "单位不一致" in str(reason(row))]


def test_a_copy_counts_once_its_original_is_gone(demo: Workspace) -> None:
    """Although the copy itself doesn't change, and a daemon remembers it."""
    (copy,) = (path for path in demo.teams.iterdir() if " - 副本" in path.stem)
    original = copy.with_stem(copy.stem.partition(" - ")[0])
    file_index = FileIndex()

    def one_pass() -> PassResult:
        with Store.open(demo.state, migrate=True) as store:
            return run.Pass(demo, store, JULY_16, run.PassOptions(), file_index=file_index).run()

    assert statuses(one_pass())[copy.stem] == "conflict"
    original.rename(demo.root / original.name)
    result = one_pass()
    assert statuses(result)[copy.stem] == "recorded"
    assert result.gone == (demo.relative(original),)
