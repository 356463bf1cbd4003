"""Write again every file that is derived from the source: ``python docs/regenerate.py``.

These are docs/reference/rules.md and commands.md, the tree of rooms in docs/design.md,
the macros that call Python, and the workbooks that are built with them. The pictures
need LibreOffice and are made by docs/make_pictures.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Write the files, those first from which others are built."""
    sys.path.insert(0, str(ROOT))
    import rooms

    from tests.excel import wrappers
    from xlflow.cli import command_reference
    from xlflow.excel import build
    from xlflow.rules import reference

    write(ROOT / "docs/reference/rules.md", reference.reference())
    write(ROOT / "docs/reference/commands.md", command_reference.reference())
    write(rooms.DESIGN, rooms.drawn())
    wrappers.main()
    build.build(ROOT / "workbooks")


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
