"""rest: who may ask, how much may come, what goes wrong."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from connectors import rest
from connectors.contract import Scan
from connectors.errors import SourceError, SourcesMisconfigured, SourceTimeout, SourceTooLarge, SourceUnavailable
from tests.connectors.declaring import declared, fetch
from tests.connectors.services import rest_service
from tests.running import serve

COMMA = {"path": "/things", "batch": {"style": "comma"}, "rows": "data"}


class Service:
    """A service that does what its `answer` says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: Response | None = None
        self.headers: list[Mapping[str, str]] = []
        self.tokens = 0
        self.refuse_token = ""
        self.most_at_once = self._now = 0

    async def things(self, request: Request) -> Response:
        self.headers.append(request.headers)
        if self.refuse_token and request.headers.get("authorization") == f"Bearer {self.refuse_token}":
            return Response(status_code=401)
        return self.answer or JSONResponse({"data": [{"code": "A", "n": 1}]})

    async def one(self, request: Request) -> Response:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(0.02)
        self._now -= 1
        return Response(status_code=500) if request.path_params["code"] == "bad" else JSONResponse({"n": 1})

    async def token(self, request: Request) -> Response:
        self.headers.append(request.headers)
        self.tokens += 1
        await asyncio.sleep(0.02)
        return JSONResponse({"access_token": f"t{self.tokens}", "expires_in": 600})

    async def slow(self, _request: Request) -> Response:
        await asyncio.sleep(30)
        return Response()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/things", self.things, methods=["GET", "POST"]),
                Route("/one/{code}", self.one),
                Route("/token", self.token, methods=["POST"]),
                Route("/slow", self.slow),
            ]
        )


@asynccontextmanager
async def opened(collection: Mapping[str, Any], **options: Any) -> AsyncIterator[tuple[Service, rest.RestConnector]]:
    service = Service()
    with serve(service.app()) as url:
        full: dict[str, Any] = json.loads(json.dumps(options).replace("$URL", url))
        connector = rest.connect(declared({"url": url, **full}, collection))
        yield service, connector
        await connector.aclose()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "bearer", "token": "T"}, "authorization", "Bearer T"),
        (
            {"kind": "basic", "user": "u", "password": "p"},
            "authorization",
            f"Basic {base64.b64encode(b'u:p').decode()}",
        ),
        ({"kind": "api_key", "header": "X-Key", "key": "K"}, "x-key", "K"),
    ],
)
async def test_credentials_travel(auth: dict[str, str], header: str, value: str) -> None:
    async with opened(COMMA, auth=auth, headers={"X-Client": "hub"}) as (service, connector):
        await connector.fetch(fetch(["A"], "n"))
        assert service.headers[0][header] == value
        assert service.headers[0]["x-client"] == "hub"


async def test_one_token_serves_many_callers_and_is_renewed_when_refused() -> None:
    auth = {"kind": "oauth2", "token_url": "$URL/token", "client_id": "c", "client_secret": "s", "scope": "read"}
    async with opened(COMMA, auth=auth) as (service, connector):
        await asyncio.gather(*(connector.fetch(fetch(["A"], "n")) for _ in range(5)))
        assert service.tokens == 1
        service.refuse_token = "t1"
        found = await asyncio.gather(*(connector.fetch(fetch(["A"], "n")) for _ in range(5)))
        assert service.tokens == 2
        assert all(rows.groups == [[("A", 1)]] for rows in found)


async def test_a_token_service_that_refuses_is_named_without_the_secret() -> None:
    auth = {"kind": "oauth2", "token_url": "$URL/absent", "client_id": "c", "client_secret": "sesame"}
    async with opened(COMMA, auth=auth) as (_, connector):
        with pytest.raises((SourceError, SourceUnavailable)) as failure:
            await connector.fetch(fetch(["A"], "n"))
        assert "sesame" not in str(failure.value)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Response(b"<html>"), SourceError, "no JSON"),
        (Response(b""), SourceError, "no JSON"),
        (Response(b"[" * 100_000), SourceError, "no JSON"),
        (JSONResponse({"other": []}), SourceError, "no list"),
        (JSONResponse({"data": [1]}), SourceError, "no objects"),
        (JSONResponse({"data": [{"code": "Z", "n": 1}]}), SourceError, "not asked for"),
        (JSONResponse({"data": [{"n": 1}]}), SourceError, "not asked for"),
        (Response(status_code=500), SourceError, "HTTP 500"),
        (Response(status_code=503), SourceUnavailable, "HTTP 503"),
        (Response(status_code=429), SourceUnavailable, "HTTP 429"),
        (Response(status_code=403), SourceError, "credentials"),
        (Response(status_code=404), SourceError, "HTTP 404"),
        (RedirectResponse("http://127.0.0.1:1/"), SourceError, "HTTP 307"),
    ],
)
async def test_what_is_no_answer(answer: Response, kind: type[Exception], words: str) -> None:
    async with opened(COMMA) as (service, connector):
        service.answer = answer
        with pytest.raises(kind, match=words):
            await connector.fetch(fetch(["A"], "n"))
        service.answer = None
        assert (await connector.fetch(fetch(["A"], "n"))).groups == [[("A", 1)]]


