"""Replacing a workbook without losing a concurrent save.

Checking that the file is unchanged and then renaming over it loses a save in between.
So the two files are *exchanged* and the displaced one is compared with what was read;
if it differs, the two are exchanged back. Where the mount can't exchange, the workbook
is renamed aside and compared, and the new one takes its name only if that is still free.

The invariant, at every step and after a crash at any step: a temporary file is deleted
only if nobody has it open and xlflow wrote its content, or if the content was passed to
``keep`` first. In the end the workbook's name has what a person saved last.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from xlflow.errors import WriteRefusedError
from xlflow.team_files.file_operations import FILE_OPERATIONS, CannotExchangeError, FileOperations

Keep = Callable[[bytes], None]

# A temporary file's name has the step reached and digests of the workbook's name, its old and
# its new content: enough for finish_interrupted() after a process was killed.
_PART, _SWAP, _ASIDE = "part", "swap", "aside"
_TEMPORARY = re.compile(
    r"\.xlflow-(?P<step>part|swap|aside)-(?P<name>[0-9a-f]{10})-(?P<old>[0-9a-f]{10})"
    r"-(?P<new>[0-9a-f]{10})-[0-9a-f]{6}\.(tmp|bak)"
)

_REASONS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "folder_read_only",
    errno.EACCES: "write_denied",
    errno.EPERM: "write_denied",
    errno.EAGAIN: "workbook_open",
    errno.EBUSY: "workbook_open",
    errno.ETXTBSY: "workbook_open",
}
_SHARING_VIOLATIONS = (32, 33)


def replace(
    path: Path, expected: bytes, new: bytes, keep: Keep, disk: FileOperations = FILE_OPERATIONS
) -> bool:
    """Replace a workbook by ``new`` if its content still is ``expected``.

    Returns False, with the workbook unchanged, where it has other content or is
    being saved. Every displaced content is passed to ``keep`` before it is
    deleted; if ``keep`` fails, the workbook is restored. Mode, owner, ACL and
    extended attributes stay; the modification time is new.

    Raises:
        WriteRefusedError: the workbook is a link, read-only or open, or the
            operating system refuses; the workbook is unchanged.
    """
    try:
        _refuse_special(path)
        return _replace(path, expected, new, keep, disk)
    except (FileNotFoundError, FileExistsError):  # a save during the exchange itself
        return False
    except OSError as error:
        raise _refusal(path, error) from error


def _refuse_special(path: Path) -> None:
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        raise WriteRefusedError("workbook_symlink", name=path.name)
    if not stat.S_ISREG(found.st_mode):
        raise WriteRefusedError("workbook_no_file", name=path.name)
    if found.st_nlink > 1:
        raise WriteRefusedError("workbook_hard_link", name=path.name, links=found.st_nlink)
    writable = found.st_mode & 0o222 and os.access(path, os.W_OK)
    if not writable and os.path.lexists(path):  # a save may have just removed it
        raise WriteRefusedError("workbook_read_only", name=path.name)


def _refusal(path: Path, error: OSError) -> WriteRefusedError:
    if getattr(error, "winerror", None) in _SHARING_VIOLATIONS:
        return WriteRefusedError("workbook_open", name=path.name)
    key = _REASONS.get(error.errno or 0, "write_failed")
    return WriteRefusedError(key, name=path.name, reason=error.strerror or str(error))


def _replace(path: Path, expected: bytes, new: bytes, keep: Keep, disk: FileOperations) -> bool:
    if disk.read(path) != expected:
        return False
    if disk.busy(path):
        raise WriteRefusedError("workbook_open", name=path.name)
    temp = _write_temporary(path, expected, new, disk)
    try:
        disk.exchange(temp, path)
    except CannotExchangeError:
        return _replace_aside(path, temp, expected, new, keep, disk)
    except OSError:
        _discard(temp, new, disk)
        raise
    try:
        disk.sync(path.parent)
        unchanged = _keep_if_unchanged(temp, expected, keep, disk)
    except BaseException:
        _exchange_back(temp, path, new, keep, disk)
        raise
    if not unchanged:
        _exchange_back(temp, path, new, keep, disk)
        return False
    _discard(temp, expected, disk)
    return True


def _write_temporary(path: Path, expected: bytes, new: bytes, disk: FileOperations) -> Path:
    """Write the new content next to the workbook; only a complete file is named as swap."""
    part = _temporary(path, _PART, expected, new)
    temp = _temporary(path, _SWAP, expected, new)
    try:
        disk.create(part, new, path)
        disk.move(part, temp)
    except OSError:
        with suppress(OSError):
            disk.remove(part)
        raise
    return temp


def _keep_if_unchanged(displaced: Path, expected: bytes, keep: Keep, disk: FileOperations) -> bool:
    """Keep a displaced file; return False if it has other content or is still being written."""
    if disk.read(displaced) != expected:
        return False
    keep(expected)
    # A program that opened the file before the exchange may have written to it since.
    return not disk.busy(displaced) and disk.read(displaced) == expected


def _exchange_back(
    temp: Path, path: Path, current: bytes | None, keep: Keep, disk: FileOperations
) -> None:
    """Exchange until the displaced content is what xlflow last put there, now ``current``.

    A save may come between two exchanges, and must be restored in turn.
    """
    written = current
    while True:
        restored = disk.read(temp)
        try:
            disk.exchange(temp, path)
        except FileNotFoundError:  # Excel is between deleting and renaming
            try:
                disk.move(temp, path)
            except FileExistsError:
                continue
            return
        if disk.read(temp) == current:
            break
        current = restored
    if current is not None:
        if current != written:
            keep(current)
        _discard(temp, current, disk)


def _replace_aside(
    path: Path, temp: Path, expected: bytes, new: bytes, keep: Keep, disk: FileOperations
) -> bool:
    """Replace where the mount can't exchange: rename aside, compare, never overwrite."""
    aside = _temporary(path, _ASIDE, expected, new)
    try:
        disk.move(path, aside)
    except OSError:
        _discard(temp, new, disk)
        raise
    try:
        replaced = _keep_if_unchanged(aside, expected, keep, disk)
        if replaced:
            disk.move(temp, path)
    except FileExistsError:  # somebody saved in the meantime, and that save is the later one
        replaced = False
    except BaseException:
        _discard(temp, new, disk)
        _return_aside(aside, path, keep, disk)
        raise
    if not replaced:
        _discard(temp, new, disk)
        _return_aside(aside, path, keep, disk)
        return False
    disk.sync(path.parent)
    _discard(aside, expected, disk)
    return True


