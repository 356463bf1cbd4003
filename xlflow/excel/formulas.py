"""The live formulas of the master workbook.

Each calls xlflow's worksheet function and falls back to a native formula where the
function isn't available: macros off, Python missing, another program than Excel. When
Python fails, xlwings returns the error's text, which isn't an error to Excel; so every
formula also checks the format of the answer and accepts no other.

The native formulas follow the guide as far as Excel 2016 can: dense ranks, numbers,
texts of a number with a unit, true dates. Anything else (``6月底``, ``2个工作日``) stays
blank. Excel 2016 has no LET, so a part that is used twice is repeated.
"""

from __future__ import annotations

from xlflow.columns import Option, Table
from xlflow.config import Settings
from xlflow.meaning.priority import priority_text
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.schema import CAMPAIGN, IMPACT, MESSAGE, PLAN, PROBLEM, STATUS
from xlflow.templates.conditional_formats import FIRST_DAY, happened

_RANK = priority_text(0, "zh").rstrip("0")
_LATE, _DAYS, _HOURS = "逾期", "天", "小时"
_NOT_COMPUTABLE = reason_text(NotComputable.NOT_A_NUMBER, "zh")[:4]
_LONGEST_DAYS = f"{Settings().longest_days:g}"
_LARGEST_NUMBER = "9E+307"
_PREFIXES = "{" + ",".join(map(str, range(1, 21))) + "}"
"""The lengths of a text's prefixes; the longest one that is a number is its number."""
_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_UNCERTAIN = (
    "{"
    + ",".join(
        f'"{sign}"'
        # Excel reads 3-5 and 1/2 as dates and (5) as negative; the other characters
        # make a number an estimate, a bound, or a multiple of an unknown unit.
        for sign in (*"-/:年月)~以之不多余约超至到及或内kKwW", "左右", "上下", "分点", "百分")
    )
    + "}"
)


def formulas(table: Table) -> dict[str, str]:
    """Return the formulas of a table's columns by field, in XlsxWriter's notation."""
    return {
        PROBLEM.name: {"priority": _priority()},
        PLAN.name: {"late": _plan_late()},
        MESSAGE.name: {"late": _message_late()},
        CAMPAIGN.name: {"deviation": _deviation()},
    }[table.name]


def _cell(table: Table, field: str) -> str:
    """Return the reference to a column's cell in the row of the formula."""
    return f"{table.name.title()}[@[{table[field].header.zh}]]"


def _column(table: Table, field: str) -> str:
    return f"{table.name.title()}[[{table[field].header.zh}]]"


def _priority() -> str:
    impact, days = _cell(PROBLEM, "impact"), _cell(PROBLEM, "days")
    impacts, all_days = _column(PROBLEM, "impact"), _column(PROBLEM, "days")
    call = f"xlf_priority({impact},{days},{impacts},{all_days})"
    # Any answer but 优先 with a number makes the arithmetic fail.
    answer = f'"{_RANK}"&1*SUBSTITUTE({call},"{_RANK}","")'
    level, levels = _level(impact), _level(impacts)
    ranked = f"ISNUMBER({all_days})*({all_days}>=0)*({all_days}<={_LONGEST_DAYS})*({levels}>0)"
    ahead = f"(({levels}<{level})+({levels}={level})*({all_days}<{days}))"
    # Ranks are dense, so only the first of several rows with equal impact and days counts.
    key = f'{impacts}&"|"&{all_days}&ISNUMBER({all_days})'
    header = f"ROW(Problem[[#Headers],[{PROBLEM['days'].header.zh}]])"
    first = f"(MATCH({key},{key},0)=ROW({all_days})-{header})"
    rank = f'"{_RANK}"&1+SUMPRODUCT({ranked}*{ahead}*{first})'
    native = f'IF(ISNUMBER({days})*({days}>=0)*({days}<={_LONGEST_DAYS})*{level},{rank},"")'
    blank = f'OR({impact}="",{days}="")'
    return f'=IFERROR(IF({blank},"",IFERROR({answer},{native})),"")'


def _level(impact: str) -> str:
    """Return an expression that is 1 for 高, 2 for 中, 3 for 低, and 0 for anything else."""
    return "(" + "+".join(f'{n}*({impact}="{o.zh}")' for n, o in enumerate(IMPACT, 1)) + ")"


def _plan_late() -> str:
    due, status, done = (_cell(PLAN, field) for field in ("due", "status", "done_on"))
    # An unknown status may mean that the item is done.
    still_open = f'OR(TRIM({status})="",TRIM({status})={_any_of(*STATUS[:2])})'
    native = f'IF(AND({still_open},NOT({happened(done)})),{_late(due)},"")'
    return _flag(f"xlf_overdue({due},{status},{done})", native, due)


