"""The people or departments that a cell names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xlflow.meaning.folding import fold

_SEPARATORS = re.compile(r"[+＋、，,;；/／&＆\r\n]")
_NO_ALIASES: Mapping[str, str] = {}


def split_people(text: str, aliases: Mapping[str, str] = _NO_ALIASES) -> tuple[str, ...]:
    """Return the people in a cell, each once, in the cell's order.

    Names stay as typed but for spaces and ``*`` at their ends. ``aliases`` maps
    a longer name to the one by which a person goes (市场调研专员小张 → 小张),
    however either is typed.
    """
    known = {fold(name): person for name, person in aliases.items()}
    people: dict[str, str] = {}
    for part in _SEPARATORS.split(text):
        name = part.strip().rstrip("*＊ \t\u3000").strip()
        name = known.get(fold(name), name)
        if fold(name):
            people.setdefault(fold(name), name)
    return tuple(people.values())
