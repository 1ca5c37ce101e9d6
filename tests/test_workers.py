"""What is left when the parent of several workers is killed: nothing, before long."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.faults.hubs import ROOT, until
from telemetry import metrics

PARENT = """
from tests.test_workers import stubborn
from telemetry.metrics import summed
from workers import Workers, listening

if __name__ == "__main__":
    with summed():
        Workers(stubborn, (), listening("127.0.0.1", 0, 1), drain_seconds=0).run()
"""


def stubborn(_at: socket.socket) -> None:
    """Say who it is and where its numbers are, and do not end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print(os.getpid(), os.environ[metrics.FOLDER], flush=True)
    while True:
        time.sleep(60)


async def test_a_worker_that_does_not_end_is_killed_and_its_folder_goes_with_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "gettempdir", lambda: str(tmp_path))
    script, environment = tmp_path / "parent.py", {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    script.write_text(PARENT)
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:  # noqa: ASYNC220 - takes no time
        assert parent.stdout is not None
        pid, folder = (await asyncio.to_thread(parent.stdout.readline)).split()
        os.utime(folder, (0, 0))
        with metrics.summed():
            assert Path(folder).exists(), "it is in use"
        parent.kill()
        await until(lambda: not Path(f"/proc/{pid}").exists(), 60)
    assert Path(folder).exists()
    with metrics.summed():
        assert not Path(folder).exists()
