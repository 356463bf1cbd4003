"""The comparison with openpyxl: differences are found, known ones explained."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from tests.ooxml.packing import STRICT, book, pack, parts, sheet
from xlflow.ooxml import cross_check as cross_checking
from xlflow.ooxml.book import Book
from xlflow.ooxml.cross_check import Difference, OpenpyxlProcess, cross_check


@pytest.fixture(scope="module")
def reader() -> Iterator[OpenpyxlProcess]:
    with OpenpyxlProcess() as reader:
        yield reader


def reasons(data: bytes, reader: OpenpyxlProcess) -> set[str | None]:
    return {difference.reason for difference in cross_check(data, "a.xlsx", reader)}


ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c>'
    '<c r="B1"><v>0.30000000000000004</v></c><c r="C1" s="1"><v>45473</v></c>'
    '<c r="D1" t="b"><v>1</v></c><c r="E1" t="e"><v>#N/A</v></c>'
    '<c r="F1" s="2"><v>5000</v></c><c r="G1" s="3"><v>0.75</v></c></row>'
)
FORMATS = ["General", "yyyy-mm-dd", '0"条"', "h:mm", "[h]:mm", "[$-804]aaaa"]


def test_plain_workbooks_agree(reader: OpenpyxlProcess) -> None:
    assert reasons(book(ROWS, formats=FORMATS), reader) == set()


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ('<row r="1"><c r="A1" s="4"><v>1.5</v></c></row>', "elapsed_time"),
        ('<row r="1"><c r="A1" s="5"><v>45473</v></c></row>', "date_format_missed"),
        ('<row r="1"><c r="A1" s="1"><v>60</v></c></row>', "no_such_day"),
        ('<row r="1"><c r="A1" s="1"><v>2958466</v></c></row>', "beyond_last_day"),
        ('<row r="1"><c r="A1" t="inlineStr"><is><t>a_x000D_b</t></is></c></row>', "escape"),
    ],
)
def test_known_differences_are_explained(reader: OpenpyxlProcess, rows: str, reason: str) -> None:
    assert reasons(book(rows, formats=FORMATS), reader) == {reason}


def test_an_unknown_difference_is_unexplained(
    reader: OpenpyxlProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Book(book(ROWS.replace("5000", "5001"), formats=FORMATS))
    monkeypatch.setattr(cross_checking, "Book", lambda _: other)
    assert reasons(book(ROWS, formats=FORMATS), reader) == {None}


def test_a_difference_names_its_place_and_both_values(
    reader: OpenpyxlProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Book(book(ROWS.replace("5000", "5001"), formats=FORMATS))
    monkeypatch.setattr(cross_checking, "Book", lambda _: other)
    data = book(ROWS, formats=FORMATS)
    (name,) = (sheet.name for sheet in other.sheets)
    assert cross_check(data, "teams/a.xlsx", reader) == [
        Difference("value", "teams/a.xlsx", name, "F1", Decimal(5001), 5000, None)
    ]


def test_a_workbook_that_only_one_can_open(
    reader: OpenpyxlProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reasons(book(ROWS), reader) == {"openpyxl_fails"}
    assert reasons(b"", reader) == {"neither_reads"}
    monkeypatch.setattr(cross_checking, "Book", raise_runtime_error)
    (difference,) = cross_check(book(ROWS, formats=FORMATS), "a.xlsx", reader)
    assert (difference.kind, difference.theirs, difference.reason) == ("workbook", None, None)
    assert isinstance(difference.ours, RuntimeError)


def raise_runtime_error(_: bytes) -> None:
    raise RuntimeError


def test_openpyxl_is_stopped_when_it_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_checking, "TIMEOUT", 0)
    with OpenpyxlProcess() as reader:
        assert reader.read(book()).reason == "openpyxl_hangs"


def test_a_strict_workbook_is_compared_like_any_other(
    reader: OpenpyxlProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = pack(parts({"S": sheet(ROWS, main=STRICT)}, formats=FORMATS, strict=True))
    assert reasons(strict, reader) == reasons(book(ROWS, formats=FORMATS), reader)
    other = Book(pack(parts({"S": sheet(ROWS.replace("5000", "5001"))}, formats=FORMATS)))
    monkeypatch.setattr(cross_checking, "Book", lambda _: other)
    assert cross_check(strict, "a.xlsx", reader) == [
        Difference("value", "a.xlsx", "S", "F1", Decimal(5001), 5000, None)
    ]


def test_a_hyperlink_general_and_equal_days_are_no_differences(reader: OpenpyxlProcess) -> None:
    buffer = io.BytesIO()
    made = openpyxl.Workbook()
    made.active["A1"].hyperlink = "https://example.com/"
    made.active["A1"].value = None
    made.active["B1"] = date(2024, 7, 1)
    made.active["C1"] = 1
    made.active["C1"].number_format = "GENERAL"
    made.save(buffer)
    assert cross_check(buffer.getvalue(), "a.xlsx", reader) == []
