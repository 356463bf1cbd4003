"""The comparison with openpyxl: what differs is found, and what is known is explained."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ooxml.packing import STRICT, book, pack, parts, sheet
from xlflow.ooxml import cross_check as comparing
from xlflow.ooxml.book import Book
from xlflow.ooxml.cross_check import OpenpyxlProcess, OpenpyxlReading, cross_check


@pytest.fixture(scope="module")
def judge() -> Iterator[OpenpyxlProcess]:
    with OpenpyxlProcess() as judge:
        yield judge


def reasons(path: Path, data: bytes, judge: OpenpyxlProcess) -> set[str | None]:
    path.write_bytes(data)
    return {difference.reason for difference in cross_check(path, judge)}


ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c>'
    '<c r="B1"><v>0.30000000000000004</v></c><c r="C1" s="1"><v>45473</v></c>'
    '<c r="D1" t="b"><v>1</v></c><c r="E1" t="e"><v>#N/A</v></c>'
    '<c r="F1" s="2"><v>5000</v></c><c r="G1" s="3"><v>0.75</v></c></row>'
)
FORMATS = ["General", "yyyy-mm-dd", '0"条"', "h:mm", "[h]:mm", "[$-804]aaaa"]


def test_plain_workbooks_agree(tmp_path: Path, judge: OpenpyxlProcess) -> None:
    assert reasons(tmp_path / "a.xlsx", book(ROWS, formats=FORMATS), judge) == set()


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ('<row r="1"><c r="A1" s="4"><v>1.5</v></c></row>', "elapsed"),
        ('<row r="1"><c r="A1" s="5"><v>45473</v></c></row>', "shows a date"),
        ('<row r="1"><c r="A1" s="1"><v>60</v></c></row>', "no such day"),
        ('<row r="1"><c r="A1" s="1"><v>2958466</v></c></row>', "no day"),
        ('<row r="1"><c r="A1" t="inlineStr"><is><t>a_x000D_b</t></is></c></row>', "_x000D_"),
    ],
)
def test_known_differences_are_explained(
    tmp_path: Path, judge: OpenpyxlProcess, rows: str, word: str
) -> None:
    (reason,) = reasons(tmp_path / "a.xlsx", book(rows, formats=FORMATS), judge)
    assert reason is not None
    assert word in reason


def test_an_unknown_difference_is_not(
    tmp_path: Path, judge: OpenpyxlProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Book(book(ROWS.replace("5000", "5001"), formats=FORMATS))
    monkeypatch.setattr(comparing, "Book", lambda _: other)
    assert reasons(tmp_path / "a.xlsx", book(ROWS, formats=FORMATS), judge) == {None}


def test_what_only_one_can_open(
    tmp_path: Path, judge: OpenpyxlProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = pack(parts({"S": sheet(ROWS, main=STRICT)}, formats=FORMATS, strict=True))
    (reason,) = reasons(tmp_path / "a.xlsx", strict, judge)
    assert reason is not None
    assert "Strict" in reason or "openpyxl fails" in reason
    assert reasons(tmp_path / "b.xlsx", b"", judge) == {"not opened: preflight refuses it"}
    monkeypatch.setattr(OpenpyxlProcess, "read", lambda *_: OpenpyxlReading({}, "openpyxl hangs"))
    assert reasons(tmp_path / "c.xlsx", book(ROWS), judge) == {"openpyxl hangs"}


def test_openpyxl_is_stopped_when_it_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "PATIENCE", 0)
    with OpenpyxlProcess() as judge:
        assert "hangs" in (judge.read(book()).problem or "")


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(book(ROWS, formats=FORMATS))
    done = subprocess.run(
        [sys.executable, "-m", "xlflow.ooxml.cross_check", str(tmp_path)],
        capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "a.xlsx: 0 differences\n0 unexplained differences\n"
