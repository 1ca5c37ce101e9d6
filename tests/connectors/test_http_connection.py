"""http: how answers end, what a connection bears, and when another is opened."""

from __future__ import annotations

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.errors import SourceError, SourceFailure, SourcesMisconfigured, SourceUnavailable
from connectors.http_pool import Pool
from tests.connectors.wire import JSON, Wire, get, source_at, wired

FOUND = {"n": Decimal("1.5")}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n"
        + JSON[:4]
        + b"\r\n6\r\n"
        + JSON[4:]
        + b"\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncut: short\r\n\r\n" + JSON,
        b"HTTP/1.0 200 OK\r\ncut: short\r\nContent-Length: 10\r\n\r\n" + JSON,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + JSON,
    ],
)
async def test_every_end_that_an_answer_may_have(answer: bytes) -> None:
    async with wired() as (wire, source):
        wire.answers["/ended"] = answer
        reply = await get(source, "/ended")
        assert (reply.value, reply.following) == (FOUND, None)
        assert (await get(source)).value == FOUND


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 30_000 + b"\r\n", SourceUnavailable, "endless head"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
            SourceError,
            "not packed as it says",
        ),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", SourceUnavailable, "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 2\r\n\r\n" + JSON, SourceUnavailable, "no HTTP"),
    ],
)
async def test_answers_that_no_client_should_bear(answer: bytes, kind: type[SourceFailure], words: str) -> None:
    async with wired() as (wire, source):
        wire.answers["/strange"] = answer
        with pytest.raises(kind, match=words):
            await get(source, "/strange")
        assert (await get(source)).value == FOUND


async def test_what_comes_behind_an_answer_belongs_to_no_later_request() -> None:
    async with wired() as (wire, source):
        two = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + JSON
        wire.answers["/twice"] = two + two.replace(b"1.5", b"9.9")
        assert (await get(source, "/twice")).value == FOUND
        assert (await get(source)).value == FOUND
        assert wire.connections == 2, "the first is not trusted again"


async def test_a_kept_connection_that_was_closed_meanwhile_is_replaced() -> None:
    async with wired() as (wire, source):
        await get(source)
        wire.hang_up_on.add("/things")
        again = asyncio.create_task(get(source))
        await wire.hung_up.wait()
        wire.hang_up_on.clear()
        assert (await again).value == FOUND
        assert wire.connections == 2


async def test_a_new_connection_that_is_closed_unanswered_is_not_tried_for_ever() -> None:
    async with wired() as (wire, source):
        wire.hang_up_on.add("/things")
        with pytest.raises(SourceUnavailable, match="closed the connection too early"):
            await get(source)
        assert wire.connections == 1


async def test_whoever_leaves_takes_the_connection_along() -> None:
    async with wired(concurrency=1) as (wire, source):
        leaving = asyncio.create_task(get(source, "/hangs"))
        await wire.asked.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert (await get(source)).value == FOUND
        assert wire.connections == 2


async def test_closing_ends_what_is_under_way() -> None:
    async with wired() as (wire, source):
        waiting = asyncio.create_task(get(source, "/hangs"))
        await wire.asked.wait()
        await source.aclose()
        with pytest.raises(SourceUnavailable, match="the hub closed"):
            await waiting


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "甲", "a\x00"])
async def test_no_header_ends_its_line(value: str) -> None:
    with pytest.raises(SourcesMisconfigured, match="on one line"):
        source_at("http://127.0.0.1:1", headers={"X-Key": value})
    async with wired(auth={"kind": "api_key", "header": "X-Key", "key": value}) as (wire, source):
        with pytest.raises(SourceError, match="credentials"):
            await get(source)
        assert wire.requests == []


async def test_encrypted_connections_are_made_to_whom_the_certificate_names(tmp_path: Path) -> None:
    authority, server_side = _certificates(tmp_path)
    wire = Wire()
    wire.lay("/things")
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0, ssl=server_side)
    port = server.sockets[0].getsockname()[1]
    request = b"GET /things HTTP/1.1\r\nHost: localhost\r\n\r\n"
    trusting = Pool("localhost", port, authority, 2, 1000)
    for _ in range(2):
        assert (await trusting.exchange(request, time.monotonic() + 5)).body == JSON
    assert wire.connections == 1
    await trusting.aclose()
    for host, trusted in (("127.0.0.1", authority), ("localhost", ssl.create_default_context())):
        wary = Pool(host, port, trusted, 2, 1000)
        with pytest.raises(ConnectionError, match="SSLCertVerificationError"):
            await wary.exchange(request, time.monotonic() + 5)
        await wary.aclose()
    server.close()
    await server.wait_closed()


def _certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A context that trusts a new authority, and one of a server that it calls localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder: Any = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return ssl.create_default_context(cafile=str(folder / "certificate.pem")), server_side
