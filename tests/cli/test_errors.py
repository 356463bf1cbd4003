"""Errors in a command line."""

from __future__ import annotations

import pytest

from xlflow.cli.errors import closest_match

COMMANDS = ("sync", "status", "summary", "service")


@pytest.mark.parametrize(
    ("word", "match"),
    [("synk", "sync"), ("statsu", "status"), ("sumary", "summary"), ("zzz", None), ("", None)],
)
def test_a_typo_is_matched_and_another_word_is_not(word: str, match: str | None) -> None:
    assert closest_match(word, COMMANDS) == match
