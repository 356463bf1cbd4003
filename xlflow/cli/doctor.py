"""``doctor``: what is wrong with this machine's set-up, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.errors import XlflowError
from xlflow.messages import explain, say


@click.command(cls=Command)
@click.pass_obj
def doctor(session: Session) -> int:
    """Find what is wrong with the set-up."""
    from xlflow.excel.diagnostics import MaybeWorkspace, examine
    from xlflow.excel.machine import this_machine

    space: MaybeWorkspace
    try:
        space = session.workspace
    except XlflowError as error:
        space = error
    checks = examine(this_machine(), space)
    faults = [(check.name, name, facts) for check in checks for name, facts in check.faults]
    lines = []
    for check in checks:
        what = _say(session, check.name)
        for name, facts in check.faults:
            fault, mend = (_words(session, f"{kind}.{name}", facts) for kind in ("fault", "mend"))
            lines.append(_say(session, "wrong", what=what, fault=fault, mend=mend))
        if not check.faults:
            lines.append(_say(session, "well", what=what))
    closing = (
        _say(session, "some_wrong", count=len(faults)) if faults else _say(session, "all_well")
    )
    session.answer(
        lambda: {
            "checks": [
                {
                    "name": check.name,
                    "ok": not check.faults,
                    "faults": [
                        {
                            "fault": name,
                            "message": _words(session, f"fault.{name}", facts),
                            "mend": _words(session, f"mend.{name}", facts),
                        }
                        for name, facts in check.faults
                    ],
                }
                for check in checks
            ]
        },
        lambda: "\n".join([*lines, "", closing]),
    )
    return int(bool(faults))


def _words(session: Session, key: str, facts: Mapping[str, Any]) -> str:
    """Return a sentence; a fault that is an error of its own is put in that error's words."""
    error = facts.get("error")
    if isinstance(error, XlflowError):
        facts = {**facts, "why": explain(error, session.language).rstrip("。.")}
    return _say(session, key, **facts)


def _say(session: Session, key: str, /, **params: object) -> str:
    return say(f"doctor.{key}", session.language, **params)
