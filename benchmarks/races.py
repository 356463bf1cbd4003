"""How many saves are lost that race with a replace.

    python benchmarks/races.py [HISTORIES]

Plays HISTORIES (20,000) on real files: one to five saves of somebody who saves in
each of four manners fall anywhere into one guarded replace, into the giving back,
too; half of them where the mount can exchange two files, half where it can't. A
save is lost if it neither stands, nor is kept, nor was saved over by a later one.
For comparison: the usual way, which looks whether the file is still what was read
and then renames over it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

from tests.team_files.test_guarded_replace import checked_then_renamed, guarded, lost


def measure(histories: int, folder: Path) -> tuple[int, int]:
    """Return how many of so many histories lost a save: our way, the usual way."""
    with mock.patch.object(os, "fsync", return_value=None):  # nobody cuts the power here
        ours = sum(lost(guarded, folder, n, bool(n % 2)) for n in range(histories))
        usual = sum(lost(checked_then_renamed, folder, n, True) for n in range(histories))
    return ours, usual


def main() -> None:
    """Play and print."""
    histories = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        ours, usual = measure(histories, Path(folder))
    print(f"{histories} racing histories: {ours} lost a save; the usual way: {usual}")


if __name__ == "__main__":
    main()
