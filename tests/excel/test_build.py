"""The built workbooks are reproducible, valid, and compute the right values in LibreOffice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from tests.excel import validators
from tests.office import libreoffice, pages, within_one_day
from xlflow.columns import REGENERATE, Table
from xlflow.errors import UsageError
from xlflow.excel import build
from xlflow.excel.formulas import formulas
from xlflow.excel.vba_project import vba_project
from xlflow.ooxml.splice import splice
from xlflow.schema import CAMPAIGN, MESSAGE, PLAN, PROBLEM, TABLES
from xlflow.shipped import shipped
from xlflow.templates import table_sheet
from xlflow.templates.master_workbook import SETTINGS_SHEET, TEXTS_SHEET

ROOT = Path(__file__).parents[2]
CUSTOM_UI = "{http://schemas.microsoft.com/office/2009/07/customui}"
NAMES = (build.MASTER, build.ADDIN, build.TEMPLATE)
# All of them are in Excel 2016.
FUNCTIONS = {
    *(
        "ABS",
        "AND",
        "ASC",
        "COUNT",
        "FIND",
        "IF",
        "IFERROR",
        "INT",
        "ISNUMBER",
        "LEFT",
        "LOOKUP",
        "MATCH",
    ),
    *("MID", "N", "NOT", "NOW", "OR", "RIGHT", "ROUND", "ROUNDUP", "ROW", "SUBSTITUTE"),
    *("SUMPRODUCT", "T", "TODAY", "TRIM", "VALUE"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build.build(folder)
    return folder


@pytest.fixture(params=NAMES)
def book(request: pytest.FixtureRequest, built: Path) -> Path:
    return built / str(request.param)


def parts(path: Path) -> list[tuple[str, tuple[int, ...], bytes]]:
    with zipfile.ZipFile(path) as package:
        return [(i.filename, i.date_time, package.read(i)) for i in package.infolist()]


def test_committed_workbooks_are_up_to_date(book: Path) -> None:
    committed = ROOT / "workbooks" / book.name
    stale = f"workbooks/{book.name} is stale: run {REGENERATE}"
    is_current = parts(book) == parts(committed)  # a diff of binary parts would take minutes
    assert is_current, stale
    if zlib.ZLIB_RUNTIME_VERSION.startswith("1.") and "ng" not in zlib.ZLIB_RUNTIME_VERSION:
        is_current = book.read_bytes() == committed.read_bytes()
        assert is_current, stale


def test_another_process_builds_the_same_bytes(built: Path, tmp_path: Path) -> None:
    code = "import sys, pathlib, xlflow.excel.build as b; b.build(pathlib.Path(sys.argv[1]))"
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "LANG": "C"}
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, cwd=ROOT, env=environment)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (built / name).read_bytes()


def test_files_contain_no_local_paths(book: Path) -> None:
    for name, _, content in parts(book):
        for path in (str(ROOT), sys.prefix, "site-packages", str(Path.home()) + os.sep):
            assert path.encode() not in content, (name, path)


def test_both_validators_pass(book: Path) -> None:
    assert validators.ooxml_validator_errors(book) == []
    assert validators.openxml_audit_errors(book) == []


@pytest.mark.parametrize("fault", [b"onAction", b"dimension ref"])
def test_a_broken_workbook_fails_validation(fault: bytes, built: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsm"
    with zipfile.ZipFile(broken, "w") as target:
        for name, _, content in parts(built / build.MASTER):
            target.writestr(name, content.replace(fault, fault[:-1]))
    assert validators.ooxml_validator_errors(broken)
    if fault != b"onAction":
        assert validators.openxml_audit_errors(broken)


@pytest.mark.parametrize("name", [build.MASTER, build.ADDIN])
def test_vba_modules_equal_their_sources(name: str, built: Path) -> None:
    import xlwings

    found = validators.vba_modules(built / name)
    xlwings_folder = Path(xlwings.__file__).parent
    addin = name == build.ADDIN
    sources = {
        "xlwings": xlwings_folder / ("xlwings_custom_addin.bas" if addin else "xlwings.bas"),
        "xlflow_udfs": ROOT / "macros" / ("xlflow_udfs_addin.bas" if addin else "xlflow_udfs.bas"),
        "xlflow_python": ROOT / "macros/xlflow_python.bas",
        "xlflow_ribbon": ROOT / "macros/xlflow_ribbon.bas",
    }
    for module, source in sources.items():
        text = source.read_text("ascii").replace('"myaddin"', '"xlflow"')
        assert found[module].splitlines() == text.splitlines(), module
    for module, source in (
        ("ThisWorkbook", ROOT / "macros/ThisWorkbook.bas"),
        ("Dictionary", xlwings_folder / "addin/Dictionary.cls"),
    ):
        assert code(found[module]) == code(source.read_text("ascii")), module
    assert all(text.isascii() for text in found.values())
    assert {m for m, text in found.items() if code(text)} == {
        *sources,
        *("ThisWorkbook", "Dictionary"),
    }


def code(module: str) -> list[str]:
    """Return a module's lines without the header that an export puts before them."""
    header = ("Attribute ", "VERSION ", "BEGIN", "END", "  MultiUse")
    return [line for line in module.splitlines() if line and not line.startswith(header)]


