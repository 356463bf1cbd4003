"""Running the rules over a workbook, and over two versions of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from xlflow.columns import Column
from xlflow.config import SEVERITIES, Settings
from xlflow.errors import SettingsError
from xlflow.facts import (
    Computed,
    Finding,
    Row,
    Snapshot,
    TableSheet,
    Value,
    address,
    column_letters,
)
from xlflow.meaning.workdays import Calendar
from xlflow.messages import say
from xlflow.rules.catalogue import BLANK, FORMULA, RULES, VALUE, Problem, Rule, Scope
from xlflow.rules.display import fact
from xlflow.schema import TABLES
from xlflow.values import displayed

_OFF = "off"
_SHOWN_IN_A_ROW = 5
_NOTHING = Computed()


def check_rule_settings(settings: Settings) -> None:
    """Refuse settings that name an unknown rule, or switch off one that rejects a value.

    Raises:
        SettingsError: a key of ``[rules]`` isn't a code, and the nearest one is named; or
            what the rule rejects would then go unsaid.
    """
    for code, severity in settings.rules.items():
        if severity == _OFF and code in RULES and RULES[code].rejects:
            raise SettingsError("settings_rule_rejects", code=code)
        if code not in RULES:
            near = max(sorted(RULES), key=partial(_likeness, code.upper()))
            raise SettingsError("settings_rule", code=code, near=near)


def _likeness(code: str, known: str) -> int:
    return sum(typed == right for typed, right in zip(code, known, strict=False))


def check(
    snapshot: Snapshot,
    rows: Sequence[Row],
    computed: Mapping[str, Computed],
    settings: Settings,
    calendar: Calendar,
    as_of: datetime,
) -> list[Finding]:
    """Return what is wrong in a workbook's present content: XF1xx, XF2xx and XF3xx.

    Args:
        snapshot: the workbook as read.
        rows: its rows with their identities; computed cells that hold what xlflow
            wrote are blank in them, so that only people's own values are left.
        computed: what was worked out for each row, by its id.

    The findings are in the order of sheets, rows, columns and codes; those about
    the workbook as a whole come first.
    """
    by_sheet: dict[int, list[Row]] = defaultdict(list)
    for placed, row in snapshot.placed(rows):
        by_sheet[id(placed)].append(row)
    sheets = [replace(sheet, rows=tuple(by_sheet[id(sheet)])) for sheet in snapshot.sheets]
    active = _Active(settings)
    found = _Findings(active, sheets)
    given: dict[str, Any] = {
        "book": snapshot,
        "settings": settings,
        "calendar": calendar,
        "as_of": as_of,
    }
    for rule in active[Scope.BOOK]:
        for problem in _ask(rule, given):
            found.add(rule, problem, None)
    for sheet in sheets:
        given["sheet"] = sheet
        for rule in active[Scope.SHEET]:
            for problem in _ask(rule, given):
                found.add(rule, problem, sheet)
        _Columns(sheet, computed, given, found).check(active)
    return found.ordered()


def compare(
    snapshot: Snapshot,
    before: Sequence[Row],
    rows: Sequence[Row],
    settings: Settings,
    closed: Sequence[str] = (),
) -> list[Finding]:
    """Return what was changed between two versions that deserves a second look: XF4xx.

    Args:
        snapshot: the later version as read.
        before: the rows of the earlier version, with their identities.
        rows: those of the later one.
        closed: the months that are closed, such as ``2024-07``.
    """
    active = _Active(settings)
    found = _Findings(active, snapshot.sheets)
    later = {(row.table.name, row.id): (sheet, row) for sheet, row in snapshot.placed(rows)}
    rules_of = {
        table.name: [rule for rule in active[Scope.EDIT] if table in rule.tables]
        for table in TABLES
    }
    pairs: list[tuple[TableSheet | None, Row | None, Row | None]] = []
    for was in before:
        sheet, now = later.pop((was.table.name, was.id), (None, None))
        if now is None or was.packed != now.packed:  # the team's cells aren't what they were
            pairs.append((sheet, was, now))
    if before:
        pairs += [(sheet, None, now) for sheet, now in later.values()]
    for sheet, old, now in pairs:
        given = {"before": old, "now": now, "settings": settings, "closed": closed}
        table = (now or old).table  # type: ignore[union-attr]
        for rule in rules_of[table.name]:
            if (now is None and not rule.gone) or (old is None and not rule.new):
                continue
            for problem in _ask(rule, given):
                found.add(rule, problem, sheet, now, gone=old)
    return found.ordered()


def message(finding: Finding, language: str) -> str:
    """Return a finding's sentence, without its place and code."""
    return say(f"rules.{finding.code}", language, **finding.params)


