"""docs/reference/commands.md, made from the help pages (``python docs/regenerate.py``)."""

from __future__ import annotations

import click

from xlflow.cli.help_pages import Page, describe
from xlflow.cli.program import program
from xlflow.cli.session import Session

INTRODUCTION = """\
# Commands

What `xlflow --help` and `xlflow COMMAND --help` say, in both languages. This page
is written by `python docs/regenerate.py`; a test compares.
"""


def reference() -> str:
    """Return the whole page in Markdown."""
    parts = [INTRODUCTION]
    root = click.Context(program, info_name="xlflow", obj=Session("en"))
    contexts = [root]
    for name in program.list_commands(root):
        command = program.get_command(root, name)
        assert command is not None, name
        contexts.append(click.Context(command, info_name=name, parent=root))
    for ctx in contexts:
        parts.append(f"## {ctx.command_path}\n")
        for language, heading in (("zh", "中文"), ("en", "English")):
            parts.append(f"### {heading}\n")
            parts.append(_section(describe(ctx, language), ctx is root))
    return "\n".join(parts)


def _section(page: Page, with_common: bool) -> str:
    """Return one page; the common options are listed on the program's page only."""
    lines = [f"```text\n{page.usage}\n```", *page.about]
    for heading, entries in page.sections:
        if entries == page.common and not with_common:
            continue
        rows = "\n".join(f"| `{_cell(term)}` | {_cell(meaning)} |" for term, meaning in entries)
        lines.append(f"| {heading} | |\n| --- | --- |\n{rows}")
    return "\n\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
