"""What stands beside a header's name: a unit for the numbers below it, or a note to people.

``目标值(万元)`` gives its bare numbers a unit, ``完成时间(必填)`` and ``目标(SMART)`` only tell
people something. Units of everyday tables are a closed list: a word that isn't in it is a
note, because a unit taken by mistake would change every figure of the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from xlflow.meaning.deadline import FixedDeadline, parse_phrase
from xlflow.meaning.folding import fold
from xlflow.meaning.quantity import Quantity, parse_quantity

_DAYS = frozenset(("天", "日", "个工作日", "工作日", "自然日", "day", "days", "d", "working days"))
_TIMES = re.compile(
    r"(?:个?小时|时|钟头|分钟?|秒|周|个?星期|礼拜|个?月|季度|年|人[天日时月]|工时)"
    r"|h|hrs?|hours?|m|mins?|minutes?|s|secs?|w|wk|weeks?|months?|years?"
)
_COUNTED = re.compile(
    r"[个条人次件单笔家户场篇份只张台套批组项位名期集部支款本瓶箱盒包袋吨斤克米点分倍票店席元块圆天日秒%‰¥$€£]"
    r"|人次|公斤|千克|kg|公里|平方米|平米|美元|usd|欧元|eur|英镑|港[币元]|rmb|cny|人民币|小时|分钟|人天"
    r"|百分[比数]"
)
_SCALES = ("", "十", "百", "千", "万", "十万", "百万", "千万", "亿", "w", "k")
_WORDS = {"w": "万", "k": "千", "百分比": "%", "百分数": "%", "块": "元", "圆": "元"}
_LABEL = re.compile(r"(?:计量|金额|数量)?单位(?:是|为)?[:=]?|unit:?")
_SEPARATORS = re.compile(r"[,;、|。]")


def amount_unit(notes: Iterable[str]) -> str:
    """Return the unit of amounts among notes, spelled so that it follows a number; else ``""``."""
    for part in _parts(notes):
        for scale in _SCALES:
            rest = part.removeprefix(scale)
            if part.startswith(scale) and (_COUNTED.fullmatch(rest) or (not rest and scale)):
                return _WORDS.get(scale, scale) + _WORDS.get(rest, rest)
        counted, slash, each = part.partition("/")
        if slash and _COUNTED.fullmatch(counted) and len(each) <= 4:
            return part
    return ""


def days_unit(notes: Iterable[str]) -> str:
    """Return the unit of lengths in days among notes; ``""`` where there is none.

    It may be one that no number of days follows from (see :func:`counts_days`).
    """
    found = ""
    for part in _parts(notes):
        for word in part.split("/"):
            if _TIMES.fullmatch(word):
                return word
            if word in _DAYS or amount_unit((word,)):
                found = found or word
    return found


def counts_days(unit: str) -> bool:
    """Whether a unit is the day, the only one whose numbers are days."""
    return unit in _DAYS


def deadline_unit(notes: Iterable[str]) -> str:
    """Return the unit of deadlines among notes; ``""`` where there is none."""
    return next((p for p in _parts(notes) if p in _DAYS or _TIMES.fullmatch(p)), "")


def counts_until(unit: str) -> bool:
    """Whether a number with this unit is a deadline: ``24小时``, not ``24个月``."""
    phrase = parse_phrase(f"2{_deadline_word(unit)}")
    return phrase is not None and not isinstance(phrase, FixedDeadline)


def deadline_text(number: str, unit: str) -> str:
    """Return a number and its unit as a deadline is phrased."""
    return f"{number}{_deadline_word(unit)}"


@lru_cache(maxsize=256)
def one_of(unit: str) -> Quantity:
    """Return what 1 in a unit is: 10,000 元 for ``万元``, 0.01 for ``%``."""
    return parse_quantity(f"1{unit}") or Quantity(Decimal(1), unit)


def _deadline_word(unit: str) -> str:
    if unit in ("h", "hr", "hrs", "hour", "hours", "时", "钟头", "个小时"):
        return "小时"
    if unit in ("day", "days", "d", "日", "自然日"):
        return "天"
    if unit in ("min", "mins", "minute", "minutes", "分"):
        return "分钟"
    return "个工作日" if unit in ("工作日", "working days") else unit


def _parts(notes: Iterable[str]) -> list[str]:
    """Return the single words of notes, without the label ``单位:`` before a unit."""
    words = (word for note in notes for word in _SEPARATORS.split(fold(note)))
    return [part for word in words if (part := _LABEL.sub("", word, count=1).strip())]
