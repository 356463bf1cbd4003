"""Number formats: which ones display a number as a date."""

from __future__ import annotations

import pytest

from tests.ooxml.packing import styles
from xlflow.ooxml.number_formats import BUILT_IN_FORMATS, display_kind, number_formats


@pytest.mark.parametrize(
    ("number_format", "shown"),
    [
        ("General", "number"), ("G/通用格式", "number"), ("0.00%", "number"), ("@", "number"),
        ('0"条"', "number"), ("0条", "number"), ('0"days"', "number"), (r"0\d", "number"),
        ("#,##0.00_);[Red](#,##0.00)", "number"), ("0.00E+00", "number"), ("##0.0e-0", "number"),
        ("[$¥-804]#,##0.00", "number"), ("[Red]0;[Blue]-0", "number"), ("[DBNum1]0", "number"),
        ('_-* #,##0\\ "€"_-', "number"), ("[h]:mm", "number"), ("[mm]:ss", "number"),
        ("[h]:mm:ss;@", "number"), ("", "number"), ("# ?/?", "number"),
        ('0!.0,"万"', "number"), ('"yyyy"0', "number"),
        ("yyyy-mm-dd", "date"), ("yyyy/m/d;@", "date"), ('yyyy"年"m"月"d"日"', "date"),
        ("[$-804]yyyy/m/d", "date"), ("[$-F800]dddd, mmmm dd, yyyy", "date"), ("mmm-yy", "date"),
        ("[DBNum1][$-804]yyyy\"年\"m\"月\"", "date"), ("[$-804]aaaa", "date"), ("m/d", "date"),
        ("[$-411]ge.m.d", "date"), ("YYYY/MM/DD", "date"), ("bbbb", "date"), ("mmmm", "date"),
        ('[=0]"";yyyy/m/d', "date"), ("[>45000]yyyy/m/d;General", "date"), ("0;yyyy", "number"),
        ("h:mm", "time"), ("h:mm AM/PM", "time"), ("mm:ss.0", "time"), ("上午/下午h:mm", "time"),
        ("[$-F400]h:mm:ss AM/PM", "time"), ('h"时"mm"分"', "time"),
        ("yyyy-mm-dd hh:mm", "moment"), ("m/d/yy h:mm", "moment"), ("yyyy/m/d\\ h:mm;@", "moment"),
    ],
)  # fmt: skip
def test_display_kind(number_format: str, shown: str) -> None:
    assert display_kind(number_format) == shown


def test_a_format_is_read_as_far_as_excel_allows_one() -> None:
    """A million sections would be joined one by one for minutes."""
    assert display_kind("[>1]0;" * 1_000_000) == "number"


def test_built_in_formats_of_a_chinese_excel() -> None:
    dates = {
        number
        for number, code in BUILT_IN_FORMATS.items()
        if display_kind(code) in ("date", "moment")
    }
    assert dates == {14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58}
    times = {number for number, code in BUILT_IN_FORMATS.items() if display_kind(code) == "time"}
    assert times == {18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56}


def test_a_format_in_alternate_content() -> None:
    """As Excel 2016 writes a currency format that newer versions write differently."""
    own = '<numFmt numFmtId="164" formatCode="yyyy"/>'
    wrapped = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="x16r2">{own}</mc:Choice><mc:Fallback>{own}</mc:Fallback>'
        "</mc:AlternateContent>"
    )
    part = styles(["yyyy"]).replace("<numFmt numFmtId='164' formatCode=\"yyyy\"/>", wrapped)
    assert "Fallback" in part
    assert number_formats(part.encode()) == ["yyyy"]


def test_the_formats_of_a_styles_part() -> None:
    assert number_formats(styles(['0"条"', 14, 31, 999, ""]).encode()) == [
        '0"条"',
        "mm-dd-yy",
        'yyyy"年"m"月"d"日"',
        "General",
        "General",
    ]
