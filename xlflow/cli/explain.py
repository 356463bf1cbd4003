"""``explain``: shows one rule's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from xlflow.cli.command import Command
from xlflow.cli.errors import CommandLineError
from xlflow.cli.rules import documentation, rule_json
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.rules import Rule


@click.command(cls=Command)
@click.argument("code", metavar="CODE")
@click.pass_obj
def explain(session: Session, code: str) -> None:
    """Explain one rule."""
    from xlflow.rules import CATALOGUE

    by_code = {rule.code: rule for rule in CATALOGUE}
    rule = by_code.get(code.upper())
    if rule is None:
        raise CommandLineError("no_such_code", code=code)
    session.answer(lambda: rule_json(rule), lambda: _text(rule, session))


def _text(rule: Rule, session: Session) -> str:
    from xlflow.cli.terminal_layout import readable_columns, wrapped
    from xlflow.schema import TABLES

    columns = readable_columns()
    severity = session.severity(rule.severity, wide=False)
    lines = [session.say("rules.title", code=rule.code, name=rule.name, severity=severity), ""]
    paragraphs = documentation(rule, session.language).splitlines()
    lines += [wrapped(line, columns) if line else "" for line in paragraphs]
    lines.append("")
    if rule.looks_at:
        headers = {c.header.zh: c.header[session.language] for t in TABLES for c in t.columns}
        looks_at = session.say("list").join(headers[name] for name in rule.looks_at)
        lines.append(wrapped(session.say("rules.looks_at", columns=looks_at), columns))
    lines.append(wrapped(session.say("rules.switch", code=rule.code), columns))
    return "\n".join(lines)
