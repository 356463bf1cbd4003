"""The rooms of the package and which way their imports point (docs/design.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import xlflow
from docs import rooms

PACKAGE = Path(xlflow.__file__).parent
DESIGN = PACKAGE.parent / "docs" / "design.md"
Sources = Mapping[str, str]
"""Module name (``xlflow.sync.run``; a package by its own name) → its text."""


def sources() -> dict[str, str]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("xlflow", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts).removesuffix(".__init__")] = path.read_text(encoding="utf-8")
    return found


def floors() -> dict[str, int]:
    """Read the rows ``| 3 | values, computing | … |`` of the table of floors."""
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|$", DESIGN.read_text(encoding="utf-8"), re.MULTILINE)
    return {room: int(floor) for floor, rooms in rows for room in re.findall(r"`(\w+)`", rooms)}


def room(module: str) -> str:
    return [*module.split("."), ""][1]


def imports(text: str, modules: Sources) -> Iterator[str]:
    """Yield the modules of the package that a module imports anywhere in its text."""
    for node in ast.walk(ast.parse(text)):
        names = []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else str(node.module) for name in names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (name for name in names if name in modules and name != "xlflow")


def upward_imports(modules: Sources, floor: Mapping[str, int]) -> list[str]:
    return [
        f"{module} imports {other}"
        for module, text in modules.items()
        if room(module) not in ("", "__main__")
        for other in imports(text, modules)
        if room(module) != room(other) and floor[room(module)] <= floor[room(other)]
    ]


def circle(modules: Sources) -> list[str]:
    """Return modules that import each other in a circle, the first one twice; none if there are."""
    graph = {module: set(imports(text, modules)) - {module} for module, text in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_room_has_a_floor() -> None:
    assert {room(module) for module in sources()} - {"", "__main__"} == set(floors())


def test_imports_point_down() -> None:
    assert not upward_imports(sources(), floors())


def test_no_files_import_each_other_in_a_circle() -> None:
    assert not circle(sources())


def test_a_planted_upward_import_is_found() -> None:
    modules = {**sources(), "xlflow.meaning.planted": "from xlflow.sync.run import run"}
    assert upward_imports(modules, floors()) == ["xlflow.meaning.planted imports xlflow.sync.run"]
    with_import = {**sources(), "xlflow.look": "def f():\n    import xlflow.columns"}
    assert upward_imports(with_import, floors()) == ["xlflow.look imports xlflow.columns"]


def test_a_planted_circle_is_found() -> None:
    modules = {
        **sources(),
        "xlflow.meaning.one": "from xlflow.meaning import other",
        "xlflow.meaning.other": "def f():\n    from xlflow.meaning.one import x",
    }
    assert set(circle(modules)) == {"xlflow.meaning.one", "xlflow.meaning.other"}


def test_the_tree_in_the_design_is_the_real_one() -> None:
    assert rooms.drawn() == DESIGN.read_text(encoding="utf-8"), "run: python docs/rooms.py"
