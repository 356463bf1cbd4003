"""Replacing a workbook without losing a concurrent save.

Checking that the file is unchanged and then renaming over it loses a save in between.
So the two files are *exchanged* and the displaced one is compared with what was read;
if it differs, the two are exchanged back. Where the mount can't exchange, the workbook
is renamed to a name of xlflow's and the new one takes its name at once, but only if that
is still free; the comparison then is the same. So the name is missing for two calls, and
no name that a person may have saved to is ever overwritten or removed.

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
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xlflow.errors import WriteRefusedError
from xlflow.team_files.file_operations import PROBE, FileOperations, Way
from xlflow.team_files.mount_abilities import operations_of

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


LINGER = 1.0
"""Seconds for which a displaced file is left on a remote mount before its last look.

A program on another machine may have opened the workbook before it was displaced, to
write into it, and no lease tells of that.
"""


@dataclass(frozen=True, slots=True)
class Displaced:
    """A displaced file on a remote mount that :func:`settle` still has to look at."""

    file: Path
    path: Path
    expected: bytes
    new: bytes
    keep: Keep
    at: float


def settle(displaced: Displaced, disk: FileOperations) -> bool:
    """Delete a displaced file once it has lingered; put it back if it was written meanwhile.

    Returns whether the replacement stands. A file that can't be reached is left for
    finish_interrupted().
    """
    time.sleep(max(0.0, displaced.at + LINGER - time.monotonic()))
    path, new, keep = displaced.path, displaced.new, displaced.keep
    try:
        if _release_if_unchanged(displaced.file, displaced.expected, keep, disk):
            return True
        _put_back(displaced.file, path, new, keep, disk)
    except OSError:
        return True
    return False


def replace(
    path: Path,
    expected: bytes,
    new: bytes,
    keep: Keep,
    disk: FileOperations | None = None,
    later: Callable[[Displaced], None] | None = None,
) -> bool:
    """Replace a workbook by ``new`` if its content still is ``expected``.

    Returns False, with the workbook unchanged, where it has other content or is
    being saved. Every displaced content is passed to ``keep`` before it is
    deleted; if ``keep`` fails, the workbook is restored. Mode, owner, ACL and
    extended attributes stay; the modification time is new.

    On a remote mount the displaced file is passed to ``later`` and has to be settled;
    without ``later`` that is waited for. Without ``disk`` the mount is tried out first.

    Raises:
        WriteRefusedError: the workbook is a link, read-only or open, or the
            operating system refuses; the workbook is unchanged.
    """
    try:
        _refuse_special(path)
        disk = disk or operations_of(path.parent)
        return _replace(path, expected, new, keep, disk, later)
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


def _replace(
    path: Path,
    expected: bytes,
    new: bytes,
    keep: Keep,
    disk: FileOperations,
    later: Callable[[Displaced], None] | None,
) -> bool:
    if disk.read(path) != expected:
        return False
    if disk.busy(path):
        raise WriteRefusedError("workbook_open", name=path.name)
    displaced = _displace(path, expected, new, keep, disk)
    if displaced is None:
        return False
    try:
        disk.sync(path.parent)
        if disk.remote:
            # Most saves that came in between are found now, and are back at once.
            if disk.read(displaced) == expected:
                keep(expected)
                left = Displaced(displaced, path, expected, new, keep, time.monotonic())
                if later is None:
                    return settle(left, disk)
                later(left)
                return True
        elif _release_if_unchanged(displaced, expected, keep, disk):
            return True
    except BaseException:
        _put_back(displaced, path, new, keep, disk)
        raise
    _put_back(displaced, path, new, keep, disk)
    return False


def _displace(
    path: Path, expected: bytes, new: bytes, keep: Keep, disk: FileOperations
) -> Path | None:
    """Put the new content in the workbook's place; return where what was there is now.

    None where somebody saved between the two steps that this takes on some mounts: that
    save is the later one, and what was set aside has been passed to ``keep``.
    """
    part = _temporary(path, _PART, expected, new)
    try:
        disk.create(part, new, path)
        if disk.way is Way.EXCHANGE:
            # Only a complete file has this name: an incomplete one would pass for a save.
            swap = _temporary(path, _SWAP, expected, new)
            disk.set_aside(part, swap)
    except OSError:
        with suppress(OSError):
            disk.remove(part)
        raise
    if disk.way is Way.EXCHANGE:
        try:
            disk.exchange(swap, path)
        except OSError:
            _discard(swap, new, disk)
            raise
        return swap
    aside = _temporary(path, _ASIDE, expected, new)
    try:
        disk.set_aside(path, aside)
        placed = _take_free_name(part, path, aside, disk)
    except BaseException:
        _discard(part, new, disk)
        raise
    if placed:
        return aside
    _discard(part, new, disk)
    _keep_and_discard(aside, keep, disk)
    return None


def _take_free_name(source: Path, path: Path, aside: Path | None, disk: FileOperations) -> bool:
    """Give ``source`` the name from which ``aside`` was taken; False if it isn't free any more.

    Where that fails for another reason, ``aside`` gets its name back if it can.
    """
    try:
        disk.move(source, path)
    except FileExistsError:
        return False
    except BaseException:
        if aside is not None:
            with suppress(OSError):
                disk.move(aside, path)
        raise
    return True


def _release_if_unchanged(
    displaced: Path, expected: bytes, keep: Keep, disk: FileOperations
) -> bool:
    """Keep a displaced file and delete it; False if it has other content or is being written."""
    if disk.read(displaced) != expected:
        return False
    keep(expected)
    # A program that opened the file before it was displaced may have written to it since.
    if disk.busy(displaced) or disk.read(displaced) != expected:
        return False
    with suppress(OSError):  # finish_interrupted() deletes it then
        disk.remove(displaced)
    return True


def _put_back(
    displaced: Path, path: Path, current: bytes | None, keep: Keep, disk: FileOperations
) -> None:
    """Put back what was displaced, until what that displaces is what xlflow last put there.

    ``current`` is that content. A save may come in between, and must be restored in turn.
    """
    if disk.way is Way.EXCHANGE:
        _exchange_back(displaced, path, current, keep, disk)
    else:
        _return_aside(displaced, path, current, keep, disk)


def _exchange_back(
    temp: Path, path: Path, current: bytes | None, keep: Keep, disk: FileOperations
) -> None:
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


def _return_aside(
    displaced: Path, path: Path, current: bytes | None, keep: Keep, disk: FileOperations
) -> None:
    written = current
    while True:
        restored = disk.read(displaced)
        aside: Path | None = _renamed(displaced)
        assert aside is not None
        try:
            disk.set_aside(path, aside)
        except FileNotFoundError:  # Excel is between deleting and renaming
            aside = None
        placed = _take_free_name(displaced, path, aside, disk)
        found = disk.read(aside) if aside is not None else None
        if not placed:  # by a save that is later than both
            _keep_and_discard(displaced, keep, disk)
        if not placed or aside is None or found == current:
            break
        displaced, current = aside, restored
    if aside is not None and found is not None:
        if found != written:
            keep(found)
        _discard(aside, found, disk)


def _keep_and_discard(path: Path, keep: Keep, disk: FileOperations) -> None:
    content = disk.read(path)
    if content is not None:
        keep(content)
        _discard(path, content, disk)


def finish_interrupted(
    folder: Path,
    keep: Callable[[Path, bytes], None],
    known: Iterable[str] = (),
    disk: FileOperations | None = None,
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
        if name.startswith(PROBE):
            with suppress(OSError):
                os.unlink(folder / name)
        if not (parsed := _TEMPORARY.fullmatch(name)):
            continue
        temp = folder / name
        try:
            disk = disk or operations_of(folder)
            target = workbooks.get(parsed["name"])
            done = _finish(temp, folder / target if target else None, parsed, keep, disk)
        except (OSError, WriteRefusedError):
            done = False
        if not done:
            left.append(temp)
    return tuple(left)


def is_temporary(name: str) -> bool:
    """Whether a file name is one of xlflow's own that finish_interrupted() handles."""
    return name.startswith(PROBE) or _TEMPORARY.fullmatch(name) is not None


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
        _put_back(temp, path, current, lambda later: keep(path, later), disk)
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


def _renamed(temporary: Path) -> Path:
    """Return another name of the same meaning for what a temporary file is displaced by."""
    kept = temporary.name[: -len("012345.tmp")]
    return temporary.with_name(f"{kept}{secrets.token_hex(3)}.tmp")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:10]


def _discard(path: Path, content: bytes, disk: FileOperations) -> None:
    """Delete a temporary file if it still has this content and nobody has it open.

    Otherwise, or where deleting fails, it is left for finish_interrupted().
    """
    with suppress(OSError):
        if not disk.busy(path) and disk.read(path) == content:
            disk.remove(path)
