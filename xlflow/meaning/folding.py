"""One form for the ways in which the same text is typed, for comparing only.

Headers, choices and values arrive in traditional characters, full-width, with
stray spaces, or with pinyin in brackets from a web page. :func:`fold` brings all
of these to one form. The folded form is compared, never written back.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby, islice, pairwise
from pathlib import Path

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_IS_HAN = re.compile(f"[{_HAN}]")
_FULL_WIDTH = re.compile(r"[０-９Ａ-Ｚａ-ｚ％．－]|(?<=[0-9０-９])，(?=[0-9０-９])")
_BRACKET = re.compile(r"\(([^\W\d_]{1,6})\)")
_BRACKETED = re.compile(rf"([{_HAN}])((?:\([^\W\d_]{{1,6}}\))+)")
# Web pages set pinyin with the letters of the International Phonetic Alphabet.
_PINYIN_LETTERS = str.maketrans("ɑɡ", "ag")
_FINALS = {
    "": "a ai an ang ao e ei en eng er o ou yi ya yao ye you yan yin yang ying yong yo "
    "wu wa wo wai wei wan wen wang weng yu yue yuan yun",
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ia ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan ü üe v ve",
    "l": "a e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un ü üe v ve",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e i ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "ch": "a e i ai ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "sh": "a e i ai ei ao ou an en ang eng u ua uo uai ui uan un uang",
    "r": "e i ao ou an en ang eng ong u ua uo ui uan un",
    "z": "a e i ai ei ao ou an en ang eng ong u uo ui uan un",
    "c": "a e i ai ao ou an en ang eng ong u uo ui uan un",
    "s": "a e i ai ao ou an en ang eng ong u uo ui uan un",
}
_SYLLABLES = frozenset(
    initial + final for initial, finals in _FINALS.items() for final in finals.split()
)
_TONES = frozenset("\u0304\u0301\u030c\u0300")
# Syllables in the neutral tone carry no mark, so only these characters may have them.
_NEUTRAL = {"们": "men", "么": "me", "了": "le", "的": "de", "着": "zhe", "吗": "ma", "吧": "ba"}
_MARKS = "●○⚙"
_VARIANT = frozenset("\ufe0e\ufe0f")  # show ⚙ as text, or as a picture
# Words that turn what follows or precedes them into something else, or into nearly that.
_QUALIFIED = re.compile(
    r"未|没|不|非|无|尚|还|基本|快|将|近|部分|大部|半|大致|大体|初步|初稿|差不多|几乎|待|拟|预|准备|争取|力争|可|能|会|要|应|中|\d"
    r"|not |nearly|almost|partly|partially|mostly|half|soon"
)
_NEGATIONS = frozenset(("未", "没", "不", "非", "无", "not "))
_LONGEST_CACHED = 256
_LONGEST_COMPARED = 64
_MOST_MARKS = 30


def fold(text: str) -> str:
    """Return the one form under which texts that mean the same are equal.

    Half-width, simplified characters, lower case; pinyin in brackets, the
    guide's column marks (``●○⚙``) in front and a ``*`` at the end are gone, and
    so are spaces, save those between two words of Latin letters or digits.
    Signs that merely look like digits (``²``, ``①``, ``½``) stay what they are:
    ``10²`` must not read as 102.
    """
    return _fold_cached(text) if len(text) <= _LONGEST_CACHED else _fold(text)


def full_width(text: str) -> bool:
    """Return whether digits, letters or number signs were typed full-width.

    A full-width comma counts only between digits; elsewhere it is ordinary
    Chinese punctuation.
    """
    return _FULL_WIDTH.search(text) is not None


def nearest(text: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like the text, or None where none is clearly the nearest.

    The opposite is never suggested, nor what is only nearly so: neither ``未完成`` nor
    ``基本完成`` is ``已完成`` mistyped.
    """
    typed = fold(text)[:_LONGEST_COMPARED]
    ranked = sorted(
        ((_likeness(typed, fold(candidate)), candidate) for candidate in candidates),
        key=lambda pair: -pair[0],
    )
    if not ranked or ranked[0][0] < 0.6:
        return None
    if len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
        return None
    return ranked[0][1]


