"""Reading workbooks with the oddities of real files."""

from __future__ import annotations

import codecs
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from tests.ooxml.packing import (
    RELATIONS,
    STRICT,
    book,
    pack,
    parts,
    relationships,
    sheet,
)
from xlflow.errors import UnreadableError
from xlflow.facts import Cell, ErrorValue
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.scanned_elements import Limits


def only(data: bytes) -> Sheet:
    (found,) = Book(data).sheets
    return found


def values(rows: str, **options: object) -> list[object]:
    return [cell.value for cell in only(book(f'<row r="1">{rows}</row>', **options)).cells.values()]


STRINGS = (
    "<si><t>需求调研</t></si>"
    "<si><r><t>刘</t></r><r><rPr><b/></rPr><t xml:space='preserve'>经理 </t></r>"
    "<rPh sb='0' eb='1'><t>liu</t></rPh><phoneticPr fontId='1'/></si>"
    "<si><t>a_x000D_b_x005F_x000D_c_xD83D__xDE00__xD83D_</t></si>"
    "<si/><si><t/></si><si><t>x</t><rPh sb='0' eb='1'><t>y</t></rPh></si>"
)


def test_shared_strings_are_what_a_person_sees() -> None:
    cells = "".join(f'<c t="s"><v>{index}</v></c>' for index in range(6))
    assert values(cells, strings=STRINGS) == [
        "需求调研",
        "刘经理 ",
        "a\rb_x000D_c\U0001f600_xD83D_",
        "",
        "",
        "x",
    ]


def test_inline_strings_leave_phonetics_out() -> None:
    cells = (
        '<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a&amp;b </t></is></c>'
        '<c r="B1" t="inlineStr"><is><r><t>x</t></r><r><t>y</t></r><rPh sb="0" eb="1"><t>z</t>'
        "</rPh></is></c>"
        '<c r="C1" t="inlineStr"><is><t>line&#10;two&#13;_x0041_</t></is></c>'
    )
    assert values(cells) == [" a&b ", "xy", "line\ntwo\rA"]


def test_numbers_have_the_fifteen_digits_that_excel_keeps() -> None:
    texts = ["5000", "5000.0", "8.0000000000000002E-2", "0.30000000000000004", "1E3", " -7 ", ".5"]
    texts += ["123456789012345678", "-0", "1.5E-10"]
    found = values("".join(f"<c><v>{text}</v></c>" for text in texts))
    expected = ["5000", "5000", "0.08", "0.3", "1000", "-7", "0.5", "123456789012346000", "0"]
    assert found == [Decimal(text) for text in [*expected, "1.5E-10"]]
    assert [str(value) for value in found[:3]] == ["5000", "5000", "0.08"]


@pytest.mark.parametrize(
    "text", ["abc", "1_000", "NaN", "Infinity", "٣", "1E9999", "0x10", "1" * 1_000_001]
)
def test_anything_but_a_number_stays_text(text: str) -> None:
    assert values(f"<c><v>{text}</v></c>") == [text]


def test_other_types() -> None:
    cells = (
        '<c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#REF!</v></c>'
        '<c t="str"><f>A1</f><v>文本</v></c><c t="d"><v>2024-06-30</v></c>'
        '<c t="d"><v>2024-06-30T00:00:00.000</v></c><c t="d"><v>2024-06-30T17:05:00Z</v></c>'
        '<c t="d"><v>1899-12-31T12:00:00</v></c><c t="d"><v>17:30:00</v></c>'
        '<c t="d"><v>soon</v></c><c s="0"/><c><v/></c><c t="s"><v></v></c>'
    )
    found = values(cells)
    assert found == [
        True,
        False,
        "#REF!",
        "文本",
        date(2024, 6, 30),
        date(2024, 6, 30),
        datetime(2024, 6, 30, 17, 5),
        time(12),
        time(17, 30),
        "soon",
        None,
        None,
        None,
    ]
    assert isinstance(found[2], ErrorValue)
    assert type(found[4]) is date


