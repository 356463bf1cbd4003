"""One workbook for another without losing an edit.

Looking whether nobody changed the file and then renaming over it still loses
saves that fall in between. So the two files are *exchanged*, and what came out
is compared with what was read; if it is something else, it goes back. Where the
mount can't exchange, the workbook is renamed aside, looked at, and the new one
takes its place only if that is still free.

The invariant, at every step and after a crash at any step: a file that bears a
name of ours is deleted only when nobody has it open and it is what we wrote, or
its content was handed to ``keep`` first. What a person saved last is what stands
under the workbook's name in the end.
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

# What a temporary file is, how far it got, and which workbook, old and new content it belongs
# to: enough for sweep() to finish the work of a process that was killed.
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
    """Put ``new`` in the place of a workbook that still is what was read.

    Returns False, with the workbook as its people left it, where it isn't
    ``expected`` any more or is just being saved. Every displaced content is
    handed to ``keep`` before it is deleted, and if ``keep`` fails the workbook
    goes back. Mode, owner, ACL and extended attributes stay; the time is new.

    Raises:
        WriteRefusedError: the workbook is a link, read-only or open, or the
            disk refuses; the workbook is what it was.
    """
    try:
        _refuse_special(path)
        return _replace(path, expected, new, keep, disk)
    except (FileNotFoundError, FileExistsError):  # somebody's save fell into the very exchange
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
    if not writable and os.path.lexists(path):  # not one that somebody's save has just taken away
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
    temp = _written(path, expected, new, disk)
    try:
        disk.exchange(temp, path)
    except CannotExchangeError:
        return _replace_aside(path, temp, expected, new, keep, disk)
    except OSError:
        _discard(temp, new, disk)
        raise
    try:
        disk.sync(path.parent)
        whole = _is_still(temp, expected, keep, disk)
    except BaseException:
        _give_back(temp, path, new, keep, disk)
        raise
    if not whole:
        _give_back(temp, path, new, keep, disk)
        return False
    _discard(temp, expected, disk)
    return True


def _written(path: Path, expected: bytes, new: bytes, disk: FileOperations) -> Path:
    """Write the new content beside the workbook; only a complete file gets the second name."""
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


def _is_still(out: Path, expected: bytes, keep: Keep, disk: FileOperations) -> bool:
    """Tell whether a displaced file is what was read, is kept, and nobody goes on writing it."""
    if disk.read(out) != expected:
        return False
    keep(expected)
    # Whoever opened it before it was displaced may have saved into it while it was being kept.
    return not disk.busy(out) and disk.read(out) == expected


def _give_back(temp: Path, path: Path, put: bytes | None, keep: Keep, disk: FileOperations) -> None:
    """Exchange until what comes out is what we last put in; ``put`` stands there now.

    A save can fall into the giving back, too, and then that one has to go back.
    """
    ours = put
    while True:
        given = disk.read(temp)
        try:
            disk.exchange(temp, path)
        except FileNotFoundError:  # an Excel in the middle of its own delete-and-rename
            try:
                disk.move(temp, path)
            except FileExistsError:
                continue
            return
        if disk.read(temp) == put:
            break
        put = given
    if put is not None:
        if put != ours:
            keep(put)
        _discard(temp, put, disk)


def _replace_aside(
    path: Path, temp: Path, expected: bytes, new: bytes, keep: Keep, disk: FileOperations
) -> bool:
    """Replace where the mount can't exchange: aside, look, and never over another file."""
    aside = _temporary(path, _ASIDE, expected, new)
    try:
        disk.move(path, aside)
    except OSError:
        _discard(temp, new, disk)
        raise
    try:
        whole = _is_still(aside, expected, keep, disk)
        if whole:
            disk.move(temp, path)
    except FileExistsError:  # somebody saved in the meantime, and theirs is the later one
        whole = False
    except BaseException:
        _discard(temp, new, disk)
        _return_aside(aside, path, keep, disk)
        raise
    if not whole:
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
    """Finish what a killed process left in a folder; nobody else may be replacing there now.

    What we wrote is deleted. A person's file goes to ``keep`` (with the path of
    its workbook) and back to its place where that is empty, holds a write of ours
    that nobody had verified, or an earlier save. ``known`` are names of workbooks
    that may be missing from the folder. Returned are the files that could not be
    dealt with; they stay.
    """
    found = sorted(os.listdir(folder))
    workbooks = {_digest(os.fsencode(name)): name for name in (*known, *found)}
    left = []
    for name in found:
        if not (mark := _TEMPORARY.fullmatch(name)):
            continue
        temp = folder / name
        try:
            target = workbooks.get(mark["name"])
            done = _finish(temp, folder / target if target else None, mark, keep, disk)
        except OSError:
            done = False
        if not done:
            left.append(temp)
    return tuple(left)


def _finish(
    temp: Path,
    path: Path | None,
    mark: re.Match[str],
    keep: Callable[[Path, bytes], None],
    disk: FileOperations,
) -> bool:
    if disk.busy(temp):
        return False
    content = disk.read(temp)
    if mark["step"] == _PART or (content is not None and _digest(content) == mark["new"]):
        disk.remove(temp)
        return True
    if content is None or path is None:
        return False
    keep(path, content)
    try:
        standing = disk.read(path)
    except FileNotFoundError:
        if mark["step"] == _ASIDE:
            disk.move(temp, path)
        else:
            disk.remove(temp)
        return True
    if _belongs_back(temp, content, path, standing, mark):
        if standing is not None and _digest(standing) != mark["new"]:
            keep(path, standing)
        _give_back(temp, path, standing, lambda later: keep(path, later), disk)
    else:
        disk.remove(temp)
    return True


def _belongs_back(
    temp: Path, content: bytes, path: Path, standing: bytes | None, mark: re.Match[str]
) -> bool:
    """Tell whether a person's displaced file should stand where ``standing`` does."""
    if standing is None or _digest(content) == mark["old"]:
        return False
    if _digest(standing) == mark["new"]:
        return True
    return os.lstat(temp).st_mtime_ns > os.lstat(path).st_mtime_ns


def _temporary(path: Path, step: str, expected: bytes, new: bytes) -> Path:
    marks = (os.fsencode(path.name), expected, new)
    digests = "-".join(_digest(mark) for mark in marks)
    return path.with_name(f".xlflow-{step}-{digests}-{secrets.token_hex(3)}.tmp")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _discard(path: Path, content: bytes, disk: FileOperations) -> None:
    """Delete a file whose content may go, if it holds no other and nobody has it open.

    Where that isn't so, or can't be done, it stays for sweep() to look at.
    """
    with suppress(OSError):
        if not disk.busy(path) and disk.read(path) == content:
            disk.remove(path)
