"""The lines of the benchmarks as Markdown, and their place in docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.suite import OURS, Line

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- benchmarks: python -m benchmarks -->", "<!-- /benchmarks -->"
_LIBRARIES = ("openpyxl", "pandas", "SQLAlchemy", "XlsxWriter")
_HEADERS = ("what", "who", "time", "processor", "memory", "× xlflow", "result", "command")


def section(title: str, about: str, lines: Sequence[Line]) -> str:
    """Return the section of one benchmark; columns without any value are left out."""
    order = list(dict.fromkeys(line.what for line in lines))
    ours = {line.what: line for line in reversed(lines) if line.by == OURS}
    together = sorted(lines, key=lambda line: order.index(line.what))
    rows = [_cells(line, ours.get(line.what)) for line in together]
    used = [n for n in range(len(_HEADERS)) if any(row[n] for row in rows)]
    table = [[_HEADERS[n] for n in used], ["---"] * len(used)]
    table += [[row[n] for n in used] for row in rows]
    text = "\n".join("| " + " | ".join(row) + " |" for row in table)
    return f"### {title}\n\n{about}\n\n{text}\n"


def machine(runs: int, peers: str) -> str:
    """Return what the figures depend on: day, machine, versions and number of runs."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (found := re.search(r"model name\s*: (.+)", cpuinfo.read_text())):
        model = found[1]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{date.today():%Y-%m-%d}: {os.cpu_count()} × {model}, {memory:.0f} GiB, "  # noqa: DTZ011
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {libraries}"
        f"{f'; peers with {peers}' if peers else ''}. Medians of {runs} runs."
    )


def merge(page: str, sections: dict[str, str], order: Sequence[str], machine: str) -> str:
    """Return the page with new sections, beside those that weren't measured this time."""
    before, _, rest = page.partition(BEGIN)
    known, _, after = rest.partition(END)
    found = re.findall(r"^### ([^\n]+)\n(.*?)(?=^### |\Z)", known, re.MULTILINE | re.DOTALL)
    texts = {title: f"### {title}\n{text.rstrip()}\n" for title, text in found}
    for title, text in sections.items():
        texts[title] = f"{text.rstrip()}\n\n{machine}\n"
    joined = "\n".join(texts[title] for title in order if title in texts)
    return f"{before}{BEGIN}\n\n{joined}\n{END}{after}"


def _cells(line: Line, ours: Line | None) -> list[str]:
    return [
        line.what,
        line.by,
        seconds(line.wall),
        seconds(line.cpu),
        f"{line.memory / 1e6:.0f} MB" if line.memory else "",
        _ratio(line, ours),
        line.note.replace("|", "\\|"),
        f"`{line.command}`" if line.command else "",
    ]


def _ratio(line: Line, ours: Line | None) -> str:
    """Return how many times the time of xlflow: wall-clock where both have it."""
    if ours is None or line is ours:
        return ""
    for own, other in ((ours.wall, line.wall), (ours.cpu, line.cpu)):
        if own and other:
            return f"{other / own:.2g}" if other < 10 * own else f"{other / own:.0f}"
    return ""


def seconds(value: float | None) -> str:
    """Return a time with three digits: ``12.3 s``, ``123 ms``, ``1.23 ms``."""
    if value is None:
        return ""
    number, unit = (value, "s") if value >= 1 else (value * 1000, "ms")
    digits = 0 if number >= 100 else 1 if number >= 10 else 2
    return f"{number:.{digits}f} {unit}"
