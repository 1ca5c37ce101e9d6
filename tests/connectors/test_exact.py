"""Exact sources: decoded by their types where they keep their promise, mapped where they do not."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from codes.kinds import Level
from connectors.catalogue import Collection, Records
from connectors.config import parse
from connectors.errors import SourceError
from connectors.outcomes import Absent, Typed
from connectors.session import Session
from connectors.sources import Sources
from tests.running import serve

PARTS = Records("Part", {"part_name": str, "weight": float}, frozenset(("part_name", "weight")))
THINGS = {
    "things": Collection(
        "things", {"name": str, "level": Level, "count": int, "parts": PARTS}, key="code", required=frozenset(("name",))
    )
}
GOOD: list[dict[str, Any]] = [
    {"code": "A", "name": " 甲 ", "level": "NATIONAL", "count": 3, "parts": [{"partName": "x", "weight": 1.5}]},
    {"code": "B", "name": "-", "level": None, "count": None, "parts": []},
]
FIELDS = frozenset(("code", "name", "level", "count", "parts"))


class Service:
    """A service whose records can be changed."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = list(GOOD)
        self.calls = 0

    async def things(self, request: Request) -> JSONResponse:
        self.calls += 1
        if "from" in request.query_params:
            start, size = int(request.query_params["from"]), int(request.query_params["size"])
            return JSONResponse({"data": self.records[start : start + size]})
        wanted = request.query_params["ids"].split(",")
        return JSONResponse({"data": [r for r in reversed(self.records) if r["code"] in wanted]})


@pytest.fixture
def service() -> Iterator[tuple[Service, str]]:
    """A running service and its address."""
    running = Service()
    with serve(Starlette(routes=[Route("/things", running.things)])) as url:
        yield running, url


async def asked(sources: Sources, session: Session, keys: list[str], fields: frozenset[str]) -> list[Any]:
    """The outcomes of these keys."""
    return list(await sources.fetch(session, "things", keys, fields))


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Sources]:
    """Open an exact REST source."""
    text = """
[sources.s]
kind = "rest"
url = "env:URL"
title = "S"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.s.collections.things]
exact = true
cache = 0
path = "/things"
rows = "data"
batch = { style = "comma" }
scan = { path = "/things", style = "offset", rows = "data", page = "from", size = "size", page_size = 2 }
fields = ["name", "level", "count", "parts"]
"""
    sources = Sources(parse(text, Path("s.toml"), THINGS), environment={**os.environ, "URL": url})
    try:
        yield sources
    finally:
        await sources.aclose()


async def test_answers_are_decoded_by_their_types_and_matched_by_their_keys(service: tuple[Service, str]) -> None:
    async with opened(service[1]) as sources:
        session = Session.lasting(5)
        a, b, unknown = await asked(sources, session, ["A", "B", "C"], FIELDS)
    assert (session.usage["s"].keys, session.usage["s"].records) == (3, 2)
    assert issubclass(type(a), Typed)
    assert (a.name, a.level, a.count, a.parts[0].part_name) == (" 甲 ", Level.NATIONAL, 3, "x")
    assert (b.name, b.level, b.count, b.parts) == ("-", None, None, [])
    assert unknown is Absent.NOT_FOUND
    assert service[0].calls == 1


@pytest.mark.parametrize(
    ("broken", "field", "value"),
    [
        ({"count": "many"}, "count", Absent.UNREADABLE),
        ({"count": 2**40}, "count", 2**40),
        ({"name": None}, "name", None),
        ({"level": "NOWHERE"}, "level", Absent.UNREADABLE),
    ],
)
async def test_a_record_that_breaks_the_promise_sends_the_answer_through_the_mapping(
    service: tuple[Service, str], broken: dict[str, Any], field: str, value: Any
) -> None:
    service[0].records = [{**GOOD[0], **broken}, GOOD[1]]
    with structlog.testing.capture_logs() as logged:
        async with opened(service[1]) as sources:
            a, b = await asked(sources, Session.lasting(5), ["A", "B"], FIELDS)
    assert [entry["event"] for entry in logged] == ["source.inexact"]
    assert field in logged[0]["problem"]
    assert not isinstance(a, Typed)
    assert getattr(a, field) == value
    assert b.count is None
    assert service[0].calls == 1


async def test_contradicting_and_unasked_records_are_noticed(service: tuple[Service, str]) -> None:
    service[0].records = [GOOD[0], {**GOOD[0], "count": 4}, GOOD[1]]
    async with opened(service[1]) as sources:
        a, b = await asked(sources, Session.lasting(5), ["A", "B"], FIELDS)
    assert isinstance(a, SourceError)
    assert "contradicting" in a.message
    assert b.name == "-"


async def test_a_collection_is_read_whole_by_offset(service: tuple[Service, str]) -> None:
    service[0].records = [{**GOOD[1], "code": code} for code in "ABCDE"]
    async with opened(service[1]) as sources:
        keys = [key async for page in sources.scan("things", "s", FIELDS) for key in page.keys]
    assert keys == list("ABCDE")
    assert service[0].calls == 3


@pytest.mark.parametrize("exact", [True, False])
async def test_a_delivered_file_is_looked_into_without_a_fetch(tmp_path: Path, exact: bool) -> None:
    path = tmp_path / "things.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    text = f"""
[sources.s]
kind = "files"
folder = "."
title = "S"
owner = "o"
sharing = "UNCONDITIONAL"
[sources.s.collections.things]
exact = {str(exact).lower()}
cache = 0
file = "things.json"
fields = ["name", "count"]
"""
    sources = Sources(parse(text, tmp_path / "s.toml", THINGS))
    session, fields = Session.lasting(5), frozenset(("name", "count", "level"))
    assert sources.at_once(session, "things", ["A"], fields) is None
    (first,) = await asked(sources, session, ["A"], fields)
    found: Any = sources.at_once(session, "things", ["A", "C"], fields)
    a, unknown = found
    assert (session.usage["s"].keys, session.usage["s"].records) == (3, 2)
    state = sources.sources["s"].state
    before = state.last_success
    sources.at_once(session, "things", ["A"], fields)
    assert before is not None
    assert state.last_success is not None
    assert state.last_success > before
    assert state.tally.answered == state.tally.hour().answered == 3, "a fetch, and twice from memory"
    assert (a.name, a.count) == (" 甲 " if exact else "甲", 3)
    assert first.count == 3
    assert a.level is Absent.NOT_DELIVERED
    assert unknown is Absent.NOT_FOUND
    path.write_text(json.dumps([{**GOOD[0], "count": 9}]), encoding="utf-8")
    os.utime(path, (1, 1))
    files: Any = sources.sources["s"].connector
    files._collected["things"].looked = 0.0  # the next look is now
    assert sources.at_once(session, "things", ["A"], fields) is None
    (changed,) = await asked(sources, Session.lasting(5), ["A"], fields)
    assert changed.count == 9
    await sources.aclose()
