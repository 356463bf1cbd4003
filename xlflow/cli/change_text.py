"""The column and the contents of a changed cell, as the terminal shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlflow.cli.session import Session
from xlflow.cli.terminal_layout import one_line, shortened

if TYPE_CHECKING:
    from xlflow.facts import Change


def changed_column(change: Change, session: Session) -> str | None:
    """Return the header of the changed cell's column, None where a whole row was."""
    from xlflow.schema import BY_NAME

    if change.field is None:
        return None
    return BY_NAME[change.table][change.field].header[session.language]


def cell_text(text: str | None, session: Session) -> str:
    """Return what a cell holds on one line, shortened."""
    return shortened(one_line(text), 40) if text else session.say("history.blank")
