"""The command line: one file a command, named like it.

It imports everything, inside the functions that need it, and nothing imports it.

``xlflow --help`` must not be slow: modules imported at the top of a file are light,
and a command's module is imported only to run it or to show its help.
"""

from __future__ import annotations

import gc
import sys

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def main() -> None:
    """Run the program with this process's arguments and exit."""
    # Starting makes many objects that stay. With Python's own 700 the collector looks
    # through them so often that it takes a tenth of a command's time.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    from xlflow.cli import program, stdio

    stdio.prepare()
    sys.exit(program.run(sys.argv[1:]))
