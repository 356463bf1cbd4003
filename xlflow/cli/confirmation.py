"""Asking before something is written: only on a terminal, and never under ``--json``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from xlflow.cli.session import Session


def on_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def confirmed(session: Session, shown: str, question: str) -> bool:
    """Show what would be done on standard error, and return whether a person says yes."""
    session.to_stderr(shown)
    return click.confirm(question, default=False, err=True)
