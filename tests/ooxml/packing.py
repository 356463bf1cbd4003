"""Builds workbooks from pieces of XML, with any oddity that a test needs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

Part = str | bytes


def sheet(
    rows: str, *, before: str = "", after: str = "", prefix: str = "", main: str = TRANSITIONAL
) -> str:
    """Return a sheet part with these rows."""
    tag = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<{tag}worksheet {declared}="{main}">{before}<{tag}sheetData>{rows}</{tag}sheetData>'
        f"{after}</{tag}worksheet>"
    )


def styles(formats: Sequence[str | int]) -> str:
    """Return a styles part whose cell styles have these formats, by text or number."""
    own = {code: 164 + index for index, code in enumerate(formats) if isinstance(code, str)}
    numbers = "".join(
        f"<numFmt numFmtId='{number}' formatCode={quoteattr(code)}/>"
        for code, number in own.items()
    )
    cells = "".join(
        f'<xf numFmtId="{own[code] if isinstance(code, str) else code}"/>' for code in formats
    )
    return (
        f'<styleSheet xmlns="{TRANSITIONAL}"><numFmts>{numbers}</numFmts>'
        f"<cellXfs>{cells}</cellXfs></styleSheet>"
    )


def parts(
    sheets: Mapping[str, Part],
    *,
    strings: str = "",
    formats: Sequence[str | int] = (),
    properties: str = "",
    strict: bool = False,
    attributes: Mapping[str, str] | None = None,
) -> dict[str, Part]:
    """Return the parts of a workbook; ``strings`` are the ``<si>`` elements."""
    main, relations = (STRICT, STRICT_RELATIONS) if strict else (TRANSITIONAL, RELATIONS)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{index}" r:id="rId{index}"'
        f"{(attributes or {}).get(name, '')}/>"
        for index, name in enumerate(sheets, 1)
    )
    related = "".join(
        f'<Relationship Id="rId{index}" Type="{relations}/worksheet"'
        f' Target="worksheets/sheet{index}.xml"/>'
        for index in range(1, len(sheets) + 1)
    )
    found: dict[str, Part] = {
        "[Content_Types].xml": content_types(len(sheets), bool(strings), bool(formats)),
        "_rels/.rels": relationships(
            f'<Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{relations}"><workbookPr{properties}/>'
            f"<sheets>{listed}</sheets></workbook>"
        ),
    }
    if strings:
        related += (
            f'<Relationship Id="s" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/>'
        )
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'
    if formats:
        related += f'<Relationship Id="f" Type="{relations}/styles" Target="styles.xml"/>'
        found["xl/styles.xml"] = styles(formats)
    found["xl/_rels/workbook.xml.rels"] = relationships(related)
    for index, part in enumerate(sheets.values(), 1):
        found[f"xl/worksheets/sheet{index}.xml"] = part
    return found


def relationships(items: str) -> str:
    """Return a relationships part."""
    return f'<Relationships xmlns="{PACKAGE}">{items}</Relationships>'


def content_types(sheets: int, strings: bool, formats: bool) -> str:
    """Return the content types that openpyxl requires."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = {f"/xl/worksheets/sheet{index}.xml": "worksheet" for index in range(1, sheets + 1)}
    overrides |= {"/xl/sharedStrings.xml": "sharedStrings"} if strings else {}
    overrides |= {"/xl/styles.xml": "styles"} if formats else {}
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
        '.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="{part}" ContentType="{kind}.{what}+xml"/>'
            for part, what in overrides.items()
        )
        + "</Types>"
    )


def pack(members: Mapping[str, Part], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return target.getvalue()


def book(rows: str = "", **options: object) -> bytes:
    """Return a workbook with one sheet, ``S``, of these rows."""
    return pack(parts({"S": sheet(rows)}, **options))  # type: ignore[arg-type]
