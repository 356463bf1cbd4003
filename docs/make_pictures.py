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
from pathlib import Path

from xlflow import look, workspace
from xlflow.config import Settings
from xlflow.process import Inputs, process
from xlflow.store import Store
from xlflow.sync import months, pass_
from xlflow.workbook import summary
from xlflow.workbook.sample_rows import GUIDE_TEAM
from xlflow.workbook.samples import write_samples
from xlflow.workbook.splice import splice

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


def template_picture(folder: Path) -> None:
    """The plan sheet of the guide's team, flagged: template.png."""
    settings = Settings(write_back="cells")
    write_samples(folder, settings, "zh")
    book = folder / f"{GUIDE_TEAM}.xlsx"
    content = book.read_bytes()
    outcome = process(content, Inputs(GUIDE_TEAM, settings, book.name), (), AS_OF)
    book.write_bytes(splice(content, outcome.edits))
    shoot(book, page=4, top=60, height=400, to=IMAGES / "template.png")


def summary_picture(folder: Path) -> None:
    """The tiles and charts of the sample teams' July: summary.png."""
    os.environ["XLFLOW_STATE_DIR"] = str(folder / "state")
    space = workspace.init(folder / "demo", (), "zh")
    write_samples(space.teams, space.settings, "zh")
    pass_.run(space, AS_OF, notices=False)
    book = folder / "summary.xlsx"
    with Store.open(space.state) as store:
        made = months.report(store, space.settings, "2024-07", AS_OF, "zh")
    book.write_bytes(summary.write(made, language="zh"))
    shoot(book, page=1, top=60, height=840, to=IMAGES / "summary.png")


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


if __name__ == "__main__":
    main()
