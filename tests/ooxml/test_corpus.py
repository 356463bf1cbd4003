"""Workbooks of many programs: read without a crash, written without changing anything else."""

from __future__ import annotations

import hashlib
import io
import random
import re
import warnings
import zipfile
from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from xlflow.errors import UnreadableError, WriteRefusedError
from xlflow.facts import CellContent
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.content_digest import content_digest
from xlflow.ooxml.references import parse_address
from xlflow.ooxml.scanner import scan_fast, scan_with_expat
from xlflow.ooxml.splice import splice
from xlflow.team_files import safe_open

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus folder next to the project"),
]
BROKEN = {"tafia_calamine__a439fe_tests_issue252.xlsx"}
FILES = [path for path in sorted(CORPUS.glob("*.xls[xm]")) if path.name not in BROKEN]


def ids(path: Path) -> str:
    return path.name[:60]


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_files_are_refused(name: str) -> None:
    """A member fails its checksum, which zipfile reports, too."""
    book = Book(safe_open.read_safely(CORPUS / name))
    with pytest.raises(UnreadableError, match="archive_damaged"):
        _ = book.sheets


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_both_scanners_agree(path: Path) -> None:
    for sheet in Book(safe_open.read_safely(path)).sheets:
        quick = scan_fast(sheet.xml.markup)
        if quick is not None:
            slow = scan_with_expat(sheet.xml.markup)
            assert quick.cells == slow.cells
            assert [row[:7] for row in quick.rows] == [row[:7] for row in slow.rows]
            for name in ("columns", "merges", "arrays", "dimension", "data"):
                assert getattr(quick, name) == getattr(slow, name)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_chosen_cells_of_every_sheet_are_spliced_and_nothing_else(path: Path) -> None:
    data = safe_open.read_safely(path)
    book = Book(data)
    if book.signed:
        with pytest.raises(WriteRefusedError):
            splice(book, {book.sheets[0].name: {(900, 3): "x"}})
        return
    edits = {sheet.name: writable(book, sheet) for sheet in book.sheets}
    assert all(len(cells) > 4 for cells in edits.values())
    after = splice(book, edits)
    assert splice(after, edits) is after
    assert content_digest(after, edits) == content_digest(book, edits)
    assert_only_the_parts_changed(data, after, {sheet.part for sheet in book.sheets})
    for sheet, found in zip(book.sheets, Book(after).sheets, strict=True):
        assert_only_the_cells_changed(sheet, found, edits[sheet.name])
    assert_openpyxl_agrees(data, after, edits)


def writable(book: Book, sheet: Sheet) -> dict[tuple[int, int], CellContent]:
    """Return edits of existing cells, missing cells and missing rows that splice accepts."""
    random.seed(sheet.name)
    present = sorted(sheet.cells)
    places = random.sample(present, min(8, len(present)))
    places += [(row, column + 1) for row, column in places[:4]] + [
        (row + 1, 3) for row, _ in places[:4]
    ]
    places += [(1, 1), (2, 30), (777, 2), (778, 1), (1_048_576, 16_384)]
    edits: dict[tuple[int, int], CellContent] = {
        place: f"逾期{number}天 <&>" if number % 2 else Decimal(f"{number}.25")
        for number, place in enumerate(dict.fromkeys(places))
    }
    while True:
        try:
            splice(book, {sheet.name: edits})
        except WriteRefusedError as error:
            # A formula's cell or one under a merged cell: never written.
            del edits[parse_address(error.params["cell"])]
        else:
            return edits


def assert_only_the_parts_changed(before: bytes, after: bytes, parts: set[str]) -> None:
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert new.testzip() is None
        assert old.namelist() == new.namelist()
        starts = [*sorted(info.header_offset for info in old.infolist()), old.start_dir]
        for first, second in zip(old.infolist(), new.infolist(), strict=True):
            if first.filename.replace("\\", "/") not in parts:
                end = starts[starts.index(first.header_offset) + 1]
                length = end - first.header_offset
                assert (
                    before[first.header_offset : end]
                    == after[second.header_offset : second.header_offset + length]
                )


def assert_only_the_cells_changed(
    sheet: Sheet, found: Sheet, edits: dict[tuple[int, int], CellContent]
) -> None:
    assert found.cells.keys() == sheet.cells.keys() | edits.keys()
    for place, cell in found.cells.items():
        if place not in edits:
            assert cell == sheet.cells[place]
        else:
            assert cell.number_format == sheet.format_at(*place)
    for name in ("merges", "hidden_rows", "state"):
        assert getattr(found, name) == getattr(sheet, name)
    assert rest(found, edits) == rest(sheet, edits)


def rest(sheet: Sheet, edits: Collection[tuple[int, int]]) -> bytes:
    """Return a part without the chosen cells and what writing them may add.

    That is: new rows, the expansion of self-closed rows, and the hints about used cells.
    All are found in the text itself.
    """
    text = sheet.xml.markup.text
    for row, column, _, start, end in reversed(sheet.xml.cells):
        if (row, column) in edits:
            text = text[:start] + text[end:]
    text = re.sub(rb"<(\w+:)?dimension [^>]*>", b"", text)
    text = re.sub(rb'(<(?:\w+:)?row [^>]*?) spans="[^"]*"', rb"\1", text)
    text = re.sub(rb"<((?:\w+:)?(?:row|sheetData))((?: [^>]*?)?)\s*/>", rb"<\1\2></\1>", text)
    return re.sub(rb'<((?:\w+:)?row) r="\d+"></\1>', b"", text)


def assert_openpyxl_agrees(
    before: bytes, after: bytes, edits: dict[str, dict[tuple[int, int], CellContent]]
) -> None:
    """openpyxl reads exactly the chosen changes, in the workbooks that it can read."""
    first, second = openpyxl_cells(before), openpyxl_cells(after)
    assert first.keys() == second.keys()
    for name, cells in edits.items() if first else ():
        seen = first.get(name, {})
        for place, value in cells.items():
            assert is_seen(second[name].pop(place), value) if name in second else not seen
            seen.pop(place, None)
        assert seen == second.get(name, {})


def is_seen(found: object, value: CellContent) -> bool:
    if isinstance(value, Decimal) and not isinstance(found, float):
        return type(found).__name__ in ("datetime", "time", "timedelta")  # by its date format
    return found == (float(value) if isinstance(value, Decimal) else value)


def openpyxl_cells(data: bytes) -> dict[str, dict[tuple[int, int], object]]:
    """Return what openpyxl reads by sheet; nothing for the few workbooks that it can't read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(io.BytesIO(data))
        except (KeyError, TypeError):
            return {}
    return {
        sheet.title: {
            # Formulas of arrays are objects that are never equal.
            place: getattr(cell.value, "text", cell.value)
            for place, cell in vars(sheet)["_cells"].items()
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


def test_content_digests_never_change() -> None:
    """The expected value was computed before reading and digest shared a Book."""
    digests = hashlib.sha256()
    for path in FILES:
        book = Book(path.read_bytes())
        masked = {sheet.name: sorted(sheet.cells)[::7] for sheet in book.sheets}
        digests.update(content_digest(book, masked).encode())
    assert len(FILES) == 102
    assert digests.hexdigest() == (
        "a3604075bbec2f2a39102878d44bc9434d7bd259cc6e2d9a83aa583cba6f3136"
    )
