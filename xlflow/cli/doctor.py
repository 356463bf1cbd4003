"""``doctor``: finds what is wrong with this machine's set-up, and how to repair it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from xlflow.cli.command import Command
from xlflow.cli.session import Session
from xlflow.errors import XlflowError
from xlflow.messages import explain


@click.command(cls=Command)
@click.pass_obj
def doctor(session: Session) -> int:
    """Find what is wrong with the set-up."""
    from xlflow.excel.diagnostics import MaybeWorkspace, examine
    from xlflow.excel.machine import this_machine
    from xlflow.sync import write_policy

    space: MaybeWorkspace
    try:
        space = session.workspace
    except XlflowError as error:
        space = error
    checks = [
        (check.name, [_fault_json(name, facts, session) for name, facts in check.faults])
        for check in examine(this_machine(), space)
    ]
    share = None
    if not isinstance(space, XlflowError):
        share = session.reason(write_policy.share_reason(space)[1])
    session.answer(
        lambda: {
            "share": share,
            "checks": [
                {"name": name, "ok": not faults, "faults": faults} for name, faults in checks
            ],
        },
        lambda: _text(checks, share, session),
    )
    return int(any(faults for _, faults in checks))


def _fault_json(name: str, facts: Mapping[str, Any], session: Session) -> dict[str, str]:
    error = facts.get("error")
    if isinstance(error, XlflowError):
        facts = {**facts, "why": explain(error, session.language).rstrip("。.")}
    return {
        "fault": name,
        "message": session.sentence(f"doctor.fault.{name}", **facts),
        "mend": session.sentence(f"doctor.mend.{name}", **facts),
    }


def _text(
    checks: list[tuple[str, list[dict[str, str]]]], share: str | None, session: Session
) -> str:
    lines = []
    for name, faults in checks:
        what = session.sentence(f"doctor.{name}")
        lines += [
            session.sentence("doctor.wrong", what=what, fault=fault["message"], mend=fault["mend"])
            for fault in faults
        ]
        if not faults:
            if name == "share" and share is not None:
                what = share
            lines.append(session.sentence("doctor.well", what=what))
    count = sum(len(faults) for _, faults in checks)
    closing = "doctor.some_wrong" if count else "doctor.all_well"
    return "\n".join([*lines, "", session.sentence(closing, count=count)])
