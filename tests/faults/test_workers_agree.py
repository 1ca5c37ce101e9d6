"""Several workers of one hub over PostgreSQL and Redis: what one of them knows, all do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey

from auth.identity import api_keys, demo
from benchmarks.faults.hubs import RECORDED, ROOT, USCC, Hub
from benchmarks.faults.measures import recorded
from benchmarks.faults.servers import NotInstalled, own_postgresql, own_redis
from store.engine import once
from store.keys import Key, Keys
from store.upgrade import upgrade
from tests.auth.forging import proof
from tests.faults.conftest import placed
from tests.services import missing

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORKERS = 2
A_MINUTE = 300
"""Units that an organisation may spend in a minute."""
WHO = {"query": "{ me { subject } }"}
GRANT = """mutation($input: GrantConsentInput!) { grantConsent(input: $input) {
    consent { id } userErrors { message } } }"""
REVOKE = "mutation($id: ID!) { revokeConsent(id: $id) { consent { withdrawnAt } userErrors { message } } }"
SECOND = 1.0
"""After it, what was changed in the store is known to every worker."""


def names(count: int) -> Mapping[str, str]:
    """A question that costs a little more than so many units."""
    return {"query": "{" + "".join(f'a{n}: enterprise(uscc: "{USCC}") {{ name }} ' for n in range(count)) + "}"}


@dataclass(frozen=True)
class Running:
    """A hub of several workers, its store, and what signs its readers' tokens."""

    hub: Hub
    folder: Path
    store: str

    def token(self, name: str, **claims: Any) -> str:
        """A token of one of the demo's readers."""
        return demo.mint(self.folder / "demo-issuer", name, **claims)

    def bearing(self, name: str) -> Mapping[str, str]:
        """Headers that show it."""
        return {"Authorization": f"Bearer {self.token(name)}"}


