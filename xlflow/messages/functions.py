"""What stands in a cell where a worksheet function has no answer."""

from __future__ import annotations

CATALOGUE: dict[str, tuple[str, str]] = {
    "uneven": (
        "无法计算：几个区域的大小不一致",
        "not computable: the ranges have different sizes",
    ),
    "half_scope": (
        "无法计算：整列影响程度和整列耗时要一起给出",
        "not computable: give the column of impacts and the column of days together",
    ),
    "not_understood": (
        "无法计算：参数看不懂",
        "not computable: the arguments can't be understood",
    ),
    "not_a_number": (
        "无法计算：不是数字",
        "not computable: not a number",
    ),
    "not_a_date": (
        "无法判断：{what}不是有效日期，请改正，如 2024-06-30",
        "can't tell: {what} isn't a valid date; write it like 2024-06-30",
    ),
    "no_such_date": (
        "无法判断：{what}没有这一天，最近的是 {nearest}",
        "can't tell: {what} is a day that doesn't exist; the nearest is {nearest}",
    ),
    "not_a_status": (
        "无法判断：{what}看不懂，请从 {choices} 中选",
        "can't tell: {what} isn't understood; choose from {choices}",
    ),
    "not_a_phrase": (
        "无法判断：{what}看不懂，请改写，如 24小时、2个工作日、每日17:00前",
        "can't tell: {what} isn't understood; write it like 24 hours, 2 working days",
    ),
    "no_start": (
        "无法判断：缺少发起时间",
        "can't tell: the time of the request is missing",
    ),
    "by_plan": (
        "无法判断：时限取决于计划，请填日期",
        "can't tell: the deadline depends on a plan; give its date",
    ),
    "not_whole_days": (
        "无法计算：天数要是整数",
        "not computable: the number of days must be a whole number",
    ),
    "too_many_days": (
        "无法计算：天数太多，前后最多 {limit} 个工作日",
        "not computable: too many days; at most {limit} working days either way",
    ),
}
