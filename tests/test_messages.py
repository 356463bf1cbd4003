"""Every sentence exists in both languages, and every error has one."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

import xlflow
from xlflow import errors, messages
from xlflow.errors import UnreadableError, WorkspaceError, XlflowError

ROOT = Path(xlflow.__file__).parent
FAMILIES = sorted(p.stem for p in (ROOT / "messages").glob("*.py") if p.stem != "__init__")
SENTENCES = [
    (f"{family}.{name}", pair)
    for family in FAMILIES
    for name, pair in import_module(f"xlflow.messages.{family}").CATALOGUE.items()
]
ERROR_CLASSES = {
    name
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, XlflowError)
}


def placeholders(template: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0]
        for _, name, _, _ in string.Formatter().parse(template)
        if name
    }


@pytest.mark.parametrize(("key", "pair"), SENTENCES, ids=[key for key, _ in SENTENCES])
def test_a_sentence_has_both_languages_and_the_same_facts(key: str, pair: tuple[str, str]) -> None:
    zh, en = pair
    assert zh.strip()
    assert en.strip()
    assert placeholders(zh) == placeholders(en)
    assert "" not in placeholders(zh), "parameters have names"


class Raised(NamedTuple):
    """A place in the source where an error is made: its possible keys and its parameters."""

    place: str
    keys: frozenset[str]
    params: frozenset[str] | None


def raised() -> Iterator[Raised]:
    for source in sorted(ROOT.rglob("*.py")):
        module = ast.parse(source.read_text(encoding="utf-8"))
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and name_of(node.func) in ERROR_CLASSES and node.args:
                keys = texts(node.args[0], module)
                starred = any(keyword.arg is None for keyword in node.keywords)
                given = frozenset(k.arg for k in node.keywords if k.arg)
                place = f"{source.relative_to(ROOT)}:{node.lineno}"
                yield Raised(place, frozenset(keys), None if starred else given)


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def texts(expression: ast.AST, module: ast.Module, depth: int = 3) -> Iterator[str]:
    """Yield the texts that an expression may come to, following names to where they come from."""
    if isinstance(expression, ast.Constant):
        if isinstance(expression.value, str):
            yield expression.value
    elif isinstance(expression, ast.Name):
        for source in sources(expression.id, module) if depth else ():
            yield from texts(source, module, depth - 1)
    else:
        for part in parts(expression):
            yield from texts(part, module, depth)


def parts(expression: ast.AST) -> list[ast.expr]:
    match expression:
        case ast.IfExp():
            return [expression.body, expression.orelse]
        case ast.Dict():
            return expression.values
        case ast.Tuple() | ast.List():
            return expression.elts
        case ast.Subscript():
            return [expression.value]
        case ast.Call(func=ast.Attribute(value=owner)):  # .get(…, default), .items()
            return [owner, *expression.args[1:]]
    return []


def sources(name: str, module: ast.Module) -> Iterator[ast.expr]:
    """Yield the expressions that a name may stand for: assigned, looped over, or passed in."""
    for node in ast.walk(module):
        match node:
            case ast.Assign() if any(name_of(target) == name for target in node.targets):
                yield node.value
            case ast.AnnAssign(target=target, value=ast.expr() as value) if name_of(target) == name:
                yield value
            case ast.For() if name in {n.id for n in ast.walk(node.target) if hasattr(n, "id")}:
                yield node.iter
            case ast.FunctionDef() if name in (names := [a.arg for a in node.args.args]):
                for call in ast.walk(module):
                    if isinstance(call, ast.Call) and name_of(call.func) == node.name:
                        yield from call.args[names.index(name) :][:1]


RAISED = list(raised())


@pytest.mark.parametrize("made", RAISED, ids=[made.place for made in RAISED])
def test_an_error_has_its_sentence_and_the_facts_for_it(made: Raised) -> None:
    assert made.keys, "its key can't be found by reading the source"
    for key in made.keys:
        zh, _ = messages.sentence(messages.error_key(key))
        if made.params is not None:
            assert placeholders(zh) <= made.params


def test_no_key_is_in_both_families_of_errors() -> None:
    own = import_module("xlflow.messages.errors").CATALOGUE
    assert not own.keys() & import_module("xlflow.messages.reading").CATALOGUE.keys()


def test_every_sentence_about_errors_is_used() -> None:
    used = {key for made in RAISED for key in made.keys}
    assert set(import_module("xlflow.messages.errors").CATALOGUE) - used == set()


def test_an_error_is_explained_in_either_language() -> None:
    error = WorkspaceError("no_workspace_here", path="D:/共享")
    assert messages.explain(error, "zh").startswith("D:/共享 不是工作区")
    assert messages.explain(error, "en").startswith("D:/共享 isn't a workspace")
    assert "0" in messages.explain(UnreadableError("reading.file_empty"), "zh")


def test_an_unknown_sentence_is_a_mistake_in_the_source() -> None:
    with pytest.raises(KeyError):
        messages.sentence("errors.no_such_thing")
    with pytest.raises(KeyError):
        messages.sentence("no_such_family.at_all")
    with pytest.raises(KeyError):
        messages.explain(WorkspaceError("no_such_thing"), "zh")
