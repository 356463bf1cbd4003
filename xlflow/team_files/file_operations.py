"""The file-system operations behind a guarded replace, on each kind of system.

They are passed to :func:`xlflow.team_files.guarded_replace.replace`, so that a test can
make any of them fail or let somebody save in between.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import sys
from pathlib import Path

from xlflow.atomic_write import sync_folder
from xlflow.team_files.shared_open import open_shared

# Where a mount or a kernel doesn't know an operation, it says one of these.
_UNKNOWN = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_NOT_FOLLOWED = {errno.ELOOP, errno.ENXIO, errno.EISDIR}

_NOREPLACE, _EXCHANGE = 1, 2  # Linux, renameat2(2)
_SWAP, _EXCL = 2, 4  # macOS, renamex_np(2)
_COPY_SECURITY_AND_XATTR = 0b111  # macOS, copyfile(3)
_AT_FDCWD = -100
_CANNOT_MOVE_REPLACEMENT = 1177  # Windows: the original already bears its backup name


class CannotExchangeError(OSError):
    """This mount can't exchange two files in one step; nothing was changed."""


class FileOperations:
    """The real operations. All raise OSError and, failing, leave every file's content whole."""

    def read(self, path: Path) -> bytes | None:
        """Return a file's content; None where no regular file stands there."""
        try:
            fd = open_shared(path)
        except OSError as error:
            if error.errno in _NOT_FOLLOWED:
                return None
            raise
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            return None
        with open(fd, "rb") as stream:
            return stream.read()

    def create(self, path: Path, content: bytes, like: Path) -> None:
        """Write a new file with another's mode, owner, ACL and attributes, down to the disk."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with open(fd, "wb") as stream:
            stream.write(content)
            stream.flush()
            _dress(path, like)
            os.fsync(stream.fileno())
            if os.fstat(stream.fileno()).st_size != len(content):
                raise OSError(errno.EIO, "written short", str(path))

    def exchange(self, one: Path, other: Path) -> None:
        """Let two files of one folder take each other's names in one step.

        Raises:
            CannotExchangeError: the mount has no such step.
        """
        if sys.platform == "win32":
            _replace_file(one, other)
        else:
            flag = _SWAP if sys.platform == "darwin" else _EXCHANGE
            _rename(one, other, flag)

    def move(self, source: Path, target: Path) -> None:
        """Rename, but never over a file: FileExistsError where the target is taken."""
        if sys.platform == "win32":
            os.rename(source, target)
            return
        try:
            _rename(source, target, _EXCL if sys.platform == "darwin" else _NOREPLACE)
        except CannotExchangeError:
            os.link(source, target, follow_symlinks=False)
            os.unlink(source)

    def busy(self, path: Path) -> bool:
        """Tell whether some process has the file open; False where the system doesn't say.

        On Linux a write lease is granted only for a file that nobody else has
        open, and so finds a save in place that is still under way. A share may
        refuse every lease (SMB and NFS do where the server grants none), which
        then says nothing about the file. On Windows the exchange itself fails
        while the file is open.
        """
        if sys.platform != "linux":
            return False
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            return not _leased(fd) and _grants_leases(path.parent)
        finally:
            os.close(fd)

    def remove(self, path: Path) -> None:
        """Delete a file."""
        os.unlink(path)

    def sync(self, folder: Path) -> None:
        """Bring a folder's names down to the disk, where the system can."""
        sync_folder(folder)


FILE_OPERATIONS = FileOperations()


def _leased(fd: int) -> bool:
    """Tell whether a write lease is granted for an open file; true where leases are unknown."""
    if sys.platform != "linux":
        return True
    import fcntl
    import signal

    try:
        # Whoever opens the file now makes the kernel signal us; the usual signal would kill.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno != errno.EAGAIN
    return True


def _grants_leases(folder: Path) -> bool:
    """Tell whether a mount leases a file that surely nobody else has open: a nameless one."""
    if sys.platform != "linux":
        return False
    try:
        fd = os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    except OSError:
        return False
    try:
        return _leased(fd)
    finally:
        os.close(fd)


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
        kind = CannotExchangeError if code in _UNKNOWN else OSError
        raise kind(code, os.strerror(code), str(source), None, str(target))


def _replace_file(one: Path, other: Path) -> None:
    """Exchange by ReplaceFileW, whose backup is the displaced file, not a copy of it."""
    if sys.platform == "win32":
        # One that was left as a backup by a killed process can't be its own backup.
        backup = one.with_suffix(".tmp" if one.suffix == ".bak" else ".bak")
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        if kernel.ReplaceFileW(str(other), str(one), str(backup), 0, None, None):
            os.rename(backup, one)
            return
        code = ctypes.get_last_error()
        if code == _CANNOT_MOVE_REPLACEMENT:
            os.rename(backup, other)
        raise ctypes.WinError(code)


def _dress(path: Path, like: Path) -> None:
    """Give a new file the mode, owner, ACL and extended attributes of another; its time is new."""
    if sys.platform == "win32":
        return  # ReplaceFileW carries them over
    model = os.lstat(like)
    mine = os.lstat(path)
    if (mine.st_uid, mine.st_gid) != (model.st_uid, model.st_gid):
        os.chown(path, model.st_uid, model.st_gid, follow_symlinks=False)
    if sys.platform == "darwin":
        names = (os.fsencode(like), os.fsencode(path))
        if ctypes.CDLL(None, use_errno=True).copyfile(*names, None, _COPY_SECURITY_AND_XATTR):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(path))
        os.utime(path)
    elif sys.platform == "linux":
        _copy_attributes(path, like)
    os.chmod(path, stat.S_IMODE(model.st_mode))


def _copy_attributes(path: Path, like: Path) -> None:
    """Give a file the extended attributes of another, its access list among them, and no more."""
    if sys.platform != "linux":
        return
    wanted, present = _attributes(like), _attributes(path)
    # What a new file inherits from its folder may let others in, or keep them out.
    for name in present.keys() - wanted.keys():
        os.removexattr(path, name)
    for name, value in wanted.items():
        if present.get(name) != value:
            os.setxattr(path, name, value)


def _attributes(path: Path) -> dict[str, bytes]:
    if sys.platform != "linux":
        return {}
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError as error:
        if error.errno in _UNKNOWN:
            return {}
        raise
    # Labels that only the system may set come by themselves where they are needed.
    return {
        name: os.getxattr(path, name, follow_symlinks=False)
        for name in names
        if not name.startswith(("security.", "trusted."))
    }
