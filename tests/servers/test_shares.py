"""xlflow on real network shares: no save is lost, and no outage ends the daemon."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.servers import races
from tests.servers.real_servers import SHARES, Share, SlowLink, sshfs, why_not
from xlflow.config import Settings
from xlflow.daemon import heartbeat
from xlflow.process import Inputs, process
from xlflow.team_files.file_operations import FileOperations, Way
from xlflow.team_files.mount_abilities import try_out
from xlflow.templates import team_workbook
from xlflow.workspace import Workspace
from xlflow.workspace_creation import create_workspace

pytestmark = pytest.mark.servers

RACES = 40
TEAM = "市场一部"


def kinds(*names: str) -> pytest.MarkDecorator:
    """Run a test on shares of these kinds, or skip it with the reason."""
    return pytest.mark.parametrize(
        "share",
        [
            pytest.param(
                name,
                marks=pytest.mark.skipif(
                    (reason := why_not(name.partition("_")[0])) is not None, reason=str(reason)
                ),
            )
            for name in names
        ],
        indirect=True,
    )


@pytest.fixture
def share(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Share]:
    with SHARES[request.param](tmp_path) as mounted:
        yield mounted


@pytest.fixture
def xlflow(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    def run(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "xlflow", *arguments],
            capture_output=True,
            env=environment(tmp_path),
            timeout=120,
            check=False,
        )

    return run


def environment(folder: Path) -> Mapping[str, str]:
    return {**os.environ, "XLFLOW_STATE_DIR": str(folder / "own-state"), "LC_ALL": "C.UTF-8"}


def workspace_in(share: Share, books: int = 1) -> tuple[Workspace, list[Path]]:
    """Create a workspace on the server; return it as mounted, and the books on the server."""
    space = create_workspace(share.folder / "w")
    plan = [
        {
            "stage": "需求调研",
            "goal": "提升至90%",
            "owners": "小张",
            "due": date.today() - timedelta(days=30),  # noqa: DTZ011
            "status": "进行中",
        }
    ]
    names = [TEAM, *(f"团队{number:02}" for number in range(1, books))]
    for name in names:
        team_workbook.write(
            space.teams / f"{name}.xlsx",
            team=name,
            language="zh",
            settings=space.settings,
            rows={"plan": plan},
        )
    mounted = Workspace(share.mounted / "w", space.settings)
    return mounted, [space.teams / f"{name}.xlsx" for name in names]


def late(book: Path) -> object:
    """Return the value of 逾期 in a workbook's first plan row."""
    settings = Settings()
    now = settings.zone
    from datetime import datetime

    outcome = process(
        book.read_bytes(), Inputs("x", settings), (), datetime.now(now).replace(tzinfo=None)
    )
    return outcome.snapshot.tables["plan"].rows[0].value_in("late").cell.value


# Saves


@kinds("sshfs", "sshfs_cached")
@pytest.mark.parametrize("side", ["server", "same mount", "second mount"])
def test_no_save_is_lost(share: Share, tmp_path: Path, side: str) -> None:
    abilities = try_out(share.mounted)
    assert abilities.way is Way.LINK
    saved_at = {"server": share.folder, "same mount": share.mounted}
    at = saved_at.get(side) or share.again(tmp_path / "second")
    tally = races.play(share.folder, share.mounted, at, abilities.operations, RACES)
    assert tally.lost == 0, tally
    assert tally.flagged > RACES // 5, tally


class UnlinkedByName(FileOperations):
    """Sets a workbook aside by a link, and removes its name a moment later."""

    def set_aside(self, path: Path, aside: Path) -> None:
        os.link(path, aside)
        time.sleep(0.01)
        os.unlink(path)


@kinds("sshfs")
def test_the_races_find_what_removing_a_name_loses(share: Share) -> None:
    disk = UnlinkedByName(Way.LINK)
    assert races.play(share.folder, share.mounted, share.folder, disk, 100).lost


# Whole commands


