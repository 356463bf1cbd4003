"""Splicing: single cells change, and no other byte."""

from __future__ import annotations

import codecs
import io
import random
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ooxml.oddities import odd_sheet
from tests.ooxml.packing import STRICT, book, pack, parts, sheet
from xlflow.errors import WriteRefusedError
from xlflow.facts import column_letters
from xlflow.ooxml.book import Book
from xlflow.ooxml.content_digest import content_digest
from xlflow.ooxml.package import Package
from xlflow.ooxml.scanner import scan_sheet
from xlflow.ooxml.splice import splice

PART = "xl/worksheets/sheet1.xml"
NEW = '<c r="E7" t="inlineStr"><is><t>逾期3天</t></is></c>'
NEW_5 = NEW.replace(" t=", ' s="5" t=')


def spliced(xml: str | bytes, edits: dict[tuple[int, int], object], **options: object) -> bytes:
    """Return the sheet part after these edits, after checking what holds for every splice."""
    data = pack(parts({"S": xml}, **options))  # type: ignore[arg-type]
    changes = {"S": edits}
    after = splice(data, changes)  # type: ignore[arg-type]
    assert splice(after, changes) is after  # type: ignore[arg-type]
    mask = {"S": set(edits)}
    assert content_digest(data, mask) == content_digest(after, mask)
    assert_others_untouched(data, after, PART)
    cells = Book(after).sheets[0].cells
    assert {place: cells[place].value for place in edits if place in cells} == {
        place: value for place, value in edits.items() if place in cells
    }
    return Package(after).read(PART)


def assert_others_untouched(before: bytes, after: bytes, part: str) -> None:
    """Assert that all members but one have the same bytes, with header and compressed data."""
    first, second = (zipfile.ZipFile(io.BytesIO(data)) for data in (before, after))
    assert second.testzip() is None
    assert first.namelist() == second.namelist()
    for old, new in zip(first.infolist(), second.infolist(), strict=True):
        if old.filename != part:
            assert raw(before, old) == raw(after, new)


def raw(data: bytes, info: zipfile.ZipInfo) -> bytes:
    end = info.header_offset + 30 + len(info.filename.encode()) + len(info.extra)
    return data[info.header_offset : end + info.compress_size]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # an existing cell keeps its style and its place; what its old value had goes
        ('<row r="7"><c r="E7" s="5" t="s" vm="1" cm="2" ph="1"><v>0</v></c></row>',
         f'<row r="7">{NEW_5}</row>'),
        ("<row r='7'><c  r = 'E7' s='5'/></row>",
         "<row r='7'><c  r = 'E7' s='5' t=\"inlineStr\"><is><t>逾期3天</t></is></c></row>"),
        # a missing cell: before, between, behind; after other content of the row
        ('<row r="7"><c r="D7"/><c r="F7"/></row>',
         f'<row r="7"><c r="D7"/>{NEW}<c r="F7"/></row>'),
        ('<row r="7"><c r="F7"/></row>', f'<row r="7">{NEW}<c r="F7"/></row>'),
        ('<row r="7"><c r="D7"/><extLst/></row>',
         f'<row r="7"><c r="D7"/>{NEW}<extLst/></row>'),
        ('<row r="7" s="5" customFormat="1"></row>',
         f'<row r="7" s="5" customFormat="1">{NEW_5}</row>'),
        ('<row r="7" s="3"></row>', f'<row r="7" s="3">{NEW}</row>'),
        # a row that is closed in itself, a missing one, no rows
        ('<row r="7" ht="20" />', f'<row r="7" ht="20" >{NEW}</row>'),
        ('<row r="6"/><row r="8"/>',
         f'<row r="6"/><row r="7">{NEW}</row><row r="8"/>'),
        ('<row r="6"/>', f'<row r="6"/><row r="7">{NEW}</row>'),
        ("", f'<row r="7">{NEW}</row>'),
        ("<!-- nothing -->", f'<row r="7">{NEW}</row><!-- nothing -->'),
        # spans only where they are too narrow
        ('<row r="7" spans="1:4"/>', f'<row r="7" spans="1:5">{NEW}</row>'),
        ('<row r="7" spans="1:9"/>', f'<row r="7" spans="1:9">{NEW}</row>'),
        ("<row spans='7:9' r='7'></row>", f"<row spans='5:9' r='7'>{NEW}</row>"),
        # cells and rows that only count
        ('<row/><row r="7"><c/><c/></row><row/>',
         f'<row/><row r="7"><c/><c/>{NEW}</row><row/>'),
        ("<row r='6'/><row><c/><c r='D7'/><c s='2'/><c/></row>",
         "<row r='6'/><row><c/><c r='D7'/><c s='2' t=\"inlineStr\"><is><t>逾期3天</t></is></c><c/>"
         "</row>"),
    ],
)  # fmt: skip
def test_the_position_of_a_written_cell(before: str, after: str) -> None:
    found = spliced(sheet(before), {(7, 5): "逾期3天"})
    assert found.decode() == sheet(after)


