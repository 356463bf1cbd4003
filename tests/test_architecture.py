"""The rooms and which way their arrows point (docs/design.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import xlflow

ROOT = Path(xlflow.__file__).parent

# From top to bottom; a module imports from its own room and from rooms above it.
ROOMS = (
    ("errors", "config", "messages", "look", "shipped", "files"),
    ("columns", "schema"),
    ("meaning",),
    ("facts", "values", "record", "matching", "computing", "figures"),
    ("workbook",),
    ("store",),
    ("rules",),
    ("process",),
    ("workspace",),
    ("sync",),
    ("excel",),
    ("cli",),
)
LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}
FORBIDDEN = {("store", "workbook")}


def imported(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xlflow."):
            yield str(node.module).split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "xlflow":
            yield from (name.name for name in node.names if name.name in LEVEL)
        elif isinstance(node, ast.Import):
            yield from (n.name.split(".")[1] for n in node.names if n.name.startswith("xlflow."))


def test_every_module_has_a_room() -> None:
    present = {p.stem for p in ROOT.glob("*.py")} | {p.parent.name for p in ROOT.glob("*/*.py")}
    assert present - {"__init__", "__main__"} <= set(LEVEL)


def test_no_import_points_downward() -> None:
    upward = []
    for source in ROOT.rglob("*.py"):
        room = source.relative_to(ROOT).parts[0].removesuffix(".py")
        if room in ("__init__", "__main__"):
            continue
        upward += [
            f"{source.relative_to(ROOT)} imports {other}"
            for other in imported(source)
            if LEVEL[other] > LEVEL[room] or (room, other) in FORBIDDEN
        ]
    assert not upward
