"""Lock files as Excel, WPS and LibreOffice write them, fresh and stale."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from xlflow.team_files import lock_files
from xlflow.team_files.lock_files import LockHolder, holder_of, program_runs

NOW = datetime(2024, 7, 16, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "市场一部.xlsx"
    path.touch()
    return path


def put(file: Path, content: bytes, age: timedelta = timedelta(hours=1)) -> Path:
    file.write_bytes(content)
    saved = (NOW - age).timestamp()
    os.utime(file, (saved, saved))
    return file


def excel(user: str, code_page: str = "gbk") -> bytes:
    """Return a lock file of Excel: 165 bytes, the name in the ANSI code page and in UTF-16."""
    ansi, wide = user.encode(code_page), user.encode("utf-16-le")
    return (
        bytes([len(ansi)])
        + ansi.ljust(54, b" ")
        + len(user).to_bytes(2, "little")
        + wide
        + " ".encode("utf-16-le") * (54 - len(user))
    )


def nobody_asks(_: tuple[str, ...]) -> bool:
    raise AssertionError("the lock file names another machine")


def test_no_lock_file(book: Path) -> None:
    assert holder_of(book, NOW, "pc01") is None


def test_excel_names_the_user(book: Path) -> None:
    assert len(excel("刘经理")) == 165
    file = put(book.with_name("~$市场一部.xlsx"), excel("刘经理"))
    assert holder_of(book, NOW, "pc01", nobody_asks) == LockHolder("刘经理", "", file)


def test_wps_names_the_user(book: Path) -> None:
    file = put(book.with_name(".~市场一部.xlsx"), excel("小陈"))
    assert holder_of(book, NOW, "pc01") == LockHolder("小陈", "", file)


@pytest.mark.parametrize("name", ["~$场一部.xlsx", "~$一部.xlsx", ".~一部.xlsx", ".~场一部.xlsx"])
def test_a_lock_file_may_lack_the_first_characters_of_the_name(book: Path, name: str) -> None:
    file = put(book.with_name(name), excel("小陈"))
    assert holder_of(book, NOW, "pc01") == LockHolder("小陈", "", file)
    book.with_name(name[2:]).write_bytes(b"")
    assert holder_of(book, NOW, "pc01") is None


def test_libreoffice_names_user_and_machine(book: Path) -> None:
    line = ",liu,PC02,16.07.2024 08:00,file:///C:/Users/liu/AppData/Roaming/LibreOffice/4;"
    file = put(book.with_name(".~lock.市场一部.xlsx#"), line.encode())
    assert holder_of(book, NOW, "pc01", nobody_asks) == LockHolder("liu", "PC02", file)


def test_libreoffices_full_name_comes_first_and_may_contain_commas(book: Path) -> None:
    file = put(book.with_name(".~lock.市场一部.xlsx#"), "刘\\, 经理,liu,PC02,…;".encode())
    assert holder_of(book, NOW, "pc01") == LockHolder("刘, 经理", "PC02", file)


@pytest.mark.parametrize(("running", "held"), [(True, True), (False, False)])
def test_a_lock_of_this_machine_counts_while_its_program_runs(
    book: Path, running: bool, held: bool
) -> None:
    file = put(book.with_name(".~lock.市场一部.xlsx#"), b",liu,PC01,16.07.2024 08:00,;")
    assert (holder_of(book, NOW, "pc01", lambda _: running) is not None) == held
    assert file.exists()


@pytest.mark.parametrize("name", ["~$市场一部.xlsx", ".~市场一部.xlsx", ".~lock.市场一部.xlsx#"])
def test_old_lock_files_are_stale_and_not_deleted(book: Path, name: str) -> None:
    file = put(book.with_name(name), excel("刘经理"), timedelta(hours=24, seconds=1))
    assert holder_of(book, NOW, "pc01") is None
    assert file.exists()
    put(file, excel("刘经理"), timedelta(hours=23, minutes=59))
    assert holder_of(book, NOW, "pc01") is not None


def test_a_stale_lock_file_doesnt_hide_a_fresh_one(book: Path) -> None:
    put(book.with_name("~$市场一部.xlsx"), excel("刘经理"), timedelta(days=3))
    put(book.with_name(".~lock.市场一部.xlsx#"), b",liu,PC02,;")
    owner = holder_of(book, NOW, "pc01")
    assert owner is not None
    assert owner.user == "liu"


def test_a_time_in_the_future_isnt_stale(book: Path) -> None:
    put(book.with_name("~$市场一部.xlsx"), excel("刘经理"), -timedelta(hours=3))
    assert holder_of(book, NOW, "pc01") is not None


@pytest.mark.parametrize("content", [b"", b"\xff" * 7, b"\xff" * 200, b"\0" * 165])
def test_unknown_content_still_means_open(book: Path, content: bytes) -> None:
    for name in ("~$市场一部.xlsx", ".~lock.市场一部.xlsx#"):
        file = put(book.with_name(name), content)
        assert holder_of(book, NOW, "pc01") is not None
        file.unlink()


def test_an_unreadable_lock_file_still_means_open(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(book.with_name("~$市场一部.xlsx"), excel("刘经理"))

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(lock_files, "open", denied, raising=False)
    assert holder_of(book, NOW, "pc01") == LockHolder("", "", file)


def test_special_files_arent_opened(book: Path) -> None:
    os.mkfifo(book.with_name("~$市场一部.xlsx"))
    book.with_name(".~市场一部.xlsx").mkdir()
    assert holder_of(book, NOW, "pc01") is None


def test_a_name_too_long_for_a_lock_file(tmp_path: Path) -> None:
    book = tmp_path / ("团" * 83 + ".xlsx")
    book.touch()
    assert holder_of(book, NOW, "pc01") is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_running_programs_are_found() -> None:
    name = Path("/proc/self/comm").read_text(encoding="utf-8").strip()
    assert program_runs((name,))
    assert not program_runs(("no-such-program",))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_zombie_doesnt_run(tmp_path: Path) -> None:
    program = tmp_path / "ended-program"
    program.symlink_to(shutil.which("true") or "")
    with subprocess.Popen([program]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not program_runs(("ended-program",))  # its entry is still there, as a zombie


@pytest.mark.libreoffice
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_real_libreoffice_is_seen(book: Path, tmp_path: Path) -> None:
    openpyxl.Workbook().save(book)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ("soffice", profile, "--headless", "--norestore", str(book))
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as office:
        try:
            end = time.monotonic() + 60
            owner = None
            while owner is None and time.monotonic() < end:
                time.sleep(0.2)
                owner = holder_of(book, datetime.now(UTC), socket.gethostname())
        finally:
            os.killpg(office.pid, 15)
    assert owner is not None
    assert owner.host == socket.gethostname()
