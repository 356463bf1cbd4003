"""Workbooks to measure with: realistic, the same on every machine, and quick to make.

Each is the file that ``xlflow team`` makes, with its hints, lists, colours and prepared
blank rows, whose four tables hold rows as a team types them: dates, names, amounts with
units, and mistakes enough for about one finding in two rows. No two workbooks hold the
same rows. XlsxWriter makes the file once; for each workbook the rows and the strings
are put into it as text.
"""

from __future__ import annotations

import io
import os
import random
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from xlflow.columns import Table
from xlflow.config import Settings
from xlflow.schema import CAMPAIGN, DONE, IN_PROGRESS, MESSAGE, NOT_STARTED, PLAN, TABLES
from xlflow.templates.column_formats import FormattedNumber
from xlflow.templates.table_sheet import FIRST_ROW
from xlflow.templates.team_workbook import team_workbook

AS_OF = datetime(2024, 7, 16, 18)
"""The moment for which the rows are made: some are overdue then."""
MONTH = f"{AS_OF:%Y-%m}"
PREFIX = "团队"
GUIDE_ROWS = {"problem": 3, "plan": 2, "message": 2, "campaign": 2}
"""How many rows the guide's own tables have."""

PEOPLE = ("小张", "刘经理", "小陈", "李姐", "王敏", "周涛", "林悦", "何佳", "设计主管", "赵倩")
STAGES = Settings().stages
PROJECTS = (
    "春季上新",
    "会员日",
    "直播专场",
    "校园行",
    "渠道拓展",
    "老客回访",
    "新品试用",
    "线下沙龙",
)
TROUBLES = ("需求文档不清晰,导致方案反复修改", "部门反馈不及时", "设计资源依赖外部,响应慢")
DEPARTMENTS = ("销售部", "产品部", "财务部", "法务部", "数据部", "供应链部")
DEADLINES = ("24小时", "2个工作日", "3天内", "48小时内", "每日17:00前")
METRICS = (("线索量", "条"), ("成交额", "万元"), ("到店人数", "人"), ("新增会员", "人"))

_PERCENT = FormattedNumber(Decimal("0.08"), "0%")
_SAMPLE: Mapping[str, Mapping[str, Any]] = {
    # Only the format of each cell is taken from these rows.
    "problem": {"days": 1},
    "plan": dict.fromkeys(("due", "started_on", "done_on"), date(2024, 1, 1)),
    "message": dict.fromkeys(("asked_at", "answered_at"), datetime(2024, 1, 1, 9)),
    "campaign": {"target": _PERCENT, "actual": _PERCENT},
}
_EPOCH = datetime(1899, 12, 30)
_ROW = re.compile(rb'<row r="(\d+)".*?</row>', re.DOTALL)
_STYLE = re.compile(rb'<c r="[A-Z]+\d+" s="(\d+)"')
_STRINGS = "xl/sharedStrings.xml"


def paths(folder: Path, count: int, rows: Mapping[str, int]) -> list[Path]:
    """Return ``count`` workbooks with so many rows in each table; make the missing ones.

    They lie in a folder of their own in ``folder``, named after all that determines them.
    """
    source = Path(__file__).read_bytes() + _template(tuple(rows.items())).digest
    name = "-".join(map(str, rows.values()))
    made = folder / f"{name}-rows-{sha256(source).hexdigest()[:12]}"
    made.mkdir(parents=True, exist_ok=True)
    found = [made / f"{PREFIX}{number:05}.xlsx" for number in range(count)]
    for number, path in enumerate(found):
        if not path.exists():
            temporary = path.with_suffix(f".{os.getpid()}")
            temporary.write_bytes(workbook(number, rows))
            temporary.replace(path)
    return found


def even(rows: int) -> dict[str, int]:
    """Return the same number of rows for each table."""
    return {table.name: rows for table in TABLES}


def workbook(number: int, counts: Mapping[str, int]) -> bytes:
    """Return the workbook with this number, and so many rows in each table."""
    template = _template(tuple(counts.items()))
    chance = random.Random(number)
    strings: dict[str, int] = {}
    parts = dict(template.parts)
    for table, sheet in zip(TABLES, template.sheets, strict=True):
        rows = [
            sheet.row(FIRST_ROW + row, content(table, chance, row), strings, template.strings)
            for row in range(counts[table.name])
        ]
        parts[sheet.name] = b"".join([sheet.head, "".join(rows).encode(), sheet.tail])
    added = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    parts[_STRINGS] = parts[_STRINGS].replace(b"</sst>", added.encode() + b"</sst>")
    parts[_STRINGS] = parts[_STRINGS].replace(PREFIX.encode(), f"{PREFIX}{number:05}".encode())
    return archive(parts)


def archive(parts: Mapping[str, bytes]) -> bytes:
    """Return a package of these parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return the parts of a package."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def sheet_part(table: Table) -> str:
    """Return the name of a table's part in a made workbook."""
    return f"xl/worksheets/sheet{TABLES.index(table) + 2}.xml"  # the first explains the others


