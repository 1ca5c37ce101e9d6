"""The workload's hub: `python -m benchmarks.workload.app PORT`, told by MODE, DATA and UPSTREAM what to serve.

With CHECKED=1 no source is believed to be exact: values are mapped, and checked one column at a time. WORKERS says how
many processes serve.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.workload.graph import CATALOGUE, workload
from benchmarks.workload.types import build_schema
from connectors.config import parse
from connectors.sources import Sources
from server import assemble
from serving import serve
from settings import Settings
from store.engine import once
from store.upgrade import upgrade
from telemetry.metrics import summed
from workers import Workers, listening

_SOURCES = {"M": "memory.toml", "R": "rest.toml"}


def open_sources(mode: str) -> Sources:
    """Return the workload's sources: in memory (M) or behind REST (R)."""
    path = Path(__file__).parent / _SOURCES[mode]
    text = path.read_text(encoding="utf-8")
    if os.environ.get("CHECKED") == "1":
        text = text.replace("exact = true", "exact = false")
    return Sources(parse(text, path, CATALOGUE))


def work(settings: Settings, at: socket.socket | None = None) -> None:
    """Serve the workload's graph in this process."""
    hub = assemble(settings, open_sources(os.environ.get("MODE", "M")), build_schema(), workload())
    serve(hub, settings, sockets=[at] if at else None)


def main() -> None:
    """Serve the workload's graph, with an empty store."""
    with TemporaryDirectory() as folder:
        count = int(os.environ.get("WORKERS", "1"))
        settings = Settings(
            data_dir=Path(folder), port=int(sys.argv[1]), rate_address=10**9, explain=False, workers=count
        )
        asyncio.run(once(settings.store, upgrade))
        if count == 1:
            work(settings)
            return
        with summed():
            Workers(work, (settings,), listening(settings.host, settings.port, count), 5.0).run()


if __name__ == "__main__":
    main()
