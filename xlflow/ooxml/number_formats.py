"""Number formats: which one a style index stands for, and how it displays a number.

A date is a number with a date format, so the format decides whether a cell contains a
date. A style gives its format as text or by number; some of the built-in numbers stand
for what is usual in the region, here mainland China.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from xlflow.ooxml.xml import parse_tree, xml_int

MAX_LENGTH = 255
"""The characters of a number format that Excel allows."""

DisplayKind = Literal["number", "date", "time", "moment"]

# ECMA-376 part 1, 18.8.30. Currency (5–8, 41–44) is the region's, so are 27–36 and 50–58.
BUILT_IN_FORMATS = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"¥"#,##0;"¥"\\-#,##0',
    6: '"¥"#,##0;[Red]"¥"\\-#,##0',
    7: '"¥"#,##0.00;"¥"\\-#,##0.00',
    8: '"¥"#,##0.00;[Red]"¥"\\-#,##0.00',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "m/d/yy h:mm",
    37: "#,##0_);(#,##0)",
    38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)",
    40: "#,##0.00_);[Red](#,##0.00)",
    41: '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"_ ;_ @_ ',
    42: '_ "¥"* #,##0_ ;_ "¥"* \\-#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    44: '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
    27: 'yyyy"年"m"月"',
    28: 'm"月"d"日"',
    29: 'm"月"d"日"',
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    34: '上午/下午h"时"mm"分"',
    35: '上午/下午h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"',
    50: 'yyyy"年"m"月"',
    51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"',
    53: 'm"月"d"日"',
    54: 'm"月"d"日"',
    55: '上午/下午h"时"mm"分"',
    56: '上午/下午h"时"mm"分"ss"秒"',
    57: 'yyyy"年"m"月"',
    58: 'm"月"d"日"',
}


def number_formats(data: bytes) -> list[str]:
    """Return the number format of each cell style of a styles part, by style index.

    Excel wraps regional currency formats in ``mc:AlternateContent``, whose choices are
    equivalent.
    """
    root = parse_tree(data)
    own = {
        item.get("numFmtId"): item.get("formatCode") or "General"
        for item in root.iterfind("numFmts//numFmt")
    }
    formats = []
    for style in root.iterfind("cellXfs/xf"):
        number = style.get("numFmtId", "0")
        code = own.get(number)
        if code is None:
            code = BUILT_IN_FORMATS.get(xml_int(number) or 0, "General")
        formats.append(code)
    return formats


_NOT_SHOWN = re.compile(
    r'"[^"]*"?|[\\!_*].|G/通用格式|General|AM/PM|A/P|上午/下午|E[+-]', re.IGNORECASE | re.DOTALL
)
_CONDITION = re.compile(r"\[[<>=]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]?")
_DAY = re.compile(r"[ydeg]|b{2}|a{3}", re.IGNORECASE)
_CLOCK = re.compile(r"[hs]", re.IGNORECASE)


@lru_cache(maxsize=1024)
def display_kind(number_format: str) -> DisplayKind:
    """Return what a number in this format is displayed as.

    The first section of the format decides, together with the next one where it has a
    condition (as in ``[=0]"";yyyy/m/d``). An elapsed time (``[h]:mm``) is a number; an
    ``m`` means minutes next to hours or seconds, months anywhere else.
    """
    sections = _NOT_SHOWN.sub("", number_format[:MAX_LENGTH]).split(";")
    while len(sections) > 1 and _CONDITION.search(sections[0]):
        sections[:2] = [_BRACKETS.sub("", sections[0]) + sections[1]]
    code = sections[0]
    if _ELAPSED.search(code):
        return "number"
    code = _BRACKETS.sub("", code)
    clock = bool(_CLOCK.search(code))
    day = bool(_DAY.search(code)) or (not clock and "m" in code.lower())
    if day:
        return "moment" if clock else "date"
    return "time" if clock else "number"


def counts_elapsed_time(number_format: str) -> bool:
    """Whether a format shows a number as elapsed time, as ``[h]:mm`` does."""
    return _ELAPSED.search(_NOT_SHOWN.sub("", number_format[:MAX_LENGTH])) is not None


_MIDNIGHT = datetime(1, 1, 1)
_EPOCH_1900, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_END_1900, _END_1904 = 2_958_466, 2_957_004
_MILLISECONDS = 86_400_000


def value_of_serial(
    serial: Decimal, shown: DisplayKind, date1904: bool
) -> date | datetime | time | Decimal:
    """Return the date, moment or time that a serial number displays in a date format.

    Whole days are dates, less than a day is a time; Excel keeps milliseconds. What it
    can't display as a date stays a number: negative serials, those past the year 9999,
    day 0, and day 60 of the 1900 system, the 29 February that 1900 didn't have. Days
    before that count from one day later.
    """
    if not 0 <= serial < (_END_1904 if date1904 else _END_1900):
        return serial
    days, part = divmod(int((serial * _MILLISECONDS).to_integral_value()), _MILLISECONDS)
    clock = timedelta(milliseconds=part)
    if days == 0 and not date1904:
        return serial if part == 0 and shown == "date" else (_MIDNIGHT + clock).time()
    if days == 0 and (shown == "time" or part):
        return (_MIDNIGHT + clock).time()
    if date1904:
        epoch = _EPOCH_1904
    elif days == 60:
        return serial
    else:
        epoch = _EPOCH_1900 + timedelta(days=days < 60)
    try:
        found = epoch + timedelta(days=days) + clock
    except OverflowError:
        return serial
    return found if part else found.date()
