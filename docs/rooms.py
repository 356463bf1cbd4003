"""Draw the tree of rooms in docs/design.md anew: ``python docs/rooms.py``."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "xlflow"
DESIGN = Path(__file__).with_name("design.md")
BEGIN, END = "<!-- rooms: python docs/rooms.py -->", "<!-- /rooms -->"


def tree() -> str:
    """Return the rooms in alphabetical order: what each says of itself, and its files."""
    files = ", ".join(f"`{path.stem}`" for path in sorted(PACKAGE.glob("[!_]*.py")))
    lines = [f"- **xlflow/** itself: {files}"]
    for init in sorted(PACKAGE.glob("*/__init__.py")):
        holds, may_import = docstring(init).split("\n\n")[:2]
        files = ", ".join(f"`{path.stem}`" for path in sorted(init.parent.glob("[!_]*.py")))
        lines.append(f"- **{init.parent.name}/** {one_line(holds)} {one_line(may_import)}")
        lines.append(f"  {files}")
    return "\n".join(lines)


def docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def one_line(text: str) -> str:
    return " ".join(text.split())


def drawn() -> str:
    """Return docs/design.md with the tree as the package is now."""
    before, _, rest = DESIGN.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{tree()}\n{END}{after}"


if __name__ == "__main__":
    DESIGN.write_text(drawn(), encoding="utf-8")
