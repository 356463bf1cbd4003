"""The worksheet functions: xlflow's computed values for formulas in cells.

Each takes single values or whole columns and returns the same shape; where there is no
result, it returns a text with the reason. The values are computed by
:mod:`xlflow.computing` and the modules below it, so a cell can't differ from what xlflow
flags and rolls up. The docstrings are in Chinese, because Excel's function wizard shows
them.

No parameter may have the name of a VBA keyword (``end``, ``until``): xlwings generates a
VBA function with the same parameters, which would not compile.
"""

from __future__ import annotations

import math
from datetime import date, datetime, time
from functools import lru_cache, partial
from typing import Any

from xlflow.computing import compute
from xlflow.errors import UsageError
from xlflow.excel.priority_ranking import ranking_scope, read_row
from xlflow.excel.udf_arguments import (
    LANGUAGE,
    align,
    column_reader,
    is_missing,
    is_range,
    map_cells,
    read_cell,
)
from xlflow.excel.udf_registry import worksheet_function
from xlflow.facts import Row, Value
from xlflow.meaning.deadline import ByPlan, Recurring
from xlflow.meaning.deadline import due_moment as due_of
from xlflow.meaning.overdue import day_of, moment_of
from xlflow.meaning.quantity import Quantity
from xlflow.meaning.variance import NotComputable, reason_text, variance
from xlflow.meaning.workdays import Calendar
from xlflow.schema import CAMPAIGN, MESSAGE, PLAN, STATUS
from xlflow.values import count_of_days, value_of

MAX_WORKDAYS = 20_000
"""The limit of :func:`xlf_add_workdays`, some 80 years."""

_CALENDAR = Calendar()
_NO_RESULT = ("无法判断", "无法计算")

_DUE, _STATUS, _DONE = PLAN["due"], PLAN["status"], PLAN["done_on"]
_ASKED, _PHRASE, _ANSWERED = MESSAGE["asked_at"], MESSAGE["deadline"], MESSAGE["answered_at"]
_read_due, _read_status, _read_done = map(column_reader, (_DUE, _STATUS, _DONE))
_read_asked, _read_phrase, _read_answered = map(column_reader, (_ASKED, _PHRASE, _ANSWERED))


MAX_NUMBER = 9.99999999999999e307
"""The largest number that a cell of Excel can hold."""


@worksheet_function(
    target="目标值：数字，或带单位的文字，如 5000条、8%、1.2万；也可以是一整列",
    actual="实际值：单位与目标值一致；留空表示还在进行，结果也为空",
)
def xlf_variance(target: Any, actual: Any) -> Any:
    """差异率 =（实际值 − 目标值）÷ |目标值|，是一个数，请把单元格设成百分比格式。
    无法计算时给出原因，如“无法计算：单位不一致”。
    """
    return map_cells(_variance, target, actual)


@worksheet_function(
    impact="影响程度：高、中、低",
    days="耗时(天)",
    all_impacts="整列影响程度；与整列耗时一起给出，按整张表排名",
    all_days="整列耗时(天)",
)
def xlf_priority(impact: Any, days: Any, all_impacts: Any = None, all_days: Any = None) -> Any:
    """改进优先级：先看影响程度，再看耗时，短的在前；相同的并列，写成“优先1”“优先2”。
    可以只给两整列，一次算出全部；缺影响程度或耗时的行没有改进优先级。
    """
    if is_missing(all_impacts) and is_missing(all_days):
        scope = ranking_scope(impact, days)
    elif is_missing(all_impacts) or is_missing(all_days):
        raise UsageError("functions.half_scope")
    else:
        scope = ranking_scope(all_impacts, all_days)
    if not is_range(impact) and not is_range(days):
        return scope.priority(read_row(impact, days))
    shape, columns = align(impact, days)
    answers = scope.priorities(list(map(read_row, *columns)))
    return shape.rows(answers) if shape else answers[0]


@worksheet_function(
    due="完成时间或期限：日期、日期加时间，或文字，如 2024-06-30、6月底",
    status="状态；“已完成”“已取消”不算逾期，可省略",
    done="实际完成（反馈）时间；已发生就不算逾期，可省略",
    as_of="算到什么时候，省略即为现在；只有日期则算到当天结束",
)
def xlf_overdue(due: Any, status: Any = None, done: Any = None, as_of: Any = None) -> Any:
    """逾期：超过期限多久，写成“逾期3天”“逾期7小时”，没有逾期则为空。
    只有日期的期限到当天结束为止；零点视为只有日期。
    """
    return map_cells(partial(_overdue, datetime.now()), due, status, done, as_of)


@worksheet_function(
    start="发起时间",
    phrase="反馈时限，如 24小时、2个工作日、3天内、每日17:00前，或一个日期",
    last_reply="最近一次反馈的时间；只用于“每日……前”，可省略",
    as_of="算到什么时候，省略即为现在；只用于“每日……前”",
)
def xlf_deadline(start: Any, phrase: Any, last_reply: Any = None, as_of: Any = None) -> Any:
    """反馈时限到什么时候为止，是日期或日期加时间，请设好单元格格式；零点表示到当天结束。
    “每日17:00前”给出最近一次到期而未反馈的时间，没有则给出下一次。
    """
    return map_cells(partial(_deadline, datetime.now()), start, phrase, last_reply, as_of)


@worksheet_function(
    start="开始日期，不计入",
    until_day="截止日期，计入；早于开始日期时结果为负数",
)
def xlf_workdays(start: Any, until_day: Any) -> Any:
    """两个日期之间有几个工作日，按国家放假安排和调休计算；尚未公布的年份按周一至周五算。"""
    return map_cells(partial(_workdays, date.today()), start, until_day)