def test_formulas_have_their_cached_value_and_uncomputed_isnt_blank() -> None:
    found = only(
        book(
            '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>C1</f></c>'
            '<c r="C1"><f>D1</f><v></v></c><c r="D1" t="str"><f>""</f><v></v></c>'
            '<c r="E1" t="str"><f>""</f><v/></c><c r="F1"><f t="shared" si="0"/><v>3</v></c>'
            '<c r="G1"><f t="array" ref="G1:G3">A1:A3</f><v>1</v></c></row>'
            '<row r="2"><c r="G2"><v>2</v></c><c r="H2"><v>9</v></c></row>'
        )
    ).cells
    assert [(found[1, c].value, found[1, c].uncomputed) for c in range(1, 8)] == [
        (Decimal(2), False),
        (None, True),
        (None, True),
        ("", False),
        ("", False),
        (Decimal(3), False),
        (Decimal(1), False),
    ]
    assert all(found[1, c].formula for c in range(1, 8))
    assert found[2, 7].formula, "a cell that an array formula fills is the formula's"
    assert not found[2, 8].formula


FORMATS = ["General", "yyyy-mm-dd", "h:mm", "[h]:mm", '0"条"', "yyyy/m/d h:mm", 31, 57, 14]


def test_dates_by_number_format() -> None:
    cells = "".join(
        f'<c s="{style}"><v>{serial}</v></c>'
        for style, serial in [
            (1, 45473),
            (2, 0.5),
            (3, 1.5),
            (4, 5000),
            (5, 45473.75),
            (6, 45473),
            (7, 45473),
            (8, 45473),
            (1, 45473.9999999999),
            (1, 59),
            (1, 60),
            (1, 61),
            (1, 0),
            (2, 0),
            (1, -1),
            (1, 2958465),
            (1, 2958466),
        ]
    )
    assert values(cells, formats=FORMATS) == [
        date(2024, 6, 30),
        time(12),
        Decimal("1.5"),
        Decimal(5000),
        datetime(2024, 6, 30, 18),
        date(2024, 6, 30),
        date(2024, 6, 30),
        date(2024, 6, 30),
        date(2024, 7, 1),
        date(1900, 2, 28),
        Decimal(60),
        date(1900, 3, 1),
        Decimal(0),
        time(0),
        Decimal(-1),
        date(9999, 12, 31),
        Decimal(2958466),
    ]


def test_dates_from_1904() -> None:
    cells = '<c s="1"><v>44011</v></c><c s="1"><v>0</v></c><c s="2"><v>0.25</v></c>'
    for properties in (' date1904="1"', ' date1904="true"'):
        found = values(cells, formats=FORMATS, properties=properties)
        assert found == [date(2024, 6, 30), date(1904, 1, 1), time(6)]


def test_number_formats_of_existing_and_missing_cells() -> None:
    xml = sheet(
        '<row r="2" s="1" customFormat="1"><c r="A2" s="4"><v>5000</v></c></row><row r="3" s="1"/>',
        before='<cols><col min="2" max="3" style="3"/></cols>',
    )
    found = only(pack(parts({"S": xml}, formats=FORMATS)))
    assert found.cells[2, 1].number_format == '0"条"'
    assert found.format_at(2, 1) == '0"条"'
    assert found.format_at(2, 2) == "yyyy-mm-dd"
    assert found.format_at(3, 3) == "[h]:mm"
    assert found.format_at(9, 9) == "General"


def test_hidden_sheets_and_rows_and_merged_cells() -> None:
    xml = sheet(
        '<row r="1" hidden="1"/><row r="2" hidden="0"/><row hidden="true"/>',
        after='<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>',
    )
    plain = sheet("")
    states = {"B": ' state="hidden"', "C": ' state="veryHidden"'}
    members = parts({"A": xml, "B": plain, "C": plain}, attributes=states)
    first, second, third = Book(pack(members)).sheets
    assert first.hidden_rows == {1, 3}
    assert first.merges == ((1, 1, 2, 2),)
    assert [found.state for found in (first, second, third)] == ["visible", "hidden", "veryHidden"]


def plain_book(text: str | bytes, **options: object) -> Book:
    return Book(pack(parts({"甲&乙": text}, **options)))  # type: ignore[arg-type]


ROWS = '<row r="3"><c r="B3" t="inlineStr"><is><t>逾期</t></is></c><c r="C3"><v>7</v></c></row>'
EXPECTED = {(3, 2): Cell("逾期"), (3, 3): Cell(Decimal(7))}


