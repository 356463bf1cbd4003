"""The sentences that people read, in both languages, side by side.

It imports only the errors that it puts into words.

A key is ``"<family>.<name>"``; the family is a module of this package whose
``CATALOGUE`` maps names to (Chinese, English) templates in ``str.format``
syntax. Families are imported when first used. A sentence that lacks a language,
or names a parameter that the other language doesn't, fails the tests.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from xlflow.errors import XlflowError

LANGUAGES = ("zh", "en")

# Where the sentence of an error is looked for whose key names no family.
_OF_ERRORS = ("errors", "reading")


def say(key: str, language: str, /, **params: Any) -> str:
    """Return the sentence ``key`` in ``language`` with its parameters filled in."""
    return sentence(key)[LANGUAGES.index(language)].format(**params)


def explain(error: XlflowError, language: str) -> str:
    """Return what a user is told about an error: the fact and the remedy.

    A key with a dot names its family (``"store.locked"``); one without belongs
    to ``errors``, or to ``reading``, which says what is wrong with a workbook.
    """
    return say(error_key(error.key), language, **error.params)


def error_key(key: str) -> str:
    """Return an error's key with its family; raises KeyError where no sentence is known."""
    for whole in [key] if "." in key else [f"{family}.{key}" for family in _OF_ERRORS]:
        try:
            sentence(whole)
        except KeyError:
            continue
        return whole
    raise KeyError(key)


def sentence(key: str) -> tuple[str, str]:
    """Return the (Chinese, English) templates behind ``key``.

    Raises:
        KeyError: there is no such family or sentence.
    """
    family, _, name = key.partition(".")
    try:
        return _catalogue(family)[name]
    except ModuleNotFoundError:
        raise KeyError(key) from None


@cache
def _catalogue(family: str) -> dict[str, tuple[str, str]]:
    catalogue: dict[str, tuple[str, str]] = import_module(f"{__name__}.{family}").CATALOGUE
    return catalogue
