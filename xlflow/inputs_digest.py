"""A digest of what an outcome depends on besides a workbook's content, its memory and the moment.

It stands apart from :mod:`xlflow.process`, so that a pass that finds nothing changed
needn't import what reads workbooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256

from xlflow import __version__
from xlflow.config import Settings

_MEANING = 3
"""Raised when the same cells come to mean something else, so that all are read anew."""


def inputs_digest(settings: Settings) -> str:
    """Digest the settings and the versions of code and calendar that an outcome depends on."""
    import chinese_calendar

    # Asking for the installed package's version instead takes longer than the import.
    parts = [__version__, str(_MEANING), chinese_calendar.__version__]
    parts += [f"{f.name}={_ordered(getattr(settings, f.name))}" for f in fields(settings)]
    return sha256("\0".join(parts).encode()).hexdigest()


def _ordered(value: object) -> object:
    """Return a setting with its sets sorted: their order differs from one process to the next."""
    if isinstance(value, Mapping):
        return {name: _ordered(item) for name, item in value.items()}
    return sorted(value) if isinstance(value, frozenset) else value
