"""Builds master.xlsm, xlflow.xlam and the team template, on any system and without Excel.

The sources are the schema, the messages, macros/, and the VBA of the installed
xlwings. The same sources and versions give the same bytes. The files in workbooks/
were built with the versions in :data:`BUILT_WITH` and contain no local paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlflow.config import Settings
from xlflow.errors import UsageError
from xlflow.excel import udfs  # noqa: F401  (registers the worksheet functions)
from xlflow.excel.formulas import formulas
from xlflow.excel.summary_sheet import add_summary_sheet
from xlflow.excel.udf_registry import CATEGORY, FUNCTIONS
from xlflow.excel.vba_project import THIS_WORKBOOK, vba_project
from xlflow.messages import say
from xlflow.schema import TABLES
from xlflow.shipped import shipped
from xlflow.templates.master_workbook import FILE_NAME, SETTINGS, SETTINGS_SHEET, TEXTS_SHEET
from xlflow.templates.table_sheet import add_table_sheet
from xlflow.templates.team_workbook import new_book, team_workbook

if TYPE_CHECKING:
    from xlsxwriter import Workbook

BUILT_WITH = {"xlwings": "0.37.8", "XlsxWriter": "3.3.1", "pyOpenVBA": "6.5.0"}
"""The required versions of the packages in the extra ``build``."""

MASTER, ADDIN, TEMPLATE = FILE_NAME, "xlflow.xlam", "team-template.xlsx"
PROJECT = "xlflow"
"""The add-in's name for xlwings, which reads its settings from ``.xlflow/xlflow.conf``."""

LANGUAGE = "zh"

READY_ROWS = 30
"""Rows of each table in the master. Excel prints rows with formulas even if they show
nothing, so there are only as many as fit on a page; a table grows while one types."""

# Texts that VBA shows itself, because Python may be missing.
_TEXTS = ("title", "no_workbook", "no_python")
_UI = "customUI/customUI14.xml"
_UI_RELATION = (
    b'<Relationship Id="rIdRibbon" '
    b'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    b'Target="customUI/customUI14.xml"/>'
)
_ADDIN_TYPE = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"
_WORKBOOK_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def build(folder: Path) -> list[Path]:
    """Build all three files into a folder, which is created if it is missing.

    Raises:
        UsageError: a package isn't installed in its version in :data:`BUILT_WITH`.
        OSError: a file can't be written.
    """
    require({name: f"=={required}" for name, required in BUILT_WITH.items()})
    folder.mkdir(parents=True, exist_ok=True)
    builders: dict[str, Callable[[], bytes]] = {
        MASTER: master,
        ADDIN: addin,
        TEMPLATE: team_template,
    }
    paths = []
    for name, content in builders.items():
        path = folder / name
        path.write_bytes(content())
        paths.append(path)
    return paths


def require(packages: Mapping[str, str]) -> None:
    """Check that packages are installed, in version ``x`` where ``==x`` is given.

    Raises:
        UsageError: it names every package that is missing or has another version.
    """
    wrong = []
    for name, bound in packages.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        if not found or (bound and f"=={found}" != bound):
            wrong.append((f"{name}{bound}", found))
    if wrong:
        raise UsageError(
            "excel.wrong_versions" if any(found for _, found in wrong) else "excel.not_installed",
            wanted=" ".join(wanted for wanted, _ in wrong),
            found=", ".join(
                f"{wanted.partition('=')[0]} {found or '—'}" for wanted, found in wrong
            ),
        )


def master() -> bytes:
    """Return the coordinator's workbook with empty tables."""
    content = BytesIO()
    book = new_book(content, say("excel.master", LANGUAGE), LANGUAGE)
    add_summary_sheet(book)
    for table in TABLES:
        add_table_sheet(
            book,
            table,
            team=say("excel.master", LANGUAGE),
            language=LANGUAGE,
            settings=Settings(),
            formulas=formulas(table),
            ready_rows=READY_ROWS,
        )
    settings = book.add_worksheet(SETTINGS_SHEET)
    for row, setting in enumerate(SETTINGS.items()):
        settings.write_row(row, 0, setting)
    settings.hide()
    _add_texts(book)
    modules = _modules(_xlwings_source("xlwings.bas"), "xlflow_udfs.bas")
    return _with_macros(book, content, modules)


