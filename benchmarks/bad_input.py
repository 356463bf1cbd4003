"""Workbooks that nobody types but anybody can send: their cost, and what is said of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.made_workbooks import archive, even, parts_of, sheet_part, workbook
from benchmarks.measuring import Usage
from benchmarks.suite import Line, Suite
from benchmarks.workspaces import SYNC, MeasuredWorkspace
from xlflow.facts import column_letters
from xlflow.schema import PLAN, PROBLEM

_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_BAD, _GOOD = "畸形", "正常"


def lines(suite: Suite) -> Iterator[Line]:
    """One pass over a workbook that strains the reader, and an ordinary one beside it; run once."""
    for what, make in CASES.items():
        spaces = {}
        for by in suite.versions:
            space = MeasuredWorkspace(suite, f"bad-{len(spaces)}-{list(CASES).index(what)}", (), by)
            (space.teams / f"{_BAD}.xlsx").write_bytes(make(suite.count))
            (space.teams / f"{_GOOD}.xlsx").write_bytes(workbook(1, even(30)))
            spaces[by] = space
        arguments = (*SYNC, "--json", "--language", "en")
        contenders = [
            suite.xlflow(by, arguments, space.root, space.forget, _said)
            for by, space in spaces.items()
        ]
        yield from suite.lines(what, contenders, runs=1)


def _said(usage: Usage) -> str:
    """Return what a pass says of both workbooks."""
    books = {Path(book["workbook"]).stem: book for book in json.loads(usage.output)["workbooks"]}
    bad, good = books[_BAD], books[_GOOD]
    said = f"{bad['rows']} rows" if bad["status"] == "recorded" else bad["reason"]
    return f"{bad['status']}: {said}; the other one: {good['status']}"


def _long_texts(count: Callable[[int], int]) -> bytes:
    """Every string has 24,000 characters."""
    parts = parts_of(workbook(0, even(5)))
    length = count(24_000)
    filled = re.compile(rb'(?<=<si><t xml:space="preserve">)(.*?)(?=</t></si>)')

    def longer(text: re.Match[bytes]) -> bytes:
        found = text[1].decode()
        return (found * length)[:length].encode()

    parts[_STRINGS] = filled.sub(longer, parts[_STRINGS])
    return archive(parts)


def _number_formats(count: Callable[[int], int]) -> bytes:
    """10,000 rows, the number in each with a format of its own."""
    formats = count(10_000)
    parts = parts_of(workbook(0, even(10) | {PROBLEM.name: formats}))
    styles = parts[_STYLES].decode()
    first = int(re.search(r'<cellXfs count="(\d+)"', styles)[1])  # type: ignore[index]
    codes = "".join(
        f'<numFmt numFmtId="{1000 + n}" formatCode="0.0&quot;天{n}&quot;"/>' for n in range(formats)
    )
    xfs = "".join(
        f'<xf numFmtId="{1000 + n}" fontId="0" fillId="0" borderId="0" xfId="0" '
        'applyNumberFormat="1"/>'
        for n in range(formats)
    )
    for element, added in (("numFmts", codes), ("cellXfs", xfs)):
        styles = re.sub(rf'<{element} count="\d+"', f"<{element}", styles)
        styles = styles.replace(f"</{element}>", f"{added}</{element}>")
    parts[_STYLES] = styles.encode()
    name = sheet_part(PROBLEM)
    parts[name] = re.sub(
        rb'(<c r="C(\d+)" s=)"\d+"(?=><v>)',
        lambda cell: b'%b"%d"' % (cell[1], first + (int(cell[2]) - 4) % formats),
        parts[name],
    )
    return archive(parts)


def _strings_part(count: Callable[[int], int]) -> bytes:
    """A shared-strings part of 100 MB."""
    parts = parts_of(workbook(0, even(30)))
    text = b"<si><t>%b</t></si>" % ("方案反复修改" * 50).encode()
    added = text * (count(100_000_000) // len(text))
    parts[_STRINGS] = parts[_STRINGS].replace(b"</sst>", added + b"</sst>")
    return archive(parts)


def _merged_ranges(count: Callable[[int], int]) -> bytes:
    """100,000 merged ranges below the rows."""
    merges = [f'<mergeCell ref="A{row}:B{row}"/>' for row in range(300, 300 + count(100_000))]
    parts = parts_of(workbook(0, even(30)))
    end, name = "</sheetData>", sheet_part(PLAN)
    merged = f"{end}<mergeCells>{''.join(merges)}</mergeCells>"
    parts[name] = parts[name].replace(end.encode(), merged.encode())
    return archive(parts)


def _wide_row(count: Callable[[int], int]) -> bytes:
    """A row with 16,384 cells."""
    row = 33  # the last filled one
    last = len(PLAN.columns)
    columns = range(last + 1, max(last + 2, count(16_384) + 1))
    text = 't="inlineStr"><is><t>多</t></is></c>'
    cells = [f'<c r="{column_letters(column)}{row}" {text}' for column in columns]
    parts = parts_of(workbook(0, even(30)))
    name = sheet_part(PLAN)
    found = re.compile(rb'<row r="%d" .*?(?=</row>)' % row)
    parts[name] = found.sub(lambda start: start[0] + "".join(cells).encode(), parts[name])
    return archive(parts)


CASES: Mapping[str, Callable[[Callable[[int], int]], bytes]] = {
    "24,000 characters in every cell of 20 rows": _long_texts,
    "10,000 number formats": _number_formats,
    "100 MB of shared strings": _strings_part,
    "100,000 merged ranges": _merged_ranges,
    "a row with 16,384 cells": _wide_row,
}
