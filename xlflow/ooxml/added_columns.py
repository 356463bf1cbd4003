"""Adding columns beside a table, with lists and colours, and changing no cell that is there.

As in :mod:`xlflow.ooxml.splice` bytes are inserted into the parts concerned: the sheet,
the styles, and the part of a native table, which grows where the columns adjoin it.
Everything else of these parts and every other member of the archive stays as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from xlflow.errors import WriteRefusedError
from xlflow.facts import Position, address, column_letters
from xlflow.ooxml.book import Book, Sheet
from xlflow.ooxml.element_places import (
    Place,
    appended,
    attribute_of,
    attribute_patch,
    children_of,
    elements_in,
    root_of,
)
from xlflow.ooxml.package import Package
from xlflow.ooxml.patches import Patch, apply_patches, expand_element, prefix_at, start_tag
from xlflow.ooxml.references import LAST_COLUMN, Area, parse_area
from xlflow.ooxml.splice import splice
from xlflow.ooxml.styles_part import StylesPart
from xlflow.ooxml.xml import (
    XmlText,
    decode_xml,
    parse_tree,
    xml_bool,
    xml_int,
)

_BEFORE_COLUMNS = ("sheetPr", "dimension", "sheetViews", "sheetFormatPr")
_BEFORE_FORMATS = (
    *("sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios"),
    *("autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
    *("phoneticPr", "conditionalFormatting"),
)


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to be added: its number, header, width in characters, and its cells' format.

    ``number_format`` of None takes the format of the cells beside it.
    """

    number: int
    header: str
    width: float
    hidden: bool = False
    number_format: str | None = None
    unlocked: bool = False


@dataclass(frozen=True, slots=True)
class Validation:
    """A data validation of the cells of one column: its attributes and formulas."""

    column: int
    attributes: Mapping[str, str]
    formulas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Highlight:
    """Colours for the cells of some columns in the rows where a formula is true."""

    columns: tuple[int, ...]
    formula: str
    color: str
    background: str | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """What is added to one table, whose header is in ``header_row``.

    ``first_row`` and ``last_row`` are the rows for which it is made ready. The header
    looks like the cell at ``header_like``, the cells below like the one at ``cells_like``.
    """

    sheet: str
    header_row: int
    first_row: int
    last_row: int
    header_like: Position
    cells_like: Position
    columns: tuple[NewColumn, ...]
    validations: tuple[Validation, ...] = ()
    highlights: tuple[Highlight, ...] = field(default=())


def free_column(sheet: Sheet, header_row: int, after: int) -> int:
    """Return the first column right of ``after`` from which on nothing is in the way.

    That is a filled cell or a merged range in the header's row or below it.
    """
    last = after
    for number, row in sheet.rows.items():
        if number >= header_row:
            filled = (c for c, cell in row.items() if cell.value is not None or cell.formula)
            last = max(last, *filled, last)
    for _, _, bottom, right in sheet.merges:
        if bottom >= header_row and right < LAST_COLUMN:
            last = max(last, right)
    return last + 1


def is_protected(book: Book, sheet: str) -> bool:
    """Whether a sheet is protected, so that people fill only cells that aren't locked."""
    entry = next(entry for entry in book.entries if entry.name == sheet)
    text = book.scanned(entry).markup.text
    found = next((c for c in children_of(text) if c.name == "sheetProtection"), None)
    if found is None:
        return False
    return xml_bool(attribute_of(text, found, b"sheet"))


def validated_columns(book: Book, sheet: str) -> set[int]:
    """Return the columns of a sheet in which cells have a data validation of their own."""
    entry = next(entry for entry in book.entries if entry.name == sheet)
    found: set[int] = set()
    for element in parse_tree(book.package.read(entry.part)).iter("dataValidation"):
        for reference in (element.get("sqref") or "").split():
            _, left, _, right = parse_area(reference)
            found.update(range(left, min(right, LAST_COLUMN) + 1))
    return found


def add_columns(book: Book, additions: Sequence[Addition]) -> bytes:
    """Return the workbook's bytes with the columns added.

    Raises:
        WriteRefusedError: it is signed, or a header's cell can't be written.
        UnreadableError: a part that has to change isn't as it should be.
    """
    if book.signed:
        raise WriteRefusedError("signed")
    package = book.package
    workbook = package.related("officeDocument") or ""
    styles_name = package.related("styles", workbook)
    if styles_name is None or styles_name not in package:
        raise WriteRefusedError("adopt.no_styles")
    styles = StylesPart(decode_xml(package.read(styles_name)))
    changed: dict[str, Sequence[bytes | memoryview]] = {}
    cell_styles: dict[str, dict[Position, int]] = defaultdict(dict)
    writes: dict[str, dict[Position, str]] = defaultdict(dict)
    by_sheet: dict[str, list[Addition]] = defaultdict(list)
    for addition in additions:
        by_sheet[addition.sheet].append(addition)
    entries = {entry.name: entry for entry in book.entries}
    for name, wanted in by_sheet.items():
        entry = entries[name]
        xml = book.scanned(entry)
        patches = _sheet_patches(book, name, wanted, styles)
        changed[entry.part] = xml.markup.encoded([apply_patches(xml.markup.text, patches)])
        tables = _table_parts(package, entry.part)
        for addition in wanted:
            header = _style_at(book, name, addition.header_like)
            for column in addition.columns:
                position = addition.header_row, column.number
                writes[name][position] = column.header
                cell_styles[name][position] = header
            grown = _grown_table(package, tables, addition)
            changed.update(grown)
    changed[styles_name] = styles.encoded()
    with_columns = Book(package.replaced(changed))
    return splice(with_columns, writes, styles=cell_styles)