def test_every_button_has_a_sub_and_a_callback() -> None:
    ui = ElementTree.parse(ROOT / "macros/customUI14.xml")
    actions = [b.get("onAction") for b in ui.iter(f"{CUSTOM_UI}button")]
    text = (ROOT / "macros/xlflow_ribbon.bas").read_text("ascii")
    subs = dict(
        re.findall(
            r"Public Sub (\w+)\(control As IRibbonControl\)\n(?:.*\n)*?\s+Press \"(\w+)\"", text
        )
    )
    assert len(actions) == 8
    assert set(actions) == set(subs)
    assert {str(a).removeprefix("Xlflow").lower() for a in actions} == {
        callback.replace("_", "") for callback in subs.values()
    }


def test_the_ribbon_is_in_chinese() -> None:
    ui = ElementTree.parse(ROOT / "macros/customUI14.xml")
    for button in ui.iter(f"{CUSTOM_UI}button"):
        for words in ("label", "screentip", "supertip"):
            assert re.search("[\u4e00-\u9fff]", button.get(words) or ""), button.get("id")
        assert button.get("imageMso")
    assert [tab.get("label") for tab in ui.iter(f"{CUSTOM_UI}tab")] == ["营销流程"]


def test_non_ascii_modules_are_refused() -> None:
    with pytest.raises(ValueError, match="Greeting, line 2"):
        vba_project({"Greeting": 'Option Explicit\nConst HELLO = "你好"\n'}, 1)


def test_build_requires_the_versions_of_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    assert extras["build"] == [f"{name}=={wanted}" for name, wanted in build.BUILT_WITH.items()]
    monkeypatch.setitem(build.BUILT_WITH, "XlsxWriter", "3.0.0")
    with pytest.raises(UsageError) as caught:
        build.build(tmp_path)
    assert caught.value.key == "excel.wrong_versions"
    assert caught.value.params["wanted"] == "XlsxWriter==3.0.0"
    assert "pyOpenVBA" not in str(caught.value)
    assert not any(tmp_path.iterdir())


def test_the_master_has_the_tables_as_in_the_template(built: Path) -> None:
    master = openpyxl.load_workbook(built / build.MASTER, keep_vba=True)
    team = openpyxl.load_workbook(built / build.TEMPLATE)
    for table in TABLES:
        in_master, in_template = master[table.sheet.zh], team[table.sheet.zh]
        headers = [
            [c.value for c in sheet[table_sheet.HEADER_ROW]] for sheet in (in_master, in_template)
        ]
        assert headers[0] == headers[1]
        colours = [
            [(f"{r.sqref}".partition(":")[0], [x.formula for x in r.rules]) for r in formats]
            for formats in (in_master.conditional_formatting, in_template.conditional_formatting)
        ]
        assert colours[0] == colours[1]
    assert [s.title for s in master.worksheets if s.sheet_state != "visible"] == [
        SETTINGS_SHEET,
        TEXTS_SHEET,
    ]
    assert not any(c.value for row in master["xlwings.conf"]["B1:B3"] for c in row)


def test_formulas_use_only_functions_of_excel_2016() -> None:
    for table in TABLES:
        for formula in formulas(table).values():
            bare = re.sub(r'"[^"]*"', "", formula)
            used = set(re.findall(r"([A-Za-z_]+)\(", re.sub(r"\[[^\]]*\]", "", bare)))
            assert {name for name in used if not name.startswith("xlf_")} <= FUNCTIONS
            assert len(formula) < 8192


