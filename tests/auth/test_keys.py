"""Where issuers' keys come from: files, and addresses that answer, change, lie, hang or fall silent."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from auth.identity import fetched_keys
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.fetched_keys import FetchedKeys
from auth.identity.refusals import Unavailable
from tests.auth.forging import NOW, bearer, changed, signed
from tests.running import serve

FIRST, SECOND, THIRD = (ECKey.generate_key("P-256", {"kid": name}) for name in ("first", "second", "third"))


def key_set(*keys: Any) -> bytes:
    return json.dumps(KeySet(list(keys)).as_dict(private=False)).encode()


@dataclass
class Address:
    """A server of keys: what it says can be changed, what it was asked is counted."""

    status: int = 200
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    twice: threading.Event = field(default_factory=threading.Event)
    answer: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.asked.append(scope["path"])
        if len(self.asked) > 1:
            self.twice.set()
        await asyncio.to_thread(self.answer.wait, 20)
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


@pytest.fixture
def address() -> Iterator[Address]:
    found = Address(body=key_set(FIRST))
    found.answer.set()
    with serve(found) as url:
        found.url = f"{url}/jwks"
        yield found
        found.answer.set()


async def believes(subject: Authenticator, issuer: Path, name: str, key: ECKey, **claims: Any) -> bool:
    try:
        await subject.principal(bearer(signed(issuer, {"kid": name}, key, **claims)))
    except Unauthenticated:
        return False
    return True


async def test_keys_in_a_file_change_without_a_restart(issuer: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_bytes(key_set(FIRST))
    now = [NOW]
    subject = Authenticator(changed(issuer, keys=str(keys)), lambda: now[0])
    assert await believes(subject, issuer, "first", FIRST)
    assert not await believes(subject, issuer, "second", SECOND)
    keys.write_bytes(key_set(SECOND) + b" ")
    now[0] += 2
    assert await believes(subject, issuer, "second", SECOND)
    assert not await believes(subject, issuer, "first", FIRST)
    keys.write_text("{")
    now[0] += 2
    with structlog.testing.capture_logs() as logged:
        assert await believes(subject, issuer, "second", SECOND)
        now[0] += 2
        assert await believes(subject, issuer, "second", SECOND)
    assert [entry["event"] for entry in logged] == ["identity.file_unreadable"], "said once"


async def test_keys_at_an_address_are_fetched_once_and_again_for_a_new_name(issuer: Path, address: Address) -> None:
    now = [NOW]
    subject = Authenticator(changed(issuer, keys=address.url), lambda: now[0])
    await subject.open()
    for number in range(20):
        assert await believes(subject, issuer, "first", FIRST, jti=str(number))
    assert address.asked == ["/jwks"]
    address.body = key_set(SECOND)
    now[0] += 11
    assert await believes(subject, issuer, "second", SECOND)
    assert not await believes(subject, issuer, "first", FIRST), "its key is gone, and what was checked with it"
    assert address.asked == ["/jwks"] * 2
    await subject.aclose()


async def test_a_flood_of_unknown_keys_costs_one_look_now_and_then(issuer: Path, address: Address) -> None:
    now = [NOW]
    subject = Authenticator(changed(issuer, keys=address.url), lambda: now[0])
    await subject.open()
    for wave in (1, 2, 3):
        now[0] += 11
        flood = [believes(subject, issuer, f"unknown-{wave}-{number}", THIRD) for number in range(30)]
        assert not any(await asyncio.gather(*flood))
        for number in range(100):
            assert not await believes(subject, issuer, f"later-{wave}-{number}", THIRD)
        assert len(address.asked) == 1 + wave
    assert await believes(subject, issuer, "first", FIRST)
    await subject.aclose()


async def test_while_an_address_hangs_known_keys_are_at_hand_and_few_wait(issuer: Path, address: Address) -> None:
    now = [NOW]
    subject = Authenticator(changed(issuer, keys=address.url), lambda: now[0])
    await subject.open()
    address.answer.clear()
    now[0] += 11
    flood = [asyncio.ensure_future(believes(subject, issuer, f"unknown-{number}", THIRD)) for number in range(100)]
    refused, waiting = await asyncio.wait(flood, return_when=asyncio.FIRST_EXCEPTION, timeout=5)
    assert await believes(subject, issuer, "first", FIRST), "nobody waits for the address with a known key"
    while len(waiting) > 32:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=5)
        refused |= done
    assert all(isinstance(task.exception(), Unavailable) for task in refused)
    address.body = key_set(FIRST, SECOND)
    address.answer.set()
    assert not any(await asyncio.gather(*waiting))
    assert await believes(subject, issuer, "second", SECOND)
    assert len(address.asked) == 2
    await subject.aclose()


BAD_ANSWERS: dict[str, dict[str, Any]] = {
    "an error": {"status": 500},
    "elsewhere": {"status": 302, "headers": [(b"location", b"/other")]},
    "no JSON": {"body": b"<html>"},
    "no key set": {"body": b"[]"},
    "no keys": {"body": b'{"keys": []}'},
    "secrets": {"body": json.dumps({"keys": [OctKey.generate_key(256, {"kid": "first"}).as_dict()]}).encode()},
    "private keys": {"body": json.dumps({"keys": [FIRST.as_dict(private=True)]}).encode()},
    "keys of another kind": {"body": key_set(RSAKey.generate_key(2048, {"kid": "first"}))},
    "too much": {"body": b'{"keys": [], "x": "' + b"x" * 300_000 + b'"}'},
    "packed": {"headers": [(b"content-encoding", b"gzip")], "body": b"\x1f\x8b\x08"},
    "deep": {"body": b"[" * 100_000},
}


@pytest.mark.parametrize("answer", BAD_ANSWERS)
async def test_an_address_that_gives_no_keys_is_told_once(issuer: Path, address: Address, answer: str) -> None:
    good = address.body
    for name, value in BAD_ANSWERS[answer].items():
        setattr(address, name, value)
    now = [NOW]
    subject = Authenticator(changed(issuer, keys=address.url), lambda: now[0])
    with structlog.testing.capture_logs() as logged:
        await subject.open()
        for _ in range(3):
            now[0] += 11
            with pytest.raises(Unavailable):
                await believes(subject, issuer, "first", FIRST)
    assert [entry["event"] for entry in logged] == ["identity.keys_unreadable"]
    assert "tokens of this issuer are answered 503" in logged[0]["instead"]
    assert set(address.asked) == {"/jwks"}, "nobody is followed to elsewhere"
    address.status, address.body, address.headers = 200, good, []
    now[0] += 11
    assert await believes(subject, issuer, "first", FIRST)
    for name, value in BAD_ANSWERS[answer].items():
        setattr(address, name, value)
    now[0] += 11
    with structlog.testing.capture_logs() as logged:
        with pytest.raises(Unavailable):
            await believes(subject, issuer, "unknown", THIRD)
        assert await believes(subject, issuer, "first", FIRST, jti="another"), "those known before are used"
    assert [entry["instead"] for entry in logged] == ["those known before are used"]
    await subject.aclose()


async def test_without_an_address_nobody_is_believed_and_the_hub_starts(issuer: Path) -> None:
    subject = Authenticator(changed(issuer, keys="http://127.0.0.1:1/jwks"), lambda: NOW)
    with structlog.testing.capture_logs() as logged:
        await subject.open()
    assert "http://127.0.0.1:1/jwks: ConnectError" in logged[0]["problem"]
    with pytest.raises(Unavailable):
        await believes(subject, issuer, "first", FIRST)
    await subject.aclose()


async def test_an_address_that_drips_is_given_up(
    issuer: Path, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched_keys, "_PATIENCE", 0.2)
    address.answer.clear()
    subject = Authenticator(changed(issuer, keys=address.url), lambda: NOW)
    with structlog.testing.capture_logs() as logged:
        await subject.open()
    assert "TimeoutError" in logged[0]["problem"] or "ReadTimeout" in logged[0]["problem"]
    await subject.aclose()


async def test_keys_at_an_address_are_looked_at_again_though_nobody_asks(issuer: Path, address: Address) -> None:
    keys = FetchedKeys(changed(issuer, keys=address.url).issuers["demo"], lambda: NOW, refresh=0.01)
    keys.begin()
    assert await asyncio.to_thread(address.twice.wait, 10)
    await keys.aclose()
