"""The demo's sample teams have the promised rows, mistakes and copies."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests.office import libreoffice, rows_of, sheets
from xlflow.columns import Owner
from xlflow.config import Settings
from xlflow.facts import Outcome
from xlflow.meaning.folding import fold
from xlflow.messages import LANGUAGES
from xlflow.process import Inputs, process
from xlflow.rules.catalogue import RULES
from xlflow.schema import BY_NAME, TABLES
from xlflow.templates import sample_rows, samples, table_sheet

JULY_1, JULY_16 = datetime(2024, 7, 2), datetime(2024, 7, 17)
"""The ends of these days, since a date without a time lasts until 24:00."""


@pytest.fixture(scope="module", params=LANGUAGES)
def paths(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp(request.param)
    settings = Settings(language=request.param)
    return {p.stem: p for p in samples.write_samples(folder, settings, request.param)}


def outcome(path: Path, now: datetime = JULY_16) -> Outcome:
    return process(path.read_bytes(), Inputs(path.stem, Settings(), path.name), (), now)


def late(found: Outcome) -> list[tuple[str, int, str]]:
    return [
        (row.table.name, row.number, found.computed[row.id].late_text)
        for row in found.rows
        if found.computed[row.id].late
    ]


def test_five_teams_and_one_copy(paths: dict[str, Path]) -> None:
    five = [
        sample_rows.GUIDE_TEAM,
        sample_rows.CLEAN_TEAM,
        sample_rows.TRADITIONAL_TEAM,
        sample_rows.FAULTY_TEAM,
    ]
    assert list(paths) == [*five, sample_rows.COPIED_TEAM, samples.COPY_NAME]
    assert samples.COPY_NAME.startswith(sample_rows.COPIED_TEAM)


def test_the_guides_rows_have_the_guides_results(paths: dict[str, Path]) -> None:
    path = paths[sample_rows.GUIDE_TEAM]
    found = outcome(path)
    results = [found.computed[row.id] for row in found.rows]
    rows = list(zip(found.rows, results, strict=True))
    assert [c.priority for row, c in rows if row.table.name == "problem"] == [1, 3, 2]
    deviations = [str(c.deviation) for row, c in rows if row.table.name == "campaign"]
    assert deviations == ["-0.16", "0.25"]
    assert late(found) == [("plan", 4, "逾期16天"), ("plan", 5, "逾期1天")]
    assert late(outcome(path, JULY_1)) == [("plan", 4, "逾期1天")]
    # The guide's own 2024-06-30 is a Sunday.
    assert [(f.code, f.cell) for f in found.findings] == [("XF212", "E4")]


def test_the_clean_team_has_no_findings(paths: dict[str, Path]) -> None:
    found = outcome(paths[sample_rows.CLEAN_TEAM])
    assert found.findings == ()
    assert late(found) == []
    assert len(found.rows) == sum(map(len, sample_rows.CLEAN.values()))


def test_exactly_the_mistakes_are_found(paths: dict[str, Path]) -> None:
    found = outcome(paths[sample_rows.FAULTY_TEAM])
    sheets = {seen.sheet: name for name, seen in found.snapshot.tables.items()}
    mistakes = [
        sample_rows.Mistake(sheets[str(f.sheet)], f.cell, RULES[f.code].name)
        for f in found.findings
    ]
    assert sorted(mistakes, key=str) == sorted(sample_rows.MISTAKES, key=str)


def test_the_traditional_file_is_read_but_not_written(paths: dict[str, Path]) -> None:
    found = outcome(paths[sample_rows.TRADITIONAL_TEAM])
    assert found.cells == {}
    assert {n: len(t.rows) for n, t in found.snapshot.tables.items()} == {
        name: len(rows) for name, rows in sample_rows.TRADITIONAL.items()
    }
    assert not [f for f in found.findings if f.severity == "error"]
    for table in TABLES:
        seen = found.snapshot.tables[table.name]
        assert not seen.recorded
        assert seen.header_row == 2
        assert all(fold(seen.headers[f]) == fold(table[f].header.zh) for f in seen.columns)
        present = [c.field for c in table.columns if c.field in seen.columns]
        assert sorted(present, key=lambda field: seen.columns[field]) != present
    campaign = next(row for row in found.rows if row.table.name == "campaign")
    assert found.computed[campaign.id].deviation == Decimal("0.125")


def test_the_traditional_file_has_traditional_headers(paths: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(paths[sample_rows.TRADITIONAL_TEAM])
    assert book.sheetnames == ["流程現狀分析", "流程優化計劃", "跨部門協作溝通", "活動效果跟蹤"]
    assert str(book["流程優化計劃"]["A1"].value).startswith("華東市場部")


def test_the_copy_differs_from_its_original_in_one_cell(paths: dict[str, Path]) -> None:
    original, copy = (
        openpyxl.load_workbook(paths[name]) for name in (sample_rows.COPIED_TEAM, samples.COPY_NAME)
    )
    differing = [
        (sheet.title, cell.coordinate, cell.value, copy[sheet.title][cell.coordinate].value)
        for sheet in original
        for row in sheet.iter_rows()
        for cell in row
        if cell.value != copy[sheet.title][cell.coordinate].value
    ]
    (difference,) = differing
    assert difference[1:] == ("D5", "114家", "118家")
    assert outcome(paths[sample_rows.COPIED_TEAM]).snapshot.absent == ("problem",)


def test_choices_are_in_the_workbooks_language(paths: dict[str, Path]) -> None:
    found = outcome(paths[sample_rows.CLEAN_TEAM])
    seen = found.snapshot.tables["plan"]
    english = seen.headers["status"] == BY_NAME["plan"]["status"].header.en
    shown = [str(row.value_in("status").cell.value) for row in seen.rows]
    assert shown[0] == ("Done" if english else "已完成")


def test_sample_rows_have_a_value_for_each_field() -> None:
    teams = (
        sample_rows.GUIDE,
        sample_rows.CLEAN,
        sample_rows.TRADITIONAL,
        sample_rows.FAULTY,
        sample_rows.COPIED,
    )
    for sample in teams:
        for name, rows in sample.items():
            assert {len(row) for row in rows} == {len(sample_rows.FIELDS[name])}


def test_samples_fill_every_column_of_the_guide() -> None:
    for name, table in BY_NAME.items():
        guide = {c.field for c in table.columns if c.guide and c.owner is not Owner.XLFLOW}
        assert guide <= set(sample_rows.FIELDS[name])


def test_the_same_samples_have_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    first, second = (
        [p.read_bytes() for p in samples.write_samples(tmp_path / f, Settings(), "zh")]
        for f in ("a", "b")
    )
    assert first == second


@libreoffice
def test_libreoffice_opens_the_samples(tmp_path: Path) -> None:
    written = {p.stem: p for p in samples.write_samples(tmp_path, Settings(), "zh")}
    faulty = sheets(written[sample_rows.FAULTY_TEAM], tmp_path)
    plan = list(rows_of(faulty["流程优化计划"], table_sheet.HEADER_ROW))
    assert plan[0]["完成时间"].text == "2024-06-31"
    assert plan[4]["完成时间"].text == "2024-07-13"
    traditional = sheets(written[sample_rows.TRADITIONAL_TEAM], tmp_path)
    campaigns = list(rows_of(traditional["活動效果跟蹤"], 2))
    assert campaigns[0]["目標值"].text == "1.2万"