def remarks(findings: Iterable[Finding], language: str) -> dict[str, str]:
    """Return what 系统提示 says of each row that something was found in, by row id."""
    by_row: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.row_id is not None:
            by_row[finding.row_id].append(finding)
    sentences: Sentences = {}
    return {row_id: remark(found, language, sentences) for row_id, found in by_row.items()}


Sentences = dict[tuple[str, int, str | None], str]
"""Sentences of findings by code, identity of the facts, and column."""


def remark(findings: Iterable[Finding], language: str, sentences: Sentences | None = None) -> str:
    """Return what 系统提示 says of a row: its findings on one line, the most severe first.

    Findings about edits are left out. Beyond the first five, the rest is counted.
    ``sentences`` are those made so far, to which the new ones are added.
    """
    sentences = {} if sentences is None else sentences
    said = [finding for finding in findings if RULES[finding.code].scope is not Scope.EDIT]
    said.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    texts = []
    for finding in said[:_SHOWN_IN_A_ROW]:
        # The same facts are one object in all findings that state them.
        key = finding.code, id(finding.params), finding.column
        if key not in sentences:
            sentences[key] = _sentence(finding, language)
        texts.append(sentences[key])
    if len(said) > _SHOWN_IN_A_ROW:
        texts.append(say("rules.more", language, count=len(said) - _SHOWN_IN_A_ROW))
    return say("rules.joint", language).join(texts)


def _sentence(finding: Finding, language: str) -> str:
    """Return a finding's sentence with its code, and with its column unless it names that."""
    sentence = message(finding, language)
    column = fact(finding.column or "")
    if column not in sentence:
        sentence = say("rules.of_column", language, column=column, sentence=sentence)
    return say("rules.with_code", language, sentence=sentence, code=finding.code)


class _Active:
    """The rules that aren't switched off, with the severities that the settings give them."""

    def __init__(self, settings: Settings) -> None:
        self._severities = {
            code: settings.rules.get(code, rule.severity) for code, rule in RULES.items()
        }
        self._by_scope: dict[Scope, list[Rule]] = defaultdict(list)
        self.by_condition: dict[str, list[Rule]] = defaultdict(list)
        for code, rule in sorted(RULES.items()):
            if self._severities[code] != _OFF:
                self._by_scope[rule.scope].append(rule)
                if rule.when is not None:
                    self.by_condition[rule.when].append(rule)

    def __getitem__(self, scope: Scope) -> list[Rule]:
        return self._by_scope[scope]

    def severity(self, rule: Rule) -> str:
        return self._severities[rule.code]


