"""Whether the file system reports changes in a folder, or the folder has to be polled.

A write by another machine to a network share raises no event here; nor does a change
on the other side of a FUSE mount or of a virtual machine's shared folder.
"""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Iterable
from pathlib import Path

_WITHOUT_EVENTS = {
    *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "afpfs", "ncpfs", "coda"),
    *("webdav", "davfs", "davfs2", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs"),
    *("9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "fuse", "fuseblk", "macfuse"),
}
GONE = frozenset(
    getattr(errno, name)
    for name in (
        *("ENOTCONN", "ESTALE", "EIO", "ENODEV", "ENXIO", "EHOSTDOWN", "EHOSTUNREACH"),
        *("ENETDOWN", "ENETUNREACH", "ETIMEDOUT", "ECONNABORTED", "ECONNRESET", "EPIPE"),
    )
    if hasattr(errno, name)
)
"""The errors that mean that the whole share is away, whatever it was that failed."""
_ESCAPE = re.compile(r"\\([0-7]{3})")
_DRIVE_REMOTE = 4


def reports_changes(folder: Path) -> bool:
    """Return whether every change in a folder raises an event, whoever makes it."""
    if sys.platform == "win32":
        return not _is_remote(folder)
    kind = kind_of(folder, mounts())
    return kind is None or not (kind in _WITHOUT_EVENTS or kind.startswith("fuse."))


def kind_of(folder: Path, mounts: Iterable[tuple[str, str]]) -> str | None:
    """Return the type of file system that a folder is on, None where no mount contains it.

    ``mounts`` are (mount point, type) in the order of mounting; a later one covers
    an earlier one at the same point.
    """
    found: tuple[int, str] | None = None
    resolved = folder.resolve()
    for point, kind in mounts:
        if resolved.is_relative_to(point) and (found is None or len(point) >= found[0]):
            found = len(point), kind
    return found[1] if found else None


def is_believed(folder: Path) -> bool:
    """Return whether a rename that mustn't replace really doesn't, whoever saves meanwhile.

    Local file systems look and rename in one step. Over a network the kernel often only
    looks, in what it remembers of the folder, and then asks the server for a rename that
    replaces; so do FUSE programs.
    """
    return reports_changes(folder)


def keeps_inodes(folder: Path) -> bool:
    """Return whether a file keeps its inode number as long as it is there.

    FUSE programs mostly make numbers up, and others after each mount.
    """
    return not (kind_of(folder, mounts()) or "").startswith("fuse")


def identity(folder: Path) -> str:
    """Return what identifies the mount that a folder is on, over a remount, too."""
    if sys.platform != "linux":
        return f"{folder.resolve().anchor} {kind_of(folder, mounts())}"
    resolved = folder.resolve()
    found = ""
    length = -1
    try:
        table = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape")
    except OSError:
        return found
    for line in table.splitlines():
        (parsed,) = parse_table(line) or [("", "")]
        point = parsed[0]
        if point and resolved.is_relative_to(point) and len(point) >= length:
            length, found = len(point), " ".join(line.split(" ")[:4])
    return found


def mounts() -> list[tuple[str, str]]:
    """Return the mounts of this machine; none where the system can't list them."""
    try:
        if sys.platform == "linux":
            table = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape")
            return parse_table(table)
    except OSError:
        return []
    import subprocess

    try:
        listing = subprocess.run(["mount"], capture_output=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_listing(listing.stdout.decode("utf-8", "replace"))


def parse_table(table: str) -> list[tuple[str, str]]:
    """Parse Linux's table of mounts (fstab(5): spaces and the like are octal escapes)."""
    found = []
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) >= 3:
            point = _ESCAPE.sub(lambda escape: chr(int(escape[1], 8)), fields[1])
            found.append((point, fields[2]))
    return found


def parse_listing(listing: str) -> list[tuple[str, str]]:
    """Parse the output of macOS's ``mount``: ``//server/share on /Volumes/share (smbfs, …)``."""
    lines = (re.fullmatch(r".+? on (.+) \(([^,)]+).*\)", line) for line in listing.splitlines())
    return [(line[1], line[2]) for line in lines if line]


def _is_remote(folder: Path) -> bool:
    """Return whether Windows accesses a folder over the network."""
    if sys.platform == "win32":
        import ctypes

        anchor = folder.resolve().anchor
        unc = anchor.startswith("\\\\")
        return unc or ctypes.windll.kernel32.GetDriveTypeW(anchor) == _DRIVE_REMOTE
    return False
