"""No credential is in the log, whatever becomes of its request."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import structlog

import logs
from auth.identity import principals
from tests.web.guarding import KEY, WHO, Guarded, new_key
from tests.world import World


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that the hub and its libraries write."""
    standard_error = io.StringIO()
    monkeypatch.setattr(sys, "stderr", standard_error)
    logs.configure("json")
    structlog.configure(cache_logger_on_first_use=False)  # the loggers of modules outlive this test
    caplog.set_level(logging.DEBUG)

    def written() -> str:
        # The tests' own client is in the same process, and says what it asks.
        libraries = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
        return "\n".join((standard_error.getvalue(), *libraries))

    yield written
    structlog.reset_defaults()


def test_no_credential_is_in_the_log(
    log: Callable[[], str], guarded: Guarded, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, own = guarded.token(), guarded.token(cnf={"jkt": KEY.thumbprint()})
    strange = guarded.token(roles=["KING"])
    made, key, old = guarded.proof(own), new_key(world), new_key(world, days=-1)
    shown = [
        (f"Bearer {token}", {}), (f"Bearer {token}x", {}), (f"Bearer {strange}", {}), (f"Basic {token}", {}),
        (f"DPoP {own}", {"DPoP": made}), (f"DPoP {own}", {"DPoP": made}), (f"DPoP {own}", {"DPoP": made + "x"}),
        (f"Bearer {own}", {}), (f"Bearer {key}", {}), (f"Bearer {key}x", {}), (f"Bearer {old}", {}),
    ]  # fmt: skip
    later, later_own = guarded.token(jti="later"), guarded.token(jti="later-own", cnf={"jkt": KEY.thumbprint()})
    credentials = (token, own, strange, made, key, old, later, later_own)
    answers = [guarded.asked(authorization, **headers).text for authorization, headers in shown]
    answers.append(httpx.get(f"{guarded.url}/graphql", params={"query": WHO, "access_token": token}).text)

    def fail(*_given: object) -> None:
        raise RuntimeError("something broke")

    for name in ("of_claims", "of_key"):
        monkeypatch.setattr(principals, name, fail)
    time.sleep(0.6)
    for authorization in (f"Bearer {later}", f"DPoP {later_own}", f"Bearer {key}"):
        answer = guarded.asked(authorization, DPoP=guarded.proof(later_own))
        assert answer.status_code == 500
        answers.append(answer.text)
    guarded.identity.write_text("[")
    time.sleep(1.1)
    guarded.asked(f"Bearer {token}")
    written = log()
    events = {json.loads(line)["event"] for line in written.splitlines() if line.startswith("{")}
    assert {"request.unexpected", "identity.file_unreadable"} <= events, "it is the log"
    assert "something broke" in written
    for credential in credentials:
        for piece in (credential, credential[-43:], credential.rpartition(".")[2]):
            assert piece not in written
            assert all(piece not in answer for answer in answers)
