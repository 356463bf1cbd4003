"""Make the pictures in docs/images anew: ``python docs/make_pictures.py``.

Needs LibreOffice (soffice), poppler (pdftoppm) and the Noto CJK fonts. The workbook
shown is the first sample team's as a pass as of 2024-07-16 leaves it, the summary that
of all sample teams.
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
from xlflow.ooxml.splice import splice
from xlflow.process import Inputs, process
from xlflow.schema import PROBLEM
from xlflow.shipped import shipped
from xlflow.store import Store
from xlflow.summary import renewal, workbook
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
"""Dots an inch; an A4 page is then 1871 wide."""

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

RECALCULATES = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""LibreOffice's settings for computing every formula when it loads a workbook."""


def template_picture(folder: Path) -> None:
    """The plan sheet of the guide's team, flagged: template.png."""
    settings = Settings(write_back="cells")
    write_samples(folder, settings, "zh")
    book = folder / f"{GUIDE_TEAM}.xlsx"
    content = book.read_bytes()
    outcome = process(content, Inputs(GUIDE_TEAM, settings, book.name), (), AS_OF)
    book.write_bytes(splice(content, outcome.cells))
    shoot(book, page=4, top=60, height=400, to=IMAGES / "template.png")


def summary_picture(folder: Path) -> None:
    """The tiles and charts of the sample teams' July: summary.png."""
    os.environ["XLFLOW_STATE_DIR"] = str(folder / "state")
    space = create_workspace(folder / "demo", (), "zh")
    write_samples(space.teams, space.settings, "zh")
    run.run(space, AS_OF, notices=False)
    book = folder / "summary.xlsx"
    with Store.open(space.state) as store:
        made = renewal.month_report(store, space.settings, "2024-07", AS_OF, "zh")
    book.write_bytes(workbook.write_workbook(made, language="zh"))
    shoot(book, page=1, top=60, height=840, to=IMAGES / "summary.png")


def master_picture(folder: Path) -> None:
    """The problems sheet of the master, the guide's rows typed in: master.png.

    Its formulas are computed by LibreOffice, which knows none of xlflow's functions.
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
    settings = folder / "profile/user/registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(RECALCULATES, encoding="utf-8")
    shoot(book, page=2, top=60, height=520, to=IMAGES / "master.png")


def ribbon_picture() -> None:
    """A drawing of the ribbon tab as its XML declares it: ribbon.svg."""
    drawing = ribbon_drawing.draw(shipped("macros", "customUI14.xml").read_text("utf-8"))
    (IMAGES / "ribbon.svg").write_text(drawing, encoding="utf-8")


def shoot(book: Path, *, page: int, top: int, height: int, to: Path) -> None:
    """Save a strip of a printed page as PNG; ``top`` and ``height`` in pixels."""
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
