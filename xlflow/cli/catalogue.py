"""``rules`` and ``explain``: the rule catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.complaints import Misuse
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.rules import Rule


@click.command(cls=Command)
@click.pass_obj
def rules(session: Session) -> None:
    """List all rules."""
    from xlflow.cli.layout import table
    from xlflow.rules import CATALOGUE

    def text() -> str:
        header = [session.say(f"rules.{name}") for name in ("code", "severity", "fault")]
        rows = [
            [
                rule.code,
                session.severity(rule.severity),
                _documentation(rule, session.language).partition("\n")[0],
            ]
            for rule in CATALOGUE
        ]
        closing = session.say("rules.closing", count=len(CATALOGUE))
        return f"{table(header, rows)}\n\n{closing}"

    session.answer(lambda: {"rules": [_shape(rule) for rule in CATALOGUE]}, text)


@click.command(cls=Command)
@click.argument("code", metavar="CODE")
@click.pass_obj
def explain(session: Session, code: str) -> None:
    """Explain one rule."""
    from xlflow.rules import CATALOGUE

    by_code = {rule.code: rule for rule in CATALOGUE}
    rule = by_code.get(code.upper())
    if rule is None:
        raise Misuse("no_such_code", code=code)
    session.answer(lambda: _shape(rule), lambda: _page(rule, session))


def _documentation(rule: Rule, language: str) -> str:
    return rule.en if language == "en" else rule.zh


def _shape(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "looks_at": list(rule.looks_at),
        "zh": rule.zh,
        "en": rule.en,
        "since": rule.since,
    }


def _page(rule: Rule, session: Session) -> str:
    from xlflow.cli.layout import readable_columns, wrapped
    from xlflow.schema import TABLES

    columns = readable_columns()
    severity = session.severity(rule.severity, wide=False)
    lines = [session.say("rules.title", code=rule.code, name=rule.name, severity=severity), ""]
    documentation = _documentation(rule, session.language).splitlines()
    lines += [wrapped(line, columns) if line else "" for line in documentation]
    lines.append("")
    if rule.looks_at:
        headers = {c.header.zh: c.header[session.language] for t in TABLES for c in t.columns}
        looks_at = session.say("list").join(headers[name] for name in rule.looks_at)
        lines.append(wrapped(session.say("rules.looks_at", columns=looks_at), columns))
    lines.append(wrapped(session.say("rules.switch", code=rule.code), columns))
    return "\n".join(lines)