def _sheet_patches(
    book: Book, name: str, additions: Sequence[Addition], styles: StylesPart
) -> list[Patch]:
    entry = next(entry for entry in book.entries if entry.name == name)
    text = book.scanned(entry).markup.text
    children = children_of(text)
    root = prefix_at(text, root_of(text).start)
    columns: dict[int, bytes] = {}
    for addition in additions:
        like = _style_at(book, name, addition.cells_like)
        for column in addition.columns:
            style = styles.cell_style(like, column.number_format, unlocked=column.unlocked)
            columns[column.number] = (
                b'<%bcol min="%d" max="%d" width="%b" customWidth="1"%b%b/>'
                % (
                    root,
                    column.number,
                    column.number,
                    f"{column.width:g}".encode(),
                    b' style="%d"' % style if style else b"",
                    b' hidden="1"' if column.hidden else b"",
                )
            )
    patches = [_columns_patch(text, children, root, columns)]
    highest = _highest_priority(text)
    formats: list[bytes] = []
    for addition in additions:
        for highlight in addition.highlights:
            highest += 1
            formats.append(_conditional_format(root, addition, highlight, styles, highest))
    place = _end_of_last(children, _BEFORE_FORMATS)
    if formats:
        patches.append(Patch(place, place, b"".join(formats)))
    validations = [
        _data_validation(root, addition, validation)
        for addition in additions
        for validation in addition.validations
    ]
    if validations:
        patches += _validations_patches(text, children, root, validations, place)
    return patches


def _columns_patch(
    text: bytes, children: Sequence[Place], prefix: bytes, new: Mapping[int, bytes]
) -> Patch:
    """Return the patch that gives the new columns their widths, cutting ranges that hold them."""
    present = next((child for child in children if child.name == "cols"), None)
    if present is None:
        place = _end_of_last(children, _BEFORE_COLUMNS, before="sheetData")
        content = b"".join(new[number] for number in sorted(new))
        return Patch(place, place, b"<%bcols>%b</%bcols>" % (prefix, content, prefix))
    pieces = dict(new)
    for _, start, _, end in elements_in(text, present, "col"):
        name, attributes = start_tag(text, start)
        values = {a.name: text[a.value : a.end - 1] for a in attributes}
        first, last = (xml_int(values.get(key, b"").decode()) for key in (b"min", b"max"))
        if first is None or last is None or not 1 <= first <= last:
            continue
        others = b"".join(
            text[a.start : a.end] for a in attributes if a.name not in (b"min", b"max")
        )
        cuts = sorted(number for number in new if first <= number <= last)
        if not cuts:
            pieces.setdefault(first, text[start:end])
            continue
        left = first
        for cut in (*cuts, last + 1):
            if left < cut:
                span = b' min="%d" max="%d"' % (left, cut - 1)
                pieces[left] = b"<%b%b%b/>" % (name, span, others)
            left = cut + 1
    content = b"".join(pieces[number] for number in sorted(pieces))
    if present.opened == present.end:
        return expand_element(text, present.start, present.end, content)
    close = text.rindex(b"</", present.start, present.end)
    return Patch(present.opened, close, content)


def _conditional_format(
    prefix: bytes, addition: Addition, highlight: Highlight, styles: StylesPart, priority: int
) -> bytes:
    ranges = " ".join(_span(addition, column) for column in highlight.columns)
    style = styles.highlight(highlight.color, highlight.background)
    return (
        b'<%bconditionalFormatting sqref="%b"><%bcfRule type="expression" dxfId="%d" priority="%d">'
        b"<%bformula>%b</%bformula></%bcfRule></%bconditionalFormatting>"
    ) % (
        prefix,
        ranges.encode(),
        prefix,
        style,
        priority,
        prefix,
        escape(highlight.formula).encode(),
        prefix,
        prefix,
        prefix,
    )


def _data_validation(prefix: bytes, addition: Addition, validation: Validation) -> bytes:
    attributes = {**validation.attributes, "sqref": _span(addition, validation.column)}
    tag = "".join(f" {name}={_quoted(value)}" for name, value in attributes.items())
    formulas = b"".join(
        b"<%bformula%d>%b</%bformula%d>" % (prefix, n, escape(formula).encode(), prefix, n)
        for n, formula in enumerate(validation.formulas, 1)
    )
    return b"<%bdataValidation%b>%b</%bdataValidation>" % (prefix, tag.encode(), formulas, prefix)