class _Findings:
    """Findings as they come, each with its place in the order."""

    def __init__(self, active: _Active, sheets: Iterable[TableSheet]) -> None:
        self._active = active
        self._rows = {
            (sheet.table.name, sheet.sheet, row.number): row
            for sheet in sheets
            for row in sheet.rows
        }
        names = dict.fromkeys(sheet.sheet for sheet in sheets)
        self._places = {name: place for place, name in enumerate(names)}
        self._found: list[tuple[tuple[int, str, int, int, str], Finding]] = []

    def add(
        self,
        rule: Rule,
        problem: Problem,
        sheet: TableSheet | None,
        row: Row | None = None,
        gone: Row | None = None,
    ) -> None:
        """Turn a problem into a finding at its cell.

        ``gone`` is the row of an earlier version, which names the sheet and the
        identity where the row, or its sheet, is no longer there.
        """
        number, column = self._cell(problem.at or rule.at, sheet, row)
        if row is None and sheet is not None and number is not None:
            row = self._rows.get((sheet.table.name, sheet.sheet, number))
        header = value = None
        if sheet is not None and column is not None:
            named = next((f for f, c in sheet.columns.items() if c == column), None)
            header = sheet.headers[named] if named else None
            if named is None:
                further = (each for each in sheet.duplicate_columns if each[1] == column)
                named, _, header = next(further, (None, 0, None))
            cell = row.value_in(named) if row is not None and named else None
            value = displayed(cell.cell) or None if cell is not None else None
        name = problem.sheet or (sheet.sheet if sheet else gone.sheet if gone else None)
        params = _params(rule, problem, value, header, name)
        known = row or gone
        finding = Finding(
            code=rule.code,
            severity=self._active.severity(rule),
            sheet=name,
            cell=address(number, column) if number and column else None,
            row=number,
            column=header,
            params=params,
            value=value,
            fix=problem.fix,
            table=sheet.table.name if sheet else gone.table.name if gone else None,
            row_id=known.id if known is not None else None,
        )
        place = -1 if name is None else self._places.get(name, len(self._places))
        self._found.append(((place, name or "", number or 0, column or 0, rule.code), finding))

    def add_in_column(
        self, rule: Rule, problem: Problem, sheet: TableSheet, field: str, rows: Sequence[Row]
    ) -> None:
        """Turn a problem of several rows into findings at their cells in one column.

        The cells hold the same, so only place and row differ between the findings.
        """
        column, header = sheet.columns[field], sheet.headers[field]
        place = self._places[sheet.sheet]
        severity = self._active.severity(rule)
        letters = column_letters(column)
        cell = rows[0].value_in(field)
        value = displayed(cell.cell) or None if cell is not None else None
        params = _params(rule, problem, value, header, sheet.sheet)
        for row in rows:
            finding = Finding(
                rule.code,
                severity,
                sheet.sheet,
                f"{letters}{row.number}",
                row.number,
                header,
                params,
                value,
                problem.fix,
                row.table.name,
                row.id,
            )
            order = place, sheet.sheet, row.number, column, rule.code
            self._found.append((order, finding))

    def _cell(
        self, at: str | tuple[int, int] | None, sheet: TableSheet | None, row: Row | None
    ) -> tuple[int | None, int | None]:
        if isinstance(at, tuple):
            return at
        if at is None or sheet is None or row is None:
            return None, None
        return row.number, sheet.columns[at]

    def ordered(self) -> list[Finding]:
        return [finding for _, finding in sorted(self._found, key=lambda pair: pair[0])]


def _params(
    rule: Rule, problem: Problem, value: str | None, header: str | None, sheet: str | None
) -> Mapping[str, Any]:
    """Return the facts of a finding's sentence."""
    facts = {"value": value or "", "column": header or "", "sheet": sheet or ""}
    facts.update(problem.params)
    if problem.fix is not None:
        facts["fix"] = problem.fix
    return {name: fact(facts[name]) for name in sorted(rule.facts)}


