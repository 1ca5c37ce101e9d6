"""http: what every request says, what comes in and is too much, cut short, late, or of another shape."""

from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
import zlib
from decimal import Decimal

import msgspec
import pytest

from connectors.errors import (
    SourceError,
    SourceFailure,
    SourceTimeout,
    SourceTooLarge,
    SourceUnavailable,
)
from tests.connectors.wire import JSON, get, wired

OAUTH = {"kind": "oauth2", "token_url": "$URL/token", "client_id": "c", "client_secret": "sesame"}


class _Thing(msgspec.Struct):
    n: int


async def test_what_every_request_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with wired(headers={"accept": "application/hal+json", "X-Client": "hub"}) as (wire, source):
        wire.lay("/things", Set_Cookie="session=1; Path=/")
        await get(source)
        await source.ask("POST", "/things", time.monotonic() + 2, json={"codes": ["甲", Decimal("0.10")]})
        (_, first), (_, second) = wire.requests
        assert first["accept"] == "application/hal+json"
        assert first["accept-encoding"] == "gzip, deflate"
        assert first["x-client"] == "hub"
        assert second["content-type"] == "application/json"
        assert "cookie" not in second
        assert wire.connections == 1, "the connection is used again"


@pytest.mark.parametrize(
    ("body", "value", "typed"),
    [(b'{"n": 1}', _Thing(1), True), (JSON, {"n": Decimal("1.5")}, False)],
)
async def test_the_callers_decoder_goes_first(body: bytes, value: object, typed: bool) -> None:
    async with wired() as (wire, source):
        wire.lay("/things", body)
        reply = await get(source, decode=msgspec.json.Decoder(_Thing).decode)
        assert (reply.value, reply.typed) == (value, typed)
        assert len(wire.requests) == 1
        wire.lay("/things", b'{"n": ')
        with pytest.raises(SourceError, match="no JSON"):
            await get(source, decode=msgspec.json.Decoder(_Thing).decode)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_packed_bomb_stops_at_the_cap(encoding: str) -> None:
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    async with wired(max_bytes=100_000) as (wire, source):
        wire.lay("/things", pack(b" " * 1_000_000 + b"{}"), Content_Encoding=encoding)
        bomb = pack(bytes(100_000_000), 1)
        wire.lay("/bomb", bomb, Content_Encoding=encoding)
        tracemalloc.start()
        for path in ("/things", "/bomb"):
            with pytest.raises(SourceTooLarge, match="100,000 bytes"):
                await get(source, path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 5_000_000
        wire.lay("/things", pack(JSON), Content_Encoding=encoding)
        assert (await get(source)).value == {"n": Decimal("1.5")}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"<html>", SourceUnavailable),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,", SourceUnavailable),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[1,2,", SourceUnavailable),
        (b"HTTP/1.1 200 OK\r\ncut: short\r\nContent-Length: 50\r\n\r\n[1,2,", SourceUnavailable),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", SourceError),
    ],
)
async def test_an_answer_that_breaks_off_or_is_none(answer: bytes, kind: type[SourceFailure]) -> None:
    async with wired() as (wire, source):
        wire.answers["/broken"] = answer
        with pytest.raises(kind) as failure:
            await get(source, "/broken")
        assert type(failure.value) is kind
        assert (await get(source)).value == {"n": Decimal("1.5")}


async def test_waiting_for_a_free_connection_counts_as_waiting() -> None:
    async with wired(concurrency=1) as (wire, source):
        hanging = asyncio.create_task(get(source, "/hangs", seconds=1.0))
        await asyncio.sleep(0.05)
        started = time.monotonic()
        with pytest.raises(SourceTimeout, match="in time"):
            await get(source, seconds=0.2)
        assert 0.15 < time.monotonic() - started < 0.6
        with pytest.raises(SourceTimeout):
            await hanging
        assert (await get(source)).value == {"n": Decimal("1.5")}
        assert [target for target, _ in wire.requests] == ["/hangs", "/things"]


async def test_after_the_deadline_nothing_goes_out() -> None:
    async with wired() as (wire, source):
        with pytest.raises(SourceTimeout):
            await get(source, seconds=-1.0)
        assert wire.connections == 0


async def test_it_can_be_closed_twice_and_used_again() -> None:
    async with wired() as (wire, source):
        for _ in range(2):
            await get(source)
            await source.aclose()
            await source.aclose()
        assert wire.connections == 2


async def test_unknown_keys_cost_no_connection() -> None:
    async with wired() as (wire, source):
        wire.lay("/absent", b'{"detail": "not found"}', status=404)
        for _ in range(3):
            assert (await get(source, "/absent", optional=True)).missing
        assert wire.connections == 1


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        (b"{}", 200, SourceError, "answered no token"),
        (b"[]", 200, SourceError, "answered no token"),
        (b"<html>", 200, SourceError, "answered no token"),
        (b'{"access_token": "t", "expires_in": "soon"}', 200, SourceError, "answered no token"),
        (b"{}", 401, SourceUnavailable, "token service answered HTTP 401"),
        (None, 0, SourceTimeout, "did not get a token in time"),
    ],
)
async def test_a_token_service_that_gives_none(
    body: bytes | None, status: int, kind: type[SourceFailure], words: str
) -> None:
    async with wired(auth=OAUTH) as (wire, source):
        if body is not None:
            wire.lay("/token", body, status=status)
        with pytest.raises(kind, match=words) as failure:
            await get(source, seconds=0.3)
        assert "sesame" not in str(failure.value)
        wire.lay("/token", b'{"access_token": "t"}')
        assert (await get(source)).value == {"n": Decimal("1.5")}


async def test_credentials_that_stay_refused_are_tried_twice() -> None:
    async with wired(auth=OAUTH) as (wire, source):
        wire.lay("/token", b'{"access_token": "t"}')
        wire.lay("/things", b"", status=401)
        with pytest.raises(SourceError, match="refused the hub's credentials"):
            await get(source)
        assert [target for target, _ in wire.requests] == ["/token", "/things", "/token", "/things"]
