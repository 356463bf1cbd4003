"""The formulas that are live in the master workbook's cells.

Each asks xlflow's worksheet function first and computes natively where there is
none to ask: macros off, Python missing, another program than Excel. A function
that Python fails in answers with the failure's text, which is no error to Excel,
so every formula also looks at the answer's shape and takes nothing else from it.

The native halves follow the guide as far as Excel 2016 can: dense ranks, numbers
and plain texts with a unit, true dates. What they can't read (``6月底``,
``2个工作日``) stays blank. Without LET a part that occurs twice stands there twice.
"""

from __future__ import annotations

from xlflow.columns import Option, Table
from xlflow.meaning.priority import priority_text
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.schema import CAMPAIGN, IMPACT, MESSAGE, PLAN, PROBLEM, STATUS
from xlflow.templates.conditional_formats import FIRST_DAY

_RANK = priority_text(0, "zh").rstrip("0")
_LATE, _DAYS, _HOURS = "逾期", "天", "小时"
_NOT_COMPUTABLE = reason_text(NotComputable.NOT_A_NUMBER, "zh")[:4]
_LARGEST = "9E+307"
_PREFIXES = "{" + ",".join(map(str, range(1, 21))) + "}"
"""Lengths of the beginnings of a text of which the longest that is a number counts."""
_POWERS = {"十": 1, "百": 2, "千": 3, "万": 4, "亿": 8}
_UNCERTAIN = (
    "{"
    + ",".join(
        f'"{sign}"'
        # Excel would take 3-5 and 1/2 for dates and (5) for a debt; the others make
        # of a number a guess, a bound, or a multiple of nobody knows what.
        for sign in (*"-/:年月)~以之不多余约超至到及或内kKwW", "左右", "上下", "分点", "百分")
    )
    + "}"
)


def formulas(table: Table) -> dict[str, str]:
    """Return the formulas of a table's columns, by field, as XlsxWriter takes them."""
    return {
        PROBLEM.name: {"priority": _priority()},
        PLAN.name: {"late": _plan_late()},
        MESSAGE.name: {"late": _message_late()},
        CAMPAIGN.name: {"deviation": _deviation()},
    }[table.name]


def _here(table: Table, field: str) -> str:
    """Return the reference to a column's cell in the formula's own row."""
    return f"{table.name.title()}[@[{table[field].header.zh}]]"


def _whole(table: Table, field: str) -> str:
    return f"{table.name.title()}[[{table[field].header.zh}]]"


def _priority() -> str:
    impact, days = _here(PROBLEM, "impact"), _here(PROBLEM, "days")
    impacts, all_days = _whole(PROBLEM, "impact"), _whole(PROBLEM, "days")
    asked = f"xlf_priority({impact},{days},{impacts},{all_days})"
    # Only 优先 and a number survives the arithmetic.
    answer = f'"{_RANK}"&1*SUBSTITUTE({asked},"{_RANK}","")'
    level, levels = _level(impact), _level(impacts)
    ranked = f"ISNUMBER({all_days})*({all_days}>=0)*({levels}>0)"
    ahead = f"(({levels}<{level})+({levels}={level})*({all_days}<{days}))"
    # Of rows with the same impact and days only the first counts, since ranks are dense.
    key = f'{impacts}&"|"&{all_days}&ISNUMBER({all_days})'
    header = f"ROW(Problem[[#Headers],[{PROBLEM['days'].header.zh}]])"
    first = f"(MATCH({key},{key},0)=ROW({all_days})-{header})"
    rank = f'"{_RANK}"&1+SUMPRODUCT({ranked}*{ahead}*{first})'
    native = f'IF(ISNUMBER({days})*({days}>=0)*{level},{rank},"")'
    blank = f'OR({impact}="",{days}="")'
    return f'=IFERROR(IF({blank},"",IFERROR({answer},{native})),"")'


def _level(impact: str) -> str:
    """Return an expression that is 1 for 高, 2 for 中, 3 for 低 and 0 for all else."""
    return "(" + "+".join(f'{n}*({impact}="{o.zh}")' for n, o in enumerate(IMPACT, 1)) + ")"


def _plan_late() -> str:
    due, status, done = (_here(PLAN, field) for field in ("due", "status", "done_on"))
    # A status that isn't known may well say that it is done.
    still_open = f'OR(TRIM({status})="",TRIM({status})={_any_of(*STATUS[:2])})'
    native = f'IF(AND({still_open},NOT({_happened(done)})),{_late(due)},"")'
    return _flag(f"xlf_overdue({due},{status},{done})", native, due)


