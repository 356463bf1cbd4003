"""The file system operations of a guarded replace on Linux, macOS and Windows.

They are passed to :func:`xlflow.team_files.guarded_replace.replace`, so that a test can
make any of them fail or save the workbook in between.
"""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import stat
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from xlflow.atomic_write import sync_folder
from xlflow.team_files.shared_open import open_shared, refresh_size

# What a mount or a kernel without an operation answers.
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
# FUSE mounts without extended attributes, or without a mode or an owner of each file.
_NO_ATTRIBUTES = _UNSUPPORTED | {errno.EIO}
# SFTP has no error for a name that is taken: it is refused as if it weren't permitted.
_PERHAPS_TAKEN = {errno.EPERM, errno.EIO}
_NOT_A_FILE = {errno.ELOOP, errno.ENXIO, errno.EISDIR}

_NOREPLACE, _EXCHANGE = 1, 2  # Linux, renameat2(2)
_SWAP, _EXCL = 2, 4  # macOS, renamex_np(2)
_COPY_SECURITY_AND_XATTR = 0b111  # macOS, copyfile(3)
_AT_FDCWD = -100
PROBE = ".xlflow-probe-"
"""How the names of files begin with which a mount is tried out."""

_CANNOT_MOVE_REPLACEMENT = 1177  # Windows: the original already has its backup name


class CannotExchangeError(OSError):
    """This mount can't exchange two files in one step; nothing was changed."""


class Way(StrEnum):
    """How a workbook is replaced without ever overwriting a name that a person may save to.

    EXCHANGE: both names in one step. Otherwise the workbook is renamed to a name of
    xlflow's, and the new file takes its name only if that is free: by a rename that
    doesn't replace (NO_REPLACE), or by a hard link (LINK).
    """

    EXCHANGE = "exchange"
    NO_REPLACE = "no_replace"
    LINK = "link"


class FileOperations:
    """The real operations. All raise OSError, and then every file still has its content.

    ``way`` is one that the mount has, ``leases`` whether it may grant leases. ``remote``:
    other machines write the files, too, and no lease tells of them.
    """

    def __init__(
        self, way: Way = Way.EXCHANGE, leases: bool = True, *, remote: bool = False
    ) -> None:
        self.way, self.leases, self.remote = way, leases, remote

    def read(self, path: Path) -> bytes | None:
        """Return a file's content; None where the path isn't a regular file."""
        try:
            fd = open_shared(path)
        except OSError as error:
            if error.errno in _NOT_A_FILE:
                return None
            raise
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            return None
        with open(fd, "rb") as stream:
            refresh_size(fd)
            return stream.read()

    def create(self, path: Path, content: bytes, like: Path) -> None:
        """Write a new file with the mode, owner, ACL and attributes of another, and sync it."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(fd, "wb") as stream:
            stream.write(content)
            stream.flush()
            _copy_metadata(path, like)
            os.fsync(stream.fileno())
            if os.fstat(stream.fileno()).st_size != len(content):
                raise OSError(errno.EIO, "written short", str(path))

    def exchange(self, one: Path, other: Path) -> None:
        """Exchange the names of two files in one folder atomically.

        Raises:
            CannotExchangeError: the mount doesn't support it.
        """
        if sys.platform == "win32":
            _replace_file(one, other)
        else:
            flag = _SWAP if sys.platform == "darwin" else _EXCHANGE
            _rename(one, other, flag)

    def set_aside(self, path: Path, aside: Path) -> None:
        """Rename a file, whoever wrote it, to a new random name of xlflow's.

        Whatever has the name at that moment is what is renamed. Linking it and then
        removing the name could remove a save that came in between.
        """
        os.rename(path, aside)

    def move(self, source: Path, target: Path) -> None:
        """Give a file with a name of xlflow's another one: FileExistsError where that is taken.

        A hard link is made first where the mount has no such rename. The name that is then
        removed is xlflow's, so no one can have saved to it; if removing fails, it stays for
        finish_interrupted().
        """
        if sys.platform == "win32":
            os.rename(source, target)
            return
        if self.way is not Way.LINK:
            with suppress(CannotExchangeError):
                _rename(source, target, _EXCL if sys.platform == "darwin" else _NOREPLACE)
                return
        if os.path.isdir(source) and not os.path.islink(source):
            os.rename(source, target)  # which never replaces a file
            return
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError as error:
            if error.errno in _PERHAPS_TAKEN and os.path.lexists(target):
                code = errno.EEXIST
                raise FileExistsError(code, os.strerror(code), str(target)) from error
            raise
        with suppress(OSError):
            os.unlink(source)

    def busy(self, path: Path) -> bool:
        """Return whether a process has the file open for writing; False where nobody can say.

        Linux grants a read lease only for a file that nobody has open for writing, which
        finds a save in place that is still running, and leaves readers alone. A share may
        refuse every lease (SMB and NFS do where the server grants none), and a refusal
        then says nothing about the file. On Windows the exchange itself fails while the
        file is open.
        """
        if sys.platform != "linux" or not self.leases:
            return False
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            return not _grants_lease(fd) and grants_leases(path.parent)
        finally:
            os.close(fd)

    def remove(self, path: Path) -> None:
        """Delete a file."""
        os.unlink(path)

    def sync(self, folder: Path) -> None:
        """Sync a folder's entries to the disk, where the system can."""
        sync_folder(folder)


