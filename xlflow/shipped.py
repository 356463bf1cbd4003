"""The data files of the package: macro sources and built workbooks.

A wheel has them in ``xlflow/_shipped``, a source tree at its root.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(*names: str) -> Path:
    """Return the path of a file in ``macros/`` or ``workbooks/``."""
    installed = _PACKAGE.joinpath("_shipped", *names)
    return installed if installed.exists() else _PACKAGE.parent.joinpath(*names)