def test_several_cells_are_written_in_order() -> None:
    found = spliced(
        sheet('<row r="2"><c r="B2"/></row><row r="9"/>'),
        {(5, 2): "x", (2, 4): "d", (2, 3): "c", (2, 1): Decimal(1), (4, 1): "y", (2, 2): "b"},
    )
    references = [scan_sheet(found).cells[index][:2] for index in range(6)]
    assert references == [(2, 1), (2, 2), (2, 3), (2, 4), (4, 1), (5, 2)]


def test_cells_whose_tags_agree_up_to_a_sign_in_an_attribute() -> None:
    rows = '<row r="1"><c r="A1" x="a>b" s="5"/><c r="B1" x="a>c" s="6" t="n"/></row>'
    found = spliced(sheet(rows), {(1, 1): Decimal(1), (1, 2): Decimal(2)}).decode()
    assert '<c r="A1" x="a>b" s="5"><v>1</v></c><c r="B1" x="a>c" s="6"><v>2</v></c>' in found


def test_rows_and_cells_are_inserted_in_one_walk() -> None:
    """Looking for each place from the first row, or cell, on would take a minute."""
    rows = "".join(f'<row r="{2 * n}"><c r="A{2 * n}"/></row>' for n in range(1, 40_000))
    edits = {(2 * n + 1, 2): "x" for n in range(39_999)}
    found = splice(book(rows), {"S": edits})  # type: ignore[dict-item]
    numbers = [row.number for row in Book(found).sheets[0].xml.rows]
    assert numbers == list(range(1, 79_999))
    columns = range(1, 16_385)
    cells = "".join(f'<c r="{column_letters(column)}7"/>' for column in columns[::2])
    found = splice(
        book(f'<row r="7">{cells}</row>'),
        {"S": {(7, column): "x" for column in columns[1::2]}},
    )
    assert list(Book(found).sheets[0].rows[7]) == list(columns)


def test_a_new_cell_has_its_columns_style_or_none() -> None:
    xml = sheet("", before='<dimension ref="A1"/><cols><col min="4" max="6" style="2"/></cols>')
    found = spliced(xml, {(7, 5): "x", (7, 8): "y"}).decode()
    assert '<c r="E7" s="2" t=' in found
    assert '<c r="H7" t=' in found
    assert '<dimension ref="A1:H7"/>' in found


def test_a_self_closed_sheetdata_is_expanded() -> None:
    xml = sheet("").replace("<sheetData></sheetData>", "<sheetData/>")
    assert b"<sheetData><row" in spliced(xml, {(1, 1): "x"})


@pytest.mark.parametrize("prefix", ["x", "ns0"])
def test_a_prefix_is_kept(prefix: str) -> None:
    p = prefix
    xml = sheet(f'<{p}:row r="2"><{p}:c r="A2"/></{p}:row>', prefix=prefix)
    found = spliced(xml, {(2, 1): "a", (2, 2): Decimal(2), (3, 1): "c"}).decode()
    assert found.count(f"<{p}:is><{p}:t>") == 2
    assert f'<{p}:row r="3"><{p}:c r="A3"' in found
    assert "<c" not in found


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("gb2312", b""),
        ("latin-1", b""),
    ],
)
def test_an_encoding_is_kept(encoding: str, mark: bytes) -> None:
    declared = encoding.removesuffix("-le").removesuffix("-be")
    head, tail = sheet('<row r="1"><c r="A1"/>|</row>').replace("UTF-8", declared).split("|")
    before = mark + (head + tail).encode(encoding)
    after = spliced(before, {(1, 2): "逾期<1>😀"})
    assert after.startswith(mark + head.encode(encoding))
    assert after.endswith(tail.encode(encoding))


