"""``check``: validating without a trace."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import Run
from xlflow.templates.samples import write_samples
from xlflow.workspace_creation import create_workspace

DAY = ("--as-of", "2024-07-16")
FAULTY = "teams/品牌部.xlsx"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample teams."""
    space = create_workspace(tmp_path_factory.mktemp("made") / "w")
    write_samples(space.teams, space.settings, "zh")
    return space.root


def contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_nothing_is_written_anywhere(
    run: Run, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    before = contents(made)
    assert run("check", *DAY).code == 1
    assert contents(made) == before
    assert not (tmp_path / "state").exists()


def test_findings_are_grouped_and_counted(
    run: Run, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    lines = run("check", *DAY).out.splitlines()
    assert (
        "错误  品牌部.xlsx › 流程优化计划!E4:「2024-06-31」不是有效日期,请改为如 2024-06-30 (XF102)"
    ) in lines
    assert any(line.startswith("冲突副本  渠道部 - 副本.xlsx:") for line in lines)
    assert lines[-1].startswith("检查了 6 份工作簿:错误 ")
    assert lines[-1].endswith("、冲突副本 1。")
    english = run("check", "--language", "en", *DAY).out.splitlines()
    assert english[-1].startswith("Workbooks checked: 6; errors ")


def test_check_as_json(run: Run, made: Path) -> None:
    told = run("-C", made, "check", "--json", *DAY).json
    assert set(told) == {"as_of", "workbooks", "findings"}
    assert told["as_of"] == "2024-07-16"
    assert {book["workbook"]: book["status"] for book in told["workbooks"]} == {
        "teams/华东市场部.xlsx": "read",
        "teams/品牌部.xlsx": "read",
        "teams/市场一部.xlsx": "read",
        "teams/市场二部.xlsx": "read",
        "teams/渠道部 - 副本.xlsx": "conflict",
        "teams/渠道部.xlsx": "read",
    }
    found = next(f for f in told["findings"] if f["code"] == "XF102")
    assert found == {
        "team": "品牌部",
        "workbook": FAULTY,
        "sheet": "流程优化计划",
        "cell": "E4",
        "row": 4,
        "column": "完成时间",
        "code": "XF102",
        "severity": "error",
        "message": "「2024-06-31」不是有效日期,请改为如 2024-06-30",
        "value": "2024-06-31",
        "fix": found["fix"],
    }
    assert not any(f["code"].startswith("XF4") for f in told["findings"])


def test_one_workbook_from_here_or_from_the_workspace(
    run: Run, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_workspace = run("-C", made, "check", FAULTY, "--json", *DAY).json
    monkeypatch.chdir(made / "teams")
    from_here = run("check", "品牌部.xlsx", "--json", *DAY).json
    assert from_here == from_workspace
    assert [book["workbook"] for book in from_here["workbooks"]] == [FAULTY]


def test_without_an_error_among_the_findings_it_ends_with_0(run: Run, made: Path) -> None:
    assert run("-C", made, "check", "teams/市场一部.xlsx", *DAY).code == 0
    assert run("-C", made, "check", FAULTY, *DAY).code == 1


def test_outside_a_workspace_the_nearest_settings_hold(
    run: Run, made: Path, tmp_path: Path
) -> None:
    lone = tmp_path / "elsewhere" / "品牌部.xlsx"
    lone.parent.mkdir()
    shutil.copy(made / FAULTY, lone)
    told = run("check", lone, "--json", *DAY).json
    assert told["workbooks"][0]["workbook"] == lone.as_posix()
    assert any(f["code"] == "XF102" for f in told["findings"])
    (lone.parent / "xlflow.toml").write_text('[rules]\nXF102 = "off"\n', encoding="utf-8")
    told = run("check", lone, "--json", *DAY).json
    assert told["workbooks"][0]["workbook"] == lone.as_posix()
    assert not any(f["code"] == "XF102" for f in told["findings"])


def test_an_unreadable_workbook_does_not_stop_the_others(
    run: Run, made: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(made / "teams" / "市场一部.xlsx", folder)
    (folder / "坏了.xlsx").write_bytes(b"no workbook")
    (folder / "旧的.xls").write_bytes(b"old")
    ran = run("check", folder, *DAY)
    assert ran.code == 1
    assert f"读不了  {folder.as_posix()}/坏了.xlsx:" in ran.out
    assert f"读不了  {folder.as_posix()}/旧的.xls:" in ran.out
    assert ran.out.endswith("检查了 3 份工作簿:警告 1、读不了 2。\n")


def test_a_path_that_is_not_there(run: Run, made: Path) -> None:
    for arguments in (["check", "没有.xlsx"], ["-C", made, "check", "teams/没有.xlsx"]):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "没有.xlsx" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_rule_in_the_settings_that_does_not_exist(run: Run, made: Path, tmp_path: Path) -> None:
    lone = tmp_path / "市场一部.xlsx"
    shutil.copy(made / "teams" / "市场一部.xlsx", lone)
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
    run: Run, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made / "summaries")
    (named,) = run("check", "--json", "../teams/市场一部.xlsx").json["workbooks"]
    assert named["workbook"] == "teams/市场一部.xlsx"
    shutil.copy(made / "teams" / "市场一部.xlsx", tmp_path / "一部.xlsx")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (named,) = run("check", "--json", "../一部.xlsx").json["workbooks"]
    assert named["workbook"] == (tmp_path / "一部.xlsx").as_posix()