def _message_late() -> str:
    asked_at, deadline, answered_at = (
        _cell(MESSAGE, field) for field in ("asked_at", "deadline", "answered_at")
    )
    # For 每日… xlf_deadline returns the latest occurrence that the answer doesn't settle.
    done = f'IF(LEFT({deadline},1)="每","",{answered_at})'
    call = f'xlf_overdue(xlf_deadline({asked_at},{deadline},{answered_at}),"",{done})'
    return _flag(call, f'IF({happened(answered_at)},"",{_late(deadline)})', deadline)


def _flag(call: str, native: str, due: str) -> str:
    answer = f'IF(LEFT({call}&"{_LATE}",{len(_LATE)})="{_LATE}",{call},1/0)'
    return f'=IFERROR(IF({due}="","",IFERROR({answer},{native})),"")'


def _late(due: str) -> str:
    """Return the native text for a deadline that is a true date, with or without a time."""
    late = f"(NOW()-{due})"
    hours = f'"{_LATE}"&ROUNDUP(ROUND({late}*24,6),0)&"{_HOURS}"'
    moment = f'IF({late}<=0,"",IF({late}<1,{hours},"{_LATE}"&INT({late})&"{_DAYS}"))'
    day = f'IF(TODAY()>{due},"{_LATE}"&TODAY()-{due}&"{_DAYS}","")'
    return f'IF(N({due})<{FIRST_DAY},"",IF({due}=INT({due}),{day},{moment}))'


def _any_of(*options: Option) -> str:
    names = [name for o in options for name in (o.zh, o.en, *o.aliases)]
    return "{" + ",".join(f'"{name}"' for name in names) + "}"


def _deviation() -> str:
    target, actual = _cell(CAMPAIGN, "target"), _cell(CAMPAIGN, "actual")
    call = f"xlf_variance({target},{actual})"
    is_reason = f'LEFT({call},{len(_NOT_COMPUTABLE)})="{_NOT_COMPUTABLE}"'
    answer = f"IFERROR(1*{call},IF({is_reason},{call},1/0))"
    return f'=IFERROR(IF({actual}="","",IFERROR({answer},{_native_deviation(target, actual)})),"")'


def _native_deviation(target: str, actual: str) -> str:
    """Return (actual − target) / |target| for numbers and texts such as ``5000条``, ``1.2万``."""

    def text(reason: NotComputable) -> str:
        return f'"{reason_text(reason, "zh")}"'

    no_number, blank = text(NotComputable.NOT_A_NUMBER), text(NotComputable.TARGET_BLANK)
    unit, other = _unit(target), _unit(actual)
    # A number without a unit matches any unit but %.
    both = f'OR({unit}="%",{other}="%",AND({unit}<>"",{other}<>""))'
    planned, achieved = _number(target), _number(actual)
    deviation = f"({achieved}-{planned})/ABS({planned})"
    zero = f"IF({planned}=0,{text(NotComputable.TARGET_ZERO)},{deviation})"
    computed = f"IF(AND({unit}<>{other},{both}),{text(NotComputable.UNIT_MISMATCH)},{zero})"
    # The first character is skipped, because it may be a minus sign.
    texts = f"MID(ASC(T({target})),2,99)&MID(ASC(T({actual})),2,99)"
    uncertain = f"COUNT(FIND({_UNCERTAIN},{texts}))>0"
    return f'IF({target}="",{blank},IF({uncertain},{no_number},IFERROR({computed},{no_number})))'


def _plain(cell: str) -> str:
    """Return a text in half-width characters, without separators between digits."""
    return f'SUBSTITUTE(SUBSTITUTE(ASC({cell}),",","")," ","")'


def _number(cell: str) -> str:
    number = f"LOOKUP({_LARGEST_NUMBER},VALUE(LEFT({_plain(cell)},{_PREFIXES})))"
    signs = "{" + ",".join(f'"{sign}"' for sign in _POWERS) + "}"
    powers = "{" + ",".join(map(str, _POWERS.values())) + "}"
    power = f"SUMPRODUCT(ISNUMBER(FIND({signs},{cell}))*{powers})"
    return f"IF(ISNUMBER({cell}),{cell},{number}*10^{power})"


def _unit(cell: str) -> str:
    """Return the text after the number and its 万 or 亿, ``""`` for a number without a unit."""
    plain = _plain(cell)
    length = f"LOOKUP({_LARGEST_NUMBER},VALUE(LEFT({plain},{_PREFIXES})),{_PREFIXES})"
    unit = f"MID({plain},{length}+1,99)"
    for sign in _POWERS:
        unit = f'SUBSTITUTE({unit},"{sign}","")'
    return f'IF(ISNUMBER({cell}),"",IF(RIGHT({plain})="%","%",{unit}))'