def _quoted(value: str) -> str:
    return quoteattr(value, {"\n": "&#10;"})


def _validations_patches(
    text: bytes, children: Sequence[Place], prefix: bytes, new: Sequence[bytes], place: int
) -> list[Patch]:
    present = next((child for child in children if child.name == "dataValidations"), None)
    content = b"".join(new)
    if present is None:
        opened = b'<%bdataValidations count="%d">' % (prefix, len(new))
        return [Patch(place, place, b"%b%b</%bdataValidations>" % (opened, content, prefix))]
    count = len(elements_in(text, present, "dataValidation")) + len(new)
    patches = attribute_patch(text, present, b"count", b"%d" % count)
    return [*patches, appended(text, present, content)]


def _span(addition: Addition, column: int) -> str:
    letters = column_letters(column)
    return f"{letters}{addition.first_row}:{letters}{addition.last_row}"


def _style_at(book: Book, name: str, position: Position) -> int:
    """Return the style index of a cell, or the one that a new cell there would get."""
    entry = next(entry for entry in book.entries if entry.name == name)
    xml = book.scanned(entry)
    row_number, column = position
    for row in xml.rows:
        if row.number == row_number and column in row.columns:
            return row.raw[list(row.columns).index(column)].style
    return xml.inherited_style(row_number, column)


class _TablePart(NamedTuple):
    name: str
    text: XmlText
    area: Area


def _table_parts(package: Package, sheet: str) -> list[_TablePart]:
    """Return the native tables of a sheet that may grow."""
    found = []
    for relationship in package.relationships(sheet).values():
        if relationship.kind != "table" or relationship.target not in package:
            continue
        content = package.read(relationship.target)
        root = parse_tree(content)
        reference = root.get("ref")
        # The columns of a query's table are the query's.
        if reference and root.get("tableType") in (None, "worksheet"):
            found.append(
                _TablePart(relationship.target, decode_xml(content), parse_area(reference))
            )
    return found


def _grown_table(
    package: Package, tables: Sequence[_TablePart], addition: Addition
) -> dict[str, Sequence[bytes | memoryview]]:
    """Return the part of the native table that the new columns adjoin, with them in it."""
    numbers = sorted(column.number for column in addition.columns)
    for table in tables:
        top, _, bottom, right = table.area
        adjoins = numbers[0] == right + 1 and numbers == list(
            range(right + 1, right + 1 + len(numbers))
        )
        if top != addition.header_row or not adjoins or _overlaps(tables, table, numbers[-1]):
            continue
        text = table.text.text
        wide = f"{address(top, table.area[1])}:{address(bottom, numbers[-1])}".encode()
        patches = attribute_patch(text, root_of(text), b"ref", wide)
        for child in children_of(text):
            if child.name == "autoFilter":
                patches += _widened_filter(text, child, numbers[-1])
            if child.name == "tableColumns":
                patches += _more_columns(text, child, addition.columns)
        return {table.name: table.text.encoded([apply_patches(text, patches)])}
    return {}


def _overlaps(tables: Sequence[_TablePart], table: _TablePart, last: int) -> bool:
    """Whether a table, grown to a column, would meet another one."""
    top, _, bottom, right = table.area
    return any(
        other is not table
        and other.area[0] <= bottom
        and other.area[2] >= top
        and other.area[1] <= last
        and other.area[3] > right
        for other in tables
    )


def _widened_filter(text: bytes, child: Place, last: int) -> list[Patch]:
    top, left, bottom, _ = parse_area(attribute_of(text, child, b"ref"))
    wide = f"{address(top, left)}:{address(bottom, last)}".encode()
    return attribute_patch(text, child, b"ref", wide)


def _more_columns(text: bytes, child: Place, columns: Sequence[NewColumn]) -> list[Patch]:
    present = elements_in(text, child, "tableColumn")
    last = max((xml_int(attribute_of(text, each, b"id")) or 0 for each in present), default=0)
    prefix = prefix_at(text, child.start)
    added = b"".join(
        b'<%btableColumn id="%d" name=%b/>' % (prefix, last + n, _quoted(column.header).encode())
        for n, column in enumerate(columns, 1)
    )
    count = attribute_patch(text, child, b"count", b"%d" % (len(present) + len(columns)))
    return [*count, appended(text, child, added)]


def _highest_priority(text: bytes) -> int:
    """Return the highest number among the priorities of a sheet's conditional formats."""
    priorities = [
        xml_int(element.get("priority")) or 0 for element in parse_tree(text).iter("cfRule")
    ]
    return max(priorities, default=0)


def _end_of_last(children: Iterable[Place], names: Sequence[str], before: str | None = None) -> int:
    """Return the end of the last child with one of these names, or the start of another one."""
    found = list(children)
    ends = [child.end for child in found if child.name in names]
    if ends:
        return max(ends)
    return next(child.start for child in found if child.name == before)