@pytest.mark.parametrize(
    "text",
    [
        sheet(ROWS),
        sheet(ROWS.replace('"', "'")),
        sheet(ROWS, main=STRICT),
        sheet("\n  " + ROWS.replace("><", ">\n\t<") + "\n"),
        sheet("<!-- <c r='A1'><v>1</v></c> -->" + ROWS),
        sheet(ROWS.replace("逾期", "<![CDATA[逾期]]>")),
        sheet(ROWS.replace("逾期", "&#x903E;&#26399;")),
        sheet(
            ROWS.replace('<c r="B3"', "<c/><c")
            .replace('<c r="C3"', "<c")
            .replace("<c/>", '<c r="A3"/>')
        ),
        sheet("<row/><row></row>" + ROWS.replace(' r="3"', "")),
        sheet(ROWS, before='<dimension ref="A1"/>'),
        sheet(
            ROWS.replace('<row r="3"', '<row spans="1:3" x:y=">" r="3"'), before='<e xmlns:x="x"/>'
        ).replace("<worksheet ", '<worksheet xmlns:x="urn:x" '),
        sheet(
            ROWS.replace("<c ", "<x:c ")
            .replace("</c>", "</x:c>")
            .replace("<v>", "<x:v>")
            .replace("</v>", "</x:v>")
            .replace("row", "x:row")
            .replace("is>", "x:is>")
            .replace("t>", "x:t>"),
            prefix="x",
        ),
        codecs.BOM_UTF8 + sheet(ROWS).encode(),
        sheet(ROWS).replace("UTF-8", "UTF-16").encode("utf-16"),
        codecs.BOM_UTF16_BE + sheet(ROWS).replace("UTF-8", "UTF-16").encode("utf-16-be"),
        sheet(ROWS).encode("utf-16-le"),
        sheet(ROWS).encode("utf-16-be"),
        sheet(ROWS).replace("UTF-8", "gb2312").encode("gb2312"),
        sheet(ROWS).replace("UTF-8", "utf-16"),
        sheet(ROWS).partition("?>\n")[2],
    ],
)
def test_every_way_of_writing_the_same_sheet(text: str | bytes) -> None:
    found = plain_book(text).sheets[0]
    filled = {place: cell for place, cell in found.cells.items() if cell.value is not None}
    assert filled == EXPECTED
    assert found.name == "甲&乙"


def test_strict_workbooks_are_found_through_their_own_relationships() -> None:
    assert plain_book(sheet(ROWS, main=STRICT), strict=True).sheets[0].cells == EXPECTED


def test_parts_by_absolute_targets_upper_case_and_backslashes() -> None:
    members = parts({"S": sheet(ROWS)})
    members["xl/_rels/workbook.xml.rels"] = str(members["xl/_rels/workbook.xml.rels"]).replace(
        "worksheets/sheet1.xml", "/XL/Worksheets/sheet%31.xml"
    )
    members = {name.replace("worksheets/", "Worksheets\\"): part for name, part in members.items()}
    assert only(pack(members)).cells == EXPECTED


def test_chart_sheets_are_left_out() -> None:
    members = parts({"S": sheet(ROWS), "图": "<chartsheet/>"})
    members["xl/_rels/workbook.xml.rels"] = 'chartsheet" Target="worksheets/sheet2'.join(
        str(members["xl/_rels/workbook.xml.rels"]).split('worksheet" Target="worksheets/sheet2')
    )
    assert [found.name for found in Book(pack(members)).sheets] == ["S"]


def test_one_sheet_is_read_without_the_others() -> None:
    found = Book(pack(parts({"S": sheet(ROWS), "broken": "<worksheet"})))
    one = found.sheet("S")
    assert one is not None
    assert one.cells == EXPECTED
    assert found.sheet("T") is None
    with pytest.raises(UnreadableError, match="broken"):
        _ = found.sheets


def test_nothing_is_parsed_before_it_is_asked_for() -> None:
    found = Book(b"no archive")
    assert found.data == b"no archive"
    with pytest.raises(UnreadableError, match="archive_truncated"):
        _ = found.sheets


def test_last_modified_by_and_signed() -> None:
    members = parts({"S": sheet(ROWS)})
    members["_rels/.rels"] = str(members["_rels/.rels"]).replace(
        "</Relationships>",
        '<Relationship Id="c" Type="http://schemas.openxmlformats.org/package/2006/relationships'
        '/metadata/core-properties" Target="docProps/core.xml"/></Relationships>',
    )
    members["docProps/core.xml"] = (
        '<cp:coreProperties xmlns:cp="c"><cp:lastModifiedBy>小张'
        "</cp:lastModifiedBy></cp:coreProperties>"
    )
    found = Book(pack(members))
    assert found.last_modified_by == "小张"
    assert not found.signed
    members["docProps/core.xml"] = "<broken"
    members["_xmlsignatures/sig1.xml"] = "<x/>"
    found = Book(pack(members))
    assert found.last_modified_by is None
    assert found.signed


