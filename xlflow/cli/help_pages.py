"""The manual: one page a command, put together from the command and its words.

``--help`` shows a page on the terminal, :mod:`xlflow.cli.command_reference` writes them
all into docs/commands.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import click

from xlflow.cli.common_options import COMMON
from xlflow.cli.sections import SECTIONS
from xlflow.cli.terminal_layout import Entries, listed, pairs, readable_columns, wrapped
from xlflow.messages import say


@dataclass(frozen=True, slots=True)
class Page:
    """One command as the manual describes it.

    ``sections`` are headings with entries; ``common`` are the entries of the
    common options, which are among them.
    """

    usage: str
    about: tuple[str, ...]
    sections: tuple[tuple[str, Entries], ...]
    common: Entries


def usage(ctx: click.Context, language: str) -> str:
    """Return how the command is called, in one line."""
    words = [ctx.command_path, say("manual.usage.options", language)]
    if isinstance(ctx.command, click.Group):
        words.append(say("manual.usage.command", language))
    for param in ctx.command.get_params(ctx):
        if isinstance(param, click.Argument):
            name = _place(param)
            words.append(name if param.required else f"[{name}]")
        elif param.required:
            words.append(_flags(param))
    return " ".join(words)


def describe(ctx: click.Context, language: str) -> Page:
    """Return the command's page in one language."""
    command = ctx.command
    name = "program" if isinstance(command, click.Group) else str(command.name)

    def words(key: str) -> str:
        return say(f"manual.{key}", language)

    def parameters(chosen: list[click.Parameter]) -> Entries:
        return tuple(
            (
                _flags(param) if isinstance(param, click.Option) else _place(param),
                words(f"{'common' if param.name in COMMON else name}.{param.name}"),
            )
            for param in chosen
        )

    params = command.get_params(ctx)
    own = [p for p in params if p.name not in COMMON]
    sections: list[tuple[str, Entries]] = []
    if isinstance(command, click.Group):
        for heading, names in SECTIONS.items():
            sections.append((heading, tuple((member, words(member)) for member in names)))
    common = parameters([p for p in params if p.name in COMMON])
    sections += [
        ("arguments", parameters([p for p in own if isinstance(p, click.Argument)])),
        ("options", parameters([p for p in own if isinstance(p, click.Option)])),
        ("common", common),
        ("examples", pairs(words(f"{name}.examples"), "#")),
        ("exits", pairs(words(f"{name}.exits"), " ")),
    ]
    headed = tuple(
        (words(f"heading.{heading}"), entries) for heading, entries in sections if entries
    )
    about = tuple(words(f"{name}.about").split("\n"))
    return Page(usage(ctx, language), about, headed, common)


def page(ctx: click.Context, language: str) -> str:
    """Return the command's page laid out for the terminal."""
    columns = readable_columns()
    described = describe(ctx, language)
    parts = [say("terminal.usage.form", language, usage=described.usage)]
    parts += [wrapped(paragraph, columns) for paragraph in described.about]
    parts += [f"{heading}\n{listed(entries, columns)}" for heading, entries in described.sections]
    return "\n\n".join(parts)


def _flags(param: click.Parameter) -> str:
    flags = ", ".join(sorted(param.opts, key=len))
    return f"{flags} {param.metavar}" if param.metavar else flags


def _place(param: click.Parameter) -> str:
    name = param.metavar or str(param.name).upper()
    return f"{name}…" if param.nargs == -1 else name
