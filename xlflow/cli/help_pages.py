"""The help page of a command, made of its parameters and the texts of the manual.

``--help`` shows it on the terminal; :mod:`xlflow.cli.command_reference` writes all
pages into docs/reference/commands.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import click

from xlflow.cli.common_options import COMMON
from xlflow.cli.sections import SECTIONS
from xlflow.cli.terminal_layout import (
    Entries,
    definition_list,
    parse_entries,
    readable_columns,
    wrapped,
)
from xlflow.messages import say


@dataclass(frozen=True, slots=True)
class Page:
    """The content of one command's page.

    ``sections`` are headings with their entries, the common options included;
    ``common`` are the entries of these alone.
    """

    usage: str
    about: tuple[str, ...]
    sections: tuple[tuple[str, Entries], ...]
    common: Entries


def usage(ctx: click.Context, language: str) -> str:
    """Return the command's syntax in one line."""
    parts = [ctx.command_path, say("manual.usage.options", language)]
    if isinstance(ctx.command, click.Group):
        parts.append(say("manual.usage.command", language))
    for param in ctx.command.get_params(ctx):
        if isinstance(param, click.Argument):
            name = _argument_name(param)
            parts.append(name if param.required else f"[{name}]")
        elif param.required:
            parts.append(_flags(param))
    return " ".join(parts)


def describe(ctx: click.Context, language: str) -> Page:
    """Return the command's page in one language."""
    command = ctx.command
    name = "program" if isinstance(command, click.Group) else str(command.name)

    def text(key: str) -> str:
        return say(f"manual.{key}", language)

    def parameters(params: list[click.Parameter]) -> Entries:
        return tuple(
            (
                _flags(param) if isinstance(param, click.Option) else _argument_name(param),
                text(f"{'common' if param.name in COMMON else name}.{param.name}"),
            )
            for param in params
        )

    params = command.get_params(ctx)
    own = [p for p in params if p.name not in COMMON]
    sections: list[tuple[str, Entries]] = []
    if isinstance(command, click.Group):
        for heading, names in SECTIONS.items():
            sections.append((heading, tuple((member, text(member)) for member in names)))
    common = parameters([p for p in params if p.name in COMMON])
    sections += [
        ("arguments", parameters([p for p in own if isinstance(p, click.Argument)])),
        ("options", parameters([p for p in own if isinstance(p, click.Option)])),
        ("common", common),
        ("examples", parse_entries(text(f"{name}.examples"), "#")),
        ("exits", parse_entries(text(f"{name}.exits"), " ")),
    ]
    with_headings = tuple(
        (text(f"heading.{heading}"), entries) for heading, entries in sections if entries
    )
    about = tuple(text(f"{name}.about").split("\n"))
    return Page(usage(ctx, language), about, with_headings, common)


def page(ctx: click.Context, language: str) -> str:
    """Return the command's page laid out for the terminal."""
    columns = readable_columns()
    content = describe(ctx, language)
    parts = [say("terminal.usage.form", language, usage=content.usage)]
    parts += [wrapped(paragraph, columns) for paragraph in content.about]
    parts += [
        f"{heading}\n{definition_list(entries, columns)}" for heading, entries in content.sections
    ]
    return "\n\n".join(parts)


def _flags(param: click.Parameter) -> str:
    flags = ", ".join(sorted(param.opts, key=len))
    return f"{flags} {param.metavar}" if param.metavar else flags


def _argument_name(param: click.Parameter) -> str:
    name = param.metavar or str(param.name).upper()
    return f"{name}…" if param.nargs == -1 else name
