"""Every Chinese text that people read, each with its place: what the tests of wording look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from xlflow import messages
from xlflow.config import Settings
from xlflow.excel import formulas, udf_registry, udfs
from xlflow.figures.catalogue import FIGURES
from xlflow.meaning.variance import NotComputable, reason_text
from xlflow.schema import TABLES
from xlflow.templates.sample_rows import GUIDE

ROOT = Path(__file__).parent.parent.parent
HAN = re.compile("[\u4e00-\u9fff]")

_ENGLISH = re.compile(r"\b(?:the|of|and|is|are|to|in|for|with|a)\b", re.IGNORECASE)
_CHINESE = re.compile("[的了是在不和就会要可请把用有没这从到与都也什怎]")
_CODE = re.compile(r"`[^`]*`")
_LITERAL = re.compile(r'"((?:[^"]|"")*)"')
# Elements of a workbook's parts that hold formulas, of which only the literals are texts.
_FORMULAS = {
    *("f", "formula", "formula1", "formula2", "calculatedColumnFormula", "totalsRowFormula"),
    *("definedName", "sqref"),
}
# Attributes that hold places, fonts and formats, which are code.
_CODE_ATTRIBUTES = {"location", "ref", "formatCode", "typeface", "Target", "name", "val"}
# Whole texts in runs: a shared string, a cell's own string, a comment.
_WHOLE = {"si", "is", "text"}


class Text(NamedTuple):
    """A text and its place; ``in_a_sheet`` where a header of the guide may stand alone."""

    place: str
    text: str
    in_a_sheet: bool = False


def all_texts() -> list[Text]:
    """Return every text of every kind."""
    return [
        *sentences(),
        *of_the_schema(),
        *settings(),
        *of_the_wizard(),
        *of_figures(),
        *of_formulas(),
        *of_the_macros(),
        *of_the_workbooks(),
        *of_the_pages(),
    ]


def sentences() -> Iterator[Text]:
    """Yield the Chinese side of the catalogue, and the rules' pages."""
    for path in sorted(Path(messages.__file__).parent.glob("*.py")):
        if path.stem == "__init__":
            continue
        family = import_module(f"xlflow.messages.{path.stem}")
        for name, (zh, _) in family.CATALOGUE.items():
            if not name.endswith("_format"):  # a number format is code
                yield Text(f"messages {path.stem}.{name}", zh)
        for code, page in getattr(family, "PAGES_ZH", {}).items():
            yield Text(f"messages {path.stem} page {code}", page)


def of_the_schema() -> Iterator[Text]:
    """Yield what the tables and columns say of themselves, without their names."""
    for table in TABLES:
        yield Text(f"schema {table.name} purpose", table.purpose.zh)
        for column in table.columns:
            yield Text(f"schema {table.name}.{column.field} help", column.help.zh)


def settings() -> Iterator[Text]:
    """Yield the comments of xlflow.toml."""
    for setting in fields(Settings):
        yield Text(f"settings {setting.metadata['key']}", setting.metadata["about"][0])


def of_the_wizard() -> Iterator[Text]:
    """Yield what Excel's function wizard shows."""
    assert udfs.xlf_variance, "importing it declares the functions"
    for function in udf_registry.FUNCTIONS.values():
        yield Text(f"function {function.name}", function.summary)
        for argument, text in function.arguments.items():
            yield Text(f"function {function.name}({argument})", text)


def of_figures() -> Iterator[Text]:
    """Yield the figures' names, and the reasons for a deviation that can't be computed."""
    for figure in FIGURES:
        yield Text(f"figure {figure.key}", figure.name.zh)
    for reason in NotComputable:
        yield Text(f"reason {reason}", reason_text(reason, "zh"))


def of_formulas() -> Iterator[Text]:
    """Yield the literals of the native formulas."""
    for table in TABLES:
        for field, formula in formulas.formulas(table).items():
            for literal in _literals(formula):
                yield Text(f"formula {table.name}.{field}", literal, in_a_sheet=True)


def of_the_macros() -> Iterator[Text]:
    """Yield the literals of the VBA sources, and the texts of the ribbon."""
    for path in sorted((ROOT / "macros").glob("*.bas")):
        for line in path.read_text("utf-8").splitlines():
            for literal in _literals(line.partition("' ")[0]):
                yield Text(f"macros/{path.name}", literal)
    yield from _texts_of_part(
        "macros/customUI14.xml", (ROOT / "macros/customUI14.xml").read_bytes()
    )


