"""Makes the pictures in docs/images: ``python docs/make_pictures.py``.

It needs LibreOffice (soffice), poppler (pdftoppm) and the Noto CJK fonts. The pictures
show the first sample team's workbook and the summary of all sample teams after a pass as
of 2024-07-16, and the master workbook.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import ribbon_drawing

from xlflow import look
from xlflow.columns import Owner
from xlflow.config import Settings
from xlflow.figures.rollup import month_report
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import PROBLEM
from xlflow.shipped import shipped
from xlflow.store import Store
from xlflow.summary import workbook
from xlflow.sync import run
from xlflow.templates.master_workbook import master_workbook
from xlflow.templates.sample_rows import GUIDE, GUIDE_TEAM
from xlflow.templates.samples import write_samples
from xlflow.templates.table_sheet import FIRST_ROW
from xlflow.workspace_creation import create_workspace

IMAGES = Path(__file__).parent / "images"
AS_OF = datetime(2024, 7, 17)
"""The end of 2024-07-16."""
DOTS = 160
"""Dots an inch; a landscape A4 page is 1871 dots wide."""

FONTS = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <match target="pattern">
    <test name="family"><string>{look.FONT}</string></test>
    <edit name="family" mode="assign" binding="strong">
      <string>{look.FALLBACK_FONTS[-1]}</string>
    </edit>
  </match>
</fontconfig>
"""

RECALCULATE_ON_LOAD = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""Settings of LibreOffice with which it recalculates every formula of a loaded workbook."""


def template_picture(folder: Path) -> None:
    """Make template.png: the plan sheet of the guide's team with its flags."""
    settings = Settings(write_back="cells")
    write_samples(folder, settings, "zh")
    book = folder / f"{GUIDE_TEAM}.xlsx"
    content = book.read_bytes()
    outcome = process(content, Inputs(GUIDE_TEAM, settings, book.name), (), AS_OF)
    book.write_bytes(splice(content, outcome.cells))
    screenshot(book, page=4, top=60, height=400, to=IMAGES / "template.png")


def summary_picture(folder: Path) -> None:
    """Make summary.png: the tiles and charts of the sample teams' July."""
    os.environ["XLFLOW_STATE_DIR"] = str(folder / "state")
    workspace = create_workspace(folder / "demo", (), "zh")
    write_samples(workspace.teams, workspace.settings, "zh")
    run.run(workspace, AS_OF, notify=False)
    book = folder / "summary.xlsx"
    with Store.open(workspace.state) as store:
        report = month_report(store, workspace.settings, "2024-07", AS_OF, "zh")
    book.write_bytes(workbook.write_workbook(report, language="zh"))
    screenshot(book, page=1, top=60, height=840, to=IMAGES / "summary.png")


def master_picture(folder: Path) -> None:
    """Make master.png: the problems sheet of the master with the guide's rows.

    LibreOffice computes its native formulas, since it doesn't have xlflow's functions.
    """
    rows = GUIDE[PROBLEM.name]
    fields = [c.field for c in PROBLEM.columns if c.owner is not Owner.XLFLOW]
    typed = {
        (row, fields.index(field) + 1): value if isinstance(value, str) else Decimal(str(value))
        for row, values in enumerate(rows, FIRST_ROW)
        for field, value in zip(fields, values, strict=True)
        if field != "priority" and value is not None
    }
    book = folder / "master.xlsm"
    book.write_bytes(splice(master_workbook(), {PROBLEM.sheet.zh: typed}))
    profile_settings = folder / "profile/user/registrymodifications.xcu"
    profile_settings.parent.mkdir(parents=True)
    profile_settings.write_text(RECALCULATE_ON_LOAD, encoding="utf-8")
    screenshot(book, page=2, top=60, height=520, to=IMAGES / "master.png")


def ribbon_picture() -> None:
    """Make ribbon.svg: a drawing of the ribbon tab from its XML."""
    drawing = ribbon_drawing.draw(shipped("macros", "customUI14.xml").read_text("utf-8"))
    (IMAGES / "ribbon.svg").write_text(drawing, encoding="utf-8")


def screenshot(book: Path, *, page: int, top: int, height: int, to: Path) -> None:
    """Save a strip of a printed page as PNG; ``top`` and ``height`` are in pixels."""
    folder = book.parent
    (folder / "fonts.conf").write_text(FONTS, encoding="utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, book],
        check=True,
        env=os.environ | {"FONTCONFIG_FILE": str(folder / "fonts.conf")},
    )
    strip = ["-y", str(top), "-H", str(height)]
    page_only = ["-f", str(page), "-singlefile", "-r", str(DOTS)]
    pdf = folder / f"{book.stem}.pdf"
    subprocess.run(
        ["pdftoppm", "-png", *page_only, *strip, pdf, to.with_suffix("")],
        check=True,
    )


def main() -> None:
    """Make all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        template_picture(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        summary_picture(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        master_picture(Path(folder))
    ribbon_picture()


if __name__ == "__main__":
    main()