@dataclass(frozen=True)
class Worker:
    """One of its workers, over a connection that is kept."""

    process: int
    client: httpx.AsyncClient

    async def ask(self, question: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        """Ask it."""
        return await self.client.post("/graphql", json=question, headers=dict(headers))

    async def answers(self) -> int:
        """Return which process answers."""
        return int((await self.client.get("/health/live")).json()["process"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> AsyncIterator[Running]:
    """One hub for all tests here."""
    folder = tmp_path_factory.mktemp("workers")
    async with AsyncExitStack() as around:
        try:
            store = around.enter_context(own_postgresql())
            redis, _, _ = around.enter_context(own_redis(folder))
        except NotInstalled as absent:
            missing(str(absent))
        await once(store.url, upgrade)
        place = await around.enter_async_context(placed(folder, empty_store))
        settings = {"HUB_STORE_URL": store.url, "HUB_REDIS_URL": redis, "HUB_RATE_ORGANISATION": str(A_MINUTE)}
        hub = await around.enter_async_context(place.hub(HUB_WORKERS=str(WORKERS), **settings))
        yield Running(hub, folder, store.url)


@pytest_asyncio.fixture(loop_scope="module")
async def workers(running: Running) -> AsyncIterator[Sequence[Worker]]:
    """Each of its workers; it is made sure of that each was asked over its own connection to the end."""
    async with AsyncExitStack() as around:
        found: dict[int, Worker] = {}
        while len(found) < WORKERS:
            one = httpx.AsyncClient(base_url=running.hub.url, limits=httpx.Limits(max_connections=1), timeout=20)
            client = await around.enter_async_context(one)
            worker = Worker(await Worker(0, client).answers(), client)
            found.setdefault(worker.process, worker)
        assert set(found) == set(running.hub.workers())
        yield list(found.values())
        assert [await worker.answers() for worker in found.values()] == list(found)


async def test_what_is_spent_at_one_is_not_left_at_another(running: Running, workers: Sequence[Worker]) -> None:
    first, *others = workers

    async def answered(worker: Worker, reader: str, units: int) -> bool:
        answer = await worker.ask(names(units), running.bearing(reader))
        assert answer.status_code == 429 or "errors" not in answer.json()
        return answer.status_code == 200

    spent = 0
    while await answered(first, "bank-boc", 10):
        spent += 10
    assert 0 < spent < A_MINUTE * 2, "a minute may have begun meanwhile"
    for other in others:
        assert not await answered(other, "bank-boc", 50), "it has answered nothing to this bank"
        assert await answered(other, "guarantee-dongke", 50)


async def test_a_proof_is_good_at_one_of_them_once(running: Running, workers: Sequence[Worker]) -> None:
    key = ECKey.generate_key("P-256")
    token = running.token("bank-icbc", cnf={"jkt": key.thumbprint()})

    def shown() -> Mapping[str, str]:
        made = proof(key, token, htu=f"{running.hub.url}/graphql", iat=time.time())
        return {"Authorization": f"DPoP {token}", "DPoP": made}

    for worker in workers:
        assert (await worker.ask(WHO, shown())).status_code == 200, "each believes a proof of its own"
    for _ in range(5):
        stolen = shown()
        answers = await asyncio.gather(*(worker.ask(WHO, stolen) for worker in workers))
        assert sorted(answer.status_code for answer in answers) == [200, *[401] * (WORKERS - 1)]


async def test_a_key_that_is_revoked_opens_none_of_them(running: Running, workers: Sequence[Worker]) -> None:
    made, now = api_keys.make(), datetime.now(UTC)
    kept = Key(made.prefix, api_keys.digest(made.text), "bank-icbc", None, now, now + timedelta(1))
    headers = {"Authorization": f"Bearer {made.text}"}

    async def statuses() -> set[int]:
        return {(await worker.ask(WHO, headers)).status_code for worker in workers}

    assert await statuses() == {401}
    await once(running.store, lambda engine: Keys(engine).create(kept))
    await asyncio.sleep(SECOND)
    assert await statuses() == {200}
    await once(running.store, lambda engine: Keys(engine).revoke(made.prefix))
    await asyncio.sleep(SECOND)
    assert await statuses() == {401}


async def test_a_consent_holds_everywhere_within_a_second(running: Running, workers: Sequence[Worker]) -> None:
    bank = {**running.bearing("bank-icbc"), "Hub-Purpose": "PRE_LOAN"}
    enterprise = running.bearing("enterprise-chujingling")

    async def seen() -> list[str]:
        answers = [(await worker.ask(RECORDED, bank)).json() for worker in workers]
        return [answer["errors"][0]["extensions"]["code"] if "errors" in answer else "seen" for answer in answers]

    async def changed(worker: Worker, mutation: str, **variables: Any) -> Any:
        answer = (await worker.ask({"query": mutation, "variables": variables}, enterprise)).json()
        ((name, payload),) = answer["data"].items()
        assert payload["userErrors"] == [], name
        return payload["consent"]

    assert await seen() == ["CONSENT_REQUIRED"] * WORKERS
    agreed = {"grantee": "icbc", "groups": ["FILINGS"], "purposes": ["PRE_LOAN"]}
    consent = await changed(workers[0], GRANT, input=agreed)
    await asyncio.sleep(SECOND)
    assert await seen() == ["seen"] * WORKERS
    assert (await changed(workers[-1], REVOKE, id=consent["id"]))["withdrawnAt"]
    await asyncio.sleep(SECOND)
    assert await seen() == ["CONSENT_REQUIRED"] * WORKERS


async def test_all_write_into_one_audit(running: Running, workers: Sequence[Worker]) -> None:
    enterprise = running.bearing("enterprise-zhongjiali")
    references = [f"{worker.process}-{turn}" for worker in workers for turn in range(5)]

    async def ask(reference: str) -> bool:
        (worker,) = (worker for worker in workers if reference.startswith(f"{worker.process}-"))
        return (await worker.ask(RECORDED, {**enterprise, "Hub-Reference": reference})).status_code == 200

    assert all(await asyncio.gather(*map(ask, references)))
    assert set(references) <= await recorded(running.store)


async def test_their_audit_is_whole(running: Running) -> None:
    environment = {**os.environ, "HUB_STORE_URL": running.store, "HUB_DATA_DIR": str(running.folder)}
    verify = [sys.executable, "manage.py", "audit", "verify"]
    said = await asyncio.to_thread(
        subprocess.run, verify, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "The audit is whole" in said.stderr
    assert said.returncode == 0
