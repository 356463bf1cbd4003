"""Which language a terminal is spoken to in: ``--language``, else the locale's."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

# In the order in which POSIX lets one override another.
VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
CHINESE_FOR_WINDOWS = 0x04
"""The primary language number of Chinese in a Windows language identifier."""


def asked_for(arguments: Sequence[str]) -> str | None:
    """Return the last ``--language`` among the arguments, wherever it stands.

    Help and complaints about the arguments need it before they are parsed;
    whether it is a language at all is the option's own business.
    """
    chosen = None
    for position, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--language" and position + 1 < len(arguments):
            chosen = arguments[position + 1]
        elif argument.startswith("--language="):
            chosen = argument.partition("=")[2]
    return chosen if chosen in ("zh", "en") else None


def of_locale(environment: Mapping[str, str]) -> str:
    """Return ``"zh"`` where the locale is Chinese of any kind, else ``"en"``."""
    named = next((environment[name] for name in VARIABLES if environment.get(name)), None)
    if named is not None:
        return "zh" if named.lower().startswith(("zh", "chinese")) else "en"
    return "zh" if _system_is_chinese() else "en"


def _system_is_chinese() -> bool:
    """Ask the system itself, for the terminals of Windows, which set no variable."""
    if sys.platform == "win32":
        import ctypes

        identifier: int = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return identifier & 0x3FF == CHINESE_FOR_WINDOWS
    return False