async def test_too_much_is_not_read_to_its_end() -> None:
    async def much() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 65_536
            await asyncio.sleep(0.001)

    async with opened(COMMA, max_bytes=100_000) as (service, connector):
        service.answer = StreamingResponse(much())
        with pytest.raises(SourceTooLarge, match="100,000 bytes"):
            await connector.fetch(fetch(["A"], "n"))


async def test_a_deadline_ends_the_wait_and_the_client_lives_on() -> None:
    async with opened({**COMMA, "path": "/slow"}) as (_, connector):
        for _ in range(3):
            with pytest.raises(SourceTimeout):
                await connector.fetch(fetch(["A"], "n", seconds=0.1))


async def test_a_port_that_nobody_listens_on() -> None:
    connector = rest.connect(declared({"url": "http://127.0.0.1:1"}, COMMA))
    with pytest.raises(SourceUnavailable):
        await connector.fetch(fetch(["A"], "n"))
    assert not (await connector.check()).ok
    await connector.aclose()


async def test_one_request_a_key_fails_alone_and_within_the_cap() -> None:
    each = {"path": "/one/{key}", "batch": {"style": "each"}}
    async with opened(each, concurrency=3) as (service, connector):
        keys = ["a", "bad", *(f"k{n}" for n in range(10))]
        found = await connector.fetch(fetch(keys, "n"))
        assert list(found.failures) == [1]
        assert found.groups[0] == [("a", 1)]
        assert found.groups[1] == []
        assert service.most_at_once == 3


async def test_amounts_stay_exact() -> None:
    async with opened(COMMA) as (service, connector):
        service.answer = Response(b'{"data": [{"code": "A", "n": 0.1000000000000000055}]}')
        found = await connector.fetch(fetch(["A"], "n"))
        assert found.groups[0][0][1] == Decimal("0.1000000000000000055")


@pytest.mark.parametrize("entries", [[], [None, None, None], [[{"code": "B"}], None]])
async def test_an_aligned_answer_of_another_length_or_order_is_refused(entries: list[Any]) -> None:
    aligned = {"path": "/things", "batch": {"style": "comma"}, "rows": "data", "answer": "aligned"}
    async with opened(aligned) as (service, connector):
        service.answer = JSONResponse({"data": entries})
        if len(entries) == 2:
            found = await connector.fetch(fetch(["A", "C"], "n"))
            assert found.groups[0][0][0] == "B", "the carried key is shown, for the hub's own check to refuse"
        else:
            with pytest.raises(SourceError, match="entries for 2 keys"):
                await connector.fetch(fetch(["A", "C"], "n"))


async def test_a_service_that_repeats_a_page_does_not_hold_the_scan_for_ever() -> None:
    with serve(rest_service([{"code": "A", "n": 1}] * 5)) as url:
        scan = {"path": "/pages/stuck", "style": "cursor", "rows": "rows", "page_size": 2}
        connector = rest.connect(declared({"url": url}, {**COMMA, "scan": scan}))
        with pytest.raises(SourceError, match="same page twice"):
            async for _ in connector.scan(Scan("things", ("code", "n"))):
                pass
        await connector.aclose()


@pytest.mark.parametrize(
    ("options", "collection", "words"),
    [
        ({"url": "ftp://x"}, COMMA, "http or https"),
        ({"url": "http://x", "auth": {"kind": "magic"}}, COMMA, "auth"),
        ({"url": "http://x"}, {"path": "/x", "batch": {"style": "each"}}, "{key}"),
        ({"url": "http://x"}, {"path": "/x", "batch": {"style": "commas"}}, "batch"),
        ({"url": "http://x"}, {**COMMA, "row": "x"}, "Did you mean 'rows'"),
    ],
)
def test_wrong_options_are_explained(options: dict[str, Any], collection: dict[str, Any], words: str) -> None:
    with pytest.raises(SourcesMisconfigured) as refusal:
        rest.connect(declared(options, collection))
    assert words in str(refusal.value)
