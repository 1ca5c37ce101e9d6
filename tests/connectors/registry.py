"""A real registry behind HTTP whose failures are told to it, and a hub's sources over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from codes import uscc
from connectors.common_cache import CommonCache
from connectors.config import parse
from connectors.errors import SourceFailure
from connectors.outcomes import Absent
from connectors.session import Session
from connectors.sources import Sources
from tests.running import serve

A, B, C = (uscc.compose("91", "000000", f"TEST000{n}".replace("S", "Q")) for n in (1, 2, 3))
NAME = frozenset(("name",))


class Service:
    """A registry that says of every code that its name is the code."""

    def __init__(self) -> None:
        self.calls = 0
        self.at_once = 0
        self.most_at_once = 0
        self.statuses: list[int] = []
        """What it answers next; 200 when there is nothing more."""
        self.always: int | None = None
        self.retry_after = ""
        self.seconds = 0.0
        self.poisoned = ""
        self.unknown = ""
        self.asked: list[str] = []

    async def answer(self, request: Request) -> Response:
        self.calls += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
            status = self.always or (self.statuses.pop(0) if self.statuses else 200)
            codes = request.query_params["ids"].split(",")
            self.asked += codes
            if status != 200 or self.poisoned in codes:
                return Response(status_code=500 if status == 200 else status, headers={"Retry-After": self.retry_after})
            return JSONResponse([{"uscc": code, "name": code} for code in codes if code != self.unknown])
        finally:
            self.at_once -= 1


@asynccontextmanager
async def asked(
    policy: str = "",
    *,
    max_keys: int = 100,
    timeout: float = 2.0,
    cache: str = "cache = 0",
    room: int = 10_000_000,
    requests: int = 200,
    common: CommonCache | None = None,
) -> AsyncIterator[tuple[Service, Sources]]:
    service = Service()
    with serve(Starlette(routes=[Route("/units", service.answer)])) as url:
        text = f"""
[sources.registry]
kind = "rest"
title = "t"
owner = "o"
sharing = "UNCONDITIONAL"
timeout = {timeout}
url = "{url}"
concurrency = {requests}
policy = {{ {policy} }}
[sources.registry.collections.registration]
{cache}
path = "/units"
batch = {{ style = "comma", parameter = "ids", max_keys = {max_keys} }}
fields = ["name"]
"""
        opened = Sources(parse(text, Path("sources.toml")), cache_bytes=room, common=common)
        yield service, opened
        await opened.aclose()


async def names(opened: Sources, *codes: str, seconds: float = 8, unhurried: bool = False) -> Sequence[Any]:
    """The name of each code in a request of its own, or why there is none."""
    session = Session.lasting(seconds, unhurried=unhurried)
    found = await opened.fetch(session, "registration", list(codes), NAME)
    return [one if isinstance(one, Absent | SourceFailure) else _name(one) for one in found]


def _name(record: Any) -> Any:
    return record.name
