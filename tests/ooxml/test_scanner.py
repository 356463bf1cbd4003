"""The two scanners: the same result wherever both can read a sheet."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ooxml.packing import sheet
from xlflow.errors import UnreadableError
from xlflow.ooxml.scanned_elements import Limits
from xlflow.ooxml.scanner import ScannedSheet, scan_fast, scan_sheet, scan_with_expat
from xlflow.ooxml.xml import decode_xml


def agree(text: str | bytes) -> bool:
    """Assert that both scanners return the same; return whether the fast one could read it."""
    document = decode_xml(text.encode() if isinstance(text, str) else text)
    quick = scan_fast(document)
    if quick is None:
        return False
    assert same(quick, scan_with_expat(document))
    return True


def same(one: ScannedSheet, other: ScannedSheet) -> bool:
    around = ScannedSheet.__dataclass_fields__.keys() - {"rows"}
    return (
        one.cells == other.cells
        and [row[:7] for row in one.rows] == [row[:7] for row in other.rows]
        and all(getattr(one, name) == getattr(other, name) for name in around)
    )


CANONICAL = [
    '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c></row>',
    '<row r="1" spans="1:2" x14ac:dyDescent="0.2" s="3" customFormat="1" hidden="1"/>',
    '<row r="2"><c r="A2"/><c r="B2" s="4" /><c r="C2" s="1"></c></row>',
    '<row r="3"><c r="A3" t="str"><f>A1&amp;"x"</f><v>a&lt;b&#10;c</v></c></row>',
    '<row r="3"><c r="A3"><f t="shared" ref="A3:A5" si="0">1</f><v/></c></row>',
    '<row r="3"><c r="B3"><f/><v /></c></row>',
    '<row r="3"><c r="A3" cm="1"><f t="array" ref="A3:B4" aca="1">1</f><v>1</v></c></row>',
    '<row r="4"><c r="A4" t="inlineStr"><is><t xml:space="preserve"> 甲\r\n乙 </t></is></c></row>',
    '<row r="5"><c r="XFD5" t="str"><v xml:space="preserve"> x </v></c></row>',
    '<row r="6"><c r="A6" t="n"><v></v></c><c r="A6"><v>2</v></c></row><row r="2"></row>',
]


@pytest.mark.parametrize("rows", CANONICAL)
def test_the_fast_scanner_reads_the_usual_form(rows: str) -> None:
    root = '<worksheet xmlns:x14ac="urn:x" '
    text = sheet(
        rows,
        before='<dimension ref="A1:B2"/><cols><col min="1" max="2" style="1" hidden="1"/></cols>',
        after='<sheetProtection sheet="1"/><autoFilter ref="A1"><filterColumn colId="0"/>'
        '</autoFilter><mergeCells><mergeCell ref="B2:A1"/></mergeCells><extLst><ext>'
        '<x:c xmlns:x="u"/></ext></extLst>',
    ).replace("<worksheet ", root)
    assert agree(text)
    assert agree("\ufeff" + text)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("<sheetData>", "<sheetData><!-- x -->"),
        lambda text: text.replace("<v>", "<v><![CDATA[").replace("</v>", "]]></v>"),
        lambda text: text.replace("<sheetData>", "<sheetData >"),
        lambda text: text.replace('r="A1"', "r='A1'"),
        lambda text: text.replace('<row r="1"', '<row xmlns="urn:x" r="1"'),
        lambda text: text.replace('<c r="A1"', '<c xmlns="urn:x" r="A1"'),
        lambda text: text.replace("<sheetData>", '<sheetData xmlns="urn:x">'),
        lambda text: text.replace("<v>", "<?x y?><v>"),
        lambda text: text.replace("<v>", '<v a="b">'),
        lambda text: text.replace("<v>", " <v>"),
        lambda text: text.replace("</c>", "<extLst/></c>"),
        lambda text: text.replace("0</v>", "&#x30;&#000000000048;</v>"),
        lambda text: text.replace("</sheetData>", "</sheetData><a><sheetData/></a>"),
        lambda text: text.replace("<sheetD", "<a><sheetD").replace("Data></", "Data></a></"),
    ],
)  # fmt: skip
def test_the_fast_scanner_declines_other_forms(
    spoil: Callable[[str], str],
) -> None:
    text = sheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')
    assert agree(text)
    assert spoil(text) != text
    assert not agree(spoil(text))
    scan_with_expat(decode_xml(spoil(text).encode()))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('r="A1"', 'r="A1" r="A1"'),
        lambda text: text.replace('s="1"', 's="1" s="1"'),
        lambda text: text.replace('row r="1"', 'row r="1" r="1"'),
        lambda text: text.replace("0</v>", "&nope;</v>"),
        lambda text: text.replace("0</v>", "&amp</v>"),
        lambda text: text.replace("0</v>", "&#xD800;</v>"),
        lambda text: text.replace("0</v>", "&#x٣;</v>"),
        lambda text: text.replace("0</v>", "]]></v>"),
        lambda text: text.replace("0</v>", "\x01</v>"),
        lambda text: text.replace("0</v>", "\uffff</v>"),
        lambda text: text.replace("</row>", "</row></row>"),
        lambda text: text.replace("</worksheet>", ""),
        lambda text: text + "x",
    ],
)
def test_the_fast_scanner_accepts_no_malformed_xml(spoil: Callable[[str], str]) -> None:
    text = sheet('<row r="1"><c r="A1" s="1"><v>0</v></c></row>')
    assert agree(text)
    with pytest.raises(UnreadableError, match="xml_malformed"):
        scan_sheet(spoil(text).encode())


pieces = st.sampled_from(
    [
        *CANONICAL,
        "<row>", '<row r="7">', '<row r="8" spans="1:2"/>', "</row>",
        '<c r="A7"/>', '<c r="B7" t="str"><v>&#x41;&quot;&apos;&gt;</v></c>', "<c><v>1</v></c>",
        '<c r="C7" t="inlineStr"><is><r><t>a</t></r></is></c>', "<c r='G7'/>", "text", "\n",
        '<c r="D7" t="inlineStr"><v>x</v></c>', '<c r="E7" t="s"><is><t>x</t></is><v>1</v></c>',
        "<!-- -->", '<c r="F7"><v>甲</v></c>', '<c r="H7"  s="1"/>', '<c s="1" r="I7"/>',
        '<x:row xmlns:x="u"/>', "<extLst/>",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(pieces, max_size=8))
def test_both_scanners_agree_on_any_input(rows: list[str]) -> None:
    text = sheet("".join(rows)).replace("<worksheet ", '<worksheet xmlns:x14ac="urn:x" ')
    try:
        agree(text)
    except UnreadableError:
        # What one scanner refuses as XML or as a sheet, the other must not read.
        with pytest.raises(UnreadableError):
            scan_with_expat(decode_xml(text.encode()))


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=20), st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]))
def test_positions_are_offsets_in_the_document(text: str, encoding: str) -> None:
    escaped = "".join(f"&#{ord(c)};" if c in "<&>\r" else c for c in text)
    cells = f'<c r="A1" t="str"><v>{escaped}</v></c>', '<c r="B1"/>'
    row = f'<row r="1">{"".join(cells)}</row>'
    try:
        found = scan_sheet(sheet(row).replace("UTF-8", encoding[:6]).encode(encoding))
    except UnreadableError:
        return  # characters that XML can't hold
    cuts = tuple(found.markup.text[cell.start : cell.end].decode() for cell in found.cells)
    assert cuts == cells
    assert found.cells[0].raw.text == text


def test_sheets_beyond_the_limits_are_refused() -> None:
    many = '<row r="1">' + '<c r="A1"/>' * 20 + "</row>"
    assert len(scan_sheet(sheet(many).encode()).cells) == 20
    for rows in (many, f"<!-- -->{many}"):
        with pytest.raises(UnreadableError, match=r"too_many_cells.*2000000"):
            scan_sheet(sheet(rows).encode(), Limits(cells=19))
    merges = "<mergeCells>" + '<mergeCell ref="A1:B1"/>' * 3 + "</mergeCells>"
    for rows in ("", "<!-- -->"):
        text = sheet(rows, after=merges).encode()
        assert len(scan_sheet(text, Limits(merges=3)).merges) == 3
        with pytest.raises(UnreadableError, match=r"too_many_merges.*100000"):
            scan_sheet(text, Limits(merges=2))
    with pytest.raises(UnreadableError, match="sheet_malformed"):
        scan_sheet(sheet('<row r="1"/>' * 1_048_577).encode())


def test_a_sheet_of_empty_rows_is_read_in_one_walk() -> None:
    """Cutting off each row from the rest of the sheet would copy ten gigabytes."""
    rows = "".join(f'<row r="{number}"/>' for number in range(1, 40_000))
    rows += '<row r="50000"><c r="A50000"/></row><row r="50001"/>'
    found = scan_sheet(sheet(rows).encode())
    assert [row.number for row in found.rows] == [*range(1, 40_000), 50_000, 50_001]
    text = found.markup.text
    assert text[found.rows[-1].start : found.rows[-1].end] == b'<row r="50001"/>'
    assert text[found.cells[0].start : found.cells[0].end] == b'<c r="A50000"/>'


def test_rows_longer_than_a_block_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"/></row>' for n in range(1, 120))
    whole = scan_sheet(sheet(rows).encode())
    for length in (1, 7, 29, 30, 31, 100):
        monkeypatch.setattr("xlflow.ooxml.fast_scanner.BLOCK", length)
        assert scan_fast(decode_xml(sheet(rows).encode())) == whole


def test_a_row_per_number_and_the_style_of_new_cells() -> None:
    found = scan_sheet(
        sheet(
            '<row r="2" s="5" customFormat="1"/><row r="3" s="5"/><row r="2"/>',
            before='<cols><col min="2" max="2" style="7"/></cols>',
        ).encode()
    )
    assert found.rows_by_number[2].style == 5
    assert [
        found.inherited_style(2, 2),
        found.inherited_style(3, 2),
        found.inherited_style(3, 3),
    ] == [5, 7, 0]
