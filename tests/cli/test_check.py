"""``check``, on sample teams and single files."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.running import Run
from tests.ooxml.packing import pack, parts, sheet
from xlflow.ooxml.book import Book

DAY = ("--as-of", "2024-07-16")
FAULTY = "teams/品牌部.xlsx"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_nothing_is_written_anywhere(
    run: Run, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(samples)
    before = contents(samples)
    assert run("check", *DAY).code == 1
    assert contents(samples) == before
    assert not (tmp_path / "state").exists()


def test_findings_are_grouped_and_counted(
    run: Run, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(samples)
    lines = run("check", *DAY).out.splitlines()
    assert (
        "错误  品牌部.xlsx › 流程优化计划!E4："
        "“2024-06-31”不是有效日期，请改正，如 2024-06-30（XF102）"
    ) in lines
    assert any(line.startswith("冲突副本  渠道部 - 副本.xlsx：") for line in lines)
    assert lines[-1].startswith("检查了 6 份工作簿：错误 ")
    assert lines[-1].endswith("、冲突副本 1。")
    english = run("check", "--language", "en", *DAY).out.splitlines()
    assert english[-1].startswith("Workbooks checked: 6; errors ")


def test_check_as_json(run: Run, samples: Path) -> None:
    document = run("-C", samples, "check", "--json", *DAY).json
    assert set(document) == {"as_of", "workbooks", "findings"}
    assert document["as_of"] == "2024-07-16"
    assert {book["workbook"]: book["status"] for book in document["workbooks"]} == {
        "teams/华东市场部.xlsx": "read",
        "teams/品牌部.xlsx": "read",
        "teams/市场一部.xlsx": "read",
        "teams/市场二部.xlsx": "read",
        "teams/渠道部 - 副本.xlsx": "conflict",
        "teams/渠道部.xlsx": "read",
    }
    found = next(f for f in document["findings"] if f["code"] == "XF102")
    assert found == {
        "team": "品牌部",
        "workbook": FAULTY,
        "sheet": "流程优化计划",
        "cell": "E4",
        "row": 4,
        "column": "完成时间",
        "code": "XF102",
        "severity": "error",
        "message": "“2024-06-31”不是有效日期，请改正，如 2024-06-30",
        "value": "2024-06-31",
        "fix": found["fix"],
    }
    assert not any(f["code"].startswith("XF4") for f in document["findings"])


def test_one_workbook_from_here_or_from_the_workspace(
    run: Run, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_workspace = run("-C", samples, "check", FAULTY, "--json", *DAY).json
    monkeypatch.chdir(samples / "teams")
    from_here = run("check", "品牌部.xlsx", "--json", *DAY).json
    assert from_here == from_workspace
    assert [book["workbook"] for book in from_here["workbooks"]] == [FAULTY]


def test_without_an_error_among_the_findings_it_ends_with_0(run: Run, samples: Path) -> None:
    assert run("-C", samples, "check", "teams/市场一部.xlsx", *DAY).code == 0
    assert run("-C", samples, "check", FAULTY, *DAY).code == 1


def test_outside_a_workspace_the_nearest_settings_hold(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    lone = tmp_path / "elsewhere" / "品牌部.xlsx"
    lone.parent.mkdir()
    shutil.copy(samples / FAULTY, lone)
    document = run("check", lone, "--json", *DAY).json
    assert document["workbooks"][0]["workbook"] == lone.as_posix()
    assert any(f["code"] == "XF102" for f in document["findings"])
    (lone.parent / "xlflow.toml").write_text('[rules]\nXF102 = "info"\n', encoding="utf-8")
    document = run("check", lone, "--json", *DAY).json
    assert document["workbooks"][0]["workbook"] == lone.as_posix()
    levels = {f["severity"] for f in document["findings"] if f["code"] == "XF102"}
    assert levels == {"info"}


def test_an_unreadable_workbook_does_not_stop_the_others(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(samples / "teams" / "市场一部.xlsx", folder)
    (folder / "坏了.xlsx").write_bytes(b"no workbook")
    (folder / "旧的.xls").write_bytes(b"old")
    ran = run("check", folder, *DAY)
    assert ran.code == 1
    assert f"无法读取  {folder.as_posix()}/坏了.xlsx：" in ran.out
    assert f"无法读取  {folder.as_posix()}/旧的.xls：" in ran.out
    assert ran.out.endswith("检查了 3 份工作簿：警告 1、无法读取 2。\n")


def test_a_path_that_is_not_there(run: Run, samples: Path) -> None:
    for arguments in (["check", "没有.xlsx"], ["-C", samples, "check", "teams/没有.xlsx"]):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "没有.xlsx" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_rule_in_the_settings_that_does_not_exist(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    lone = tmp_path / "市场一部.xlsx"
    shutil.copy(samples / "teams" / "市场一部.xlsx", lone)
    (tmp_path / "xlflow.toml").write_text('[rules]\nXF1O2 = "off"\n', encoding="utf-8")
    ran = run("check", lone)
    assert ran.code == 2
    assert "XF102" in ran.err


def test_an_empty_workspace_says_what_to_do(run: Run, tmp_path: Path) -> None:
    run("init", tmp_path / "w")
    ran = run("-C", tmp_path / "w", "check")
    assert ran.code == 0
    assert "xlflow team" in ran.out


def test_a_path_with_dots_is_named_without_them(
    run: Run, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(samples / "summaries")
    (named,) = run("check", "--json", "../teams/市场一部.xlsx").json["workbooks"]
    assert named["workbook"] == "teams/市场一部.xlsx"
    shutil.copy(samples / "teams" / "市场一部.xlsx", tmp_path / "一部.xlsx")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (named,) = run("check", "--json", "../一部.xlsx").json["workbooks"]
    assert named["workbook"] == (tmp_path / "一部.xlsx").as_posix()


def test_cross_check_counts_the_known_differences(run: Run, tmp_path: Path) -> None:
    workbook = tmp_path / "市场一部.xlsx"
    merged = sheet(
        '<row r="1"><c r="A1"><v>4</v></c><c r="B1"><v>5</v></c></row>',
        after='<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>',
    )
    workbook.write_bytes(pack(parts({"S": merged})))
    ran = run("check", "--cross-check", workbook)
    assert "\n与 openpyxl 对照：原因不明的差异 0 处，原因已知的差异 1 处。\n  1 处：" in ran.out
    found = run("check", "--cross-check", workbook, "--json").json
    assert set(found) == {"as_of", "workbooks", "findings", "differences"}
    assert found["differences"] == [
        {
            "workbook": workbook.as_posix(),
            "sheet": "S",
            "cell": "B1",
            "xlflow": 5,
            "openpyxl": None,
            "reason": "openpyxl 会丢掉被合并单元格盖住的内容",
        }
    ]


def test_cross_check_names_an_unexplained_difference(
    run: Run, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = "teams/市场一部.xlsx"
    assert run("-C", samples, "check", "--cross-check", sound, *DAY).code == 0

    def misread(data: bytes) -> Book:
        read = Book(data)
        cells = next(sheet for sheet in read.sheets if sheet.name == "流程优化计划").cells
        cells[4, 5] = cells[4, 5]._replace(value=Decimal(5001))
        return read

    monkeypatch.setattr("xlflow.ooxml.cross_check.Book", misread)
    ran = run("-C", samples, "check", "--cross-check", sound, *DAY)
    assert ran.code == 1
    place = "市场一部.xlsx › 流程优化计划!E4"
    line = f"读法不同  {place}：xlflow 读作 5001，openpyxl 读作 2024-06-30 00:00:00"
    assert line in ran.out.splitlines()
    assert "原因不明的差异 1 处" in ran.out
    (difference,) = run("-C", samples, "check", "--cross-check", sound, "--json", *DAY).json[
        "differences"
    ]
    assert difference == {
        "workbook": sound,
        "sheet": "流程优化计划",
        "cell": "E4",
        "xlflow": 5001,
        "openpyxl": "2024-06-30T00:00:00",
        "reason": None,
    }


def test_cross_check_goes_on_after_a_workbook_that_cannot_be_opened(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "坏了.xlsx").write_bytes(b"no workbook")
    shutil.copy(samples / "teams" / "市场一部.xlsx", folder)
    ran = run("check", "--cross-check", folder, *DAY)
    assert ran.code == 1
    assert f"无法读取  {folder.as_posix()}/坏了.xlsx：" in ran.out
    assert "原因不明的差异 0 处" in ran.out


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus folder beside the project")
def test_cross_check_explains_every_difference_in_the_corpus(run: Run) -> None:
    found = run("check", "--cross-check", CORPUS, "--json").json
    assert sum(book["status"] == "read" for book in found["workbooks"]) > 90
    assert len(found["differences"]) > 1000
    assert [d for d in found["differences"] if d["reason"] is None] == []
