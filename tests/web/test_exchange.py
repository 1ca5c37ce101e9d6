"""What is written to a connection: the same as uvicorn alone would write, whatever the answer and whoever asks."""

from __future__ import annotations

import asyncio
import gc
import re
import socket
from collections.abc import Iterator

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from serving import configured
from settings import Settings
from tests.running import serve
from web.connection import bounded
from web.sending import Whole, parting, send_bytes

_LENGTH, _CLOSE = (b"content-length", b"5"), (b"connection", b"close")
_KIND = (b"Content-Type", b"text/plain")
ANSWERS: dict[str, tuple[list[tuple[bytes, bytes]], list[dict[str, object]]]] = {
    "usual": ([_LENGTH, _KIND], [{"body": b"whole"}]),
    "repeated header": ([_LENGTH, _KIND, (b"vary", b"a"), (b"vary", b"b")], [{"body": b"whole"}]),
    "length behind": ([_KIND, _LENGTH], [{"body": b"whole"}]),
    "length twice": ([_LENGTH, _KIND, _LENGTH], [{"body": b"whole"}]),
    "in parts": ([_LENGTH, _KIND], [{"body": b"who", "more_body": True}, {"body": b"le"}]),
    "last part empty": ([_LENGTH, _KIND], [{"body": b"whole", "more_body": True}, {}]),
    "empty": ([(b"content-length", b"0")], [{}]),
    "no length": ([_KIND], [{"body": b"who", "more_body": True}, {"body": b"le"}]),
    "no headers": ([], [{"body": b"whole"}]),
    "chunked": ([(b"transfer-encoding", b"chunked")], [{"body": b"whole"}]),
    "closing": ([_LENGTH, _KIND, _CLOSE], [{"body": b"whole"}]),
    "too long": ([_LENGTH, _KIND], [{"body": b"whole and more"}]),
    "too short": ([_LENGTH, _KIND], [{"body": b"who"}]),
    "no header": ([_LENGTH, (b"content type", b"text/plain")], [{"body": b"whole"}]),
    "no value": ([_LENGTH, (b"location", b"a\r\nb")], [{"body": b"whole"}]),
    "no start": ([_LENGTH], [{"type": "http.response.body"}]),
    "twice": ([_LENGTH, _KIND], [{"body": b"whole"}, {"body": b"whole"}]),
    "no body": ([_LENGTH, _KIND], []),
}
WHOLE: dict[str, tuple[int, dict[str, str]]] = {
    "whole": (200, {}),
    "whole, refused": (429, {"Retry-After": "7"}),
    "whole, closing": (413, {"Connection": "close"}),
    "whole, strange": (200, {"Strange": "a\r\nb"}),
    "whole, of nothing": (204, {}),
    "whole, parting": (200, {}),
}
"""Answers that the hub's own applications give, which its connections write at once."""
ENDS = {
    "next": b"GET /path%20of?q=%20 HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "1.0": b"GET /path HTTP/1.0\r\n\r\n",
    "1.0, kept": b"GET /path HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
    "head": b"HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "awaited": b"POST / HTTP/1.1\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: 2\r\n\r\nab",
    "no request": b"GET / HTTP/1.1\r\nhost: x\r\n\r\nnonsense\r\n\r\n",
    "no target": b"GET http:///%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
}


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Give the answer that the header `wanted` names; the usual one tells the request as well."""
    if scope["type"] != "http":
        return
    wanted = dict(scope["headers"]).get(b"wanted", b"told").decode()
    message = await receive()
    if wanted in WHOLE:
        status, further = WHOLE[wanted]
        send = parting(send) if wanted == "whole, parting" else send  # nobody is passed over
        await send_bytes(send, status, b"" if status == 204 else b"whole", "text/plain", further)
        return
    if wanted in ANSWERS:
        headers, parts = ANSWERS[wanted]
        if wanted != "no start":
            await send({"type": "http.response.start", "status": 201, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", **part})
        return
    known = {key: scope[key] for key in ("http_version", "method", "path", "raw_path", "query_string", "root_path")}
    told = repr((known, message)).encode()
    await send_bytes(send, 200, told, "text/plain")


def said(url: str, request: bytes) -> bytes:
    """Return all that comes back for bytes, without the time of day."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return re.sub(rb"date: [^\r]*\r\n", b"date: \r\n", answer)


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[str, str]]:
    """The addresses of uvicorn alone, and of the hub's connections."""
    with serve(_app) as plain, serve(_app, http=bounded(10.0)) as ours:
        yield plain, ours


