"""The command line: one file a command, named like it.

It imports everything, inside the functions that need it, and nothing imports it.

``xlflow --help`` must answer at once: nothing that this room imports at module
level may be heavy, and a command's module is only imported to run it.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program with the arguments of this process, and end it."""
    from xlflow.cli import program, stdio

    stdio.prepare()
    sys.exit(program.run(sys.argv[1:]))
