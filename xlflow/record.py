"""What the hidden 系统记录 cell of a row holds.

It keeps a row's identity, and for each computed cell a digest of what xlflow
wrote there, so that xlflow knows its own values from a person's with the store
lost, on a second machine, and after sorting. The text is
``xf1 <id> k=<key digest> [y=<year>] [<field>=<digest>…]``: short, ASCII, one cell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b

_PREFIX = "xf1"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: nobody misreads them
_ID = re.compile(rf"[{_ALPHABET}]{{6}}")
_PART = re.compile(r"([a-z_]+)=([0-9a-z]+)")
_PAIRS = tuple(first + second for second in _ALPHABET for first in _ALPHABET)


@dataclass(frozen=True, slots=True)
class Record:
    """One row's record.

    ``key`` digests the row's key columns, by which a record finds its row again
    when a sheet was sorted without this column. ``year`` completes dates typed
    without one: the year in which they were first seen. ``written`` maps the
    fields of computed cells to digests of what xlflow wrote.
    """

    id: str
    key: str
    year: int | None
    written: Mapping[str, str]

    def __str__(self) -> str:
        year = "" if self.year is None else f" y={self.year}"
        written = "".join([f" {field}={self.written[field]}" for field in sorted(self.written)])
        return f"{_PREFIX} {self.id} k={self.key}{year}{written}"

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
    year = parts.pop("y", "")
    return Record(
        id=identity,
        key=parts.pop("k", ""),
        year=int(year) if year.isdecimal() and len(year) == 4 else None,
        written=parts,
    )


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