class _Template:
    """The workbook without its rows; ``strings`` is how many strings it holds."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        rows = {name: [_SAMPLE[name]] * count for name, count in counts.items()}
        data = team_workbook(team=PREFIX, language="zh", settings=Settings(), rows=rows)
        self.digest = sha256(data).digest()
        self.parts = parts_of(data)
        self.strings = self.parts[_STRINGS].count(b"<si>")
        self.sheets = [
            _Sheet(sheet_part(table), self.parts[sheet_part(table)], counts[table.name])
            for table in TABLES
        ]


@cache
def _template(counts: tuple[tuple[str, int], ...]) -> _Template:
    return _Template(dict(counts))


class _Sheet:
    """A sheet's XML before and after its filled rows, and the formats of their cells."""

    def __init__(self, name: str, xml: bytes, count: int) -> None:
        self.name = name
        rows = [row for row in _ROW.finditer(xml) if int(row[1]) >= FIRST_ROW][:count]
        self.head, self.tail = xml[: rows[0].start()], xml[rows[-1].end() :]
        self._styles = [style.decode() for style in _STYLE.findall(rows[0][0])]
        opening = rows[0][0].decode().partition(">")[0] + ">"
        self._opening = opening.replace(f'r="{FIRST_ROW}"', 'r="{}"')

    def row(self, number: int, held: tuple[Any, ...], strings: dict[str, int], first: int) -> str:
        """Return the XML of one row; new strings are added, and counted from ``first``."""
        cells = [self._opening.format(number)]
        for place, (value, style) in enumerate(zip(held, self._styles, strict=True)):
            cell = f'<c r="{chr(65 + place)}{number}" s="{style}"'
            if value is None:
                cells.append(f"{cell}/>")
            elif isinstance(value, str):
                index = first + strings.setdefault(value, len(strings))
                cells.append(f'{cell} t="s"><v>{index}</v></c>')
            else:
                cells.append(f"{cell}><v>{_number(value)}</v></c>")
        return "".join([*cells, "</row>"])


def _number(value: float | date | datetime) -> float:
    if not isinstance(value, date):
        return value
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    days = (moment - _EPOCH) / timedelta(days=1)
    return int(days) if days.is_integer() else round(days, 9)


def content(table: Table, chance: random.Random, row: int) -> tuple[Any, ...]:
    """Return what a team typed into one row, in the order of the table's columns."""
    held = _CONTENT[table.name](chance, row)
    if chance.random() < 0.1:  # a cell that has to be filled was forgotten
        held[chance.choice([c.field for c in table.columns if c.required])] = None
    return tuple(held.get(column.field) for column in table.columns)


def _people(chance: random.Random) -> str:
    return "+".join(chance.sample(PEOPLE, chance.choice((1, 1, 2))))


def _day(chance: random.Random, earliest: int, latest: int) -> date:
    """Return a day so many days after 1 July of the year before."""
    return date(AS_OF.year - 1, AS_OF.month, 1) + timedelta(chance.randrange(earliest, latest))


def _problem(chance: random.Random, row: int) -> dict[str, Any]:
    project = chance.choice(PROJECTS)
    return {
        "stage": chance.choice(STAGES) if chance.random() < 0.9 else f"{project}评审",
        "owner": _people(chance),
        "days": "3天" if chance.random() < 0.25 else chance.randrange(1, 60) / 2,
        "description": f"{project}第{row + 1}次,{chance.choice(TROUBLES)}{row % 7}天",
        "impact": "较高" if chance.random() < 0.12 else chance.choice("高中低"),
    }


def _plan(chance: random.Random, row: int) -> dict[str, Any]:
    started = _day(chance, 0, 370)
    due = started + timedelta(chance.randrange(5, 60))
    due -= timedelta(max(due.weekday() - 4, 0))
    done = due + timedelta(chance.randrange(-5, 8))
    status = DONE if done <= AS_OF.date() and chance.random() < 0.8 else IN_PROGRESS
    status = NOT_STARTED if started > AS_OF.date() else status
    return {
        "stage": chance.choice(STAGES),
        "goal": f"{chance.choice(PROJECTS)}第{row + 1}批通过率提升至{chance.randrange(60, 99)}%",
        "measures": f"建立模板,每{chance.randrange(2, 9)}天核对一次",
        "owners": _people(chance),
        "due": f"{due:%Y-%m}-31" if chance.random() < 0.15 else due,
        "acceptance": "尽快" if row % 3 == 0 else f"修改次数≤{chance.randrange(1, 5)}次",
        "status": status,
        "started_on": None if status == NOT_STARTED else started,
        "done_on": done if status == DONE and chance.random() < 0.4 else None,
    }


def _message(chance: random.Random, row: int) -> dict[str, Any]:
    day = _day(chance, 0, 380)
    asked = datetime(day.year, day.month, day.day, 9) + timedelta(minutes=chance.randrange(480))
    answered = asked + timedelta(hours=chance.randrange(1, 90))
    return {
        "topic": f"{chance.choice(PROJECTS)}{row + 1}方案评审",
        "sender": "市场部",
        "partners": "、".join(chance.sample(DEPARTMENTS, 2)),
        "owners": _people(chance),
        "content": f"预算{chance.randrange(1, 90)}万元、渠道选择",
        "deadline": "尽快" if chance.random() < 0.1 else chance.choice(DEADLINES),
        "channel": "飞书文档评论区留痕",
        "asked_at": asked,
        "answered_at": answered if answered < AS_OF and chance.random() < 0.9 else None,
    }


def _campaign(chance: random.Random, row: int) -> dict[str, Any]:
    metric, unit = chance.choice(METRICS)
    target = chance.randrange(1000, 9000)
    actual = int(target * chance.uniform(0.6, 1.3))
    percent = chance.random() < 0.2
    month = _day(chance, 0, 380)
    return {
        "name": f"{chance.choice(PROJECTS)}{row + 1}",
        "metric": "转化率" if percent else metric,
        "target": target / 100_000 if percent else f"{target}{unit}",
        "actual": actual / 100_000 if percent else f"{actual}{unit}",
        "cause": f"渠道投放预算不足{chance.randrange(5, 60)}%" if row % 3 else None,
        "next_step": "增加社群运营投入,优化渠道投放比例",
        "month": f"{month:%Y-%m}" if chance.random() < 0.95 else None,
    }


_CONTENT = {
    "problem": _problem,
    PLAN.name: _plan,
    MESSAGE.name: _message,
    CAMPAIGN.name: _campaign,
}
