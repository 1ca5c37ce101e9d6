"""What it costs to be seen: `python -m benchmarks.seeing`, CPU of Q2–Q4 through the web application, interleaved.

`off` is the same hub without what a request does to be counted, timed and traced; no setting can take that away, so it
is taken out for the while.
"""

from __future__ import annotations

import asyncio
import logging
import os
import statistics
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
from connectors.tally import Tally
from resolvers.execution import engine
from resolvers.execution.slow import SlowLog
from server import assemble
from settings import Settings
from store.engine import once
from store.upgrade import upgrade
from telemetry.operations import Observation
from telemetry.traces import Tracing

_ROUNDS = 15
_QUERIES = ("Q2", "Q3", "Q4")
_OFF, _METRICS, _SOME = "off", "metrics, no traces", "one in 100 traced"


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
        Tally: ("answer", "take"),
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
        body, parts = orjson.dumps({"query": query, "variables": given}), []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            parts.append(message.get("body", b""))

        await app(dict(scope), receive, send)
        return b"".join(parts)

    return answer


async def _measured(folder: Path, url: str) -> dict[str, dict[str, list[float]]]:
    data = records(3000)
    written(folder, data)
    os.environ["DATA"] = str(folder)
    boundless = {"rate_address": 10**12, "cost_limit": 10**9, "explain": False, "data_dir": folder}
    shares = {_OFF: None, _METRICS: None, _SOME: 0.01}
    hubs: dict[str, Starlette] = {}
    for name, share in shares.items():
        settings = Settings.model_validate(
            {**boundless, "traces_url": url if share else None, "traces_share": share or 0}
        )
        if not hubs:
            await once(settings.store, upgrade)
        hubs[name] = cast("Starlette", assemble(settings, open_sources("M"), build_schema(), workload()))
    times: dict[str, dict[str, list[float]]] = {query: {name: [] for name in hubs} for query in _QUERIES}
    async with AsyncExitStack() as opened:
        for hub in hubs.values():
            await opened.enter_async_context(hub.router.lifespan_context(hub))
        asks = {name: _contender(hub) for name, hub in hubs.items()}
        for query in _QUERIES:
            answers = [orjson.loads(await ask(QUERIES[query], variables(query, data)[0])) for ask in asks.values()]
            assert all(answer["data"] == answers[0]["data"] for answer in answers), f"{query}: the answers differ"
        collector.settle()
        for number in track(range(_ROUNDS), "Seen and unseen"):
            for query in _QUERIES:
                order = list(asks.items())
                for name, ask in order if number % 2 else order[::-1]:
                    with _blind() if name == _OFF else nullcontext():
                        took = await milliseconds(ask, QUERIES[query], variables(query, data))
                    times[query][name].append(took)
    return times


def main() -> None:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with TemporaryDirectory() as folder, _collecting() as url:
        times = asyncio.run(_measured(Path(folder), url))
    print(
        f"CPU a request, ms; medians of {_ROUNDS} interleaved rounds; in brackets over `off`, round by round (median)\n"
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
