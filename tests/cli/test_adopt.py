"""``adopt``: in place and from elsewhere, shown first, asked for, and undone."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from tests.cli.running import Run
from xlflow.cli import adopt as adopt_command
from xlflow.cli.program import program
from xlflow.cli.session import Session

HEADERS = ["优化环节", "优化目标", "具体措施", "责任人", "完成时间", "验收标准"]
ALIASES = ["优化环节", "目标", "措施", "负责人", "截止日期", "验收"]
ROW = ["活动执行", "响应缩短至1天", "建资源池", "刘经理", date(2024, 7, 5), "≤1天"]


def workbook(headers: list[str]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(headers)
    sheet.append(ROW)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_file_from_elsewhere_is_copied_and_left_alone(
    run: Run, root: Path, tmp_path: Path
) -> None:
    old = tmp_path / "老表.xlsx"
    old.write_bytes(before := workbook(HEADERS))
    shown = run("adopt", str(old), "--dry-run", "--json")
    assert shown.json["files"][0]["status"] == "would_adopt"
    assert not (root / "teams" / "老表.xlsx").exists()
    ended = run("adopt", str(old), "--yes", "--json")
    (file,) = ended.json["files"]
    assert (ended.code, file["status"], file["workbook"]) == (0, "adopted", "teams/老表.xlsx")
    (table,) = file["tables"]
    assert [c["cell"] for c in table["added"]] == ["G1", "H1", "I1", "J1", "K1", "L1"]
    assert {c["confidence"] for c in table["columns"]} == {"certain"}
    assert old.read_bytes() == before

    synced = run("sync", "--as-of", "2024-07-16", "--json").json["workbooks"]
    (book,) = [b for b in synced if b["team"] == "老表"]
    assert (book["status"], book["overdue"]) == ("recorded", 1)
    assert book["cells_written"] >= 2
    again = run("adopt", str(old), "--yes")
    assert again.code == 1
    assert "已经有了" in again.out


def test_adopting_in_place_is_undone_by_restore(run: Run, root: Path) -> None:
    path = root / "teams" / "老表.xlsx"
    path.write_bytes(before := workbook(HEADERS))
    assert run("adopt", "teams/老表.xlsx", "--yes").code == 0
    assert path.read_bytes() != before
    (version,) = run("history", "teams/老表.xlsx", "--json").json["versions"]
    assert run("restore", "teams/老表.xlsx", "--version", version["id"]).code == 0
    assert path.read_bytes() == before


def test_yes_takes_only_what_is_certain(run: Run, root: Path) -> None:
    folder = root / "旧"
    folder.mkdir()
    for name, headers in (("甲", HEADERS), ("乙", ALIASES)):
        (folder / f"{name}.xlsx").write_bytes(workbook(headers))
    ended = run("adopt", str(folder), "--yes", "--json")
    status = {Path(f["file"]).stem: f["status"] for f in ended.json["files"]}
    assert status == {"甲": "adopted", "乙": "left"}
    assert not (root / "teams" / "乙.xlsx").exists()


def test_without_a_terminal_it_needs_yes(run: Run, root: Path) -> None:
    (root / "teams" / "老表.xlsx").write_bytes(before := workbook(HEADERS))
    ended = run("adopt", "teams/老表.xlsx")
    assert ended.code == 2
    assert "--yes" in ended.err
    assert (root / "teams" / "老表.xlsx").read_bytes() == before


def test_a_confirmed_mapping_holds_for_the_next_file(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "teams" / "甲.xlsx").write_bytes(workbook(ALIASES))
    (root / "teams" / "乙.xlsx").write_bytes(workbook(ALIASES))
    monkeypatch.setattr(adopt_command, "on_terminal", lambda: True)
    asked = CliRunner().invoke(program, ["adopt", "teams/甲.xlsx"], "y\n", obj=Session("zh"))
    assert "截止日期" in asked.output
    assert "“Sheet”" in asked.output
    assert "已补好" in asked.output
    ended = run("adopt", "teams/乙.xlsx", "--yes", "--json")
    assert json.loads(ended.out)["files"][0]["status"] == "adopted"


def test_a_file_that_cannot_be_read_is_named(run: Run, root: Path) -> None:
    (root / "teams" / "坏.xlsx").write_bytes(b"not a workbook")
    ended = run("adopt", "teams/坏.xlsx", "--yes", "--json")
    assert ended.code == 1
    assert ended.json["files"][0]["status"] == "refused"
    assert ended.json["files"][0]["reason"]