@pytest.mark.parametrize("wanted", [*ANSWERS, *WHOLE])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_is_written_as_uvicorn_writes_it(both: tuple[str, str], method: str, wanted: str) -> None:
    """Given once and then again over one connection, and once more over one that is to be closed."""
    once = f"{method} /a HTTP/1.1\r\nhost: x\r\nwanted: {wanted}\r\n\r\n"
    last = f"{method} /a HTTP/1.1\r\nhost: x\r\nwanted: {wanted}\r\nconnection: close\r\n\r\n"
    request = (once * 2 + last).encode()
    plain, ours = (said(url, request) for url in both)
    assert plain or wanted in ("no header", "no value", "whole, strange")  # of these uvicorn writes nothing, and closes
    assert ours == plain


@pytest.mark.parametrize("request_", ENDS.values(), ids=ENDS)
def test_a_request_is_read_as_uvicorn_reads_it(both: tuple[str, str], request_: bytes) -> None:
    """Its target, version and body, and what becomes of the connection."""
    plain, ours = (said(url, request_) for url in both)
    assert plain
    assert ours == plain


class Choosy:
    """Looks at requests to /away only where it has to."""

    def turned_away(self, scope: Scope) -> Whole | None:
        headers = ((b"content-length", b"4"), (b"retry-after", b"1"))
        return Whole(503, headers, b"away") if scope["path"] == "/away" else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _app(scope, receive, send)


def test_who_is_turned_away_is_answered_at_once_and_may_ask_again_over_the_same_connection() -> None:
    """Its body is nobody's. Behind a request that is at work, or where the connection ends, the application looks."""
    away = b"POST /away HTTP/1.1\r\ncontent-length: 100000\r\n\r\n" + b"x" * 100_000
    last = b"GET /away HTTP/1.1\r\nconnection: close\r\n\r\n"
    with serve(Choosy(), http=bounded(10.0)) as url:
        told = said(url, away + away + b"GET /a HTTP/1.1\r\n\r\n" + away + last)
        assert re.findall(rb"HTTP/1.1 (\d+)", told) == [b"503", b"503", b"200", b"200", b"200"]
        assert told.count(b"retry-after: 1\r\n\r\naway") == 2


def test_a_request_that_is_answered_leaves_nothing_for_the_collector_to_find() -> None:
    """Whether its body was taken or not: what is kept in cycles would be thousands of requests until it looks."""
    request = b"POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\nab"
    gc.collect()
    gc.disable()
    try:
        with serve(_app, http=bounded(10.0)) as url:
            told = said(url, request * 50 + b"GET /b HTTP/1.1\r\nconnection: close\r\n\r\n")
            assert told.count(b"HTTP/1.1 200") == 51
            host, port = url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                for _ in range(50):
                    connection.sendall(request)
                    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
                cycles = [one for one in gc.get_objects() if isinstance(one, RequestResponseCycle)]
                left = [one for one in cycles if one.scope["server"] == (host, int(port))]
                assert 1 <= len(left) <= 2, "the last of each connection"
    finally:
        gc.enable()


def test_a_connection_over_which_nothing_comes_any_more_is_closed() -> None:
    """After an answer it waits for the next request, but not for ever; a request that comes in time is answered."""

    class Hasty(bounded(10.0)):  # type: ignore[misc]  # a class that is made
        def connection_made(self, transport: asyncio.Transport) -> None:
            self.timeout_keep_alive = 0.3
            super().connection_made(transport)

    with serve(_app, http=Hasty) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            for _ in range(3):
                connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
                answer = b""
                while not answer.endswith(b"})"):
                    answer += connection.recv(65536)
            assert connection.recv(65536) == b""


def test_it_waits_longer_for_the_next_request_than_proxies_keep_a_connection() -> None:
    """They keep it for a minute; what they send over one that is just being closed is lost."""
    assert configured(_app, Settings(mode="mock")).timeout_keep_alive > 60
    assert configured(_app, Settings(mode="mock", idle_seconds=7)).timeout_keep_alive == 7