def test_a_cell_at_the_last_position_costs_nothing() -> None:
    rows = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert only(book(rows)).cells == {(1048576, 16384): Cell(Decimal(1))}


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (BOMB + "]>" + sheet(ROWS).partition("?>\n")[2].replace("逾期", "&a8;"), "xml_doctype"),
        (sheet(ROWS) + "<!-- -->x", "xml_malformed"),
        (sheet(ROWS).replace("逾期", "&nbsp;"), "xml_malformed"),
        (sheet(ROWS).replace("逾期", "&#0;"), "xml_malformed"),
        (sheet(ROWS).replace("</row>", ""), "xml_malformed"),
        (sheet(ROWS).encode() + b"\0", "xml_malformed"),
        (sheet(ROWS).encode().replace("逾".encode(), b"\xff"), "xml_malformed"),
        (sheet(ROWS).replace("UTF-8", "gb2312").encode().replace(b"\xe9", b"\xff"), "xml_encoding"),
        (sheet(ROWS).replace("UTF-8", "klingon"), "xml_encoding"),
        (sheet(ROWS).replace("UTF-8", "unicode_escape"), "xml_encoding"),
        (sheet("<row r='0'/>"), "sheet_malformed"),
        (sheet("<row r='1048577'/>"), "sheet_malformed"),
        (sheet(f"<row r='{'9' * 5000}'/>"), "sheet_malformed"),
        (sheet('<row r="1"><c r="XFE1"/></row>'), "sheet_malformed"),
        (sheet('<row r="1"><c r="1A"/></row>'), "sheet_malformed"),
        (sheet('<row r="1"><c t="s"><v>0</v></c></row>'), "shared_string_missing"),
        (sheet(f'<row r="1"><c t="s"><v>{"9" * 5000}</v></c></row>'), "shared_string_missing"),
        (
            sheet("", before="<cols>" + '<col min="1" max="16384"/>' * 16385 + "</cols>"),
            "sheet_malformed",
        ),
        (sheet("<a>" * 1000 + "</a>" * 1000), "sheet_malformed"),
        ("<html/>", "sheet_root"),
    ],
)
def test_broken_and_hostile_sheets(text: str | bytes, key: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        _ = plain_book(text).sheets
    assert caught.value.key == key
    assert caught.value.params["sheet"] == "甲&乙"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (sheet("<row><c/><c/></row>"), "too_many_cells"),
        (sheet('<row r="1"><c r="A1"/><c r="B1"/></row>'), "too_many_cells"),
        (
            sheet("", after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'),
            "too_many_merges",
        ),
    ],
)
def test_cells_and_merged_ranges_are_counted_over_all_sheets(
    text: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = dict.fromkeys("abc", text)
    left = Limits(cells=5, merges=2)
    assert Limits() == (2_000_000, 100_000)
    found = Book(pack(parts(sheets)))
    monkeypatch.setattr(found, "_limits", left)
    assert found.sheet("c")
    assert found.sheet("a")
    with pytest.raises(UnreadableError) as caught:
        found.sheet("b")
    assert caught.value.key == key
    assert caught.value.params["sheet"] == "b"


def test_overlapping_array_formulas_are_refused() -> None:
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><f t="array" ref="A1:XFD{1_048_577 - row}">1</f></c></row>'
        for row in range(1, 12_001)
    )
    with pytest.raises(UnreadableError) as caught:
        only(book(rows))
    assert caught.value.key == "sheet_malformed"


def test_other_documents_in_the_same_container() -> None:
    members = parts({"S": sheet(ROWS)})
    for name, content, key in [
        ("xl/workbook.xml", "<document/>", "not_a_workbook"),
        ("_rels/.rels", relationships(""), "not_a_workbook"),
        (
            "_rels/.rels",
            str(members["_rels/.rels"]).replace("book.xml", "book.bin"),
            "binary_workbook",
        ),
        ("xl/_rels/workbook.xml.rels", relationships(""), "sheet_part_missing"),
        ("xl/workbook.xml", BOMB + "]><workbook>&a8;</workbook>", "xml_doctype"),
    ]:
        with pytest.raises(UnreadableError) as caught:
            _ = Book(pack({**members, name: content})).sheets
        assert caught.value.key == key