def _return_aside(aside: Path, path: Path, keep: Keep, disk: FileOperations) -> None:
    try:
        disk.move(aside, path)
    except FileExistsError:
        content = disk.read(aside)
        if content is not None:
            keep(content)
            _discard(aside, content, disk)


def finish_interrupted(
    folder: Path,
    keep: Callable[[Path, bytes], None],
    known: Iterable[str] = (),
    disk: FileOperations = FILE_OPERATIONS,
) -> tuple[Path, ...]:
    """Finish replacements that a killed process left in a folder, in which no other is running.

    What xlflow wrote is deleted. A person's file is passed to ``keep`` (with the
    path of its workbook), and restored where the workbook is missing, or has an
    earlier save, or what xlflow put there without checking the exchange. ``known``
    are names of workbooks that may be missing from the folder. Returns the
    temporary files that could not be handled and were left.
    """
    found = sorted(os.listdir(folder))
    workbooks = {_digest(os.fsencode(name)): name for name in (*known, *found)}
    left = []
    for name in found:
        if not (parsed := _TEMPORARY.fullmatch(name)):
            continue
        temp = folder / name
        try:
            target = workbooks.get(parsed["name"])
            done = _finish(temp, folder / target if target else None, parsed, keep, disk)
        except OSError:
            done = False
        if not done:
            left.append(temp)
    return tuple(left)


def is_temporary(name: str) -> bool:
    """Whether a file name is one that a replacement gives its temporary files."""
    return _TEMPORARY.fullmatch(name) is not None


def _finish(
    temp: Path,
    path: Path | None,
    name: re.Match[str],
    keep: Callable[[Path, bytes], None],
    disk: FileOperations,
) -> bool:
    if disk.busy(temp):
        return False
    content = disk.read(temp)
    if name["step"] == _PART or (content is not None and _digest(content) == name["new"]):
        disk.remove(temp)
        return True
    if content is None or path is None:
        return False
    keep(path, content)
    try:
        current = disk.read(path)
    except FileNotFoundError:
        if name["step"] == _ASIDE:
            disk.move(temp, path)
        else:
            disk.remove(temp)
        return True
    if _must_be_restored(temp, content, path, current, name):
        if current is not None and _digest(current) != name["new"]:
            keep(path, current)
        _exchange_back(temp, path, current, lambda later: keep(path, later), disk)
    else:
        disk.remove(temp)
    return True


def _must_be_restored(
    temp: Path, content: bytes, path: Path, current: bytes | None, name: re.Match[str]
) -> bool:
    """Return whether a person's displaced file should replace the ``current`` workbook."""
    if current is None or _digest(content) == name["old"]:
        return False
    if _digest(current) == name["new"]:
        return True
    return os.lstat(temp).st_mtime_ns > os.lstat(path).st_mtime_ns


def _temporary(path: Path, step: str, expected: bytes, new: bytes) -> Path:
    digests = "-".join(map(_digest, (os.fsencode(path.name), expected, new)))
    return path.with_name(f".xlflow-{step}-{digests}-{secrets.token_hex(3)}.tmp")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _discard(path: Path, content: bytes, disk: FileOperations) -> None:
    """Delete a temporary file if it still has this content and nobody has it open.

    Otherwise, or where deleting fails, it is left for finish_interrupted().
    """
    with suppress(OSError):
        if not disk.busy(path) and disk.read(path) == content:
            disk.remove(path)
