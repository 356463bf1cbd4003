"""The declarations of worksheet functions and their descriptions."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from tests.excel.xlwings_windows import Excel
from xlflow.excel import udfs
from xlflow.excel.udf_registry import (
    CATEGORY,
    CELLS,
    FUNCTIONS,
    MAX_DESCRIPTION,
    worksheet_function,
)

CONTRACT = {
    "xlf_variance": "target, actual",
    "xlf_priority": "impact, days, [all_impacts], [all_days]",
    "xlf_overdue": "due, [status], [done], [as_of]",
    "xlf_deadline": "start, phrase, [last_reply], [as_of]",
    "xlf_workdays": "start, until_day",
    "xlf_add_workdays": "start, days",
    "xlf_quantity": "text",
}
#: The reserved identifiers of the language: [MS-VBAL] 3.3.5.2.
RESERVED = """
    call case close const declare defbool defbyte defcur defdate defdbl defint deflng deflnglng
    deflngptr defobj defsng defstr defvar dim do else elseif end endif enum erase event exit for
    friend function get global gosub goto if implements input let lock loop lset next on open
    option print private public put raiseevent redim resume return rset seek select set static
    stop sub type unlock wend while with write rem any as byref byval each in new shared until
    withevents optional paramarray preserve spc tab then to addressof and eqv imp is like mod not
    or typeof xor abs cbool cbyte ccur cdate cdbl cdec cint clng clnglng clngptr csng cstr cvar
    cverr date debug doevents fix int len lenb me pset scale sgn string array circle inputb lbound
    ubound boolean byte currency double integer long longlong longptr single variant true false
    nothing empty null attribute cdecl decimal defdec
"""


def signature(name: str) -> str:
    parameters = inspect.signature(getattr(udfs, name)).parameters.values()
    return ", ".join(p.name if p.default is p.empty else f"[{p.name}]" for p in parameters)


def test_functions_and_their_parameters() -> None:
    assert {name: signature(name) for name in FUNCTIONS} == CONTRACT


def test_no_parameter_is_a_vba_keyword() -> None:
    names = {name for description in FUNCTIONS.values() for name in description.arguments}
    assert not {name.lower() for name in names} & set(RESERVED.split())
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]*", name) for name in names)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_function_and_argument_is_described_in_chinese(name: str) -> None:
    description = FUNCTIONS[name]
    for text in (description.summary, *description.arguments.values()):
        assert re.search("[\u4e00-\u9fff]", text)
        assert len(text) <= MAX_DESCRIPTION
        assert text.isprintable()


def test_xlwings_has_the_same_descriptions(excel: Excel) -> None:
    declared = excel.declared()
    assert declared.keys() == FUNCTIONS.keys()
    for name, declaration in declared.items():
        assert declaration["category"] == CATEGORY
        assert declaration["ret"]["doc"] == FUNCTIONS[name].summary
        assert {arg["name"]: arg["doc"] for arg in declaration["args"]} == FUNCTIONS[name].arguments
        assert all(arg["options"] == {"convert": CELLS} for arg in declaration["args"])


def test_invalid_declarations_are_refused() -> None:
    def undescribed(target: Any) -> Any:
        """说明。"""

    def wordy(target: Any) -> Any:
        """说明。"""

    wordy.__doc__ = "长" * 256
    with pytest.raises(TypeError, match="each argument"):
        worksheet_function(actual="实际值")(undescribed)
    with pytest.raises(TypeError, match="255"):
        worksheet_function(target="目标值")(wordy)
    with pytest.raises(TypeError, match="255"):
        worksheet_function(target="")(undescribed)
    assert FUNCTIONS.keys() == CONTRACT.keys()