def test_every_row_has_its_formula_with_an_empty_value(built: Path) -> None:
    cached = openpyxl.load_workbook(built / build.MASTER, data_only=True)
    live = openpyxl.load_workbook(built / build.MASTER)
    for table in TABLES:
        for field in formulas(table):
            column = number(table, field)
            for row in range(table_sheet.FIRST_ROW, table_sheet.FIRST_ROW + build.READY_ROWS):
                assert str(live[table.sheet.zh].cell(row, column).value).startswith("=IFERROR(")
                assert not cached[table.sheet.zh].cell(row, column).value


@libreoffice
def test_an_empty_sheet_is_printed_on_one_page(built: Path, tmp_path: Path) -> None:
    printed = pages(built / build.MASTER, tmp_path)
    assert len(printed) == len(TABLES) + 1
    for table, page in zip(TABLES, printed[1:], strict=True):
        assert table.title.zh in page


Rows = dict[str, list[tuple[dict[str, Any], Any]]]
"""Table → (values of a row, what its formula gives)."""


def rows_at(now: datetime) -> Rows:
    today = now.date()
    return {
        "problem": [
            ({"impact": "高", "days": 3}, "优先1"),
            ({"impact": "中", "days": 2}, "优先3"),
            ({"impact": "高", "days": 10}, "优先2"),
            ({"impact": "高", "days": 3}, "优先1"),
            ({"impact": "高", "days": "三"}, None),
            ({"impact": "高"}, None),
            ({"impact": "说不清", "days": 1}, None),
            ({"impact": "低", "days": 0.5}, "优先4"),
            ({"impact": "低", "days": -1}, None),
        ],
        "plan": [
            ({"due": date(2024, 6, 30)}, f"逾期{(today - date(2024, 6, 30)).days}天"),
            ({"due": today}, None),
            ({"due": today - timedelta(1), "status": "进行中"}, "逾期1天"),
            ({"due": date(2024, 6, 30), "status": "已完成"}, None),
            ({"due": date(2024, 6, 30), "status": "取消"}, None),
            ({"due": date(2024, 6, 30), "status": " 已完成 "}, None),
            ({"due": date(2024, 6, 30), "status": "✓"}, None),
            ({"due": today - timedelta(1), "status": "In progress"}, "逾期1天"),
            ({"due": date(2024, 6, 30), "done_on": date(2024, 7, 3)}, None),
            ({"due": today - timedelta(3), "done_on": today + timedelta(9)}, "逾期3天"),
            ({"due": now - timedelta(hours=6, minutes=30)}, "逾期7小时"),
            ({"due": now - timedelta(days=2, hours=5)}, "逾期2天"),
            ({"due": "6月底"}, None),
            ({"due": 12}, None),
        ],
        "message": [
            ({"deadline": today - timedelta(2)}, "逾期2天"),
            ({"deadline": today - timedelta(2), "answered_at": today - timedelta(1)}, None),
            ({"deadline": "24小时", "asked_at": date(2024, 6, 3)}, None),
            ({"deadline": "每日17:00前", "asked_at": date(2024, 6, 3)}, None),
        ],
        "campaign": [
            ({"target": "5000条", "actual": "4200条"}, -0.16),
            ({"target": "8%", "actual": "10%"}, 0.25),
            ({"target": "1.2万", "actual": "8000条"}, -1 / 3),
            ({"target": "3.5亿元", "actual": "7亿元"}, 1),
            ({"target": "1,200", "actual": 1500}, 0.25),
            ({"target": 100, "actual": 120}, 0.2),
            ({"target": "5000条"}, None),
            ({"actual": 5}, "无法计算：目标值为空"),
            ({"target": 0, "actual": 5}, "无法计算：目标值为零"),
            ({"target": "5000条", "actual": "8%"}, "无法计算：单位不一致"),
            ({"target": 0.08, "actual": "10%"}, "无法计算：单位不一致"),
            ({"target": "5000条", "actual": "约4000条"}, "无法计算：不是数字"),
            ({"target": "5000条", "actual": "3-5条"}, "无法计算：不是数字"),
            ({"target": "5~6条", "actual": "6条"}, "无法计算：不是数字"),
            ({"target": "(500)", "actual": "400"}, "无法计算：不是数字"),
            ({"target": "5k", "actual": 4000}, "无法计算：不是数字"),
            ({"target": "5000人次", "actual": "4000条次"}, "无法计算：单位不一致"),
            ({"target": "3千", "actual": 4500}, 0.5),
            ({"target": "5百万条", "actual": "4000000条"}, -0.2),
            ({"target": "２，０００ 元", "actual": " 1500元"}, -0.25),
            ({"target": "-5", "actual": "5"}, 2),
            ({"target": -100, "actual": -150}, -0.5),
        ],
    }


