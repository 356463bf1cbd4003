"""``rules``: lists the rule catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session

if TYPE_CHECKING:
    from xlflow.rules import Rule


@click.command(cls=Command)
@click.pass_obj
def rules(session: Session) -> None:
    """List all rules."""
    from xlflow.cli.terminal_layout import table
    from xlflow.rules import CATALOGUE

    def text() -> str:
        header = [session.say(f"rules.{name}") for name in ("code", "severity", "fault")]
        rows = [
            [
                rule.code,
                session.severity(rule.severity),
                documentation(rule, session.language).partition("\n")[0],
            ]
            for rule in CATALOGUE
        ]
        closing = session.say("rules.closing", count=len(CATALOGUE))
        return f"{table(header, rows)}\n\n{closing}"

    session.answer(lambda: {"rules": [rule_json(rule) for rule in CATALOGUE]}, text)


def documentation(rule: Rule, language: str) -> str:
    """Return a rule's page in one language."""
    return rule.en if language == "en" else rule.zh


def rule_json(rule: Rule) -> dict[str, Any]:
    """Return one rule as JSON."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "looks_at": list(rule.looks_at),
        "zh": rule.zh,
        "en": rule.en,
        "since": rule.since,
    }
