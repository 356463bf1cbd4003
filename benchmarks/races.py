"""How many saves are lost that are concurrent with a replace.

    python benchmarks/races.py [HISTORIES]

Plays HISTORIES (20,000) on real files: one to five saves, each done in one of the four
ways in which programs save, come at any point of one guarded replace, also while the
files are exchanged back; a third of them in each way to replace a file that mounts have:
exchanging two files, a rename that doesn't replace, a hard link. A save is lost if its
content is neither current nor kept and wasn't overwritten by a later save. For
comparison: the usual way, which checks that the file is still what was read and then
renames over it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

from tests.team_files.test_guarded_replace import WAYS, checked_then_renamed, guarded, lost


def measure(histories: int, folder: Path) -> tuple[int, int]:
    """Return how many histories lost a save: with the guarded replace, in the usual way."""
    with mock.patch.object(os, "fsync", return_value=None):  # power failures aren't tested here
        guarded_losses = sum(
            lost(guarded, folder, n, WAYS[n % len(WAYS)]) for n in range(histories)
        )
        usual_losses = sum(lost(checked_then_renamed, folder, n, WAYS[0]) for n in range(histories))
    return guarded_losses, usual_losses


def main() -> None:
    """Play and print."""
    histories = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        guarded_losses, usual_losses = measure(histories, Path(folder))
    print(
        f"{histories} racing histories: {guarded_losses} lost a save; the usual way: {usual_losses}"
    )


if __name__ == "__main__":
    main()