def test_iso_durations_and_moments_are_what_their_numbers_would_be() -> None:
    rows = (
        '<row r="1"><c t="d" s="1"><v>PT0H11M0.000S</v></c><c t="d" s="1"><v>PT24H</v></c>'
        '<c t="d" s="2"><v>2014-01-15T23:59:59.99999999999997</v></c>'
        '<c t="d" s="3"><v>1899-12-30T10:59:59.99999999999</v></c>'
        '<c t="d" s="1"><v>P1DT12H</v></c><c t="d" s="2"><v>2014-13-01</v></c></row>'
    )
    data = pack(
        parts(
            {"S": sheet(rows, main=STRICT)},
            formats=["General", "[h]:mm", "yyyy/m/d h:mm", "h:mm"],
            strict=True,
        )
    )
    (found,) = Book(data).sheets
    assert [cell.value for cell in found.rows[1].values()] == [
        Decimal("0.00763888888888889"),
        Decimal(1),
        date(2014, 1, 16),
        time(11),
        Decimal("1.5"),
        "2014-13-01",
    ]


def test_a_blank_copy_of_a_cell_doesnt_hide_it() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="A1" s="0"/></row><row r="1"><c r="A1"/></row>'
    (found,) = Book(pack(parts({"S": sheet(rows)}))).sheets
    assert found.rows[1][1].value == Decimal(1)


@pytest.mark.parametrize(
    ("reference", "area"),
    [("B:D", (1, 2, 1048576, 4)), ("$2:$4", (2, 1, 4, 16384)), ("D:B", (1, 2, 1048576, 4))],
)
def test_merges_of_whole_columns_and_rows(reference: str, area: tuple[int, ...]) -> None:
    after = f'<mergeCells><mergeCell ref="{reference}"/></mergeCells>'
    (found,) = Book(pack(parts({"S": sheet("", after=after)}))).sheets
    assert found.merges == (area,)


def test_runs_of_columns_may_overlap_and_the_first_counts() -> None:
    before = "<cols>" + "".join(f'<col min="{n}" max="16384" style="{n}"/>' for n in range(1, 20))
    (found,) = Book(pack(parts({"S": sheet("", before=before + "</cols>")}))).sheets
    assert found.xml.inherited_style(1, 7) == 1


@pytest.mark.parametrize(
    ("calc", "chain", "cached", "uncomputed"),
    [
        ('<calcPr fullCalcOnLoad="1"/>', False, "0", True),
        ('<calcPr fullCalcOnLoad="1"/>', False, "4200", False),
        ('<calcPr fullCalcOnLoad="1"/>', True, "0", False),
        ('<calcPr calcId="1"/>', False, "0", False),
    ],
)
def test_a_zero_that_nobody_computed_is_no_result(
    calc: str, chain: bool, cached: str, uncomputed: bool
) -> None:
    rows = f'<row r="1"><c r="A1"><f>1-1</f><v>{cached}</v></c></row>'
    made = parts({"S": sheet(rows)})
    main = made["xl/workbook.xml"]
    assert isinstance(main, str)
    made["xl/workbook.xml"] = main.replace("</workbook>", f"{calc}</workbook>")
    if chain:
        rels = made["xl/_rels/workbook.xml.rels"]
        assert isinstance(rels, str)
        made["xl/_rels/workbook.xml.rels"] = rels.replace(
            "</Relationships>",
            f'<Relationship Id="c" Type="{RELATIONS}/calcChain" Target="calcChain.xml"/>'
            "</Relationships>",
        )
        made["xl/calcChain.xml"] = "<calcChain/>"
    (found,) = Book(pack(made)).sheets
    assert found.rows[1][1].uncomputed == uncomputed


def test_a_module_sheet_without_a_part_is_passed_over() -> None:
    made = parts({"S": sheet("")})
    main = made["xl/workbook.xml"]
    assert isinstance(main, str)
    made["xl/workbook.xml"] = main.replace(
        "</sheets>", '<sheet name="Module1" sheetId="9" r:id=""/></sheets>'
    )
    book = Book(pack(made))
    assert [found.name for found in book.sheets] == ["S"]
    assert book.sheet_names == {"S", "Module1"}
