"""What the hidden 系统记录 cell of a row holds.

It keeps a row's identity, and for each computed cell a digest of what xlflow
wrote there, so that xlflow knows its own values from a person's with the store
lost, on a second machine, and after sorting. The text is
``xf1 <id> k=<key digest> [seen_<field>=<day><digest>…] [<field>=<digest>…]``: short, ASCII,
one cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

_PREFIX = "xf1"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: nobody misreads them
_ID = re.compile(rf"[{_ALPHABET}]{{6}}")
_PART = re.compile(r"([a-z_]+)=([0-9a-z]+)")
_SEEN = "seen_"
_SEEN_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)([0-9a-z]{4})")
_PAIRS = tuple(first + second for second in _ALPHABET for first in _ALPHABET)


@dataclass(frozen=True, slots=True)
class Record:
    """One row's record.

    ``key`` digests the row's key columns, by which a record finds its row again
    when a sheet was sorted without this column. ``seen`` maps fields whose date follows
    from it to the day on which their text was first seen, and a digest of the text: a text
    typed anew is first seen anew. ``written`` maps the fields of computed cells to
    digests of what xlflow wrote.
    """

    id: str
    key: str
    seen: Mapping[str, tuple[date, str]]
    written: Mapping[str, str]

    def __str__(self) -> str:
        seen = "".join(
            [
                f" {_SEEN}{field}={day:%Y%m%d}{digest}"
                for field, (day, digest) in sorted(self.seen.items())
            ]
        )
        written = "".join([f" {field}={self.written[field]}" for field in sorted(self.written)])
        return f"{_PREFIX} {self.id} k={self.key}{seen}{written}"

    def first_seen(self, field: str, text: str) -> date | None:
        """Return the day on which a field was first seen to hold the text, None if unknown."""
        day, digest = self.seen.get(field, (None, ""))
        return day if digest == text_digest(text) else None

    def vouches(self, field: str, value: object) -> bool:
        """Whether xlflow wrote ``value`` into this row's ``field``."""
        return self.written.get(field) == value_digest(self.id, field, value)


def parse_record(text: object) -> Record | None:
    """Parse a record; None if the text is blank or something else."""
    return _parsed(text) if isinstance(text, str) else None


@lru_cache(maxsize=4096)  # a workbook's records are looked at several times
def _parsed(text: str) -> Record | None:
    prefix, _, rest = text.strip().partition(" ")
    identity, _, rest = rest.partition(" ")
    if prefix != _PREFIX or not _ID.fullmatch(identity):
        return None
    matches = (_PART.fullmatch(part) for part in rest.split())
    parts = {match[1]: match[2] for match in matches if match}
    seen = {}
    for name in [name for name in parts if name.startswith(_SEEN)]:
        if match := _SEEN_DAY.fullmatch(parts.pop(name)):
            try:
                day = date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError:
                continue
            seen[name.removeprefix(_SEEN)] = day, match[4]
    return Record(id=identity, key=parts.pop("k", ""), seen=seen, written=parts)


def text_digest(text: str) -> str:
    """Digest a text as it was typed."""
    return _short(text, 4)


def value_digest(identity: str, field: str, value: object) -> str:
    """Digest a written value, bound to its row and field; numbers by value, not by spelling."""
    text = f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
    return _short(f"{identity}\0{field}\0{text}", 6)


@lru_cache(maxsize=4096)
def key_digest(texts: tuple[str, ...]) -> str:
    """Digest a row's key columns."""
    return _short("\0".join(texts), 8)


def new_id(*entropy: object) -> str:
    """Return a short identity; equal entropy gives the same one, so a retry changes nothing."""
    return _short("\0".join(map(str, entropy)), 6)


def _short(text: str, length: int) -> str:
    """Return an even number of letters of a digest, the lowest five bits of it first."""
    # Any cell content can be digested, lone surrogates included.
    number = int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return "".join([_PAIRS[number >> shift & 0x3FF] for shift in range(0, 5 * length, 10)])
