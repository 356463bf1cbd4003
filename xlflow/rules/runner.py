"""Running the rules over a workbook, and over two versions of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

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
)
from xlflow.meaning.workdays import Calendar
from xlflow.messages import say
from xlflow.rules.catalogue import BLANK, FORMULA, RULES, VALUE, Problem, Rule, Scope
from xlflow.rules.display import displayed, fact

_OFF = "off"
_SHOWN_IN_A_ROW = 5
_NOTHING = Computed()


def check_rule_settings(settings: Settings) -> None:
    """Refuse settings that name an unknown rule.

    Raises:
        SettingsError: a key of ``[rules]`` isn't a code; the nearest one is named.
    """
    for code in settings.rules:
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
    by_table = defaultdict(list)
    for row in rows:
        by_table[row.table.name].append(row)
    sheets = [replace(sheet, rows=tuple(by_table[name])) for name, sheet in snapshot.tables.items()]
    active = _Active(settings)
    found = _Findings(active, sheets)
    given: dict[str, Any] = {
        "book": snapshot,
        "settings": settings,
        "calendar": calendar,
        "as_of": as_of,
    }
    for rule in active[Scope.BOOK]:
        for problem in _call(rule, given):
            found.add(rule, problem, None)
    for sheet in sheets:
        given["sheet"] = sheet
        for rule in active[Scope.SHEET]:
            for problem in _call(rule, given):
                found.add(rule, problem, sheet)
        _check_rows(sheet, computed, active, given, found)
    return found.ordered()


def compare(
    snapshot: Snapshot, before: Sequence[Row], rows: Sequence[Row], settings: Settings
) -> list[Finding]:
    """Return what was changed between two versions that deserves a second look: XF4xx.

    Args:
        snapshot: the later version as read.
        before: the rows of the earlier version, with their identities.
        rows: those of the later one.
    """
    active = _Active(settings)
    found = _Findings(active, snapshot.tables.values())
    later = {(row.table.name, row.id): row for row in rows}
    for was in before:
        now = later.get((was.table.name, was.id))
        given = {"before": was, "now": now, "settings": settings}
        for rule in active[Scope.EDIT]:
            if was.table not in rule.tables or (now is None and not rule.gone):
                continue
            for problem in _call(rule, given):
                found.add(rule, problem, snapshot.tables.get(was.table.name), now, gone=was)
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
    return {row_id: remark(found, language) for row_id, found in by_row.items()}


def remark(findings: Iterable[Finding], language: str) -> str:
    """Return what 系统提示 says of a row: its findings on one line, the most severe first.

    Findings about edits are left out. Beyond the first five, the rest is counted.
    """
    said = [finding for finding in findings if RULES[finding.code].scope is not Scope.EDIT]
    said.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    texts = []
    for finding in said[:_SHOWN_IN_A_ROW]:
        sentence = message(finding, language)
        column = fact(finding.column or "")
        if column not in sentence:
            sentence = say("rules.of_column", language, column=column, sentence=sentence)
        texts.append(say("rules.with_code", language, sentence=sentence, code=finding.code))
    if len(said) > _SHOWN_IN_A_ROW:
        texts.append(say("rules.more", language, count=len(said) - _SHOWN_IN_A_ROW))
    return say("rules.joint", language).join(texts)


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
        self._rows = {sheet.sheet: {row.number: row for row in sheet.rows} for sheet in sheets}
        self._places = {name: place for place, name in enumerate(self._rows)}
        self._found: list[tuple[tuple[int, str, int, int, str], Finding]] = []

    def add(
        self,
        rule: Rule,
        problem: Problem,
        sheet: TableSheet | None,
        row: Row | None = None,
        field: str | None = None,
        gone: Row | None = None,
    ) -> None:
        """Turn a problem into a finding at its cell.

        ``gone`` is the row of an earlier version, which names the sheet and the
        identity where the row, or its sheet, is no longer there.
        """
        number, column = self._cell(problem.at or field or rule.at, sheet, row)
        if row is None and sheet is not None and number is not None:
            row = self._rows[sheet.sheet].get(number)
        header = value = None
        if sheet is not None and column is not None:
            named = next((f for f, c in sheet.columns.items() if c == column), None)
            named = named or next((f for f, c in sheet.duplicate_columns if c == column), None)
            header = sheet.headers[named] if named else None
            cell = row.values.get(named) if row is not None and named else None
            value = displayed(cell.cell) or None if cell is not None else None
        name = problem.sheet or (sheet.sheet if sheet else gone.sheet if gone else None)
        facts = {"value": value or "", "column": header or "", "sheet": name or ""}
        facts.update(problem.params)
        if problem.fix is not None:
            facts["fix"] = problem.fix
        known = row or gone
        finding = Finding(
            code=rule.code,
            severity=self._active.severity(rule),
            sheet=name,
            cell=address(number, column) if number and column else None,
            row=number,
            column=header,
            params={fact_name: fact(facts[fact_name]) for fact_name in sorted(rule.facts)},
            value=value,
            fix=problem.fix,
            table=sheet.table.name if sheet else gone.table.name if gone else None,
            row_id=known.id if known is not None else None,
        )
        place = -1 if name is None else self._places.get(name, len(self._places))
        self._found.append(((place, name or "", number or 0, column or 0, rule.code), finding))

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


def _check_rows(
    sheet: TableSheet,
    computed: Mapping[str, Computed],
    active: _Active,
    given: dict[str, Any],
    found: _Findings,
) -> None:
    columns = [column for column in sheet.table.columns if column.field in sheet.columns]
    languages = {f: "en" if header.isascii() else "zh" for f, header in sheet.headers.items()}
    rules = [
        rule
        for rule in active[Scope.ROW]
        if sheet.table in rule.tables
        and rule.at in sheet.columns
        and all(field in sheet.columns for field, _ in rule.fields)
    ]
    cell_rules = {
        column.field: {
            condition: [rule for rule in rules if rule.columns is not None and rule.columns(column)]
            for condition, rules in active.by_condition.items()
        }
        for column in columns
    }
    for row in sheet.rows:
        given.update(row=row, computed=computed.get(row.id, _NOTHING))
        for column in columns:
            value = row.values[column.field]
            given.update(column=column, value=value, language=languages[column.field])
            for condition in _conditions(value):
                for rule in cell_rules[column.field].get(condition, ()):
                    for problem in _call(rule, given):
                        found.add(rule, problem, sheet, row, column.field)
        for rule in rules:
            given["language"] = languages[rule.at or ""]
            for problem in _call(rule, given, row):
                found.add(rule, problem, sheet, row)


def _conditions(value: Value) -> Iterator[str]:
    if value.cell.formula:
        yield FORMULA
    yield value.problem or (BLANK if value.blank else VALUE)
    yield from value.hints


def _call(rule: Rule, given: Mapping[str, Any], row: Row | None = None) -> Iterable[Problem]:
    """Ask a rule, unless a cell that it reads is ill-typed, or blank where it mustn't be."""
    arguments = {name: given[name] for name in rule.reserved}
    for field, may_be_blank in rule.fields:
        value = row.values[field] if row is not None else None
        if value is None or value.problem is not None or (value.blank and not may_be_blank):
            return ()
        arguments[field] = value.value
    result = rule.function(**arguments)
    if result is None:
        return ()
    return (result,) if isinstance(result, Problem) else result
