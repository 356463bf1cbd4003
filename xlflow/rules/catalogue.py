"""What a rule is, and how one is declared.

A rule is an ordinary function under a decorator. Its name states the fault, its
docstring is its documentation (a first line that states the fault, then ``Why:``
and ``Repair:``), and its parameters name what it looks at: fields of the table
it is on, or one of the reserved names of its scope. A parameter without a default
means "only where the cell is present and well typed"; ``= None`` means "blank
too"; a cell that is ill-typed or whose column the sheet lacks skips the rule.
A wrong field name, a second use of a code, a missing docstring or a missing
sentence fails at import, with a message that names the file to change.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from string import Formatter
from typing import Any, TypeVar

from xlflow.columns import REGENERATE, Column, Owner, Table
from xlflow.config import SEVERITIES
from xlflow.messages import rules as words
from xlflow.schema import TABLES


class Scope(Enum):
    """What a rule looks at, one at a time."""

    CELL = "cell"
    ROW = "row"
    SHEET = "sheet"
    BOOK = "book"
    EDIT = "edit"
    """A row and what it was in the version before."""


_FAMILIES = {Scope.CELL: "1", Scope.ROW: "2", Scope.SHEET: "3", Scope.BOOK: "3", Scope.EDIT: "4"}
_RESERVED: Mapping[Scope, frozenset[str]] = {
    Scope.CELL: frozenset(("column", "value", "language", "settings")),
    Scope.ROW: frozenset(("row", "computed", "language", "sheet", "settings", "calendar", "as_of")),
    Scope.SHEET: frozenset(("sheet", "book", "settings")),
    Scope.BOOK: frozenset(("book", "settings")),
    Scope.EDIT: frozenset(("before", "now", "settings", "closed")),
}


@dataclass(frozen=True, slots=True, init=False)
class Problem:
    """What a rule found: the facts of its sentence, and a suggestion if there is one.

    ``at`` names another place than the rule's own: a field of the row, or (row,
    column) in the sheet. ``sheet`` is the place of a fault in the book that has
    one. Params may be anything with a text (dates, amounts, names), or a mapping
    with a text for each language.
    """

    params: Mapping[str, Any]
    at: str | tuple[int, int] | None
    sheet: str | None
    fix: str | None

    def __init__(
        self,
        *,
        at: str | tuple[int, int] | None = None,
        sheet: str | None = None,
        fix: str | None = None,
        **params: Any,
    ) -> None:
        for name, value in (("params", params), ("at", at), ("sheet", sheet), ("fix", fix)):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the catalogue.

    ``zh`` and ``en`` are its documentation; ``looks_at`` the headers it depends
    on. ``fields`` pairs the fields it reads with whether they may be blank,
    ``reserved`` are the reserved names it takes. A cell rule runs on ``columns``
    where the cell meets the condition ``when``. A rule about edits is asked of rows
    whose team cells changed, one with ``gone`` also of rows that are no longer there, one
    with ``new`` also of rows that weren't there before.
    ``facts`` are the parameters of its sentence. One that ``rejects`` says that the value
    of a cell, or the interval between two, isn't used; it can be shown at another level,
    but not switched off.
    """

    code: str
    name: str
    severity: str
    since: str
    scope: Scope
    tables: tuple[Table, ...]
    at: str | None
    when: str | None
    columns: Callable[[Column], bool] | None
    function: Callable[..., Any]
    fields: tuple[tuple[str, bool], ...]
    reserved: tuple[str, ...]
    gone: bool
    new: bool
    facts: frozenset[str]
    rejects: bool
    zh: str
    en: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields without whose columns it never runs: those it reads, and its place."""
        names = [field for field, _ in self.fields] + [self.at or ""]
        return tuple(name for name in dict.fromkeys(names) if name)

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The headers of the columns it depends on, in Chinese; none for whole sheets."""
        if self.columns is not None:
            found = [c for table in self.tables for c in table.columns if self.columns(c)]
        else:
            found = [table[name] for table in self.tables for name in self.needs]
        return tuple(dict.fromkeys(column.header.zh for column in found))


RULES: dict[str, Rule] = {}
"""Every rule by its code, filled as the families are imported."""

SENTENCES = "xlflow/messages/rules.py"
"""The file in which a rule has its sentence and its page in Chinese."""

VALUE, BLANK, FORMULA = "value", "blank", "formula"
"""Conditions of a cell; the others are the names of problems and hints (:mod:`xlflow.values`)."""

Function = TypeVar("Function", bound=Callable[..., Any])

_CODE = re.compile(r"XF[1-4]\d\d")


