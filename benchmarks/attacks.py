"""What requests that mean harm cost the hub: `python -m benchmarks.attacks` serves a small world and sends them.

The table shows the CPU time that the hub spends on each, and how long a bystander waits meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
CODE = "91000000MAX000015T"
SLOW_CALLERS = 60
BYSTANDER = {"query": f'{{ enterprise(uscc: "{CODE}") {{ name filings {{ year }} awards {{ name }} }} }}'}
_PATIENCE = 0.02
"""Seconds between two questions of the bystander."""


@dataclass(frozen=True)
class Attack:
    """A request that means harm."""

    body: bytes
    statuses: frozenset[int] = frozenset((200, 400))
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    chunked: bool = False

    def content(self) -> bytes | AsyncIterator[bytes]:
        """Return the body, at once or piece by piece."""
        return _pieces(self.body) if self.chunked else self.body


async def _pieces(body: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def attacks() -> dict[str, Attack]:
    """Return the attacks by name; none of their texts is known to a hub that has just been started."""
    many = " ".join(f'a{n}: enterprise(uscc: "{CODE}") {{ name }}' for n in range(1000))
    cycle = "{ __schema { types { " + "fields { type { " * 8 + "name" + " }" * 19
    every = (
        "{ enterprises(first: 2000000000) { nodes { name filings(years: 20) { year source { feeds { fields } } } } } }"
    )
    named = {
        "fragments doubling, x25": _doubling(25, "...F{0} ...F{0}"),
        "fragments doubling, x50": _doubling(50, "...F{0} ...F{0}"),
        "aliased fragments doubling, x25": _doubling(25, "p: ofType {{ ...F{0} }} q: ofType {{ ...F{0} }}"),
        "depth 20 through a cycle": cycle,
        "1,000 aliases": f"{{ {many} }}",
        "10,000 __typename": "{ " + "__typename " * 10_000 + "}",
        "1,600 __typename, aliased": "{ " + " ".join(f"t{n}: __typename" for n in range(1_600)) + " }",
        "5,000 unknown fields": "{ " + " ".join(f"enterprize{n}" for n in range(5_000)) + " }",
        "1,900 unknown fields": "{ " + " ".join(f"enterprize{n}" for n in range(1_900)) + " }",
        "1,000 directives": "{ zones { id " + "@include(if: true) " * 1000 + "} }",
        "a list of 4,900 numbers": f"{{ nodes(ids: [{'1 ' * 4_900}]) {{ id }} }}",
        "500 kB of numbers": f"{{ nodes(ids: [{'1 ' * 250_000}]) {{ id }} }}",
        "95 kB of letters": "{ " + "a " * 47_500 + "}",
        "a text without an end": "{ zones(code: " + '"\\' * 49_000,
        "a long text without an end": '{ zones(code: """' + '"\\' * 49_000,
        "a text of suggestions": '{ enterprises(first: "' + " Did you mean" * 7_500 + '") { nodes { name } } }',
        "100 fragments that spread each other": "{ zones { ...F0 } } "
        + " ".join(f"fragment F{n} on Zone {{ ...F{(n + 1) % 100} ...F{(n + 7) % 100} }}" for n in range(100)),
        "nested 5,000 deep": "{" * 5_000,
        "all enterprises with everything": every,
    }
    found = {name: Attack(_asked(text)) for name, text in named.items()}
    codes = json.dumps(
        {"query": "query($l: [USCC!]!) { enterprisesByUscc(usccs: $l) { name } }", "variables": {"l": ["x"] * 150_000}}
    )
    found["a list of 150,000 codes"] = Attack(codes.encode())
    found["1,000 questions in an array"] = Attack(
        b"[" + b",".join([_asked("{ zones { id } }")] * 1000) + b"]", frozenset((400,))
    )
    found["20 MB in chunks"] = Attack(b" " * 20_000_000, frozenset((413,)), chunked=True)
    deep = b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
    found["JSON nested 100,000 deep"] = Attack(deep, frozenset((400,)))
    return found


def _doubling(count: int, below: str) -> str:
    parts = [f"fragment F{n} on __Type {{ {below.format(n + 1)} }}" for n in range(count)]
    return '{ __type(name: "Zone") { ...F0 } } ' + " ".join((*parts, f"fragment F{count} on __Type {{ name }}"))


