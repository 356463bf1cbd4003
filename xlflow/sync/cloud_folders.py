"""Which cloud client, if any, syncs a folder: OneDrive, 坚果云, Dropbox, WPS网盘 and others.

In such a folder a replaced file can become a conflict copy on somebody's machine.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

_CLIENTS = (
    # name, pattern of its folder's name, files that mark its folder
    ("OneDrive", "onedrive(?: ?[-(].*)?", (".849C9593-D756-4E56-8D6E-42412F2A707B",)),
    ("坚果云", "(?:我的)?坚果云.*|nutstore.*", ()),
    ("Dropbox", r"dropbox(?: ?[-(].*)?", (".dropbox.cache",)),
    ("WPS网盘", "wps ?(?:网盘|云盘|云文档|drive|cloud ?files).*", ()),
    ("Google Drive", "google ?drive.*|my drive|我的云端硬盘", (".tmp.drivedownload",)),
    ("iCloud", "icloud ?drive|mobile documents", ()),
    ("百度网盘", "百度网盘(?:同步.*)?|baidusyncdisk.*|baidunetdisk(?:workspace)?", ()),
    ("阿里云盘", "阿里云盘.*|aliyundrive.*", ()),
    ("Synology Drive", "synologydrive.*", (".SynologyWorkingDirectory",)),
    ("Nextcloud", "nextcloud.*|owncloud.*", (".nextcloudsync.log", ".owncloudsync.log")),
    ("Syncthing", "syncthing", (".stfolder",)),
)
_ONEDRIVE_VARIABLES = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")


def cloud_client_of(path: Path, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the cloud client that syncs a folder, None if none is recognised.

    A client is recognised by the names of the folder and its parents, by the files
    with which it marks its own folder, and on Windows by OneDrive's variables in the
    environment.
    """
    for place in dict.fromkeys((path.absolute(), path.resolve())):
        for variable in _ONEDRIVE_VARIABLES:
            root = environment.get(variable)
            if root and place.is_relative_to(root):
                return "OneDrive"
        for folder in (place, *place.parents):
            for client, name, marks in _CLIENTS:
                named = re.fullmatch(name, folder.name, re.IGNORECASE)
                if named or any(_has(folder, mark) for mark in marks):
                    return client
    return None


def _has(folder: Path, mark: str) -> bool:
    """Whether a folder has a file of this name, and not of every name.

    A mount whose folders are a network's machines has whatever it is asked for.
    """
    return os.path.lexists(folder / mark) and not os.path.lexists(
        folder / f"{mark}-{secrets.token_hex(4)}"
    )
