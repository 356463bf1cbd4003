"""Builds master.xlsm, xlflow.xlam and the team template, on any system and without Excel.

The sources are the schema, the texts in macros/, and the VBA of the installed
xlwings. The same sources and versions give the same bytes; what lies in
workbooks/ was built with the versions of :data:`BUILT_WITH` and carries no
machine's paths.
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
from xlflow.excel import udfs  # noqa: F401  (declares the functions whose words are built in)
from xlflow.excel.formulas import formulas
from xlflow.excel.summary_sheet import add_overview
from xlflow.excel.udf_registry import CATEGORY, FUNCTIONS
from xlflow.excel.vba_project import THIS_WORKBOOK, vba_project
from xlflow.messages import say
from xlflow.schema import TABLES
from xlflow.shipped import shipped
from xlflow.templates import help_sheet, team_workbook
from xlflow.templates.master_workbook import CONF, FILE_NAME, SETTINGS

if TYPE_CHECKING:
    from xlsxwriter import Workbook

BUILT_WITH = {"xlwings": "0.37.8", "XlsxWriter": "3.3.1", "pyOpenVBA": "6.5.0"}
"""The versions that the workbooks in workbooks/ are built with (the extra ``build``)."""

MASTER, ADDIN, TEMPLATE = FILE_NAME, "xlflow.xlam", "team-template.xlsx"
WORDS = "xlflow.words"
PROJECT = "xlflow"
"""The add-in's name for itself; its settings lie in ``.xlflow/xlflow.conf``."""

LANGUAGE = "zh"

READY_ROWS = 30
"""Rows of each table in the master. A row with a formula is printed though it shows
nothing, so there are no more than fit on a page; the table grows as one types on."""

# Written at once with the button, by VBA itself, since no Python can say it.
_TEXTS = ("title", "no_workbook", "no_python")
_UI = "customUI/customUI14.xml"
_UI_RELATION = (
    b'<Relationship Id="rIdRibbon" '
    b'Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" '
    b'Target="customUI/customUI14.xml"/>'
)
_ADDIN_TYPE = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"
_BOOK_TYPE = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_DATE = (1980, 1, 1, 0, 0, 0)


def build(folder: Path) -> list[Path]:
    """Build all three into a folder, which is made if need be.

    Raises:
        UsageError: what they are built with isn't installed in the versions of
            :data:`BUILT_WITH`.
        OSError: a file can't be written.
    """
    require({name: f"=={wanted}" for name, wanted in BUILT_WITH.items()})
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    makers: dict[str, Callable[[], bytes]] = {MASTER: master, ADDIN: addin, TEMPLATE: team}
    for name, make in makers.items():
        path = folder / name
        path.write_bytes(make())
        made.append(path)
    return made


def require(wanted: Mapping[str, str]) -> None:
    """Raise UsageError, which names all that is missing or another version than ``==x`` says."""
    wrong = []
    for name, bound in wanted.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        if not found or (bound and f"=={found}" != bound):
            wrong.append((f"{name}{bound}", found))
    if wrong:
        raise UsageError(
            "excel.wrong_versions" if any(found for _, found in wrong) else "excel.not_installed",
            wanted=" ".join(want for want, _ in wrong),
            found=", ".join(f"{want.partition('=')[0]} {found or '—'}" for want, found in wrong),
        )


def master() -> bytes:
    """Return the coordinator's workbook, its rows empty."""
    content = BytesIO()
    book = team_workbook.new_book(content, say("excel.master", LANGUAGE), LANGUAGE)
    add_overview(book)
    for table in TABLES:
        team_workbook.add_table(
            book,
            table,
            team=say("excel.master", LANGUAGE),
            language=LANGUAGE,
            settings=Settings(),
            formulas=formulas(table),
            ready=READY_ROWS,
        )
    conf = book.add_worksheet(CONF)
    for row, setting in enumerate(SETTINGS.items()):
        conf.write_row(row, 0, setting)
    conf.hide()
    _add_words(book)
    modules = _modules(_of_xlwings("xlwings.bas"), "xlflow_udfs.bas")
    return _with_macros(book, content, modules)


def addin() -> bytes:
    """Return the add-in for the installed version of xlwings, whose DLL's name carries it."""
    content = BytesIO()
    book = team_workbook.new_book(content, PROJECT, LANGUAGE)
    _add_words(book)
    named = _of_xlwings("xlwings_custom_addin.bas").replace(
        'PROJECT_NAME As String = "myaddin"', f'PROJECT_NAME As String = "{PROJECT}"'
    )
    if named.count(f'"{PROJECT}"') != 1:
        raise UsageError("excel.other_xlwings", found=version("xlwings"))
    return _with_macros(book, content, _modules(named, "xlflow_udfs_addin.bas"), _ADDIN_TYPE)


def team() -> bytes:
    """Return the template of the teams' workbooks, which has no macros."""
    content = BytesIO()
    name = say("excel.template", LANGUAGE)
    book = team_workbook.new_book(content, name, LANGUAGE)
    help_sheet.add_help_sheet(book, team=name, language=LANGUAGE, settings=Settings())
    for table in TABLES:
        team_workbook.add_table(book, table, team=name, language=LANGUAGE, settings=Settings())
    book.close()
    return content.getvalue()


def _modules(of_xlwings: str, functions: str) -> dict[str, str]:
    return {
        "xlwings": of_xlwings,
        "Dictionary": _of_xlwings("addin/Dictionary.cls"),
        "xlflow_python": _macro("xlflow_python.bas"),
        "xlflow_udfs": _macro(functions),
        "xlflow_ribbon": _macro("xlflow_ribbon.bas"),
        THIS_WORKBOOK: _macro("ThisWorkbook.bas"),
    }


def _macro(name: str) -> str:
    return shipped("macros", name).read_text(encoding="ascii")


def _of_xlwings(name: str) -> str:
    import xlwings

    return Path(xlwings.__file__).parent.joinpath(name).read_text(encoding="ascii")


def _add_words(book: Workbook) -> None:
    """Add the hidden sheet of what VBA says, and of what the function wizard shows."""
    sheet = book.add_worksheet(WORDS)
    rows = [(key, say(f"excel.vba_{key}", LANGUAGE)) for key in _TEXTS]
    for row, cells in enumerate(rows):
        sheet.write_row(row, 0, cells)
    for row, function in enumerate(FUNCTIONS.values(), len(rows)):
        words = (function.name, CATEGORY, function.summary, *function.arguments.values())
        for column, text in enumerate(words):
            sheet.write_string(row, column, text)
    if len(book.worksheets()) > 1:
        sheet.hide()


def _with_macros(
    book: Workbook, content: BytesIO, modules: Mapping[str, str], kind: bytes = _BOOK_TYPE
) -> bytes:
    """Finish a book as one with macros and the ribbon tab; ``kind`` is its content type."""
    # By which the doctor knows for which version of xlwings' library it was built.
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
                data = data.replace(_BOOK_TYPE, kind)
            elif name == "_rels/.rels":
                data = data.replace(b"</Relationships>", _UI_RELATION + b"</Relationships>")
            target.writestr(ZipInfo(name, _DATE), data, ZIP_DEFLATED)
        target.writestr(ZipInfo(_UI, _DATE), ribbon, ZIP_DEFLATED)
    return finished.getvalue()
