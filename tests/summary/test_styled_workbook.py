"""Anything that a team typed is text in the summary and never a formula."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.summary.example_report import empty, example, late_item, submission, team_figures
from xlflow.figures.report import FindingItem, Origin, Report
from xlflow.summary import workbook
from xlflow.summary.list_sheets import HEADER_ROW
from xlflow.summary.styled_workbook import (
    MAX_TEXT_UNITS,
    cell_text,
    file_link,
    hyperlink,
    line_count,
    moment_text,
)

# openpyxl warns that it drops the data bars of Excel 2010.
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported:UserWarning")

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "http://example.com/x",
    "mailto:a@example.com",
    "internal:'总览'!A1",
    "{=SUM(A1:A9)}",
    '=HYPERLINK("http://example.com","x")',
    "12345678901234567890",
    " two  spaces ",
    "a\tb\nc",
    "<b>&amp;</b>",
    "_x000B_",
)
NAMES = (
    '市场"一"部',
    "市场#1部",
    "[市场]部",
    "市场'部",
    "100%增长部",
    "50%20部",
    "=1+1部",
    "很长的" * 60,
    '"&cmd&"',
)


def hostile_report(text: str, team: str = "市场一部") -> Report:
    """Return a report with the text in every place for a team's text."""
    report = example(1)
    origin = Origin(team, f"teams/{team}.xlsx", text, text, 5)
    parts = {"item": text, "owners": (text,), "late": text}
    finding = FindingItem(origin, text, text, text, text, text, text)
    return replace(
        report,
        teams={team: team_figures(0)},
        overdue=(replace(report.overdue[0], origin=origin, **parts),),
        priorities=(
            replace(report.priorities[0], origin=origin, stage=text, impact=text, description=text),
        ),
        campaigns=(
            replace(
                report.campaigns[0],
                origin=origin,
                name=text,
                metric=text,
                target=text,
                actual=text,
                verdict=text,
                cause=text,
                next_step=text,
            ),
        ),
        messages=(
            replace(
                report.messages[0], origin=origin, topic=text, sender=(text,), deadline=text,
                state=text,
            ),
        ),
        findings=(finding,),
        submissions=(
            replace(
                report.submissions[0], origin=origin, last_modified_by=text, status=text,
                reason=text, state=text,
            ),
        ),
        targets=(replace(report.targets[0], name=text, figure=text),),
        total=report.total | {"metrics": [{"metric": text, "unit": text}]},
    )  # fmt: skip


def formulas(data: bytes) -> list[str]:
    """Return every formula of the file's sheets and tables."""
    found: list[str] = []
    with ZipFile(BytesIO(data)) as package:
        for name in package.namelist():
            if name.startswith(("xl/worksheets/sheet", "xl/tables")):
                xml = package.read(name).decode()
                assert "<hyperlink" not in xml
                found += re.findall(r"<(?:f|formula|calculatedColumnFormula)\b[^>]*>([^<]*)<", xml)
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_a_teams_text_stays_text(text: str) -> None:
    data = workbook.write_workbook(hostile_report(text), language="zh")
    assert len(formulas(data)) == 7, "six links between the sheets, one to the team's file"
    book = openpyxl.load_workbook(BytesIO(data))
    for title, least in (
        ("逾期清单", 5), ("改进优先", 5), ("活动效果", 9), ("协作沟通", 6), ("校验问题", 8),
        ("提交情况", 4),
    ):  # fmt: skip
        cells = [c for c in book[title][HEADER_ROW + 2] if c.value is not None]
        same = [c for c in cells if c.value == text]
        assert len(same) >= least, title
        assert all(c.data_type == "s" for c in same)
        if text.startswith(("=", "+", "-", "@")):
            assert all(c.quotePrefix for c in same)


@pytest.mark.parametrize("team", NAMES)
def test_a_teams_name_stays_text_with_a_valid_link(team: str) -> None:
    data = workbook.write_workbook(hostile_report("x", team), language="zh")
    book = openpyxl.load_workbook(BytesIO(data))
    row = [c for c in book["提交情况"][HEADER_ROW + 2] if c.value is not None]
    assert row[0].value == team
    assert row[0].data_type == "s"
    link = row[-1]
    if len(team) > 200:
        assert link.data_type == "s"
        assert link.value == f"teams/{team}.xlsx"
        return
    literal = r'"((?:[^"]|"")*)"'
    match = re.fullmatch(rf"=HYPERLINK\({literal},{literal}\)", link.value)
    assert match is not None
    target, shown = (t.replace('""', '"') for t in match.groups())
    assert shown == f"teams/{team}.xlsx"
    assert target == "../" + shown.replace("%", "%25").replace("#", "%23")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x0bb", "a\ufffdb"),
        ("a\x00\x1fb", "a\ufffd\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("a\ufffeb", "a\ufffdb"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("😀", "😀"),
    ],
)
def test_forbidden_characters_are_replaced(text: str, shown: str) -> None:
    assert cell_text(text, "…") == shown
    book = openpyxl.load_workbook(
        BytesIO(workbook.write_workbook(hostile_report(text), language="zh"))
    )
    assert book["校验问题"].cell(HEADER_ROW + 2, 6).value == shown