def of_the_workbooks() -> Iterator[Text]:
    """Yield what the built workbooks hold: cells, notes, warnings, hidden sheets, the ribbon."""
    for path in sorted((ROOT / "workbooks").iterdir()):
        found: set[str] = set()
        with ZipFile(path) as package:
            for part in package.namelist():
                if not part.endswith((".xml", ".vml", ".rels")):
                    continue
                for text in _texts_of_part(f"workbooks/{path.name} {part}", package.read(part)):
                    if text.text not in found:
                        found.add(text.text)
                        yield text


def of_the_pages() -> Iterator[Text]:
    """Yield the Chinese paragraphs, list items and table cells of README, changelog and docs."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    for path in pages:
        for line, block in _blocks(path.read_text("utf-8")):
            for piece in re.split(r"<br>|\s\|\s|^\|\s|\s\|$", block):
                if is_chinese(piece):
                    yield Text(f"{path.relative_to(ROOT)}:{line}", piece)


def is_chinese(text: str) -> bool:
    """Tell a Chinese text from an English one that names something in Chinese."""
    bare = _CODE.sub("", text)
    if not HAN.search(bare) or _ENGLISH.search(bare):
        return False
    return bool(_CHINESE.search(bare)) or not re.search("[A-Za-z]{2}", bare)


def printed_by_the_guide() -> list[str]:
    """Return the guide's headers and example texts that have half-width signs, longest first."""
    examples = [cell for rows in GUIDE.values() for row in rows for cell in row]
    texts = {*headers_of_the_guide(), *(text for text in examples if isinstance(text, str))}
    return sorted((text for text in texts if re.search("[,;:?!()]", text)), key=len, reverse=True)


def headers_of_the_guide() -> list[str]:
    """Return the guide's own headers."""
    return [column.header.zh for table in TABLES for column in table.columns if column.guide]


def _literals(code: str) -> Iterator[str]:
    for literal in _LITERAL.findall(code):
        if HAN.search(literal):
            yield literal.replace('""', '"')


def _texts_of_part(place: str, data: bytes) -> Iterator[Text]:
    root = ET.fromstring(data)
    yield from _texts_of_element(place, root)


def _texts_of_element(place: str, element: ET.Element) -> Iterator[Text]:
    tag = element.tag.rpartition("}")[2]
    for name, value in element.attrib.items():
        if name.rpartition("}")[2] not in _CODE_ATTRIBUTES and HAN.search(value):
            yield Text(f"{place} {tag}@{name}", value, in_a_sheet=True)
    if tag in _FORMULAS:
        for literal in _literals(element.text or ""):
            # The choices of a list are in one literal, with commas between them.
            for choice in literal.split(",") if tag == "formula1" else [literal]:
                yield Text(f"{place} {tag}", choice, in_a_sheet=True)
        return
    if tag in _WHOLE:
        whole = "".join(t.text or "" for t in element.iter() if t.tag.endswith("}t"))
        if HAN.search(whole):
            yield Text(f"{place} {tag}", whole, in_a_sheet=True)
        return
    if element.text and HAN.search(element.text):
        yield Text(f"{place} {tag}", element.text, in_a_sheet=True)
    for child in element:
        yield from _texts_of_element(place, child)


def _blocks(page: str) -> Iterator[tuple[int, str]]:
    """Yield paragraphs, list items and table rows, each on one line with the number of its first.

    Code blocks are left out, and so are the lines that list a rule's headers in
    docs/reference/rules.md.
    """
    block: list[str] = []
    start = 0
    fenced = False
    for number, line in enumerate([*page.splitlines(), ""], 1):
        starts = re.match(r"\s*(?:[-*]|\d+\.|\||#+|!\[|\*\*\S+?\*\*[：:]) ?", line)
        if line.lstrip().startswith("```") or not line.strip() or starts:
            if block:
                yield start, " ".join(block)
            block = []
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif line.strip() and not fenced and not re.search(r" · since \d", line):
            start = start if block else number
            block.append(line.strip())
