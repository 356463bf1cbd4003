"""Files beside the code: macro sources and built workbooks.

A wheel carries them in ``xlflow/_shipped``; in a source tree they lie at its root.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(*names: str) -> Path:
    """Return the path of ``macros/…`` or ``workbooks/…``."""
    installed = _PACKAGE.joinpath("_shipped", *names)
    return installed if installed.exists() else _PACKAGE.parent.joinpath(*names)