@pytest.mark.parametrize("text", ["x" * 40_000, "长" * 40_000, "😀" * 20_000])
def test_a_too_long_text_is_truncated_with_a_mark(text: str) -> None:
    book = openpyxl.load_workbook(
        BytesIO(workbook.write_workbook(hostile_report(text), language="zh"))
    )
    value = book["校验问题"].cell(HEADER_ROW + 2, 6).value
    assert value.endswith("……（后文过长，已截断）")
    assert text.startswith(value.removesuffix("……（后文过长，已截断）"))
    assert MAX_TEXT_UNITS - 2 < len(value.encode("utf-16-le")) // 2 <= MAX_TEXT_UNITS


@given(st.text(st.characters(), max_size=60))
@settings(max_examples=200, deadline=None)
def test_cell_text_is_idempotent(text: str) -> None:
    shown = cell_text(text, "…")
    shown.encode()
    assert cell_text(shown, "…") == shown


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_a_link_is_one_function_with_two_texts(target: str, shown: str) -> None:
    formula = hyperlink(target, shown)
    if formula is not None:
        match = re.fullmatch(r'=HYPERLINK\("((?:[^"]|"")*)","((?:[^"]|"")*)"\)', formula)
        assert match is not None
        assert [t.replace('""', '"') for t in match.groups()] == [target, shown]


def test_a_summary_at_another_path_has_absolute_links(tmp_path: Path) -> None:
    assert file_link("teams/a.xlsx", None) == "../teams/a.xlsx"
    assert file_link("teams/a#%?.xlsx", None) == "../teams/a%23%25%3F.xlsx"
    assert file_link("teams/a.xlsx", tmp_path) == str(tmp_path / "teams" / "a.xlsx")
    data = workbook.write_workbook(example(1), language="zh", root=tmp_path)
    assert any(str(tmp_path) in formula for formula in formulas(data))


def test_there_is_one_link_a_team() -> None:
    data = workbook.write_workbook(example(60), language="zh")
    assert len([f for f in formulas(data) if "teams/" in f]) == 60


def test_midnight_is_24_00_of_the_day_before() -> None:
    assert moment_text(datetime(2024, 7, 17)) == "2024-07-16 24:00"
    assert moment_text(datetime(2024, 7, 16, 9, 5, 59)) == "2024-07-16 09:05"


def test_line_count() -> None:
    assert line_count("短", 10) == 1
    assert line_count("a\nb", 10) == 2
    assert line_count("十个汉字的一句话儿呢", 20) == 1
    assert line_count("十个汉字的一句话儿呢", 12) == 2


@pytest.mark.libreoffice
@pytest.mark.parametrize("language", ["zh", "en"])
def test_libreoffice_computes_the_same_values(tmp_path: Path, language: str) -> None:
    names = ["市场一部", '市场"一"部', "市场#1部", "100%增长部", "市场'部"]
    report = replace(
        example(),
        teams={name: team_figures(i) for i, name in enumerate(names)},
        overdue=tuple(late_item(name, i) for i, name in enumerate(names)),
        submissions=tuple(submission(name, i) for i, name in enumerate(names)),
    )
    for name, month in (("full", report), ("empty", empty())):
        source = tmp_path / f"{name}.xlsx"
        source.write_bytes(workbook.write_workbook(month, language=language))
        out = tmp_path / "out"
        subprocess.run(
            [
                "soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
                "--convert-to", "xlsx", "--outdir", str(out), str(source),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        before = openpyxl.load_workbook(source)
        after = openpyxl.load_workbook(out / source.name, data_only=True)
        assert after.sheetnames == before.sheetnames
        for sheet in before:
            for row in sheet.iter_rows():
                for cell in row:
                    again = after[sheet.title][cell.coordinate].value
                    if cell.data_type == "f":
                        shown = str(cell.value).rsplit(',"', 1)[1].removesuffix('")')
                        assert again == shown.replace('""', '"')
                    elif cell.value not in (None, ""):
                        assert again == (
                            pytest.approx(cell.value)
                            if isinstance(cell.value, float)
                            else cell.value
                        )
