"""The guarded replace: ordinary cases, faults at every operation, and concurrent saves."""

from __future__ import annotations

import errno
import os
import random
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from xlflow.errors import WriteRefusedError
from xlflow.team_files.file_operations import FileOperations, Way
from xlflow.team_files.guarded_replace import finish_interrupted, replace

OLD, NEW = b"what was read" * 100, b"with xlflow's flags" * 120
OPERATIONS = ("read", "create", "exchange", "set_aside", "move", "busy", "remove", "sync")


class Watched(FileOperations):
    """Real operations that call ``before`` and ``after`` with the name of each operation."""

    def __init__(
        self,
        before: Callable[[str], None] = lambda _: None,
        after: Callable[[str], None] = lambda _: None,
        way: Way = Way.EXCHANGE,
    ) -> None:
        super().__init__(way)
        self.before, self.after = before, after

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in OPERATIONS:
            return found

        def watched(*args: Any) -> Any:
            self.before(name)
            result = found(*args)
            self.after(name)
            return result

        return watched


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "市场一部.xlsx"
    path.write_bytes(OLD)
    return path


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def no_need(*_: object) -> None:
    raise AssertionError("nothing was displaced, so there is nothing to keep")


def keeping(kept: list[bytes]) -> Callable[[Path, bytes], None]:
    return lambda _, old: kept.append(old)


posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such thing")
WAYS = [*Way] if sys.platform != "win32" else [Way.EXCHANGE, Way.NO_REPLACE]
every_way = pytest.mark.parametrize("way", WAYS)


@every_way
def test_an_unchanged_workbook_is_replaced_and_its_original_kept(book: Path, way: Way) -> None:
    kept: list[bytes] = []
    assert replace(book, OLD, NEW, kept.append, Watched(way=way))
    assert content(book.parent) == {book.name: NEW}
    assert kept == [OLD]


def test_a_changed_workbook_isnt_replaced(book: Path) -> None:
    book.write_bytes(b"theirs")
    assert not replace(book, OLD, NEW, no_need)
    assert content(book.parent) == {book.name: b"theirs"}


def test_a_missing_workbook_isnt_created(book: Path) -> None:
    book.unlink()
    assert not replace(book, OLD, NEW, no_need)
    assert content(book.parent) == {}


@posix
def test_mode_owner_and_attributes_are_kept(book: Path) -> None:
    book.chmod(0o640)
    os.setxattr(book, "user.label", "保密".encode())
    if os.geteuid() == 0:
        os.chown(book, 1234, 2345)
    before = book.stat()
    os.utime(book, (1, 1))
    assert replace(book, OLD, NEW, lambda _: None)
    after = book.stat()
    assert stat.S_IMODE(after.st_mode) == 0o640
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
    assert os.getxattr(book, "user.label") == "保密".encode()
    assert after.st_mtime > 1


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """Return an ACL in the kernel's format: version 2, then tag, permission and id of each."""
    return (2).to_bytes(4, "little") + b"".join(
        tag.to_bytes(2, "little")
        + permission.to_bytes(2, "little")
        + who.to_bytes(4, "little", signed=True)
        for tag, permission, who in entries
    )


ONE_MORE_READER = access_list((1, 6, -1), (2, 4, 1000), (4, 4, -1), (16, 4, -1), (32, 0, -1))


@posix
def test_an_acl_is_kept(book: Path) -> None:
    os.setxattr(book, "system.posix_acl_access", ONE_MORE_READER)
    assert replace(book, OLD, NEW, lambda _: None)
    assert os.getxattr(book, "system.posix_acl_access") == ONE_MORE_READER


@posix
def test_no_acl_is_inherited_from_the_folder(book: Path) -> None:
    book.chmod(0o600)
    os.setxattr(book.parent, "system.posix_acl_default", ONE_MORE_READER)
    assert replace(book, OLD, NEW, lambda _: None)
    assert os.listxattr(book) == []
    assert stat.S_IMODE(book.stat().st_mode) == 0o600


