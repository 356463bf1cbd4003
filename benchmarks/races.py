"""How many saves are lost that are concurrent with a replace.

    python benchmarks/races.py [RACES] [--mount sshfs|sshfs_cached]

Plays RACES (20,000) on real files: one to five saves, each done in one of the four
ways in which programs save, come at any point of one guarded replace, also while the
files are exchanged back; a third of them in each way to replace a file that mounts have:
exchanging two files, a rename that doesn't replace, a hard link. A save is lost if its
content is neither current nor kept and wasn't overwritten by a later save. For
comparison: the usual way, which checks that the file is still what was read and then
renames over it.

With ``--mount`` a real server is started, as root, and its share mounted (2,000 races
from each side): saves on the server, on the same mount and on a second one, judged on
the server.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers import races
from tests.servers.real_servers import SHARES
from tests.team_files.test_guarded_replace import WAYS, checked_then_renamed, guarded, lost
from xlflow.team_files.mount_abilities import try_out


def measure(histories: int, folder: Path) -> tuple[int, int]:
    """Return how many histories lost a save: with the guarded replace, in the usual way."""
    with mock.patch.object(os, "fsync", return_value=None):  # power failures aren't tested here
        numbered = [(n, WAYS[n % len(WAYS)]) for n in range(histories)]
        guarded_losses = sum(lost(guarded, folder, n, way) for n, way in numbered)
        usual_losses = sum(lost(checked_then_renamed, folder, n, way) for n, way in numbered)
    return guarded_losses, usual_losses


def on_mount(kind: str, number: int, folder: Path) -> Iterator[tuple[str, races.Tally]]:
    """Race on a real share; yield from which side somebody saved, and how it went."""
    with SHARES[kind](folder) as share:
        disk = try_out(share.mounted).operations
        second = share.again(folder / "second")
        sides = {"server": share.folder, "same mount": share.mounted, "second mount": second}
        for side, saved_at in sides.items():
            yield side, races.play(share.folder, share.mounted, saved_at, disk, number)


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("races", nargs="?", type=int)
    parser.add_argument("--mount", choices=[kind for kind in SHARES if kind.startswith("sshfs")])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.mount:
            for side, tally in on_mount(asked.mount, asked.races or 2000, Path(folder)):
                print(f"{asked.mount}, saved on the {side}: {tally}", flush=True)
            return
        histories = asked.races or 20_000
        guarded_losses, usual_losses = measure(histories, Path(folder))
    print(
        f"{histories} racing histories: {guarded_losses} lost a save; the usual way: {usual_losses}"
    )


if __name__ == "__main__":
    main()
