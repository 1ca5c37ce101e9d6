"""The workload's hub: `python -m benchmarks.workload.app PORT`, told by MODE, DATA and UPSTREAM what to serve."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.workload.graph import CATALOGUE, workload
from benchmarks.workload.types import build_schema
from connectors.config import load
from connectors.sources import Sources
from server import assemble, serve
from settings import Settings
from store.engine import once
from store.upgrade import upgrade

_SOURCES = {"M": "memory.toml", "R": "rest.toml"}


def open_sources(mode: str) -> Sources:
    """Return the workload's sources: in memory (M) or behind REST (R)."""
    return Sources(load(Path(__file__).parent / _SOURCES[mode], CATALOGUE))


def main() -> None:
    """Serve the workload's graph, with an empty store."""
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), port=int(sys.argv[1]), rate_address=10**9)
        asyncio.run(once(settings.store, upgrade))
        hub = assemble(settings, open_sources(os.environ.get("MODE", "M")), build_schema(), workload())
        serve(hub, settings)


if __name__ == "__main__":
    main()
