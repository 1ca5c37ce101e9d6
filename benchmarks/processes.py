"""Servers of the benchmarks as processes of their own, and what the system says that they take (Linux only)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

_ROOT = Path(__file__).parent.parent
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PATIENCE = 60.0


@dataclass(frozen=True)
class Served:
    """A server that answers, and the processes that it consists of."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def cpu(self) -> float:
        """Seconds of CPU that its processes have taken."""
        # The clock of a process, by the number that clock_getcpuclockid(3) gives it.
        return sum(time.clock_gettime(~pid << 3 | 2) for pid in self._pids())

    @property
    def megabytes(self) -> float:
        """Memory that its processes hold (resident)."""
        return sum(int(_stat(pid)[21]) * _PAGE for pid in self._pids()) / 1e6

    def _pids(self) -> list[int]:
        found, looked_at = [self.process.pid], 0
        while looked_at < len(found):
            children = Path(f"/proc/{found[looked_at]}/task/{found[looked_at]}/children")
            found += map(int, children.read_text().split())
            looked_at += 1
        return found


def _stat(pid: int) -> list[str]:
    """Return the fields of a process behind its name: the third of proc(5) is the first."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


@contextmanager
def started(module: str, path: str, cores: int = 0, **environment: str) -> Iterator[Served]:
    """Run a module with a free port as its argument; wait until it answers at a path.

    It and what it starts have the first so many cores, or all if that is 0.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        [*(("taskset", "--cpu-list", f"0-{cores - 1}") if cores else ()), sys.executable, "-m", module, str(port)],
        cwd=_ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{module} does not answer") from None
                time.sleep(0.1)
        yield Served(port, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def hub(mode: str, workers: int, data: Path, *, cores: int = 0) -> Iterator[Served]:
    """Serve the workload: in memory (M) or behind REST (R), by so many workers and processes of the sources' service.

    They have the first so many cores, or all if that is 0.
    """
    with ExitStack() as running:
        environment = {"MODE": mode, "WORKERS": str(workers), "DATA": str(data)}
        if mode == "R":
            path = "/legal?first=1&offset=0"
            service = started("benchmarks.workload.upstream", path, cores, DATA=str(data), WORKERS=str(workers))
            upstream = running.enter_context(service)
            environment["UPSTREAM"] = f"http://127.0.0.1:{upstream.port}"
        yield running.enter_context(started("benchmarks.workload.app", "/health/ready", cores, **environment))