FILE_OPERATIONS = FileOperations()


def _grants_lease(fd: int) -> bool:
    """Return whether a read lease is granted for an open file; True without leases."""
    if sys.platform != "linux":
        return True
    import fcntl
    import signal

    try:
        # Another open makes the kernel signal this process; the default signal would kill it.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno != errno.EAGAIN
    return True


def grants_leases(folder: Path) -> bool:
    """Return whether a lease is granted for a file that nobody else opens: one of xlflow's.

    False also where the lease is granted although the file is open for writing: the
    answer then is none.
    """
    if sys.platform != "linux":
        return False
    probe = probe_name(folder)
    try:
        writer = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            refused = not _lease_of(probe)
        finally:
            os.close(writer)
        return refused and _lease_of(probe)
    except OSError:
        return False
    finally:
        with suppress(OSError):
            os.unlink(probe)


def _lease_of(path: Path) -> bool:
    fd = os.open(path, os.O_RDONLY)
    try:
        return _grants_lease(fd)
    finally:
        os.close(fd)


def probe_name(folder: Path) -> Path:
    """Return a new name for a file with which a mount is tried out."""
    return folder / f"{PROBE}{secrets.token_hex(6)}.tmp"


def _rename(source: Path, target: Path, flag: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    names = (os.fsencode(source), os.fsencode(target))
    try:
        if sys.platform == "darwin":
            failed = libc.renamex_np(*names, ctypes.c_uint(flag))
        else:
            at = ctypes.c_int(_AT_FDCWD)
            failed = libc.renameat2(at, names[0], at, names[1], ctypes.c_uint(flag))
    except AttributeError:
        raise CannotExchangeError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if failed:
        code = ctypes.get_errno()
        kind = CannotExchangeError if code in _UNSUPPORTED else OSError
        raise kind(code, os.strerror(code), str(source), None, str(target))


def _replace_file(one: Path, other: Path) -> None:
    """Exchange by ReplaceFileW, whose backup is the displaced file, not a copy of it."""
    if sys.platform == "win32":
        # A file that a killed process left as a backup can't be its own backup.
        backup = one.with_suffix(".tmp" if one.suffix == ".bak" else ".bak")
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if kernel.ReplaceFileW(str(other), str(one), str(backup), 0, None, None):
            os.rename(backup, one)
            return
        code = ctypes.get_last_error()
        if code == _CANNOT_MOVE_REPLACEMENT:
            os.rename(backup, other)
        raise ctypes.WinError(code)


def _copy_metadata(path: Path, like: Path) -> None:
    """Give a new file the mode, owner, ACL and extended attributes of another.

    What fits already isn't set, so that a mount that can't set it is no hindrance.
    """
    if sys.platform == "win32":
        return  # ReplaceFileW carries them over
    wanted, present = os.lstat(like), os.lstat(path)
    if (present.st_uid, present.st_gid) != (wanted.st_uid, wanted.st_gid):
        os.chown(path, wanted.st_uid, wanted.st_gid, follow_symlinks=False)
    if sys.platform == "darwin":
        names = (os.fsencode(like), os.fsencode(path))
        if ctypes.CDLL(None, use_errno=True).copyfile(*names, None, _COPY_SECURITY_AND_XATTR):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(path))
        os.utime(path)
    elif sys.platform == "linux":
        _copy_attributes(path, like)
    mode = stat.S_IMODE(wanted.st_mode)
    # An owner or an ACL set above may have changed the mode.
    if stat.S_IMODE(os.lstat(path).st_mode) != mode:
        os.chmod(path, mode)


def _copy_attributes(path: Path, like: Path) -> None:
    """Give a file exactly the extended attributes of another, which include the ACL."""
    if sys.platform != "linux":
        return
    wanted = _attributes(like)
    if wanted is None:
        return
    present = _attributes(path) or {}
    # An ACL inherited from the folder may grant or deny access that the other file doesn't.
    for name in present.keys() - wanted.keys():
        os.removexattr(path, name)
    for name, value in wanted.items():
        if present.get(name) != value:
            os.setxattr(path, name, value)


def _attributes(path: Path) -> dict[str, bytes] | None:
    """Return a file's extended attributes; None where the mount has none."""
    if sys.platform != "linux":
        return None
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_ATTRIBUTES:
            return None
        raise
    # The system sets its own labels where they are needed, and nobody else may.
    return {
        name: os.getxattr(path, name, follow_symlinks=False)
        for name in names
        if not name.startswith(("security.", "trusted."))
    }
