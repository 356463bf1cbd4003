"""Which file systems report changes made elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlflow.team_files import mounts
from xlflow.team_files.mounts import kind_of, parse_listing, parse_table, reports_changes

TABLE = r"""overlay / overlay rw,relatime 0 0
/dev/sda1 /home ext4 rw 0 0
//nas/市场 /mnt/市场\040共享 cifs rw,vers=3.0 0 0
nas:/export /mnt/nfs nfs4 rw 0 0
/srv/a /srv/b fuse rw,nosuid 0 0
ann@host:/ /home/ann/remote fuse.sshfs rw 0 0
/dev/sdb1 /mnt/nfs/local ext4 rw 0 0
nas:/old /mnt/covered nfs4 rw 0 0
/dev/sdc1 /mnt/covered ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind", "expected"),
    [
        ("/home/ann/teams", "ext4", True),
        ("/mnt/市场 共享/teams", "cifs", False),
        ("/mnt/nfs/teams", "nfs4", False),
        ("/mnt/nfs/local/teams", "ext4", True),
        ("/mnt/nfs2/teams", "overlay", True),
        ("/srv/b", "fuse", False),
        ("/home/ann/remote/x", "fuse.sshfs", False),
        ("/mnt/covered/x", "ext4", True),
    ],
)
def test_the_innermost_mount_of_a_folder_decides(
    monkeypatch: pytest.MonkeyPatch, folder: str, kind: str, expected: bool
) -> None:
    table = parse_table(TABLE)
    assert kind_of(Path(folder), table) == kind
    monkeypatch.setattr(mounts, "mounts", lambda: table)
    monkeypatch.setattr(mounts.sys, "platform", "linux")
    assert reports_changes(Path(folder)) is expected


def test_macos_mounts_are_parsed() -> None:
    listing = (
        "/dev/disk3s1s1 on / (apfs, sealed, local, read-only)\n"
        "//ann@nas/share on /Volumes/市场 share (smbfs, nodev, nosuid, mounted by ann)\n"
    )
    table = parse_listing(listing)
    assert table == [("/", "apfs"), ("/Volumes/市场 share", "smbfs")]
    assert kind_of(Path("/Volumes/市场 share/teams"), table) == "smbfs"


def test_the_mounts_of_this_machine(tmp_path: Path) -> None:
    assert kind_of(tmp_path, mounts.mounts()) is not None
