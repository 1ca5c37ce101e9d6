"""What it costs to be seen: `python -m benchmarks.seeing`, CPU of Q2–Q4 through the web application, interleaved.

`off` is the same hub without what a request does to be counted, timed and traced; no setting can take that away, so it
is taken out. Each has a process of its own, as code that is patched and mended while it runs is slower than either; and
all are forked of one, which has made the hub, as no two that made it for themselves have all in the same places, and so
are not equally quick.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, cast
from unittest import mock

import orjson
import structlog
from rich.progress import track
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

import collector
from benchmarks.timing import Contender, milliseconds
from benchmarks.workload.app import open_sources
from benchmarks.workload.data import QUERIES, records, variables, written
from benchmarks.workload.graph import workload
from benchmarks.workload.types import build_schema
from connectors.sources import Sources
from connectors.tally import SourceState, Tally
from resolvers.execution import engine
from resolvers.execution.slow import SlowLog
from server import assemble
from settings import Settings
from store.engine import once
from store.upgrade import upgrade
from telemetry.operations import Observation
from telemetry.traces import Tracing

_ROUNDS = 5
_SLICES = 7
_ENTERPRISES = 3000
_QUERIES = ("Q2", "Q3", "Q4")
_OFF, _METRICS, _SOME = _KINDS = ("off", "metrics, no traces", "one in 100 traced")


class _Collector(BaseHTTPRequestHandler):
    """Takes spans and forgets them."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def _collecting() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/traces"
    server.shutdown()


def _nothing(*_: Any, **__: Any) -> None:
    """Do nothing."""


def _no_time(*_: Any) -> int:
    return 0


@contextmanager
def _blind() -> Iterator[None]:
    """Take out what a request does to be seen."""
    unseen: Mapping[Any, tuple[str, ...]] = {
        SlowLog: ("note",),
        SourceState: ("gave",),
        Tally: ("take",),
        Sources: ("count",),
        Tracing: ("enter", "leave"),
    }
    with ExitStack() as patched:
        for kind, names in unseen.items():
            for name in names:
                patched.enter_context(mock.patch.object(kind, name, _nothing))
        patched.enter_context(mock.patch.object(engine, "moment", int))
        patched.enter_context(mock.patch.object(Observation, "done", _no_time))
        yield


def _contender(app: ASGIApp) -> Contender:
    """Return an application as a contender, asked as a server would."""
    scope = {
        "type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "scheme": "http",
        "client": ("127.0.0.1", 1), "headers": [(b"content-type", b"application/json")],
    }  # fmt: skip

    async def answer(query: str, given: dict[str, Any]) -> bytes:
        bodies, parts = [orjson.dumps({"query": query, "variables": given})], []

        async def receive() -> Message:
            if not bodies:
                await asyncio.Event().wait()  # the caller stays
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}

        async def send(message: Message) -> None:
            parts.append(message.get("body", b""))

        await app(dict(scope), receive, send)
        return b"".join(parts)

    return answer


async def _answered(hub: Starlette, told: Connection) -> None:
    """Answer each query for a while, as often as is asked for by its name."""
    data = records(_ENTERPRISES)
    asked = {query: variables(query, data) for query in _QUERIES}
    async with hub.router.lifespan_context(hub):
        ask = _contender(hub)
        told.send([orjson.loads(await ask(QUERIES[query], asked[query][0]))["data"] for query in _QUERIES])
        collector.settle()
        while query := told.recv():
            told.send(await milliseconds(ask, QUERIES[query], asked[query]))


def _serve(kind: str, hub: Starlette, told: Connection) -> None:
    with ExitStack() as taken_out:
        if kind != _SOME:
            taken_out.enter_context(mock.patch.object(Tracing, "open", _nothing))
        if kind == _OFF:
            taken_out.enter_context(_blind())
        asyncio.run(_answered(hub, told))


def _round(hub: Starlette) -> dict[str, dict[str, float]]:
    """Return the milliseconds of each query in each of three new processes, by query and process."""
    hubs: dict[str, Connection] = {}
    with ExitStack() as open_:
        for kind in _KINDS:
            ours, theirs = Pipe()
            process = get_context("fork").Process(target=_serve, args=(kind, hub, theirs))
            process.start()
            open_.callback(process.join)
            open_.callback(ours.send, None)
            hubs[kind] = ours
        answers = [hub.recv() for hub in hubs.values()]
        assert all(answer == answers[0] for answer in answers), "the answers differ"
        found: dict[str, dict[str, float]] = {query: {} for query in _QUERIES}
        for query in _QUERIES:
            slices: dict[str, list[float]] = {kind: [] for kind in hubs}
            for number in range(_SLICES):
                for kind in _KINDS if number % 2 else _KINDS[::-1]:
                    hubs[kind].send(query)
                    slices[kind].append(hubs[kind].recv())
            found[query] = {kind: min(times) for kind, times in slices.items()}  # the one that was least disturbed
    return found


def _measured(folder: Path, url: str) -> dict[str, dict[str, list[float]]]:
    written(folder, records(_ENTERPRISES))
    os.environ["DATA"] = str(folder)
    settings = Settings(
        rate_address=10**12, cost_limit=10**9, explain=False, data_dir=folder, traces_url=url, traces_share=0.01
    )
    asyncio.run(once(settings.store, upgrade))
    hub = cast("Starlette", assemble(settings, open_sources("M"), build_schema(), workload()))
    times: dict[str, dict[str, list[float]]] = {query: {kind: [] for kind in _KINDS} for query in _QUERIES}
    for _ in track(range(_ROUNDS), "Seen and unseen"):
        for query, found in _round(hub).items():
            for kind, took in found.items():
                times[query][kind].append(took)
    return times


def main() -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with TemporaryDirectory() as folder, _collecting() as url:
        times = _measured(Path(folder), url)
    print(
        f"CPU a request, ms: the least of {_SLICES} in each of {_ROUNDS} rounds, medians; "
        "in brackets over `off`, round by round (median)\n"
    )
    print("| query | " + " | ".join(times["Q2"]) + " |\n|" + "---|" * (1 + len(times["Q2"])))
    for query, found in times.items():
        cells = [f"{statistics.median(found[_OFF]):.3f}"]
        for name in list(found)[1:]:
            ratio = statistics.median(ours / off for ours, off in zip(found[name], found[_OFF], strict=True))
            cells.append(f"{statistics.median(found[name]):.3f} ({ratio:.3f})")
        print(f"| {query} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
