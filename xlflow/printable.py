"""Text that can be shown: names of files whose bytes aren't UTF-8, escaped."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Return a text with bytes of a file name that aren't UTF-8 as ``\xff``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
