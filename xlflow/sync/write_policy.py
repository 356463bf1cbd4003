"""Whether and how team workbooks may be written: the settings, cloud clients and the mount."""

from __future__ import annotations

from xlflow.errors import WriteRefusedError
from xlflow.store import Reason
from xlflow.sync.cloud_folders import cloud_client_of
from xlflow.team_files import mount_abilities, mounts
from xlflow.team_files.file_operations import FileOperations
from xlflow.workspace import Workspace


def settings_reason(workspace: Workspace) -> Reason | None:
    """Return why the settings forbid writing into team workbooks, None if they don't."""
    mode = workspace.settings.write_back
    if mode == "report":
        return Reason("sync.only_reports")
    cloud = cloud_client_of(workspace.teams) if mode == "auto" else None
    return Reason("sync.cloud_synced", {"cloud": cloud}) if cloud else None


def share_operations(workspace: Workspace) -> FileOperations:
    """Return the operations for replacing team workbooks on their mount.

    It is tried out if nothing is known of it.

    Raises:
        WriteRefusedError: no way to replace a file is safe there.
    """
    abilities = mount_abilities.find_out(workspace.state, workspace.teams)
    if abilities is None:  # a write fails there, too, before anything is changed
        return FileOperations()
    if abilities.way is None:
        raise WriteRefusedError("sync.no_safe_way", mount=_kind(workspace))
    return abilities.operations


def _kind(workspace: Workspace) -> str:
    return mounts.kind_of(workspace.teams, mounts.mounts()) or "?"


def share_reason(workspace: Workspace) -> tuple[bool | None, Reason]:
    """Return whether team workbooks can be written, None if unknown, and what to say of it.

    The share isn't touched.
    """
    forbidden = settings_reason(workspace)
    if forbidden is not None:
        return False, forbidden
    abilities = mount_abilities.known(workspace.state, workspace.teams)
    if abilities is None:
        return None, Reason("sync.share_unknown")
    if abilities.way is None:
        return False, Reason("sync.no_safe_way", {"mount": _kind(workspace)})
    return True, Reason(f"sync.share_{abilities.way}")