def number(table: Table, field: str) -> int:
    return [c.field for c in table.columns].index(field) + 1


def filled(book: bytes, rows: Mapping[str, Sequence[tuple[Mapping[str, Any], Any]]]) -> bytes:
    """Return a master workbook with these rows typed into it."""
    edits = {
        table.sheet.zh: {
            (row, number(table, field)): typed(value)
            for row, (values, _) in enumerate(rows[table.name], table_sheet.FIRST_ROW)
            for field, value in values.items()
        }
        for table in TABLES
    }
    return splice(book, edits)


def typed(value: Any) -> str | Decimal:
    if isinstance(value, datetime):
        return Decimal((value - datetime(1899, 12, 30)) / timedelta(days=1))
    if isinstance(value, date):
        return Decimal((value - date(1899, 12, 30)).days)
    return value if isinstance(value, str) else Decimal(str(value))


def shown(book: openpyxl.Workbook, table: Table, rows: Rows) -> list[Any]:
    (field,) = formulas(table)
    sheet, column = book[table.sheet.zh], number(table, field)
    count = len(rows[table.name])
    return [sheet.cell(table_sheet.FIRST_ROW + at, column).value for at in range(count)]


@libreoffice
def test_native_formulas_follow_the_guide(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsm"

    def recalculated(now: datetime) -> tuple[Rows, openpyxl.Workbook]:
        rows = rows_at(now)
        path.write_bytes(filled((built / build.MASTER).read_bytes(), rows))
        return rows, validators.recalculated(path, tmp_path)

    rows, seen = within_one_day(recalculated)
    for table in (PROBLEM, PLAN, MESSAGE, CAMPAIGN):
        for (row, wanted), found in zip(rows[table.name], shown(seen, table, rows), strict=True):
            expected = pytest.approx(wanted) if isinstance(wanted, float) else wanted
            assert found == expected, (table.name, row)


ANSWERS = {
    "xlflow's answers": ("优先7", "逾期9小时", "0.5"),
    "error texts": ("ModuleNotFoundError: 2", "逾 Could not load 3.dll", "无法 Traceback 4"),
}


@libreoffice
@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_cells_show_answers_but_no_python_errors(
    answers: tuple[str, str, str], built: Path, tmp_path: Path
) -> None:
    priority, late, deviation = answers
    number_or_text = deviation if deviation[0].isdigit() else f'"{deviation}"'
    functions = "\n".join(
        f"Function {name}(Optional a, Optional b, Optional c, Optional d)\n"
        f"    {name} = {answer}\nEnd Function\n"
        for name, answer in (
            ("xlf_priority", vba_text(priority)),
            ("xlf_overdue", vba_text(late)),
            ("xlf_deadline", '""'),
            ("xlf_variance", number_or_text if deviation[0].isdigit() else vba_text(deviation)),
        )
    )
    rows = rows_at(datetime.now())
    content = filled((built / build.MASTER).read_bytes(), rows)
    project = vba_project({"Fake_functions": functions}, 7)
    path = tmp_path / "answered.xlsm"
    with zipfile.ZipFile(path, "w") as target:
        source = tmp_path / "filled.xlsm"
        source.write_bytes(content)
        for name, _, part in parts(source):
            target.writestr(name, project if name == "xl/vbaProject.bin" else part)
    seen = validators.recalculated(path, tmp_path, macros=True)
    cells = [
        str(value) for table in TABLES for value in shown(seen, table, rows) if value is not None
    ]
    if priority == "优先7":
        assert shown(seen, PROBLEM, rows)[:2] == ["优先7", "优先7"]
        assert shown(seen, PLAN, rows)[0] == "逾期9小时"
        assert shown(seen, CAMPAIGN, rows)[:2] == [0.5, 0.5]
    else:
        assert shown(seen, PROBLEM, rows)[:3] == ["优先1", "优先3", "优先2"]
        assert shown(seen, CAMPAIGN, rows)[:2] == [pytest.approx(-0.16), pytest.approx(0.25)]
        assert not any(re.search("[A-Z][a-z]|Could", cell) for cell in cells)


def vba_text(text: str) -> str:
    """Return a VBA expression for a text in ASCII."""
    return " & ".join(f"ChrW({ord(c)})" if ord(c) > 127 else f'"{c}"' for c in text)


def test_macro_sources_are_shipped() -> None:
    for name in ("customUI14.xml", "xlflow_ribbon.bas", "xlflow_udfs.bas", "ThisWorkbook.bas"):
        assert shipped("macros", name).exists()
