"""Generates well-formed sheets with the oddities of real programs."""

from __future__ import annotations

import random
import re

from tests.ooxml.packing import sheet
from xlflow.facts import address

CONTENTS = (
    ("", ""),
    ("", "<v>5</v>"),
    (' t="s"', "<v>0</v>"),
    (' t="inlineStr"', "<is><t>甲</t></is>"),
    (' t="str"', "<f>1</f><v>x</v>"),
    (' t="e"', "<v>#N/A</v>"),
    ("", "<f>1</f>"),
    (' vm="1"', "<v>1</v>"),
    (' t="str"', "<v> y&amp;&#10; </v>"),
)


def odd_sheet(chance: random.Random) -> bytes:
    """Return a sheet part: gaps, repeated and unnumbered rows, spans, styles, stray text."""
    odd = chance.random() < 0.6
    rows = []
    number = 0
    for _ in range(chance.randrange(5)):
        attributes = ""
        if odd and chance.random() < 0.15:
            number += 1
        else:
            number += chance.choice((1, 1, 2, 3))
            attributes = chance.choice((f' r="{number}"', f" r='{number}'" if odd else ""))
            attributes = attributes or f' r="{number}"'
        if chance.random() < 0.3:
            attributes += f' spans="{chance.randrange(1, 4)}:{chance.randrange(4, 7)}"'
        attributes += chance.choice(("", "", ' s="2" customFormat="1"', ' ht="20"'))
        rows.append(odd_row(chance, number, attributes, odd))
    text = sheet(
        filling(chance, odd) + "".join(row + filling(chance, odd) for row in rows),
        before=chance.choice(("", '<dimension ref="A1"/>', '<dimension ref="B2:C3"></dimension>'))
        + chance.choice(("", '<cols><col min="2" max="3" style="1"/></cols>')),
        after=chance.choice(("", '<mergeCells><mergeCell ref="B2:C3"/></mergeCells>')),
    ).replace("<sheetData></sheetData>", "<sheetData/>")
    if chance.random() < 0.3:
        text = prefixed(text)
    encoding = chance.choice(("utf-8", "utf-8", "utf-16"))
    return text.replace("UTF-8", encoding).encode(encoding)


def odd_row(chance: random.Random, number: int, attributes: str, odd: bool) -> str:
    cells = []
    column = 0
    for _ in range(chance.randrange(4)):
        if odd and chance.random() < 0.2:
            column += 1
            place = ""
        else:
            column += chance.choice((1, 1, 2))
            place = f' r="{address(number, column)}"'
        style = chance.choice(("", f' s="{chance.randrange(3)}"'))
        kind, content = chance.choice(CONTENTS)
        closed = not content and chance.random() < 0.7
        cells.append(
            f"<c{place}{style}{kind}/>" if closed else f"<c{place}{style}{kind}>{content}</c>"
        )
    if not cells and chance.random() < 0.7:
        return f"<row{attributes}/>"
    inside = "".join(cell + filling(chance, odd) for cell in cells)
    return f"<row{attributes}>{filling(chance, odd)}{inside}</row>"


def filling(chance: random.Random, odd: bool) -> str:
    """Return what may occur between two elements."""
    return chance.choice(("", "", "\n  ", "<!-- c -->", "<?p x?>", "\r\n")) if odd else ""


def prefixed(text: str) -> str:
    """Return the same sheet with a prefix before every element's name."""
    return re.sub(
        "<(/?)([a-z])", r"<\1x:\2", text.replace("xmlns=", "xmlns:x="), flags=re.IGNORECASE
    )