def test_strict_workbooks_stay_strict() -> None:
    found = spliced(sheet("", main=STRICT), {(1, 1): "x"}, strict=True)
    assert found.count(b"purl.oclc.org") == 1


def test_unchanged_content_changes_nothing() -> None:
    data = book(
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>0.16000000000000003</v></c>'
        '<c r="C1" t="str"><v>x</v></c><c r="D1" s="1"/><c r="E1" t="inlineStr"><is><t>a_x0041_</t>'
        '</is></c><c r="F1" s="1"><v>45473</v></c></row>',
        strings="<si><r><t>优先</t></r><r><t>1</t></r></si>",
        formats=["General", "yyyy-mm-dd"],
    )
    edits = {
        (1, 1): "优先1",
        (1, 2): Decimal("0.16"),
        (1, 3): "x",
        (1, 4): None,
        (1, 5): "aA",
        (1, 6): Decimal(45473),
        (2, 1): None,
        (1, 9): "",
    }
    assert splice(data, {"S": edits}) is data
    assert splice(data, {}) is data


def test_clearing_keeps_the_style() -> None:
    found = spliced(sheet('<row r="1"><c r="A1" s="3" t="str"><v>x</v></c></row>'), {(1, 1): None})
    assert found.decode() == sheet('<row r="1"><c r="A1" s="3"/></row>')


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ((1, 1), "cell_formula"),
        ((2, 2), "cell_formula"),
        ((4, 9), "cell_formula"),
        ((6, 2), "cell_merged"),
        ((7, 3), "cell_merged"),
        ((9, 1), "cell_twice"),
    ],
)
def test_cells_that_are_refused(place: tuple[int, int], key: str) -> None:
    data = pack(
        parts(
            {
                "S": sheet(
                    '<row r="1"><c r="A1"><f>1</f></c><c r="B1"><f t="array" ref="B1:B3">1</f></c>'
                    '</row><row r="2"><c r="B2"><v>1</v></c></row><row r="3">'
                    '<c r="H3"><f t="dataTable" ref="H3:J5"/></c></row>'
                    '<row r="9"><c r="A9"/><c r="A9"/></row>',
                    after='<mergeCells><mergeCell ref="A6:C7"/></mergeCells>',
                )
            }
        )
    )
    with pytest.raises(WriteRefusedError) as caught:
        splice(data, {"S": {place: "x"}})
    assert caught.value.key == key
    assert splice(data, {"S": {(6, 1): "x"}}) != data


def test_other_refusals() -> None:
    data = book("")
    for edits, key in [
        ({"T": {(1, 1): "x"}}, "sheet_gone"),
        ({"S": {(1, 1): "x" * 32_768}}, "text_too_long"),
        ({"S": {(1, 1): "😀" * 16_384}}, "text_too_long"),
        ({"S": {(1, 1): Decimal("NaN")}}, "number_impossible"),
    ]:
        with pytest.raises(WriteRefusedError) as caught:
            splice(data, edits)  # type: ignore[arg-type]
        assert caught.value.key == key
    signed = pack({**parts({"S": sheet("")}), "_xmlsignatures/sig1.xml": "<x/>"})
    with pytest.raises(WriteRefusedError, match="signed"):
        splice(signed, {"S": {(1, 1): "x"}})
    assert splice(signed, {"S": {(1, 1): None}}) is signed
    bare = pack(parts({"S": sheet("").replace("<sheetData></sheetData>", "")}))
    with pytest.raises(WriteRefusedError, match="cell_unplaceable"):
        splice(bare, {"S": {(1, 1): "x"}})


