"""The text of one team's notices: a title and a body, cut to the size that the service accepts.

Text from cells is untrusted: it is put on one line, shortened, and can neither
mention anybody (``@all``, ``<at …>``, ``<!channel>``) nor format anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from xlflow.facts import Finding
from xlflow.meaning.overdue import day_of, late_text, lateness
from xlflow.messages import say
from xlflow.rules import message
from xlflow.store.notice_queue import ERROR, OVERDUE, SOON
from xlflow.store.outbox import Notice
from xlflow.store.row_encoding import from_iso

_KINDS = (OVERDUE, SOON, ERROR)
_LONGEST, _LONGEST_FACT, _LONGEST_SENTENCE = 120, 40, 240
# Full-width forms look the same to people and have no meaning to any service.
_HARMLESS = str.maketrans("@<>`*_[]|~#", "＠＜＞｀＊＿［］｜～＃")


class Digest(NamedTuple):
    """A message; ``title`` is one line, ``body`` several."""

    title: str
    body: str


def compose(notices: Sequence[Notice], now: datetime, language: str, limit: int) -> Digest:
    """Return the digest of one team's notices.

    Args:
        notices: at least one, all of one team.
        now: the moment taken as now, in the workspace's zone, without offset.
        limit: how many bytes of UTF-8 title and body may have together.
    """
    title = say(
        "notify.title",
        language,
        team=sanitized(notices[0].team),
        counts=counts_text(notices, language),
    )
    title = _cut(title, limit)
    workbook = sanitized(notices[0].workbook)
    space = limit - _size(title) - 2
    lines: list[str] = []
    ordered = sorted(notices, key=lambda notice: notice.facts.get("due") or "")
    blocks = [(kind, [n for n in ordered if n.facts["kind"] == kind]) for kind in _KINDS]
    listed = 0
    for kind, members in blocks:
        heading = [say(f"notify.heading.{kind}", language)]
        for notice in members:
            added = [*heading, _line(notice, now, language)]
            left = len(notices) - listed - 1
            closing = _closing(left, workbook, language)
            if _size("\n".join([*lines, *added, closing])) > space:
                lines.append(_closing(left + 1, workbook, language))
                return Digest(title, _cut("\n".join(lines), space))
            lines += added
            heading = []
            listed += 1
    return Digest(title, "\n".join([*lines, _closing(0, workbook, language)]))


def counts_text(notices: Iterable[Notice], language: str) -> str:
    """Return how many of each kind there are, in words."""
    kinds = [notice.facts["kind"] for notice in notices]
    return say("notify.joint", language).join(
        say(f"notify.count.{kind}", language, count=kinds.count(kind))
        for kind in _KINDS
        if kind in kinds
    )


def sanitized(text: object, longest: int = _LONGEST) -> str:
    """Return an untrusted text as one short line that mentions nobody and formats nothing."""
    line = re.sub(r"\s+", " ", str(text)).strip()
    line = "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    line = line.translate(_HARMLESS)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _line(notice: Notice, now: datetime, language: str) -> str:
    facts = notice.facts
    if facts["kind"] == ERROR:
        return _error_line(facts, language)
    due = from_iso(facts["due"])
    assert due is not None
    owners = say("notify.names", language).join(sanitized(name) for name in facts["owners"])
    return say(
        "notify.item" if owners else "notify.item_of_nobody",
        language,
        item=sanitized(facts["item"])
        or say("notify.nameless", language, sheet=sanitized(facts["sheet"]), row=facts["row"]),
        when=_when(due, now, language),
        due=f"{due:%Y-%m-%d %H:%M}" if isinstance(due, datetime) else due.isoformat(),
        owners=owners,
    )


def _when(due: date | datetime, now: datetime, language: str) -> str:
    late = lateness(due, now)
    if late is not None:
        return late_text(late, language)
    day = due.date() if isinstance(due, datetime) else due
    days = (day - day_of(now)).days
    return say(f"notify.due.{days if days <= 3 else 'other'}", language)


def _error_line(facts: Mapping[str, Any], language: str) -> str:
    params = {
        name: sanitized(value, _LONGEST_FACT) if isinstance(value, str) else value
        for name, value in facts["params"].items()
    }
    try:
        sentence = sanitized(
            message(Finding(facts["code"], "error", params=params), language), _LONGEST_SENTENCE
        )
    except (KeyError, IndexError, TypeError):  # queued by another version of xlflow
        sentence = facts["code"]
    if not facts["sheet"]:
        return say("notify.mistake_of_workbook", language, told=sentence, code=facts["code"])
    place, column = sanitized(facts["sheet"]), sanitized(facts["column"] or "")
    if facts["cell"]:
        place = f"{place}!{facts['cell']}"
    if column and column not in sentence:
        place = f"{place} {column}"
    return say("notify.mistake", language, place=place, told=sentence, code=facts["code"])


def _closing(left: int, workbook: str, language: str) -> str:
    return say("notify.rest" if left else "notify.closing", language, count=left, workbook=workbook)


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, limit: int) -> str:
    """Return as much of a text as fits, without splitting a character."""
    return text.encode()[: max(limit, 0)].decode(errors="ignore")
