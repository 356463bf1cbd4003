"""The terminal's language: that of ``--language``, else the locale's."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

# The first one that is set decides, as POSIX has it.
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
WINDOWS_CHINESE = 0x04
"""Primary language number of Chinese in a Windows language identifier."""


def requested_language(arguments: Sequence[str]) -> str | None:
    """Return the language of the last ``--language`` among the arguments, None without one.

    Help and usage errors need it before the arguments are parsed; an unknown
    language is ignored here, and refused when the option is parsed.
    """
    language = None
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--language" and position + 1 < len(arguments):
            language = arguments[position + 1]
        elif argument.startswith("--language="):
            language = argument.partition("=")[2]
    return language if language in ("zh", "en") else None


def locale_language(environment: Mapping[str, str]) -> str:
    """Return ``"zh"`` for any Chinese locale, else ``"en"``."""
    locale = next((environment[name] for name in VARIABLES if environment.get(name)), None)
    if locale is not None:
        return "zh" if locale.lower().startswith(("zh", "chinese")) else "en"
    return "zh" if _system_is_chinese() else "en"


def _system_is_chinese() -> bool:
    """Whether the system's own language is Chinese; Windows sets no variable."""
    if sys.platform == "win32":
        import ctypes

        identifier: int = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return identifier & 0x3FF == WINDOWS_CHINESE
    return False
