"""How programs name a copy: the name of the original with “ - 副本”, “(1)” or the like.

Such a name only makes a candidate: 市场部(2) may be a team, and is one if it has rows
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_COPY = "(?:副本|複本|复本|拷贝|拷貝|copy)"
_NUMBER = r"(?:\d{1,3}|[(（]\d{1,3}[)）])"
_SUFFIXES = (
    rf"[ _-]*{_COPY}[ _-]*{_NUMBER}?",  # Explorer, Finder, WPS: " - 副本 (2)", " copy 2"
    rf"[”」]?\s*的\s*{_COPY}[ _-]*{_NUMBER}?",  # Finder, Google Drive: "的副本"
    r"\s*[(（]\s*\d{1,3}\s*[)）]",  # browsers, chat programs: "(1)", "（1）"
    r" \d{1,3}",  # iCloud: " 2"
    r"-[a-z0-9][a-z0-9_-]*",  # OneDrive, the computer's name: "-PC01", "-DESKTOP-1A2B3C4-2"
    r"[-_ ].{1,40}?的(?:电脑|電腦|笔记本|macbook|imac)[a-z ]*",  # the same, of a Mac
    "[ ._(（【-].*(?:冲突|衝突|conflict).*",  # Dropbox, 坚果云, Syncthing, Nextcloud …
    "的?(?:冲突|衝突).*",  # "的冲突副本"
    "'s? conflicted copy.*",
)
_PREFIXES = (
    r"copy (?:\(\d{1,3}\) )?of ",
    rf"{_COPY}[ _-]*{_NUMBER}?[ _-]+",  # "副本 市场一部"
    "[“「]",  # “市场一部”的副本
)
# Two suffixes at most (a copy of a copy), so that matching stays fast.
_SUFFIX_PATTERN = re.compile(f"(?:{'|'.join(_SUFFIXES)}){{1,2}}", re.IGNORECASE)
_PREFIX_PATTERN = re.compile("|".join(_PREFIXES), re.IGNORECASE)


def copied_stem(stem: str, stems: Collection[str]) -> str | None:
    """Return the longest of ``stems`` that ``stem`` is a copy of by its name, if any.

    ``stems`` should be a set or mapping: in a folder of many workbooks each prefix of
    each name is looked up.
    """
    found = [stem[:end] for end in range(1, len(stem)) if stem[:end] in stems]
    found = [base for base in found if _SUFFIX_PATTERN.fullmatch(stem, len(base))]
    prefix = _PREFIX_PATTERN.match(stem)
    if prefix is not None:
        start = prefix.end()
        for end in range(start + 1, len(stem) + 1):
            is_copy = end == len(stem) or _SUFFIX_PATTERN.fullmatch(stem, end) is not None
            if stem[start:end] in stems and is_copy:
                found.append(stem[start:end])
    return max(found, key=len, default=None)
