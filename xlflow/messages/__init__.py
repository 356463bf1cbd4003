"""The sentences that people read, in both languages, side by side.

A key is ``"<family>.<name>"``; the family is a module of this package whose
``CATALOGUE`` maps names to (Chinese, English) templates in ``str.format``
syntax. Families are imported when first used. A sentence that lacks a language,
or names a parameter that the other language doesn't, fails the tests.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

LANGUAGES = ("zh", "en")


def say(key: str, language: str, /, **params: Any) -> str:
    """Return the sentence ``key`` in ``language`` with its parameters filled in."""
    return sentence(key)[LANGUAGES.index(language)].format(**params)


def sentence(key: str) -> tuple[str, str]:
    """Return the (Chinese, English) templates behind ``key``.

    Raises:
        KeyError: there is no such family or sentence.
    """
    family, _, name = key.partition(".")
    try:
        catalogue: dict[str, tuple[str, str]] = import_module(f"{__name__}.{family}").CATALOGUE
    except ModuleNotFoundError:
        raise KeyError(key) from None
    return catalogue[name]
