"""A company's own words for headers, stages and choices: what ``[words]`` may say."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from xlflow.config import Settings
from xlflow.errors import SettingsError
from xlflow.meaning.folding import fold
from xlflow.schema import TABLES


def check_own_words(settings: Settings) -> None:
    """Refuse a word of the schema itself as a company's own, and one that stands for nothing.

    Other spellings that xlflow happens to know may be given another meaning.

    Raises:
        SettingsError: a key of ``[words]`` is a header, stage or choice already, or its value
            is none; the nearest one is named.
    """
    known = {fold(word): word for word in _words_of_the_schema(settings)}
    for word, meant in settings.words.items():
        if fold(word) in known:
            raise SettingsError("settings_own_word", word=word)
        if fold(meant) not in known:
            near = get_close_matches(fold(meant), known, 1, cutoff=0) or list(known)
            raise SettingsError(
                "settings_word_meaning", word=word, meant=meant, near=known[near[0]]
            )


def _words_of_the_schema(settings: Settings) -> Iterable[str]:
    for column in (column for table in TABLES for column in table.columns):
        yield from (column.header.zh, column.header.en)
        for option in column.choices:
            yield from (option.zh, option.en)
    yield from settings.stages