@worksheet_function(
    start="开始日期，算第 0 天",
    days="工作日的个数；负数往前数",
)
def xlf_add_workdays(start: Any, days: Any) -> Any:
    """某日之后第几个工作日是哪天，按国家放假安排和调休计算；请把单元格设成日期格式。"""
    return map_cells(partial(_add_workdays, date.today()), start, days)


@worksheet_function(text="带单位的文字，如 5000条、8%、1.2万；数字原样返回")
def xlf_quantity(text: Any) -> Any:
    """文字里的数：“5000条”得 5000，“8%”得 0.08，“1.2万”得 12000；不是一个数则说明原因。"""
    return map_cells(_quantity, text)


def _variance(target: Any, actual: Any) -> float | str:
    outcome = variance(_operand(target), _operand(actual))
    if outcome is None:
        return ""
    if not isinstance(outcome, NotComputable):
        deviation = float(outcome)
        if abs(deviation) <= MAX_NUMBER:
            return deviation
        outcome = NotComputable.NOT_A_NUMBER
    return reason_text(outcome, LANGUAGE)


def _overdue(now: datetime, due: Any, status: Any, done: Any, as_of: Any) -> str:
    if isinstance(due, str) and due.startswith(_NO_RESULT):
        return due  # the reason from xlf_deadline
    moment = _moment(as_of, now)
    deadline, state, event = (
        _read_due(due, day_of(moment)),
        _read_status(status),
        _read_done(done, day_of(moment)),
    )
    _day(deadline, _DUE.header.zh)
    row = Row.of(PLAN, {"due": deadline, "status": state, "done_on": event})
    computed = compute(row, _CALENDAR, moment, LANGUAGE)
    if computed.unknown is not None:
        _day(event, _DONE.header.zh)
        choices = "、".join(option.zh for option in STATUS)
        raise UsageError("functions.not_a_status", what=_STATUS.header.zh, choices=choices)
    return computed.late_text


def _deadline(
    now: datetime, start: Any, phrase: Any, last_reply: Any, as_of: Any
) -> datetime | str:
    moment = _moment(as_of, now)
    today = day_of(moment)
    asked, limit = _read_asked(start, today), _read_phrase(phrase, today)
    answered = _read_answered(last_reply, today)
    if limit.problem is not None:
        raise UsageError("functions.not_a_phrase", what=_PHRASE.header.zh)
    if limit.blank:
        return ""
    if isinstance(limit.value, Recurring):
        # The only phrase whose deadline depends on as_of and on the last answer.
        row = Row.of(MESSAGE, {"asked_at": asked, "deadline": limit, "answered_at": answered})
        end = compute(row, _CALENDAR, moment, LANGUAGE).due
    else:
        end = due_of(limit.value, asked.value, _CALENDAR).value
    if end is not None:
        return _for_excel(end)
    if isinstance(limit.value, ByPlan):
        raise UsageError("functions.by_plan")
    _day(asked, _ASKED.header.zh)
    _day(answered, _ANSWERED.header.zh)
    raise UsageError("functions.no_start")


def _workdays(today: date, start: Any, until_day: Any) -> int | str:
    first, last = (
        _day(_read_due(start, today), "开始日期"),
        _day(_read_due(until_day, today), "截止日期"),
    )
    if first is None or last is None:
        return ""
    return _CALENDAR.workdays_between(first, last)


def _add_workdays(today: date, start: Any, days: Any) -> datetime | str:
    first, count = _day(_read_due(start, today), "开始日期"), _read_count(days)
    if count.problem is not None:
        raise UsageError("functions.not_a_number")
    if first is None or count.blank:
        return ""
    if count.value != count.value.to_integral_value():
        raise UsageError("functions.not_whole_days")
    if abs(count.value) > MAX_WORKDAYS:
        raise UsageError("functions.too_many_days", limit=MAX_WORKDAYS)
    return _for_excel(_CALENDAR.add_workdays(first, int(count.value)).day)


@lru_cache(maxsize=20_000, typed=True)
def _read_count(argument: Any) -> Value:
    """Return a number of days, which may be negative and long."""
    cell = read_cell(argument)
    return Value(cell) if cell.value is None or cell.value == "" else count_of_days(cell)


def _quantity(text: Any) -> float | str:
    quantity = _operand(text)
    if quantity is None:
        return ""
    number = float(quantity.amount) if isinstance(quantity, Quantity) else math.inf
    if not abs(number) <= MAX_NUMBER:  # infinite or no number, too
        raise UsageError("functions.not_a_number")
    return number


@lru_cache(maxsize=20_000, typed=True)
def _operand(argument: Any) -> Quantity | str | None:
    """Return a quantity, None for a blank cell, or a text that isn't a number."""
    value = value_of(CAMPAIGN["target"], read_cell(argument))
    if value.problem is not None:
        return value.text
    operand: Quantity | None = value.value
    return operand


def _moment(as_of: Any, now: datetime) -> datetime:
    day = None if is_missing(as_of) else _day(_read_due(as_of, now.date()), "截至时间")
    return now if day is None else moment_of(day)


def _day(value: Value, what: str) -> date | datetime | None:
    """Return a date that was read, None where blank.

    Raises:
        UsageError: the value isn't a date.
    """
    if value.problem == "no_such_date" and value.fix is not None:
        raise UsageError("functions.no_such_date", what=what, nearest=value.fix)
    if value.problem is not None:
        raise UsageError("functions.not_a_date", what=what)
    day: date | datetime | None = value.value
    return day


def _for_excel(day: date | datetime) -> datetime:
    """Return a datetime for a cell; a date becomes its midnight, as in Excel."""
    return day if isinstance(day, datetime) else datetime.combine(day, time.min)
