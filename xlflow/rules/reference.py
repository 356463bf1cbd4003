"""The reference of all rules as a page of Markdown, derived from the rules themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xlflow.columns import Words
from xlflow.rules import CATALOGUE, Rule

_FAMILIES = {
    "1": Words("单元格", "Cells"),
    "2": Words("一行之内", "Rows"),
    "3": Words("工作表与工作簿", "Sheets and workbooks"),
    "4": Words("两个版本之间的改动", "Edits between two versions"),
}
_SEVERITIES = {
    "error": Words("错误", "error"),
    "warning": Words("警告", "warning"),
    "info": Words("提示", "info"),
}
_HEADING = re.compile("(为什么|怎么改|例子|Why|Repair|Example)[：:]")
_INTRODUCTION = """\
# 规则 · Rules

每条规则有固定的编号。级别：错误（error）会让统计不准或无从得出，警告（warning）多半是笔误，
提示（info）仅供参考。在 xlflow.toml 的 `[rules]` 里可以关闭一条规则或改变它的级别，
如 `XF212 = "off"`。XF4xx 比较一份工作簿的两个版本，只出现在历史和当月的汇总里，不写进工作簿。

Every rule has a code that never changes. An error makes figures wrong or unknowable, a warning is
likely a typo, an info is good to know. `[rules]` in xlflow.toml switches a rule off or changes its
severity: `XF212 = "off"`. XF4xx compare two versions of a workbook: they appear in its history and
in the month's summary, not in the workbook.

This page is generated: `python docs/regenerate.py`.
"""


def reference() -> str:
    """Return docs/reference/rules.md: a table of all rules, then each in both languages."""
    parts = [_INTRODUCTION, _overview(CATALOGUE)]
    for digit, family in _FAMILIES.items():
        parts.append(f"## XF{digit}xx {family.zh} · {family.en}\n")
        parts += [_page(rule) for rule in CATALOGUE if rule.code[2] == digit]
    return "\n".join(parts)


def _overview(rules: Sequence[Rule]) -> str:
    lines = ["| | | 级别 severity |", "|---|---|---|"]
    for rule in rules:
        severity = _SEVERITIES[rule.severity]
        zh, en = rule.zh.partition("\n")[0], rule.en.partition("\n")[0]
        lines.append(
            f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {zh}<br>{en} "
            f"| {severity.zh} {severity.en} |"
        )
    return "\n".join(lines) + "\n"


def _page(rule: Rule) -> str:
    severity = _SEVERITIES[rule.severity]
    columns = "、".join(rule.looks_at)
    facts = f"{severity.zh} {severity.en} · since {rule.since}" + (
        f" · {columns}" if columns else ""
    )
    return f"### {rule.code} {rule.name}\n\n{facts}\n\n{_text(rule.zh)}\n{_text(rule.en)}"


def _text(page: str) -> str:
    """Give each heading of a page a paragraph of its own."""
    lines: list[str] = []
    for line in page.splitlines():
        heading = _HEADING.match(line)
        if heading:
            # Colon outside: beside a Chinese character bold doesn't end after punctuation.
            lines += ["", f"**{heading[1]}**{line[heading.end(1) :]}"]
        else:
            lines.append(line)
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"