class _Columns:
    """The rows of one sheet, column by column, to which the rules about cells and rows apply.

    A rule is asked once for each distinct combination of its arguments, however many
    rows have it: values that are the same are one object (:class:`xlflow.facts.Value`),
    so they are told apart by identity.
    """

    def __init__(
        self,
        sheet: TableSheet,
        computed: Mapping[str, Computed],
        given: Mapping[str, Any],
        found: _Findings,
    ) -> None:
        self._sheet = sheet
        self._given = dict(given)
        self._found = found
        self._columns = [c for c in sheet.table.columns if c.field in sheet.columns]
        places = sheet.table.places
        self._values: dict[str, list[Value]] = {
            column.field: [row.values[places[column.field]] for row in sheet.rows]  # type: ignore[misc]
            for column in self._columns
        }
        self._keys = {field: list(map(id, values)) for field, values in self._values.items()}
        self._computed = [computed.get(row.id, _NOTHING) for row in sheet.rows]
        self._languages = {
            field: "en" if header.isascii() else "zh" for field, header in sheet.headers.items()
        }

    def check(self, active: _Active) -> None:
        """Apply all active rules about cells and rows."""
        for column in self._columns:
            self._check_cells(column, active.by_condition)
        for rule in active[Scope.ROW]:
            fields = [rule.at, *(field for field, _ in rule.fields)]
            if self._sheet.table in rule.tables and self._sheet.columns.keys() >= set(fields):
                self._check_rows(rule)

    def _check_cells(self, column: Column, by_condition: Mapping[str, list[Rule]]) -> None:
        """Apply the rules about single cells to each distinct value of a column."""
        rules = {
            condition: chosen
            for condition, rules in by_condition.items()
            if (chosen := [rule for rule in rules if rule.columns and rule.columns(column)])
        }
        field = column.field
        given = {**self._given, "column": column, "language": self._languages[field]}
        problems: dict[int, list[tuple[Rule, Problem]]] = {}
        for key, value in dict(zip(self._keys[field], self._values[field], strict=True)).items():
            asked = [rule for condition in _conditions(value) for rule in rules.get(condition, ())]
            if not asked:
                continue
            given["value"] = value
            if found := [(rule, problem) for rule in asked for problem in _ask(rule, given)]:
                problems[key] = found
        for key, rows in self._rows_by(self._keys[field], problems).items():
            for rule, problem in problems[key]:
                self._found.add_in_column(rule, problem, self._sheet, field, rows)

    def _check_rows(self, rule: Rule) -> None:
        """Apply a rule about rows to each distinct combination of what it looks at."""
        arguments = [self._keys[field] for field, _ in rule.fields]
        if "computed" in rule.reserved:
            arguments.append(list(map(id, self._computed)))
        if "row" in rule.reserved:
            arguments.append(list(map(id, self._sheet.rows)))
        if not arguments:  # the rule looks at nothing that differs between rows
            arguments.append([0] * len(self._sheet.rows))
        keys: list[tuple[int, ...]] = list(zip(*arguments, strict=True))
        given = {**self._given, "language": self._languages[rule.at or ""]}
        problems = {}
        for key, place in dict(zip(keys, range(len(keys)), strict=True)).items():
            given |= {"row": self._sheet.rows[place], "computed": self._computed[place]}
            if found := _ask(rule, given, [self._values[field][place] for field, _ in rule.fields]):
                problems[key] = list(found)
        for key, rows in self._rows_by(keys, problems).items():
            for problem in problems[key]:
                field = problem.at or rule.at
                assert isinstance(field, str), "a row's rule names a field"
                cells: dict[int, list[Row]] = defaultdict(list)
                for row in rows:
                    cells[id(row.value_in(field))].append(row)
                for same in cells.values():
                    self._found.add_in_column(rule, problem, self._sheet, field, same)

    def _rows_by(self, keys: Sequence[Any], chosen: Container[Any]) -> dict[Any, list[Row]]:
        """Return the rows that have each of the chosen keys."""
        rows: dict[Any, list[Row]] = defaultdict(list)
        if chosen:
            for key, row in zip(keys, self._sheet.rows, strict=True):
                if key in chosen:
                    rows[key].append(row)
        return rows


def _conditions(value: Value) -> Sequence[str]:
    state = value.problem or (BLANK if value.value is None else VALUE)
    if value.cell.formula:
        return (FORMULA, state, *value.hints)
    return (state, *value.hints)


def _ask(rule: Rule, given: Mapping[str, Any], values: Sequence[Value] = ()) -> Iterable[Problem]:
    """Ask a rule, unless a cell that it reads is ill-typed, or blank where it mustn't be.

    ``given`` holds at least the reserved names that the rule takes, ``values`` are
    those of its fields.
    """
    arguments = {name: given[name] for name in rule.reserved}
    for (field, may_be_blank), value in zip(rule.fields, values, strict=True):
        if value.problem is not None or (value.value is None and not may_be_blank):
            return ()
        arguments[field] = value.value
    result = rule.function(**arguments)
    if result is None:
        return ()
    return (result,) if isinstance(result, Problem) else result