def addin() -> bytes:
    """Return the add-in, which works with the installed version of xlwings only."""
    content = BytesIO()
    book = new_book(content, PROJECT, LANGUAGE)
    _add_texts(book)
    xlwings_module = _xlwings_source("xlwings_custom_addin.bas").replace(
        'PROJECT_NAME As String = "myaddin"', f'PROJECT_NAME As String = "{PROJECT}"'
    )
    if xlwings_module.count(f'"{PROJECT}"') != 1:
        raise UsageError("excel.other_xlwings", found=version("xlwings"))
    return _with_macros(
        book, content, _modules(xlwings_module, "xlflow_udfs_addin.bas"), _ADDIN_TYPE
    )


def team_template() -> bytes:
    """Return the template of the teams' workbooks, which has no macros."""
    name = say("excel.template", LANGUAGE)
    return team_workbook(team=name, language=LANGUAGE, settings=Settings())


def _modules(xlwings_module: str, udf_module: str) -> dict[str, str]:
    return {
        "xlwings": xlwings_module,
        "Dictionary": _xlwings_source("addin/Dictionary.cls"),
        "xlflow_python": _macro_source("xlflow_python.bas"),
        "xlflow_udfs": _macro_source(udf_module),
        "xlflow_ribbon": _macro_source("xlflow_ribbon.bas"),
        THIS_WORKBOOK: _macro_source("ThisWorkbook.bas"),
    }


def _macro_source(name: str) -> str:
    return shipped("macros", name).read_text(encoding="ascii")


def _xlwings_source(name: str) -> str:
    import xlwings

    return Path(xlwings.__file__).parent.joinpath(name).read_text(encoding="ascii")


def _add_texts(book: Workbook) -> None:
    """Add the hidden sheet with VBA's messages and the texts of Excel's function wizard."""
    sheet = book.add_worksheet(TEXTS_SHEET)
    rows = [(key, say(f"excel.vba_{key}", LANGUAGE)) for key in _TEXTS]
    for row, cells in enumerate(rows):
        sheet.write_row(row, 0, cells)
    for row, function in enumerate(FUNCTIONS.values(), len(rows)):
        texts = (function.name, CATEGORY, function.summary, *function.arguments.values())
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)
    if len(book.worksheets()) > 1:
        sheet.hide()


def _with_macros(
    book: Workbook,
    content: BytesIO,
    modules: Mapping[str, str],
    content_type: bytes = _WORKBOOK_TYPE,
) -> bytes:
    """Finish a workbook with macros and the ribbon tab, and return its bytes."""
    # The version that the file works with, shown among its properties.
    book.doc_properties["keywords"] = f"xlwings {version('xlwings')}"
    book.add_vba_project(BytesIO(vba_project(modules, len(book.worksheets()))), is_stream=True)
    book.set_vba_name(THIS_WORKBOOK)
    for number, sheet in enumerate(book.worksheets(), 1):
        sheet.set_vba_name(f"Sheet{number}")
    book.close()
    ribbon = shipped("macros", "customUI14.xml").read_bytes().replace(b"\r\n", b"\n")
    finished = BytesIO()
    with ZipFile(content) as source, ZipFile(finished, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(_WORKBOOK_TYPE, content_type)
            elif name == "_rels/.rels":
                data = data.replace(b"</Relationships>", _UI_RELATION + b"</Relationships>")
            target.writestr(ZipInfo(name, _ZIP_DATE), data, ZIP_DEFLATED)
        target.writestr(ZipInfo(_UI, _ZIP_DATE), ribbon, ZIP_DEFLATED)
    return finished.getvalue()
