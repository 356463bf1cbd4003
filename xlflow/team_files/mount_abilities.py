"""What the mount of a folder can do, tried out once with files of xlflow's and remembered.

Mounts differ in whether they exchange two files, link one or grant leases, and some
say that they did what they didn't. Trying it on a workbook would be too late: by then
it has been renamed. So each mount is tried out with files that nobody else knows, and
the result is kept in the state folder for as long as the mount is the same.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from xlflow.atomic_write import write_atomically
from xlflow.errors import WriteRefusedError
from xlflow.team_files import mounts
from xlflow.team_files.file_operations import (
    CannotExchangeError,
    FileOperations,
    Way,
    grants_leases,
    probe_name,
)

FILE_NAME = "mount.json"

RETRY_UNSAFE = 24 * 3600.0
"""Seconds after which a mount without a safe way is tried out again: its server may have one."""

_FORM = 1  # raised when mounts are to be tried out anew


@dataclass(frozen=True, slots=True)
class MountAbilities:
    """What was found out about a mount.

    ``way`` is how a workbook is replaced there, None where no way is safe. ``leases``:
    whether it says that a file is open for writing; ``modes``: whether a file's mode can
    be set; ``case_sensitive``: whether names that differ in case are different;
    ``finds_every_name``: whether it also finds names that don't exist; ``remote``: whether
    others write its files without this machine's kernel knowing. ``mount`` identifies the
    mount, ``tried_at`` is a Unix time.
    """

    way: Way | None
    leases: bool
    modes: bool
    case_sensitive: bool
    finds_every_name: bool
    mount: str
    tried_at: float
    remote: bool

    @property
    def operations(self) -> FileOperations:
        """The operations for replacing workbooks on the mount, which has a way."""
        assert self.way is not None, "nothing is replaced where no way is safe"
        return FileOperations(self.way, self.leases, remote=self.remote)


def known(state: Path, folder: Path) -> MountAbilities | None:
    """Return what is known of a folder's mount, None if it hasn't been tried out."""
    try:
        fields = json.loads((state / FILE_NAME).read_bytes())
        if fields.pop("form") != _FORM or fields["mount"] != mounts.identity(folder):
            return None
        fields["way"] = Way(fields["way"]) if fields["way"] else None
        return MountAbilities(**fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def find_out(
    state: Path, folder: Path, clock: Callable[[], float] = time.time
) -> MountAbilities | None:
    """Return what a folder's mount can do, and remember it.

    None where it couldn't be tried out: the folder is missing, read-only or full.
    """
    found = known(state, folder)
    if found is not None and (
        found.way is not None or 0 <= clock() - found.tried_at < RETRY_UNSAFE
    ):
        return found
    try:
        found = try_out(folder, clock())
    except OSError:
        return None
    with suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"form": _FORM, **asdict(found)}).encode("ascii")
        write_atomically(state / FILE_NAME, content, sync=False)
    return found


def forget(state: Path) -> None:
    """Have the mount tried out again."""
    with suppress(OSError):
        (state / FILE_NAME).unlink(missing_ok=True)


def try_out(folder: Path, now: float = 0.0) -> MountAbilities:
    """Try out the mount of a folder with files of xlflow's, which are removed again.

    Raises:
        OSError: no file can be written there.
    """
    names = _Names(folder)
    try:
        one = names.new(b"one")
        case_sensitive = not os.path.lexists(one.with_name(one.name.upper()))
        every_name = os.path.lexists(probe_name(folder))
        way = _way(names)
        # A refused listing of attributes makes some shares hang: look no further.
        modes = way is not None and _sets_modes(one)
        leases = way is not None and grants_leases(folder)
    finally:
        names.remove()
    return MountAbilities(
        way=way,
        leases=leases,
        modes=modes,
        case_sensitive=case_sensitive,
        finds_every_name=every_name,
        mount=mounts.identity(folder),
        tried_at=now,
        remote=not mounts.is_believed(folder),
    )


def operations_of(folder: Path) -> FileOperations:
    """Return the operations for replacing files in a folder whose mount nothing is known of.

    Raises:
        WriteRefusedError: no way is safe there.
        OSError: no file can be written there.
    """
    device = os.stat(folder).st_dev
    if device not in _tried:
        _tried[device] = try_out(folder)
    found = _tried[device]
    if found.way is None:
        kind = mounts.kind_of(folder, mounts.mounts()) or "?"
        raise WriteRefusedError("sync.no_safe_way", mount=kind)
    return found.operations


_tried: dict[int, MountAbilities] = {}


class _Names:
    """The files with which a mount is tried out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: list[Path] = []

    def free(self) -> Path:
        """Return a name that no file has."""
        self._used.append(probe_name(self._folder))
        return self._used[-1]

    def new(self, content: bytes) -> Path:
        """Write a file and return its path."""
        path = self.free()
        with open(path, "xb") as file:
            file.write(content)
        return path

    def remove(self) -> None:
        """Remove all of them."""
        for path in self._used:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _way(names: _Names) -> Way | None:
    """Return the best way that works and can be believed, None if there is none."""
    if os.name == "nt" or _works(_exchanges, names):
        return Way.EXCHANGE
    if not _works(_sets_aside, names):
        return None
    if mounts.is_believed(names.new(b"").parent) and _works(_moves(Way.NO_REPLACE), names):
        return Way.NO_REPLACE
    if _works(_links, names) and _works(_moves(Way.LINK), names):
        return Way.LINK
    return None


def _works(trial: Callable[[_Names], bool], names: _Names) -> bool:
    try:
        return trial(names)
    except (CannotExchangeError, FileNotFoundError):
        return False
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.ENOTCONN, errno.ESTALE):
            raise  # which says nothing about the mount
        return False


def _exchanges(names: _Names) -> bool:
    one, other = names.new(b"one"), names.new(b"other")
    FileOperations().exchange(one, other)
    return (one.read_bytes(), other.read_bytes()) == (b"other", b"one")


def _sets_aside(names: _Names) -> bool:
    """Whether a rename is one step: it is, if it replaces what has the name.

    An SFTP server whose rename doesn't replace links the file and removes its name, so
    that a save in between is removed.
    """
    one, other = names.new(b"one"), names.new(b"other")
    FileOperations().set_aside(one, other)
    return not os.path.lexists(one) and other.read_bytes() == b"one"


def _links(names: _Names) -> bool:
    """Whether a hard link is one, not a copy, and none is made over another file."""
    one, link, other = names.new(b"one"), names.free(), names.new(b"other")
    os.link(one, link)
    with open(one, "r+b") as file:
        file.write(b"ONE")
    if link.read_bytes() != b"ONE":
        return False
    with suppress(OSError):
        os.link(one, other)
    return other.read_bytes() == b"other"


def _moves(way: Way) -> Callable[[_Names], bool]:
    def moves(names: _Names) -> bool:
        disk = FileOperations(way)
        one, free, other = names.new(b"one"), names.free(), names.new(b"other")
        disk.move(one, free)
        if os.path.lexists(one) or free.read_bytes() != b"one":
            return False
        try:
            disk.move(free, other)
        except FileExistsError:
            return (free.read_bytes(), other.read_bytes()) == (b"one", b"other")
        return False

    return moves


def _sets_modes(path: Path) -> bool:
    found = set()
    try:
        for mode in (0o640, 0o600):
            os.chmod(path, mode)
            found.add(stat.S_IMODE(os.lstat(path).st_mode))
    except OSError:
        return False
    return found == {0o640, 0o600}
