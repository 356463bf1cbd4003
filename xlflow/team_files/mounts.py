"""Whether the file system tells of changes, or a folder must be looked at again and again.

What another machine writes on a network share raises no event here, and what is
behind FUSE or a virtual machine's shared folder raises none either when it is
changed from the other side.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_SILENT = {
    *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "afpfs", "ncpfs", "coda"),
    *("webdav", "davfs", "davfs2", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs"),
    *("9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "fuse", "fuseblk", "macfuse"),
}
_ESCAPE = re.compile(r"\\([0-7]{3})")
_DRIVE_REMOTE = 4


def reports_changes(folder: Path) -> bool:
    """Return whether events of a folder can be relied on, whoever changes something there."""
    if sys.platform == "win32":
        return not _remote(folder)
    kind = kind_of(folder, mounts())
    return kind is None or not (kind in _SILENT or kind.startswith("fuse."))


def kind_of(folder: Path, mounts: Iterable[tuple[str, str]]) -> str | None:
    """Return the kind of file system that a folder lies on, None where no mount holds it.

    ``mounts`` are (mount point, kind) in the order in which they were mounted;
    a later one covers an earlier one at the same point.
    """
    found: tuple[int, str] | None = None
    resolved = folder.resolve()
    for point, kind in mounts:
        if resolved.is_relative_to(point) and (found is None or len(point) >= found[0]):
            found = len(point), kind
    return found[1] if found else None


def mounts() -> list[tuple[str, str]]:
    """Return the mounts of this machine; none where the system doesn't say."""
    try:
        if sys.platform == "linux":
            table = Path("/proc/self/mounts").read_text("utf-8", "surrogateescape")
            return parse_table(table)
        listing = subprocess.run(["mount"], capture_output=True, timeout=10, check=True)
        return parse_listing(listing.stdout.decode("utf-8", "replace"))
    except (OSError, subprocess.SubprocessError):
        return []


def parse_table(table: str) -> list[tuple[str, str]]:
    """Read Linux's table of mounts (fstab(5): spaces and the like are octal escapes)."""
    found = []
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) >= 3:
            point = _ESCAPE.sub(lambda escape: chr(int(escape[1], 8)), fields[1])
            found.append((point, fields[2]))
    return found


def parse_listing(listing: str) -> list[tuple[str, str]]:
    """Read what macOS's ``mount`` prints: ``//server/share on /Volumes/share (smbfs, …)``."""
    lines = (re.fullmatch(r".+? on (.+) \(([^,)]+).*\)", line) for line in listing.splitlines())
    return [(line[1], line[2]) for line in lines if line]


def _remote(folder: Path) -> bool:
    """Tell whether Windows reaches a folder over the network."""
    if sys.platform == "win32":
        import ctypes

        anchor = folder.resolve().anchor
        unc = anchor.startswith("\\\\")
        return unc or ctypes.windll.kernel32.GetDriveTypeW(anchor) == _DRIVE_REMOTE
    return False
