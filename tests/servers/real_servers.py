"""Real file servers on loopback, and their shares mounted here.

Each context manager starts a server for one folder, mounts its share through FUSE and
yields a :class:`Share`. Servers listen on free ports of 127.0.0.1 (Samba on 445, since
its client library knows no other) and are ended by their own process ids.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

START_TIMEOUT = 20.0

PROGRAMS: Mapping[str, Sequence[str]] = {
    "sshfs": ("sshd", "sshfs", "ssh-keygen"),
    "smbnetfs": ("smbd", "smbnetfs"),
    "rclone": ("rclone",),
}
"""The programs that each kind of share needs."""


def why_not(kind: str) -> str | None:
    """Return why a kind of share can't be served and mounted here, None if it can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "servers are started and mounted as root"
    if not os.path.exists("/dev/fuse"):
        return "there is no /dev/fuse"
    if shutil.which("fusermount") is None:
        return "fusermount isn't installed"
    missing = [program for program in PROGRAMS[kind] if _program(program) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@dataclass
class Server:
    """A server's process, which can be killed and started again."""

    command: Sequence[str | Path]
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, start_new_session=True
            )
        _wait_for(lambda: _accepts(self.port), f"{self.command[0]} on port {self.port}", self.log)

    def kill(self) -> None:
        """Kill it and the processes that serve its connections."""
        if self.process is not None:
            for child in _descendants(self.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            self.process.wait(10)
            self.process = None


@dataclass
class Share:
    """A folder on its server, and where it is mounted."""

    kind: str
    folder: Path
    mounted: Path
    server: Server
    again: Callable[[Path], Path] = field(repr=False, default=lambda _: Path())
    """Mounts the share once more at another path."""


@contextmanager
def sshfs(work: Path, *options: str, link: SlowLink | None = None) -> Iterator[Share]:
    """Serve a new folder by OpenSSH and mount it with sshfs, through a slow link if given."""
    folder, listens = work / "served", _free_port()
    folder.mkdir()
    for key in ("host", "user"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / key)
    shutil.copy(work / "user.pub", work / "authorized")
    config = work / "sshd.conf"
    config.write_text(
        f"Port {listens}\nListenAddress 127.0.0.1\nHostKey {work / 'host'}\n"
        f"AuthorizedKeysFile {work / 'authorized'}\nStrictModes no\nUsePAM no\n"
        f"PidFile {work / 'sshd.pid'}\nSubsystem sftp internal-sftp\nMaxStartups 100\n"
    )
    os.makedirs("/run/sshd", exist_ok=True)
    sshd = _program("sshd")
    assert sshd is not None
    server = Server([sshd, "-D", "-e", "-f", config], work / "sshd.log", listens)
    shown = ",".join(
        [
            f"IdentityFile={work / 'user'}",
            "StrictHostKeyChecking=no",
            f"UserKnownHostsFile={work / 'known'}",
            "reconnect",
            "ServerAliveInterval=2",
            "ServerAliveCountMax=2",
            "allow_other",
            *options,
        ]
    )

    if link is not None:
        link.target = listens
    port = link.port if link is not None else listens

    def mount(at: Path) -> Path:
        at.mkdir()
        _run("sshfs", "-p", str(port), "-o", shown, f"root@127.0.0.1:{folder}", at)
        unmounts.callback(_unmount, at)
        return at

    with ExitStack() as unmounts:
        unmounts.callback(server.kill)
        server.start()
        yield Share("sshfs", folder, mount(work / "mounted"), server, mount)


@contextmanager
def smbnetfs(work: Path) -> Iterator[Share]:
    """Serve a new folder by Samba and mount it with smbnetfs."""
    folder = work / "served"
    folder.mkdir()
    own = {}
    for name in ("private", "state", "lock", "cache", "pid", "ncalrpc"):
        own[name] = work / name
        own[name].mkdir()
    config = work / "smb.conf"
    config.write_text(
        "[global]\nsmb ports = 445\ninterfaces = 127.0.0.1/8\nbind interfaces only = yes\n"
        "disable netbios = yes\nmap to guest = Bad User\nguest account = root\n"
        "force user = root\ndisable spoolss = yes\nload printers = no\n"
        f"private dir = {own['private']}\nstate directory = {own['state']}\n"
        f"lock directory = {own['lock']}\ncache directory = {own['cache']}\n"
        f"pid directory = {own['pid']}\nncalrpc dir = {own['ncalrpc']}\n"
        f"[share]\npath = {folder}\nguest ok = yes\nread only = no\n"
    )
    smbd = _program("smbd")
    assert smbd is not None
    command = [smbd, "-F", "--no-process-group", "-s", config, "--debug-stdout"]
    server = Server(command, work / "smbd.log", 445)
    home = work / "home"
    settings = home / ".smb"
    settings.mkdir(parents=True)
    (settings / "smb.conf").write_text("[global]\nclient min protocol = SMB2\n")
    (settings / "smbnetfs.conf").write_text('auth "guest" ""\n')
    for path in settings.iterdir():
        path.chmod(0o600)

    def mount(at: Path) -> Path:
        at.mkdir()
        _run("smbnetfs", at, "-o", "allow_other", env={**os.environ, "HOME": str(home)})
        unmounts.callback(_unmount, at)
        share = at / "127.0.0.1" / "share"
        _wait_for(lambda: _listable(share), "smbnetfs", work / "smbd.log")
        return share

    # Tests that run beside each other take turns at the only port.
    import fcntl

    lock = Path(tempfile.gettempdir()) / "xlflow-port-445.lock"
    with ExitStack() as unmounts, open(lock, "ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        unmounts.callback(server.kill)
        server.start()
        yield Share("smbnetfs", folder, mount(work / "mounted"), server, mount)


@contextmanager
def rclone(work: Path) -> Iterator[Share]:
    """Serve a new folder by rclone over WebDAV and mount it with rclone."""
    folder, port = work / "served", _free_port()
    folder.mkdir()
    program = _program("rclone")
    assert program is not None
    serve = f"serve webdav {folder} --addr 127.0.0.1:{port} --dir-cache-time 0s --poll-interval 0"
    server = Server([program, *serve.split()], work / "rclone.log", port)
    config = work / "rclone.conf"
    config.write_text(f"[dav]\ntype = webdav\nurl = http://127.0.0.1:{port}\nvendor = other\n")

    def mount(at: Path) -> Path:
        at.mkdir()
        cache = work / f"cache-{at.name}"
        options = (
            f"--vfs-cache-mode writes --dir-cache-time 1s --attr-timeout 1s --cache-dir {cache}"
        )
        command = [program, "mount", "dav:", at, "--config", config, "--allow-other"]
        with open(work / "rclone.log", "ab") as log:
            client = subprocess.Popen([*command, *options.split()], stdout=log, stderr=log)
        unmounts.callback(client.wait, 10)
        unmounts.callback(client.kill)  # it waits for files that it couldn't upload
        unmounts.callback(_unmount, at)
        _wait_for(lambda: os.path.ismount(at), "rclone mount", work / "rclone.log")
        return at

    with ExitStack() as unmounts:
        unmounts.callback(server.kill)
        server.start()
        yield Share("rclone", folder, mount(work / "mounted"), server, mount)


SHARES: Mapping[str, Callable[[Path], AbstractContextManager[Share]]] = {
    "sshfs": lambda work: sshfs(work, "dir_cache=no"),
    "sshfs_cached": lambda work: sshfs(work),
    "smbnetfs": smbnetfs,
    "rclone": rclone,
}


class SlowLink:
    """A TCP proxy before port ``target`` that delays what passes, each way, by ``delay`` seconds.

    ``trips`` counts the bursts that the client sent: on a link that is slow, each is
    about one round trip.
    """

    def __init__(self, target: int, delay: float) -> None:
        self.target, self.delay = target, delay
        self.trips = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no further connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            for source, sink, counted in ((client, server, True), (server, client, False)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _Pipe(self, source, sink, counted)


class _Pipe:
    """One direction of a connection: a thread that reads, and one that writes later."""

    def __init__(
        self, link: SlowLink, source: socket.socket, sink: socket.socket, counted: bool
    ) -> None:
        self._link, self._source, self._sink, self._counted = link, source, sink, counted
        self._due: list[tuple[float, bytes]] = []
        self._ready = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()

    def _read(self) -> None:
        data = b"more"
        while data:
            try:
                data = self._source.recv(1 << 16)
            except OSError:
                data = b""
            with self._ready:
                self._link.trips += self._counted and bool(data)
                self._due.append((time.monotonic() + self._link.delay, data))
                self._ready.notify()

    def _write(self) -> None:
        while True:
            with self._ready:
                while not self._due:
                    self._ready.wait()
                moment, data = self._due.pop(0)
            time.sleep(max(0.0, moment - time.monotonic()))
            with suppress(OSError):
                if not data:
                    self._sink.shutdown(socket.SHUT_WR)
                    return
                self._sink.sendall(data)


def _run(*command: str | Path, env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, timeout=30, env=env)
    assert done.returncode == 0, (command, done.stderr.decode(errors="replace"))


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _listable(folder: Path) -> bool:
    try:
        os.listdir(folder)
    except OSError:
        return False
    return True


def _wait_for(happened: Callable[[], bool], what: str, log: Path) -> None:
    end = time.monotonic() + START_TIMEOUT
    while not happened():
        written = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        assert time.monotonic() < end, f"{what} didn't start: {written}"
        time.sleep(0.05)


def _unmount(at: Path) -> None:
    subprocess.run(["fusermount", "-uz", at], capture_output=True, timeout=30, check=False)


def _descendants(pid: int) -> list[int]:
    """Return a process and all its descendants, which may have sessions of their own."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text(errors="replace").rpartition(")")[2].split()
            parents[int(status.parent.name)] = int(fields[1])
    found = [pid]
    for parent in found:
        found += [child for child, above in parents.items() if above == parent]
    return found
