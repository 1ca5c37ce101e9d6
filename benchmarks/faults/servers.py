"""A Redis and a PostgreSQL of one's own, which may be killed: never those that others use."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_OWNER = "postgres"
"""PostgreSQL does not run as root."""


class NotInstalled(Exception):
    """There is no such server on this machine; the message names it."""


@contextmanager
def own_redis(folder: Path, port: int = 0) -> Iterator[tuple[str, int, subprocess.Popen[bytes]]]:
    """Run a Redis that may be killed, on a free port unless one is given; give its address, its port and itself."""
    port = port or _free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        raise NotInstalled("no redis-server to start") from None
    try:
        _reachable(port)
        yield f"redis://127.0.0.1:{port}/0", port, process
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class PostgreSQL:
    """A cluster of one's own."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """SQLAlchemy URL of its database."""
        return f"postgresql+asyncpg://{_OWNER}@127.0.0.1:{self.port}/postgres"

    def crash(self) -> None:
        """Have all its processes end at once, without another word to anybody."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it, and return once it has recovered."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._control("start", "-w", "-o", options, "-l", str(self.folder / "log"))

    def _control(self, *words: str) -> None:
        _as_owner([str(self.programs / "pg_ctl"), "-D", str(self.folder / "data"), *words])


@contextmanager
def own_postgresql() -> Iterator[PostgreSQL]:
    """Make a cluster, run it on a free port, and take it away; raise NotInstalled where that cannot be."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or (os.getuid() == 0 and shutil.which("runuser") is None):
        raise NotInstalled("no PostgreSQL to start")
    folder = Path(tempfile.mkdtemp(prefix="innograph-postgresql-"))
    try:
        if os.getuid() == 0:
            os.chown(folder, pwd.getpwnam(_OWNER).pw_uid, -1)
        server = PostgreSQL(found[-1].parent, folder, _free_port())
        data = str(folder / "data")
        _as_owner([str(found[-1]), "-D", data, "-U", _OWNER, "-A", "trust", "--no-sync", "-E", "UTF8"])
        server.start()
        try:
            yield server
        finally:
            server.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_owner(command: Sequence[str]) -> None:
    around = ["runuser", "-u", _OWNER, "--"] if os.getuid() == 0 else []
    done = subprocess.run(
        [*around, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {done.stderr}")


def _reachable(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens at port {port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
