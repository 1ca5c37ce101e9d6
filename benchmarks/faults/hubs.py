"""Hubs in processes of their own, over a small configuration."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent

_SERVE = """
import os
from server import work, work_together
from settings import read

settings = read()
(work_together if settings.workers > 1 else work)(settings, os.environ)
"""

SOURCES = """
[sources.registry]
kind = "rest"
title = "Registry"
owner = "Nobody"
sharing = "UNCONDITIONAL"
url = "env:REGISTRY_URL"
concurrency = 32
[sources.registry.collections.registration]
path = "/records"
batch = { style = "comma" }
cache = 0
fields = ["name"]
[sources.registry.collections.filings]
path = "/records"
batch = { style = "comma" }
cache = 0
fields = ["year", "revenue"]

[sources.office]
kind = "rest"
title = "Office"
owner = "Nobody"
sharing = "UNCONDITIONAL"
url = "env:OFFICE_URL"
concurrency = 32
timeout = 1.0
[sources.office.policy]
concurrent = 256
breaker = { seconds = 2 }
[sources.office.collections.intellectual_property]
path = "/records"
batch = { style = "comma" }
cache = 0
fields = ["trademarks"]
"""
"""Two sources without a cache; `office` is the one that fails. It has a second, and a breaker that probes after two."""

LOCAL = """
[sources.registry]
kind = "memory"
title = "Registry"
owner = "Nobody"
sharing = "UNCONDITIONAL"
[sources.registry.collections.registration]
records = [{ uscc = "91000000MAX000015T", name = "n" }]
fields = ["name"]
"""
"""A source in the hub's own memory: nothing but the hub itself is slow."""

TIMEOUT = 1.0
BREAK = 2.0
"""Seconds of the office's deadline and of its breaker."""

USCC = "91000000MAX000015T"
STEADY = {"query": f'{{ enterprise(uscc: "{USCC}") {{ name }} }}'}
HEAVY = {"query": "{" + "".join(f'a{n}: enterprise(uscc: "{USCC}") {{ name }} ' for n in range(20)) + "}"}
RECORDED = {"query": f'{{ enterprise(uscc: "{USCC}") {{ filings {{ year revenue }} }} }}'}
FAILING = {"query": f'{{ enterprise(uscc: "{USCC}") {{ name intellectualProperty {{ trademarks }} }} }}'}
"""Questions that do not touch the office, take some work, have to be recorded, and touch the office."""


@dataclass(frozen=True)
class Hub:
    """A hub that serves; of several workers, their parent."""

    url: str
    process: subprocess.Popen[bytes]

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    async def ended(self, seconds: float = 40.0) -> None:
        """Wait for its end."""
        await until(lambda: self.process.poll() is not None, seconds)

    def workers(self) -> list[int]:
        """The processes that its parent has started to serve."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = [int(pid) for pid in path.read_text().split()]
        return [pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def resident(self) -> int:
        """Bytes of memory that it has."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        """Open files and connections."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))


@contextmanager
def apart(hub: Hub) -> Iterator[None]:
    """Have a hub and its callers, which this process is, each on a core of its own, as on two machines.

    Callers who ask for more than it can do would otherwise take the time that it answers in.
    """
    cores = sorted(os.sched_getaffinity(0))
    for thread in Path(f"/proc/{hub.process.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores[:1])
    os.sched_setaffinity(0, cores[1:] or cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


@asynccontextmanager
async def hub(folder: Path, environment: Mapping[str, str], port: int | None = None) -> AsyncIterator[Hub]:
    """Run a hub by these settings, on a free port unless one is given, until the end of the context."""
    port = port or free_port()
    given = {**os.environ, "HUB_DATA_DIR": str(folder), "HUB_PORT": str(port), **environment}
    process = subprocess.Popen([sys.executable, "-c", _SERVE], cwd=ROOT, env=given)  # noqa: ASYNC220 - takes no time
    try:
        await ready(f"http://127.0.0.1:{port}", process)
        yield Hub(f"http://127.0.0.1:{port}", process)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, 40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


async def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something holds that lies in other processes; TimeoutError if it does not in time."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def ready(url: str, process: subprocess.Popen[bytes], seconds: float = 120.0) -> None:
    """Wait until a hub is ready; raise RuntimeError if it has ended instead."""
    until = time.monotonic() + seconds
    async with httpx.AsyncClient() as client:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise RuntimeError(f"the hub ended at its start, with {process.returncode}")
            try:
                if (await client.get(f"{url}/health/ready", timeout=2)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise RuntimeError("the hub was not ready in time")


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