def rule(
    code: str,
    *,
    since: str,
    severity: str,
    on: Table | tuple[Table, ...] | None = None,
    at: str | None = None,
    rejects: bool = False,
) -> Callable[[Function], Function]:
    """Declare a rule about rows, sheets, workbooks or edits.

    Its parameters say which: ``before`` and ``now`` make it one about edits;
    without ``on`` it runs once a workbook if it takes only the ``book``,
    else once for each of the four sheets. It returns a :class:`Problem` or None,
    or any number of problems for whole sheets and workbooks.
    """
    tables = TABLES if on is None else (on,) if isinstance(on, Table) else on

    def declare(function: Function) -> Function:
        names = set(inspect.signature(function).parameters)
        if names & {"before", "now"}:
            scope = Scope.EDIT
        elif at is not None:
            scope = Scope.ROW
        else:
            scope = Scope.SHEET if "sheet" in names else Scope.BOOK
        _register(function, code, since, severity, scope, tables, at=at, rejects=rejects)
        return function

    return declare


def _of_team(column: Column) -> bool:
    return column.owner is Owner.TEAM


def cell_rule(
    code: str,
    *,
    since: str,
    severity: str,
    when: str,
    columns: Callable[[Column], bool] = _of_team,
) -> Callable[[Function], Function]:
    """Declare a rule about single cells of all columns that ``columns`` picks from the schema.

    ``when`` is the condition under which it runs: the name of a problem or hint of the
    cell's value, or :data:`VALUE` (well typed), :data:`BLANK`, :data:`FORMULA`.
    """

    def declare(function: Function) -> Function:
        # An error about what a cell holds means that what it holds isn't used.
        rejects = severity == "error" and when != BLANK
        _register(
            *(function, code, since, severity, Scope.CELL, TABLES),
            when=when,
            columns=columns,
            rejects=rejects,
        )
        return function

    return declare


def _register(
    function: Callable[..., Any],
    code: str,
    since: str,
    severity: str,
    scope: Scope,
    tables: tuple[Table, ...],
    *,
    at: str | None = None,
    when: str | None = None,
    columns: Callable[[Column], bool] | None = None,
    rejects: bool = False,
) -> None:
    def refuse(fault: str, file: str, change: str) -> TypeError:
        return TypeError(
            f"{function.__name__} ({code}): {fault}. In {file}, {change}; then run {REGENERATE}"
        )

    here = function.__module__.replace(".", "/") + ".py"
    family = f"XF{_FAMILIES[scope]}"
    if not _CODE.fullmatch(code) or not code.startswith(family):
        raise refuse(
            f"it looks at one {scope.value} at a time, so its code is {family} and two digits",
            here,
            f"take the next free code, {_next_free(family)}, or move the function to its family",
        )
    if code in RULES:
        raise refuse(
            f"the code is taken by {RULES[code].name}",
            here,
            f"take the next free one, {_next_free(family)}",
        )
    if severity not in SEVERITIES:
        raise refuse(f'"{severity}" is no severity', here, f"use one of {', '.join(SEVERITIES)}")
    en = inspect.cleandoc(function.__doc__ or "")
    for heading in ("Why: ", "Repair: "):
        if f"\n{heading}" not in en:
            raise refuse(
                f'the docstring has no line that begins with "{heading}"', here, "add the line"
            )
    if code not in words.CATALOGUE:
        raise refuse("it has no sentence", SENTENCES, f'add "{code}" to CATALOGUE')
    if code not in words.PAGES_ZH:
        raise refuse("it has no page in Chinese", SENTENCES, f'add "{code}" to PAGES_ZH')
    fields, reserved, optional = [], [], set()
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in _RESERVED[scope]:
            reserved.append(parameter.name)
            if parameter.default is None:
                optional.add(parameter.name)
        elif scope is Scope.ROW:
            fields.append((parameter.name, parameter.default is None))
        else:
            raise refuse(
                f"a rule about a {scope.value} can't take {parameter.name}",
                here,
                f"take only {', '.join(sorted(_RESERVED[scope]))}",
            )
    for name in [field for field, _ in fields] + [at or ""]:
        for table in tables:
            if name and name not in table:
                raise refuse(
                    f"{table.name} has no field {name}",
                    here,
                    f"name one that it has ({', '.join(c.field for c in table.columns)}), "
                    "or declare the column in xlflow/schema.py",
                )
    RULES[code] = Rule(
        code=code,
        name=function.__name__,
        severity=severity,
        since=since,
        scope=scope,
        tables=tables,
        at=at,
        when=when,
        columns=columns,
        function=function,
        fields=tuple(fields),
        reserved=tuple(reserved),
        gone="now" in optional,
        new="before" in optional,
        facts=_facts(words.CATALOGUE[code]),
        rejects=rejects,
        zh=words.PAGES_ZH[code],
        en=en,
    )


def _next_free(family: str) -> str:
    """Return the code after the last of a family, since codes are never used again."""
    last = max(code for code in words.CATALOGUE if code.startswith(family))
    return f"XF{int(last[2:]) + 1}"


def _facts(sentences: tuple[str, str]) -> frozenset[str]:
    """Return the parameters that the sentences name: ``{value}`` and ``{weekday[zh]}`` alike."""
    return frozenset(
        re.split(r"[.\[]", name)[0]
        for sentence in sentences
        for _, name, _, _ in Formatter().parse(sentence)
        if name
    )
