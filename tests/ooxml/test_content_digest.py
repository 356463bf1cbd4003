"""The content digest: equal for two files that differ in masked cells only."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ooxml.oddities import prefixed
from tests.ooxml.packing import RELATIONS, STRICT, book, pack, parts, relationships, sheet
from xlflow.ooxml.book import Book
from xlflow.ooxml.content_digest import content_digest, normalized_sheet
from xlflow.ooxml.scanner import scan_sheet

ROWS = (
    '<row r="1" spans="1:3"><c r="A1" s="1" t="s"><v>0</v></c><c r="C1"><v>5</v></c></row>'
    '<row r="3" s="2" customFormat="1"/><row r="4"><c r="B4" t="str"><v>x</v></c></row>'
)
STRINGS = "<si><t>甲</t></si>"
HINTS = '<dimension ref="A1:C4"/><cols><col min="2" max="3" style="1"/></cols>'
ODD = (
    "\n <row><c/><c r='D1' s='2'/><!-- c --><c><v>1</v></c></row><row/>\r\n"
    '<row r="7" spans="1:4" ht="20"><c r="B7" s="1" t="inlineStr"><is><t>甲</t></is></c>'
    '<c r="B7"><v>2</v></c></row><row r="9"><c r="A9"><f>1</f></c></row><?p x?>'
)
PLAIN = sheet(ROWS, before=HINTS)
MASK = {(1, 1), (1, 4), (4, 2), (7, 2), (8, 8), (9, 1)}


def one_sheet(xml: str | bytes, **options: object) -> bytes:
    return pack(parts({"S": xml}, **options))  # type: ignore[arg-type]


def several_parts() -> bytes:
    members = parts(
        {"甲&乙": sheet(ROWS, before=HINTS), "T": sheet(ODD), "图": sheet("").replace("><", " ><")},
        strings=STRINGS,
        formats=["General", "yyyy-mm-dd", 9],
    )
    members["xl/worksheets/_rels/sheet2.xml.rels"] = relationships(
        f'<Relationship Id="t" Type="{RELATIONS}/table" Target="/xl/tables/table1.xml"/>'
    )
    members["xl/tables/table1.xml"] = "<table/>"
    members["xl/media/image1.png"] = bytes(range(256)) * 3
    return pack(members)


# Computed before reading, digest and splicing shared a Book. A changed digest would store
# another version of every workbook.
ODD_SHEETS = {
    "plain": (
        one_sheet(PLAIN, strings=STRINGS),
        "bb0b875e39dd0ee48b7885a68a372f4f9298da9330d58f36fb4d6039a3b7c5ad",
    ),
    "gaps, comments, repeated cells": (
        one_sheet(sheet(ODD)),
        "7de1b82516bd21013950d186680ca70b755787003a25681719006d9fe75b2798",
    ),
    "prefixed": (
        one_sheet(prefixed(sheet(ODD))),
        "c7ff98600358c2df9afc6b6f713483df4bbd9d1789967297a76dd0c009291465",
    ),
    "UTF-16": (
        one_sheet(PLAIN.replace("UTF-8", "UTF-16").encode("utf-16"), strings=STRINGS),
        "258b1258a78976d08ad68d89557719cee05401a03e358894115c254cc4015e4f",
    ),
    "GB 2312": (
        one_sheet(sheet(ODD).replace("UTF-8", "gb2312").encode("gb2312")),
        "0735a6a5b16550904ca4683e54fd3678e87c60182f00ca18cb1213f3deb0ce2e",
    ),
    "Strict": (
        one_sheet(sheet(ROWS, main=STRICT), strict=True),
        "95e618e9a97d0887703d9ae2b8f65996f917a233f98134302e2b344005701406",
    ),
    "self-closed sheetData": (
        one_sheet(sheet("").replace("<sheetData></sheetData>", "<sheetData/>")),
        "3c28156fcd31de9da58a1cafacf7ce80a8c991e074856054256225ce68d055a8",
    ),
    "no sheetData": (
        one_sheet(sheet("").replace("<sheetData></sheetData>", "")),
        "7d8f96c736065ea9a49a2fa66bf12e39acd7da83779528ad94c19095728c3776",
    ),
}


@pytest.mark.parametrize(("data", "digest"), ODD_SHEETS.values(), ids=list(ODD_SHEETS))
def test_digests_of_odd_sheets_never_change(data: bytes, digest: str) -> None:
    assert content_digest(data, {"S": MASK}) == digest
    book = Book(data)
    for entry in book.entries:
        book.scanned(entry)
    assert content_digest(book, {"S": MASK}) == digest


def test_digests_of_several_sheets_and_other_parts_never_change() -> None:
    data = several_parts()
    assert content_digest(data, {"甲&乙": MASK, "T": MASK}) == (
        "992f840470fe1f241ac6ea25ed6ee2390105c1f3e3900b3e21c814de39ade418"
    )
    assert content_digest(data, {}) == (
        "f651de1c206a2a59a6061a1268547fa742f3f3e2fe50b403b013c1ac7ea678f6"
    )


def test_the_digest_of_a_teams_workbook_never_changes() -> None:
    """A sample with the flags of 17 July 2024."""
    book = Book(Path(__file__).with_name("team_workbook.xlsx").read_bytes())
    masked = {
        sheet.name: {(row, column) for row, column in sheet.cells if row > 4 and column > 7}
        for sheet in book.sheets
    }
    assert len(masked) == 5
    assert content_digest(book, masked) == (
        "dc086572809759eb0615854841dc201773603245338fc350095633c131d90c0c"
    )
    assert content_digest(book.data, {}) == (
        "320a19be9eafa9812b518ba5e7d58a8ca652b7713b79924ede34d1fa4ab43848"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("<v>5</v>", "<v>6</v>"),
        lambda text: text.replace('<c r="A1" s="1"', '<c r="A1" s="2"'),
        lambda text: text.replace('<c r="C1"', '<c r="D1"'),
        lambda text: text.replace('<row r="3" s="2"', '<row r="3" s="1"'),
        lambda text: text.replace('<row r="3"', '<row r="3" ht="5"'),
        lambda text: text.replace("</sheetData>", "</sheetData><pageSetup/>"),
    ],
)
def test_every_other_change_changes_the_digest(change: Callable[[str], str]) -> None:
    masked = {"S": {(1, 1), (4, 2), (8, 8)}}
    before = sheet(ROWS)
    after = change(before)
    assert after != before
    assert content_digest(one_sheet(before), masked) != content_digest(one_sheet(after), masked)


def test_rows_without_cells_are_told_apart_by_their_tags() -> None:
    rows = '<row r="5" ht="20"/><row r="6" ht="30"/>'
    masked = {"S": {(9, 9)}}
    assert content_digest(book(rows), masked) != content_digest(
        book(rows.replace("30", "40")), masked
    )


def test_the_digest_doesnt_depend_on_how_the_archive_was_packed() -> None:
    members = parts({"S": sheet(ROWS)})
    plain, reverse = pack(members, zipfile.ZIP_STORED), pack(dict(reversed(members.items())))
    assert content_digest(plain, {}) == content_digest(reverse, {})
    assert content_digest(plain, {}) != content_digest(pack({**members, "xl/x.xml": ""}), {})


def test_a_normalized_sheet_has_no_masked_cells_and_no_hints() -> None:
    rows = '<row r="1" spans="1:2"><c r="A1"/><c r="B1"/></row><row r="2"><c r="A2"/></row>'
    xml = scan_sheet(sheet(rows, before='<dimension ref="A1:B2"/>').encode())
    assert normalized_sheet(xml, {(1, 1), (2, 1)}) == sheet('<row r="1"><c r="B1"/></row>').encode()