@kinds("sshfs", "sshfs_cached")
def test_a_share_with_a_safe_way_is_flagged(
    share: Share, xlflow: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    space, (book,) = workspace_in(share)
    unknown = json.loads(xlflow("doctor", "-C", space.root, "--json").stdout)
    assert unknown["share"] == "the share hasn't been checked yet: run xlflow sync"
    result = xlflow("sync", "-C", space.root, "--json")
    assert result.returncode == 0, result.stderr
    (done,) = json.loads(result.stdout)["workbooks"]
    assert done["status"] == "recorded"
    assert done["cells_written"]
    assert late(book) == "逾期30天"
    # The mount itself hides a removed file for as long as it is being closed.
    until(lambda: [path.name for path in book.parent.iterdir()] == [book.name])
    shown = json.loads(xlflow("status", "-C", space.root, "--json").stdout)
    assert shown["share"] == (
        "this share can be written safely: the old file is moved aside before the new one is put "
        "in place (hard links), so nobody's save is lost"
    )


@kinds("rclone", "smbnetfs")
def test_a_share_without_one_is_only_reported_on(
    share: Share, xlflow: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    space, (book,) = workspace_in(share)
    before = book.read_bytes()
    for _ in range(2):
        result = xlflow("sync", "-C", space.root, "--json", "--all")
        assert result.returncode == 0, result.stderr
        (done,) = json.loads(result.stdout)["workbooks"]
        assert (done["status"], done["cells_written"]) in {("recorded", 0), ("unchanged", 0)}
        assert "report only" in (done["reason"] or ""), done
    assert book.read_bytes() == before
    assert [path.name for path in book.parent.iterdir()] == [book.name]
    assert b"OneDrive" not in result.stdout
    found = xlflow("doctor", "-C", space.root, "--json")
    faults = [fault for check in json.loads(found.stdout)["checks"] for fault in check["faults"]]
    assert "no_safe_way" in {fault["fault"] for fault in faults}


@kinds("sshfs")
def test_a_workbook_that_is_open_for_writing_through_the_mount_waits(
    share: Share, xlflow: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    space, (book,) = workspace_in(share)
    with open(space.teams / book.name, "r+b"):
        (done,) = json.loads(xlflow("sync", "-C", space.root, "--json").stdout)["workbooks"]
        assert done["status"] == "deferred"
    with open(space.teams / book.name, "rb"):
        (done,) = json.loads(xlflow("sync", "-C", space.root, "--json").stdout)["workbooks"]
        assert done["status"] == "recorded"
    assert late(book) == "逾期30天"


@kinds("sshfs", "smbnetfs", "rclone")
def test_an_owner_file_from_the_servers_side_is_respected(
    share: Share, xlflow: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    space, (book,) = workspace_in(share)
    book.with_name(f"~${book.name}").write_bytes(b"\x04Zhan".ljust(165))
    (done,) = json.loads(xlflow("sync", "-C", space.root, "--json").stdout)["workbooks"]
    assert done["cells_written"] == 0
    assert late(book) is None


@pytest.mark.skipif((reason := why_not("sshfs")) is not None, reason=str(reason))
def test_unchanged_workbooks_cost_a_listing_and_a_look_each(
    tmp_path: Path, xlflow: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    """Counted by a proxy before the server, 20 ms away."""
    books = 50
    link = SlowLink(0, 0.0)
    work = tmp_path / "share"
    work.mkdir()
    with sshfs(work, "dir_cache=no", link=link) as share:
        space, _ = workspace_in(share, books)
        assert xlflow("sync", "-C", space.root).returncode == 0
        time.sleep(2.5)
        assert xlflow("sync", "-C", space.root).returncode == 0
        time.sleep(1.2)  # until the kernel has forgotten the attributes
        link.delay = 0.02
        before = link.trips
        result = xlflow("sync", "-C", space.root, "--json")
        trips = link.trips - before
    statuses = {book["status"] for book in json.loads(result.stdout)["workbooks"]}
    assert statuses == {"unchanged"}
    # Besides: the settings, the summaries, the lease and what the mount looks up on the way.
    assert trips <= books + 60, trips


# Outages


@contextmanager
def watching(space: Workspace, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "xlflow", "-C", str(space.root), "watch"]
    with open(folder / "watch.txt", "wb") as output:
        watch = subprocess.Popen(command, env=environment(folder), stdout=output, stderr=output)
    try:
        yield watch
    finally:
        watch.send_signal(signal.SIGTERM)
        watch.wait(20)


def until(happened: Callable[[], Any], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.2)


def logged(folder: Path) -> list[dict[str, Any]]:
    (log,) = folder.glob("own-state/*/logs/xlflow.log")
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


@kinds("sshfs", "smbnetfs", "rclone")
def test_the_daemon_outlives_its_server(share: Share, tmp_path: Path) -> None:
    play_outages(share, tmp_path, 2)


def play_outages(share: Share, folder: Path, kills: int) -> None:
    """Kill the server again and again; each outage begins and ends once, in log and status."""
    space, (book,) = workspace_in(share)
    with watching(space, folder) as watch:

        def count(event: str) -> int:
            return sum(line["event"] == event for line in logged(folder))

        def problem() -> str | None:
            (state,) = (folder / "own-state").iterdir()
            beat = heartbeat.read(state)
            return beat.problem.key if beat is not None and beat.problem is not None else None

        until(lambda: list(folder.glob("own-state/*/logs/xlflow.log")))
        until(lambda: count("started"))
        time.sleep(3)
        for number in range(1, kills + 1):
            share.server.kill()
            until(lambda number=number: count("share_away") == number)
            until(lambda: problem() == "watching.share_away")
            share.server.start()
            until(lambda number=number: count("share_back") == number, 90)
            until(lambda: problem() is None)
            assert watch.poll() is None
        assert count("share_away") == count("share_back") == kills
    assert watch.returncode == 0
    assert book.exists()


# LibreOffice


@kinds("sshfs")
@pytest.mark.libreoffice
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice isn't installed")
def test_libreoffice_converts_a_flagged_workbook_through_the_mount(
    share: Share, tmp_path: Path, xlflow: Callable[..., subprocess.CompletedProcess[bytes]]
) -> None:
    space, (book,) = workspace_in(share)
    xlflow("sync", "-C", space.root)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    target = ["--convert-to", "xlsx", "--outdir", str(share.mounted)]
    mounted = str(space.teams / book.name)
    subprocess.run(["soffice", profile, "--headless", *target, mounted], check=True, timeout=120)
    saved = share.mounted / book.name
    saved.replace(space.teams / book.name)
    result = json.loads(xlflow("sync", "-C", space.root, "--json").stdout)
    (done,) = result["workbooks"]
    assert done["status"] == "recorded", done
    assert late(book) == "逾期30天"