def test_a_protected_sheet_is_written_and_stays_protected() -> None:
    found = spliced(sheet("", after='<sheetProtection sheet="1"/>'), {(1, 1): "x"})
    assert b'<sheetProtection sheet="1"/>' in found


ROWS = (
    '<row r="1" spans="1:3"><c r="A1" s="1" t="s"><v>0</v></c><c r="C1"><v>5</v></c></row>'
    '<row r="3" s="2" customFormat="1"/><row r="4"><c r="B4" t="str"><v>x</v></c></row>'
)
values = st.one_of(
    st.text(max_size=12),
    st.text("_x05F00DA\r\n <&", max_size=24),
    st.decimals(-(10**9), 10**9, allow_nan=False, places=4),
    st.none(),
)
places = st.tuples(st.integers(1, 6), st.integers(1, 5))


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(places, values, max_size=8), st.sampled_from(["", "x"]))
def test_reading_after_a_splice_returns_exactly_the_edits(
    edits: dict[tuple[int, int], object], prefix: str
) -> None:
    rows = ROWS
    if prefix:
        for tag in ("row", "c", "v"):
            rows = rows.replace(f"<{tag} ", f"<x:{tag} ").replace(f"<{tag}>", f"<x:{tag}>")
            rows = rows.replace(f"</{tag}>", f"</x:{tag}>")
    data = pack(parts({"S": sheet(rows, prefix=prefix)}, strings="<si><t>甲</t></si>"))
    after = splice(data, {"S": edits})  # type: ignore[dict-item]
    before_cells, after_cells = Book(data).sheets[0].cells, Book(after).sheets[0].cells
    expected = {place: cell.value for place, cell in before_cells.items()}
    expected |= {place: None if value == "" else value for place, value in edits.items()}
    found = {place: cell.value for place, cell in after_cells.items() if cell.value is not None}
    assert found == {place: value for place, value in expected.items() if value is not None}
    assert splice(after, {"S": edits}) is after  # type: ignore[dict-item]
    mask = {"S": set(edits)}
    assert content_digest(after, mask) == content_digest(data, mask)


@pytest.mark.filterwarnings("ignore:Workbook contains no default style")
def test_openpyxl_reads_what_was_written() -> None:
    data = splice(
        book(ROWS.replace('s="2"', ""), strings="<si><t>甲</t></si>", formats=["General", "0%"]),
        {"S": {(1, 2): " 逾期\n3天 ", (9, 9): Decimal("-0.16")}},
    )
    found = openpyxl.load_workbook(io.BytesIO(data))["S"]
    assert found["B1"].value == " 逾期\n3天 "
    assert found["I9"].value == -0.16
    assert found["A1"].value == "甲"


@settings(deadline=None, max_examples=250)
@given(st.randoms(use_true_random=False), st.dictionaries(places, values, min_size=1, max_size=6))
def test_odd_sheets_keep_all_but_the_edits(
    chance: random.Random, edits: dict[tuple[int, int], object]
) -> None:
    data = pack(
        parts({"S": odd_sheet(chance)}, strings="<si><t>字</t></si>", formats=["General", "0%", 2])
    )
    before = Book(data).sheets[0]
    taken = {place: value for place, value in edits.items() if takes(data, place, value)}
    spliced = splice(data, {"S": taken})  # type: ignore[dict-item]
    after = Book(spliced).sheets[0]
    assert splice(spliced, {"S": taken}) is spliced  # type: ignore[dict-item]
    assert content_digest(spliced, {"S": taken}) == content_digest(data, {"S": taken})
    for place in before.cells.keys() | after.cells.keys():
        if place not in taken:
            assert after.cells.get(place) == before.cells.get(place)
        elif place in after.cells:
            assert after.cells[place].value == (None if taken[place] == "" else taken[place])
            assert after.cells[place].number_format == before.format_at(*place)
    assert [cell[:2] for cell in after.xml.cells] == sorted(after.cells)


def takes(data: bytes, place: tuple[int, int], value: object) -> bool:
    try:
        splice(data, {"S": {place: value}})  # type: ignore[dict-item]
    except WriteRefusedError:
        return False
    return True