def _message_late() -> str:
    asked, limit, answered = (
        _here(MESSAGE, field) for field in ("asked_at", "deadline", "answered_at")
    )
    # 每日… is settled occurrence by occurrence, which xlf_deadline has seen to.
    event = f'IF(LEFT({limit},1)="每","",{answered})'
    call = f'xlf_overdue(xlf_deadline({asked},{limit},{answered}),"",{event})'
    return _flag(call, f'IF({_happened(answered)},"",{_late(limit)})', limit)


def _flag(call: str, native: str, due: str) -> str:
    answer = f'IF(LEFT({call}&"{_LATE}",{len(_LATE)})="{_LATE}",{call},1/0)'
    return f'=IFERROR(IF({due}="","",IFERROR({answer},{native})),"")'


def _late(due: str) -> str:
    """Return the native text for a deadline that is a true date or moment."""
    late = f"(NOW()-{due})"
    hours = f'"{_LATE}"&ROUNDUP(ROUND({late}*24,6),0)&"{_HOURS}"'
    moment = f'IF({late}<=0,"",IF({late}<1,{hours},"{_LATE}"&INT({late})&"{_DAYS}"))'
    day = f'IF(TODAY()>{due},"{_LATE}"&TODAY()-{due}&"{_DAYS}","")'
    return f'IF(N({due})<{FIRST_DAY},"",IF({due}=INT({due}),{day},{moment}))'


def _happened(event: str) -> str:
    return f'AND({event}<>"",N({event})<=NOW())'


def _any_of(*options: Option) -> str:
    names = [name for o in options for name in (o.zh, o.en, *o.aliases)]
    return "{" + ",".join(f'"{name}"' for name in names) + "}"


def _deviation() -> str:
    target, actual = _here(CAMPAIGN, "target"), _here(CAMPAIGN, "actual")
    asked = f"xlf_variance({target},{actual})"
    marker = f'LEFT({asked},{len(_NOT_COMPUTABLE)})="{_NOT_COMPUTABLE}"'
    answer = f"IFERROR(1*{asked},IF({marker},{asked},1/0))"
    return f'=IFERROR(IF({actual}="","",IFERROR({answer},{_native_deviation(target, actual)})),"")'


def _native_deviation(target: str, actual: str) -> str:
    """Return (actual − target) / target of numbers and of texts such as ``5000条``, ``1.2万``."""

    def reason(why: NotComputable) -> str:
        return f'"{reason_text(why, "zh")}"'

    no_number, blank = reason(NotComputable.NOT_A_NUMBER), reason(NotComputable.TARGET_BLANK)
    one, other = _unit(target), _unit(actual)
    # One bare number is computed beside any unit but a percentage.
    both = f'OR({one}="%",{other}="%",AND({one}<>"",{other}<>""))'
    goal, result = _number(target), _number(actual)
    deviation = f"({result}-{goal})/{goal}"
    zero = f"IF({goal}=0,{reason(NotComputable.TARGET_ZERO)},{deviation})"
    computed = f"IF(AND({one}<>{other},{both}),{reason(NotComputable.UNIT_MISMATCH)},{zero})"
    # A minus may stand first.
    texts = f"MID(ASC(T({target})),2,99)&MID(ASC(T({actual})),2,99)"
    uncertain = f"COUNT(FIND({_UNCERTAIN},{texts}))>0"
    return f'IF({target}="",{blank},IF({uncertain},{no_number},IFERROR({computed},{no_number})))'


def _plain(cell: str) -> str:
    """Return a text in half-width signs, without what may stand between digits."""
    return f'SUBSTITUTE(SUBSTITUTE(ASC({cell}),",","")," ","")'


def _number(cell: str) -> str:
    number = f"LOOKUP({_LARGEST},VALUE(LEFT({_plain(cell)},{_PREFIXES})))"
    signs = "{" + ",".join(f'"{sign}"' for sign in _POWERS) + "}"
    powers = "{" + ",".join(map(str, _POWERS.values())) + "}"
    power = f"SUMPRODUCT(ISNUMBER(FIND({signs},{cell}))*{powers})"
    return f"IF(ISNUMBER({cell}),{cell},{number}*10^{power})"


def _unit(cell: str) -> str:
    """Return what follows the number and its 万 or 亿, and nothing for a bare number."""
    plain = _plain(cell)
    length = f"LOOKUP({_LARGEST},VALUE(LEFT({plain},{_PREFIXES})),{_PREFIXES})"
    unit = f"MID({plain},{length}+1,99)"
    for sign in _POWERS:
        unit = f'SUBSTITUTE({unit},"{sign}","")'
    return f'IF(ISNUMBER({cell}),"",IF(RIGHT({plain})="%","%",{unit}))'