def _asked(text: str) -> bytes:
    return json.dumps({"query": text}).encode()


@asynccontextmanager
async def slow_callers(url: str, count: int = SLOW_CALLERS) -> AsyncIterator[None]:
    """Hold connections on which the head of a request comes a character at a time."""
    parts = urlsplit(url)

    async def drip() -> None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(b"POST /graphql HTTP/1.1\r\nHost: hub\r\nX-Drip: ")
                while True:
                    writer.write(b"a")
                    await writer.drain()
                    await asyncio.sleep(0.05)
            finally:
                writer.close()

    dripping = [asyncio.ensure_future(drip()) for _ in range(count)]
    try:
        yield
    finally:
        for one in dripping:
            one.cancel()
        await asyncio.gather(*dripping, return_exceptions=True)


def main(rounds: int = 5) -> None:
    """Serve, attack, and print what it took."""
    with TemporaryDirectory() as folder, _serving(Path(folder)) as (url, process):
        table = Table(title="Attacks on a small hub: medians, and the most that a bystander waited meanwhile")
        for title in ("attack", "answer", "CPU, ms", "took, ms", "bystander, ms"):
            table.add_column(title, no_wrap=True)
        for row in asyncio.run(_measured(url, process, rounds)):
            table.add_row(*row)
        Console(width=120).print(table)


async def _measured(url: str, pid: int, rounds: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    async with httpx.AsyncClient(timeout=30) as client, httpx.AsyncClient(timeout=30) as bystander:
        for _ in range(20):
            await bystander.post(f"{url}/graphql", json=BYSTANDER)
        for name, attack in attacks().items():
            taken, lasted, waited, answer = [], [], 0.0, ""
            for number in range(rounds):
                before, began = _cpu(pid), time.perf_counter()
                answer = await _sent(client, url, attack, number)
                lasted.append((time.perf_counter() - began) * 1000)
                taken.append((_cpu(pid) - before) * 1000)
                sending = asyncio.ensure_future(_sent(client, url, attack, number + rounds))
                waited = max(waited, await _waited(bystander, url, sending))
            rows.append(
                (name, answer, f"{statistics.median(taken):.1f}", f"{statistics.median(lasted):.1f}", f"{waited:.1f}")
            )
        async with slow_callers(url):
            before = _cpu(pid)
            waited = await _waited(bystander, url, asyncio.ensure_future(asyncio.sleep(3)))
            rows.append(
                (f"{SLOW_CALLERS} slow callers, 3 s", "", f"{(_cpu(pid) - before) * 1000:.1f}", "", f"{waited:.1f}")
            )
    return rows


async def _sent(client: httpx.AsyncClient, url: str, attack: Attack, number: int) -> str:
    """Send an attack that the hub has not seen yet; return what it said."""
    fresh = Attack(
        attack.body.replace(b"{ ", b"{ " + b" " * number + b" ", 1), attack.statuses, attack.headers, attack.chunked
    )
    try:
        response = await client.post(f"{url}/graphql", content=fresh.content(), headers=fresh.headers)
    except httpx.TransportError as error:
        return type(error).__name__
    errors = response.json().get("errors", [{}])
    return f"{response.status_code} {errors[0].get('extensions', {}).get('code', '')}"


async def _waited(bystander: httpx.AsyncClient, url: str, until: asyncio.Future[Any]) -> float:
    """Return how long a bystander waited at most, in milliseconds, asking on until something is done."""
    longest = 0.0
    while True:
        began = time.perf_counter()
        response = await bystander.post(f"{url}/graphql", json=BYSTANDER)
        longest = max(longest, (time.perf_counter() - began) * 1000)
        assert "errors" not in response.json() or response.json()["data"], response.text
        if until.done():
            return longest
        await asyncio.sleep(_PATIENCE)


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has taken, all its threads together (Linux)."""
    found = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += int((task / "schedstat").read_text().split()[0])
    return found / 1e9


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve a small world in a process of its own, so that its CPU time is its alone."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    environment = {
        **os.environ, "HUB_PORT": str(port), "HUB_DATA_DIR": str(folder), "HUB_DEMO_ENTERPRISES": "400",
        "HUB_RATE_ADDRESS": "1000000000",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "server.py"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with suppress(httpx.TransportError):
                if httpx.get(f"{url}/health/ready").status_code == 200:
                    break
            time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    typer.run(main)