def refused_to_an_ordinary_user(path: Path) -> str:
    """Try a replace as an unprivileged user; return the key of the refusal."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.chdir(path.parent)
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        try:
            replace(Path(path.name), OLD, NEW, no_need)
        except WriteRefusedError as refused:
            os.write(writing, refused.key.encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with open(reading, encoding="ascii") as answer:
        return answer.read()


@posix
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_user_without_permission_is_refused(book: Path) -> None:
    book.chmod(0o666)
    book.parent.chmod(0o555)
    assert refused_to_an_ordinary_user(book) == "write_denied"
    book.parent.chmod(0o777)
    if os.geteuid() == 0:  # a file that would become somebody else's
        assert refused_to_an_ordinary_user(book) == "write_denied"
        book.chmod(0o644)
        assert refused_to_an_ordinary_user(book) == "workbook_read_only"
    assert content(book.parent) == {book.name: OLD}


def test_the_longest_name_can_be_replaced(tmp_path: Path) -> None:
    book = tmp_path / ("团" * 83 + ".xlsx")
    book.write_bytes(OLD)
    assert replace(book, OLD, NEW, lambda _: None)
    assert content(tmp_path) == {book.name: NEW}


@posix
def test_links_are_refused(book: Path) -> None:
    link = book.with_name("链接.xlsx")
    link.symlink_to(book.name)
    with pytest.raises(WriteRefusedError) as refused:
        replace(link, OLD, NEW, no_need)
    assert refused.value.key == "workbook_symlink"
    link.unlink()
    os.link(book, link)
    with pytest.raises(WriteRefusedError) as refused:
        replace(book, OLD, NEW, no_need)
    assert refused.value.key == "workbook_hard_link"
    assert content(book.parent) == {book.name: OLD, link.name: OLD}


@posix
def test_special_files_are_refused_without_opening_them(tmp_path: Path) -> None:
    pipe = tmp_path / "管道.xlsx"
    os.mkfifo(pipe)
    with pytest.raises(WriteRefusedError) as refused:
        replace(pipe, OLD, NEW, no_need)
    assert refused.value.key == "workbook_no_file"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.xlsx"))
        with pytest.raises(WriteRefusedError):
            replace(tmp_path / "s.xlsx", OLD, NEW, no_need)


def test_a_read_only_workbook_is_refused(book: Path) -> None:
    book.chmod(0o444)
    with pytest.raises(WriteRefusedError) as refused:
        replace(book, OLD, NEW, no_need)
    assert refused.value.key == "workbook_read_only"
    assert content(book.parent) == {book.name: OLD}


linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports open files")


@linux
@every_way
def test_a_workbook_that_is_open_for_writing_is_refused(book: Path, way: Way) -> None:
    with open(book, "r+b"):
        with pytest.raises(WriteRefusedError) as refused:
            replace(book, OLD, NEW, no_need, Watched(way=way))
        assert refused.value.key == "workbook_open"
    assert content(book.parent) == {book.name: OLD}
    assert replace(book, OLD, NEW, lambda _: None, Watched(way=way))


@linux
@every_way
def test_who_only_reads_a_workbook_delays_nothing_and_reads_on(book: Path, way: Way) -> None:
    with open(book, "rb") as reader:
        assert replace(book, OLD, NEW, lambda _: None, Watched(way=way))
        assert reader.read() == OLD
    assert content(book.parent) == {book.name: NEW}


@posix
def test_a_name_that_an_sftp_server_says_is_forbidden_may_be_taken(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    ours = book.with_name(".xlflow-x.tmp")
    ours.write_bytes(NEW)
    disk = FileOperations(Way.LINK)
    with pytest.raises(FileExistsError):
        disk.move(ours, book)
    with pytest.raises(PermissionError):
        disk.move(ours, book.with_name("free.xlsx"))
    assert content(book.parent) == {book.name: OLD, ours.name: NEW}


@posix
def test_a_second_name_of_xlflows_that_cant_be_removed_is_cleared_later(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = os.unlink

    def refuse(path: Path) -> None:
        if "-part-" in path.name:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        unlink(path)

    monkeypatch.setattr(os, "unlink", refuse)
    assert replace(book, OLD, NEW, lambda _: None, FileOperations(Way.LINK))
    monkeypatch.undo()
    assert book.stat().st_nlink == 2
    assert finish_interrupted(book.parent, lambda *_: None) == ()
    assert content(book.parent) == {book.name: NEW}
    assert book.stat().st_nlink == 1


def test_what_has_the_name_is_back_where_taking_it_fails(book: Path) -> None:
    """A mount that breaks between the two steps must not leave the workbook missing."""
    failed = []

    def fail(operation: str) -> None:
        if operation == "move" and not failed:
            failed.append(operation)
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(WriteRefusedError):
        replace(book, OLD, NEW, no_need, Watched(before=fail, way=WAYS[-1]))
    assert content(book.parent) == {book.name: OLD}


@every_way
def test_the_original_stays_if_keeping_it_fails(book: Path, way: Way) -> None:
    def keep(_: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WriteRefusedError) as refused:
        replace(book, OLD, NEW, keep, Watched(way=way))
    assert refused.value.key == "disk_full"
    assert content(book.parent) == {book.name: OLD}


@posix
def test_a_folder_in_the_workbooks_place_is_restored(book: Path) -> None:
    def swapped(operation: str) -> None:
        if operation == "exchange" and not book.with_suffix(".bak").exists():
            book.rename(book.with_suffix(".bak"))
            book.mkdir()

    assert not replace(book, OLD, NEW, no_need, Watched(before=swapped))
    assert book.is_dir()
    assert sorted(p.name for p in book.parent.iterdir()) == [
        book.with_suffix(".bak").name,
        book.name,
    ]


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EACCES, "write_denied"),
        (errno.EROFS, "folder_read_only"),
        (errno.EIO, "write_failed"),
    ],
)
def test_the_error_names_the_reason(book: Path, code: int, key: str) -> None:
    def fail(operation: str) -> None:
        if operation == "create":
            raise OSError(code, os.strerror(code))

    with pytest.raises(WriteRefusedError) as refused:
        replace(book, OLD, NEW, no_need, Watched(before=fail))
    assert refused.value.key == key
    assert content(book.parent) == {book.name: OLD}


# Faults. A history is the operations of one replace, during which a user may save; each of
# its operations in turn fails.


class Killed(BaseException):
    """The process is killed here."""


def saves_before(operation: str, path: Path, saves: list[bytes]) -> Callable[[str], None]:
    """Return a hook that saves as Excel does, each time before the operation."""

    def save(name: str) -> None:
        if name == operation and saves:
            excel_save(path, saves.pop(0))

    return save


def excel_save(path: Path, saved: bytes) -> None:
    temporary = path.with_name("8F3A1B2C")
    temporary.write_bytes(saved)
    os.utime(temporary, ns=(0, time.monotonic_ns()))  # finer than some kernels stamp files
    temporary.replace(path)


def histories() -> Iterator[tuple[Way, str | None, int]]:
    for way in WAYS:
        yield way, None, 0
        for operation in ("create", "exchange", "set_aside", "sync", "busy", "move"):
            yield way, operation, 2


def broken(
    book: Path, history: tuple[Way, str | None, int], at: int, when: str, error: BaseException
) -> tuple[bool, list[bytes], list[bytes]]:
    """Run one replace that fails before or after its operation number ``at``.

    Returns whether it reached that operation, what was kept, and what the user saved.
    """
    way, operation, count = history
    book.write_bytes(OLD)
    planned = [b"save %d" % n for n in range(count)]
    waiting = list(planned)
    user = saves_before(operation, book, waiting) if operation else lambda _: None
    kept: list[bytes] = []
    seen = 0
    killed = isinstance(error, Killed)

    def before(name: str) -> None:
        nonlocal seen
        if killed and seen == at:
            raise error  # no handler does anything any more
        user(name)
        seen += 1
        if seen == at and when == "before":
            raise error

    def after(_: str) -> None:
        if seen == at and when == "after":
            raise error

    with suppress(WriteRefusedError, Killed):
        replace(book, OLD, NEW, kept.append, Watched(before, after, way))
    return seen >= at, kept, planned[: len(planned) - len(waiting)]


@pytest.mark.parametrize("history", [*histories()], ids=str)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["fault", "kill"])
def test_a_failure_at_any_operation_loses_nothing(
    book: Path, history: tuple[Way, str | None, int], when: str, kind: str
) -> None:
    for at in range(1, 60):
        error: BaseException = Killed() if kind == "kill" else OSError(errno.EIO, "I/O error")
        reached, kept, saved = broken(book, history, at, when, error)
        left = finish_interrupted(book.parent, keeping(kept), [book.name])
        assert not left, at
        assert sorted(content(book.parent)) == [book.name], at
        final = book.read_bytes()
        if saved:
            # The last save is current; every earlier one was overwritten by it or kept.
            assert final == saved[-1], at
        else:
            assert final == OLD or (final == NEW and OLD in kept), at
        if not reached:
            break
    else:
        pytest.fail("the history never ended")


def test_a_save_during_the_exchange_isnt_an_error(book: Path) -> None:
    """Where the exchange is two renames, another file may take the name in between."""

    def save(operation: str) -> None:
        if operation == "exchange":
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))

    assert not replace(book, OLD, NEW, no_need, Watched(before=save))
    assert content(book.parent) == {book.name: OLD}


def test_a_workbook_removed_meanwhile_isnt_reported_as_read_only(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def access(path: Path, _: int) -> bool:
        path.unlink(missing_ok=True)
        return False

    monkeypatch.setattr(os, "access", access)
    assert not replace(book, OLD, NEW, no_need)


def test_a_failure_before_the_exchange_leaves_no_temporary_file(book: Path) -> None:
    for failing in ("create", "set_aside", "exchange"):

        def fail(operation: str, failing: str = failing) -> None:
            if operation == failing:
                raise OSError(errno.EIO, "I/O error")

        with pytest.raises(WriteRefusedError):
            replace(book, OLD, NEW, no_need, Watched(before=fail))
        assert content(book.parent) == {book.name: OLD}


def test_temporary_files_of_unknown_workbooks_are_left(tmp_path: Path) -> None:
    stranger = tmp_path / ".xlflow-swap-0123456789-0123456789-0123456789-abcdef.tmp"
    stranger.write_bytes(b"somebody's only copy")
    other = tmp_path / ".xlflow-owner"
    other.write_bytes(b"")
    assert finish_interrupted(tmp_path, no_need) == (stranger,)
    assert content(tmp_path) == {stranger.name: b"somebody's only copy", other.name: b""}


# Races.


class User:
    """A user who saves again and again, in steps between which anything may happen.

    ``saved`` are the contents of completed saves, in order; ``overwritten`` what the
    user's own saves destroyed.
    """

    def __init__(self, path: Path, chance: random.Random) -> None:
        self.path, self.chance = path, chance
        self.saved: list[bytes] = []
        self.overwritten: list[bytes] = []
        self.steps = self._steps(chance.randint(1, 5))

    def step(self, _: str = "") -> None:
        while self.chance.random() < 0.35:
            next(self.steps, None)

    def finish(self) -> None:
        for _ in self.steps:
            pass

    def _steps(self, saves: int) -> Iterator[None]:
        ways = (self._renames, self._deletes_and_renames, self._truncates, self._writes_over)
        for number in range(saves):
            saved = b"save %d of this user" % number
            yield from self.chance.choice(ways)(saved)
            self.saved.append(saved)
            yield

    def _destroys(self) -> None:
        if self.path.exists():
            self.overwritten.append(self.path.read_bytes())

    def _renames(self, saved: bytes) -> Iterator[None]:
        self._destroys()
        excel_save(self.path, saved)
        yield from ()

    def _deletes_and_renames(self, saved: bytes) -> Iterator[None]:
        temporary = self.path.with_name("8F3A1B2C")
        temporary.write_bytes(saved)
        yield
        self._destroys()
        self.path.unlink(missing_ok=True)
        yield
        self._destroys()
        temporary.replace(self.path)

    def _truncates(self, saved: bytes) -> Iterator[None]:
        self._destroys()
        with open(self.path, "wb", buffering=0) as stream:
            yield
            stream.write(saved[:7])
            yield
            stream.write(saved[7:])

    def _writes_over(self, saved: bytes) -> Iterator[None]:
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0))
        with open(fd, "r+b", buffering=0) as stream:
            yield
            self.overwritten.append(stream.read())
            stream.seek(0)
            stream.write(saved)
            stream.truncate()
            yield


def guarded(path: Path, user: User, kept: list[bytes], way: Way) -> None:
    def keep(old: bytes) -> None:
        user.step()
        kept.append(old)

    with suppress(WriteRefusedError):
        replace(path, OLD, NEW, keep, Watched(user.step, way=way))
    user.finish()
    assert finish_interrupted(path.parent, keeping(kept), [path.name]) == ()


def checked_then_renamed(path: Path, user: User, kept: list[bytes], way: Way) -> None:
    """Replace in the usual way, whose losses the test must detect."""
    user.step()
    if path.exists() and path.read_bytes() == OLD:
        kept.append(OLD)
        user.step()
        written = path.with_name(".xlflow-usual.tmp")
        written.write_bytes(NEW)
        try:
            written.replace(path)
        except PermissionError:  # on Windows, where the user has it open
            written.unlink()
    user.step()
    user.finish()


def lost(
    write: Callable[[Path, User, list[bytes], bool], None], folder: Path, seed: int, way: Way
) -> bool:
    """Play one history; return whether a save was lost: not current, kept, or overwritten."""
    path = folder / "市场一部.xlsx"
    path.write_bytes(OLD)
    user = User(path, random.Random(seed))
    kept: list[bytes] = []
    write(path, user, kept, way)
    assert os.listdir(folder) == [path.name], seed
    accounted = {path.read_bytes(), *kept, *user.overwritten}
    return not set(user.saved) <= accounted or user.saved[-1] not in {path.read_bytes(), *kept}


@pytest.fixture
def quick_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory where possible: thousands of histories don't need a disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@every_way
def test_no_concurrent_save_is_lost(quick_folder: Path, way: Way) -> None:
    histories = 200 if sys.platform == "win32" else 2000  # files take ten times as long there
    seeds = range(histories)
    assert [seed for seed in seeds if lost(guarded, quick_folder, seed, way)] == []


def test_checking_and_renaming_loses_concurrent_saves(quick_folder: Path) -> None:
    histories = 400
    losses = sum(
        lost(checked_then_renamed, quick_folder, seed, Way.EXCHANGE) for seed in range(histories)
    )
    assert losses > histories // 50


class UnlinkedByName(Watched):
    """Sets a workbook aside by a link, and then removes its name: whatever has it then."""

    def set_aside(self, path: Path, aside: Path) -> None:
        os.link(path, aside)
        self.before("unlink")
        os.unlink(path)


@posix
def test_removing_a_name_that_somebody_saves_to_loses_saves(quick_folder: Path) -> None:
    def unlinked_by_name(path: Path, user: User, kept: list[bytes], way: Way) -> None:
        with suppress(WriteRefusedError):
            replace(path, OLD, NEW, kept.append, UnlinkedByName(user.step, way=way))
        user.finish()
        finish_interrupted(path.parent, keeping(kept), [path.name])

    histories = 1000
    losses = sum(lost(unlinked_by_name, quick_folder, n, Way.LINK) for n in range(histories))
    assert losses > histories // 50


@posix
@every_way
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_process_that_saves_loses_nothing(quick_folder: Path, way: Way) -> None:
    book = quick_folder / "市场一部.xlsx"
    book.write_bytes(OLD)
    saves = 200
    user = os.fork()
    if not user:
        for number in range(saves):
            time.sleep(random.random() * 0.005)
            excel_save(book, b"save %d;" % number)
        os._exit(0)
    written = 0
    disk = FileOperations(way)
    while not os.waitpid(user, os.WNOHANG)[0]:
        with suppress(FileNotFoundError, WriteRefusedError):
            read = book.read_bytes()
            written += replace(
                book, read, read.partition(b";")[0] + b";flags", lambda _: None, disk
            )
    assert written
    assert finish_interrupted(book.parent, lambda *_: None) == ()
    assert book.read_bytes().startswith(b"save %d;" % (saves - 1))
    assert os.listdir(book.parent) == [book.name]


@pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")
def test_a_share_that_refuses_every_lease_doesnt_make_files_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    path = tmp_path / "市场一部.xlsx"
    path.write_bytes(b"old")
    with path.open("rb+"):
        assert FileOperations().busy(path)
    assert not FileOperations().busy(path)

    def refuse(*_: object) -> int:
        raise BlockingIOError(errno.EAGAIN, "no oplock")

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    with path.open("rb+"):
        assert not FileOperations().busy(path)
    assert replace(path, b"old", b"new", lambda _: None)
    assert path.read_bytes() == b"new"
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