def _likeness(typed: str, candidate: str) -> float:
    of_typed, of_candidate = (set(_QUALIFIED.findall(text)) for text in (typed, candidate))
    if bool(of_typed & _NEGATIONS) != bool(of_candidate & _NEGATIONS):
        return 0.0
    if of_typed - of_candidate - _NEGATIONS:
        return 0.0
    from difflib import SequenceMatcher

    return SequenceMatcher(None, typed, candidate[:_LONGEST_COMPARED], autojunk=False).ratio()


@lru_cache(maxsize=8192)
def _fold_cached(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    if not text.isascii():
        if len(text) > _LONGEST_CACHED:
            text = _with_few_marks(text)
        text = _compatible(text)
        text = _compatible(text.casefold()).translate(_SIMPLIFIED)
    # Separate accents compose once the space before them is gone.
    text = unicodedata.normalize("NFC", _without_spaces(text.casefold()))
    text = _BRACKETED.sub(_without_pinyin, text)
    return text.lstrip(_MARKS + " ").rstrip("* ")


def _with_few_marks(text: str) -> str:
    """Return the text without the marks on a character after its thirtieth.

    Normalizing sorts the marks of a character one by one, and no writing has more
    (Unicode Standard Annex 15, "Stream-Safe Text Format").
    """
    if not any(map(unicodedata.combining, set(text))):
        return text
    return "".join(
        sign
        for is_mark, run in groupby(text, key=lambda sign: unicodedata.combining(sign) > 0)
        for sign in islice(run, _MOST_MARKS if is_mark else None)
    )


def _compatible(text: str) -> str:
    """Normalise (NFKC) all but the signs that would turn into digits, and drop invisible ones."""
    if text.isprintable() and unicodedata.is_normalized("NFKC", text) and not _VARIANT & set(text):
        return text  # as nearly all cells are
    text = "".join(
        run if kept else unicodedata.normalize("NFKC", run)
        for kept, run in (
            (kept, "".join(signs)) for kept, signs in groupby(text, key=_is_digit_like)
        )
    )
    return "".join(sign for sign in text if not _is_invisible(sign))


def _is_digit_like(sign: str) -> bool:
    return unicodedata.category(sign) in ("No", "Nl")


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign) == "Cf" or sign in _VARIANT


def _without_spaces(text: str) -> str:
    words = text.split()
    pieces: list[str] = words[:1]
    for before, after in pairwise(words):
        if _is_latin(before[-1]) and _is_latin(after[0]):
            pieces.append(" ")
        pieces.append(after)
    return "".join(pieces)


def _is_latin(sign: str) -> bool:
    return sign.isalnum() and not _IS_HAN.match(sign)


def _without_pinyin(match: re.Match[str]) -> str:
    """Return a character and the brackets behind it, but for those that give its pinyin."""
    sign, brackets = match.groups()
    position = 0
    while (bracket := _BRACKET.match(brackets, position)) and _is_pinyin(sign, bracket[1]):
        position = bracket.end()
    return sign + brackets[position:]


@lru_cache(maxsize=4096)
def _is_pinyin(sign: str, text: str) -> bool:
    letters = unicodedata.normalize("NFD", text.translate(_PINYIN_LETTERS))
    toned = any(letter in _TONES for letter in letters)
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    return bare in _SYLLABLES and (toned or _NEUTRAL.get(sign) == bare)


class _Simplified(dict[int, str]):
    """Code point → simplified character, filled as characters are met.

    One character at a time: word by word, 乾 would fold in one way alone and in
    another within 乾隆, and a header would match only in some company.
    """

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        if _IS_HAN.match(sign):
            sign = _simplified_characters().get(sign, sign)
        self[code] = sign
        return sign


@lru_cache(maxsize=1)
def _simplified_characters() -> dict[str, str]:
    """Return zhconv's table of characters, read without importing zhconv.

    The import costs ten times as much: it looks for pkg_resources, and prepares the
    conversion of words. The table isn't copied into this package, because it is
    MediaWiki's and under the GPL.
    """
    package = find_spec("zhconv")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("zhconv is not installed", name="zhconv")
    with open(Path(package.origin).with_name("zhcdict.json"), encoding="utf-8") as file:
        table: dict[str, str] = json.load(file)["zh2Hans"]
    return {sign: simplified for sign, simplified in table.items() if len(sign) == 1}


_SIMPLIFIED = _Simplified()
