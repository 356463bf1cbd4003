"""Draws the ribbon tab from the XML that Excel reads.

The drawing has simple icons in place of Office's own, which only Office has.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape

from xlflow import look

NAMESPACE = "{http://schemas.microsoft.com/office/2009/07/customui}"
FONTS = f"{look.FONT}, {', '.join(look.FALLBACK_FONTS)}, sans-serif"

LARGE, SMALL = 84, 150
"""The widths of a large button and of a column of small ones."""
TOP, HEIGHT = 40, 118
PADDING = 12

# SVG paths in a square of 24.
ICONS = {
    "RefreshAll": "M19 12a7 7 0 1 1-2.2-5.1 M17 2v5h-5",
    "ReviewAcceptChange": "M4 13l5 5L20 6",
    "Reminder": "M6 16V11a6 6 0 0 1 12 0v5l2 2H4z M10 21h4",
    "PivotTableReport": "M3 4h18v16H3z M3 9h18 M9 9v11 M15 9v11",
    "FileOpen": "M3 19V5h7l2 3h9v11z",
    "FileNew": "M6 3h8l4 4v14H6z M14 3v4h4",
    "Info": "M12 10v8 M12 6v1 M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20",
    "Help": "M9 9a3 3 0 1 1 4 3c-1 .6-1 1-1 2 M12 17v1 M12 2a10 10 0 1 1 0 20a10 10 0 1 1 0-20",
}


def draw(customui: str) -> str:
    """Return the drawing as SVG."""
    tab = ElementTree.fromstring(customui.encode()).find(f".//{NAMESPACE}tab")
    assert tab is not None
    elements: list[str] = []
    x = PADDING
    for group in tab.iter(f"{NAMESPACE}group"):
        x = _group(elements, group, x)
    width = x + PADDING
    height = TOP + HEIGHT + PADDING
    label = escape(tab.get("label") or "")
    frame = [
        f'<rect width="{width}" height="{height}" fill="{look.BAND}"/>',
        f'<rect y="{TOP - 4}" width="{width}" height="{HEIGHT + 8}" fill="{look.PAPER}" '
        f'stroke="{look.RULE}"/>',
        f'<rect x="{PADDING}" y="8" width="96" height="{TOP - 12}" fill="{look.PAPER}" '
        f'stroke="{look.RULE}" stroke-width="0"/>',
        _text(PADDING + 48, 27, label, look.DEEP, size=14, bold=True),
        f'<rect x="{PADDING + 14}" y="{TOP - 7}" width="68" height="3" fill="{look.DEEP}"/>',
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="{escape(FONTS)}" role="img" '
            f'aria-label="{label}">',
            *frame,
            *elements,
            "</svg>\n",
        ]
    )


def _group(elements: list[str], group: ElementTree.Element, x: int) -> int:
    """Draw a group from ``x`` on; return the x of the next one."""
    start, small = x, 0
    for button in group.iter(f"{NAMESPACE}button"):
        label = escape(button.get("label") or "")
        icon = ICONS[button.get("imageMso") or ""]
        tip = escape(button.get("supertip") or "")
        if button.get("size") == "large":
            elements += _button(_icon(icon, x + LARGE // 2 - 16, TOP + 12, 32), tip)
            elements.append(_text(x + LARGE // 2, TOP + 66, label, look.INK))
            x += LARGE
        else:
            y = TOP + 8 + 26 * small
            elements += _button(_icon(icon, x + 6, y, 18), tip)
            elements.append(_text(x + 32, y + 14, label, look.INK, anchor="start"))
            small += 1
    if small:
        x += SMALL
    name = escape(group.get("label") or "")
    elements.append(_text((start + x) // 2, TOP + HEIGHT - 8, name, look.QUIET, size=11))
    divider = x + PADDING // 2
    elements.append(
        f'<line x1="{divider}" y1="{TOP + 6}" x2="{divider}" y2="{TOP + HEIGHT - 6}" '
        f'stroke="{look.RULE}"/>'
    )
    return x + PADDING


def _button(icon: str, tip: str) -> list[str]:
    return [f"<g><title>{tip}</title>{icon}</g>"]


def _icon(path: str, x: float, y: float, size: int) -> str:
    return (
        f'<path transform="translate({x} {y}) scale({size / 24:.3f})" d="{path}" fill="none" '
        f'stroke="{look.DEEP}" stroke-width="1.8" stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    color: str,
    *,
    size: int = 13,
    bold: bool = False,
    anchor: str = "middle",
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" fill="{color}" font-size="{size}" text-anchor="{anchor}"{weight}>'
        f"{text}</text>"
    )
