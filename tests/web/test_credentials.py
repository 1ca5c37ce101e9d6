"""Every kind of credential over HTTP: the good ones are let in, the stolen ones are not."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx

from auth.identity import api_keys, demo
from store.engine import once
from store.keys import Key, Keys
from tests.auth.certifying import certificate, client_cert, thumbprint
from tests.web.guarding import IDENTITY, KEY, WHO, Guarded, eventually, new_key
from tests.world import World

OURS, OTHER = certificate("bank", now=time.time()), certificate("somebody", now=time.time())


def test_a_token_by_keys_from_an_address(guarded: Guarded) -> None:
    assert guarded.lets_in(f"Bearer {guarded.token()}")
    assert not guarded.lets_in(f"Bearer {guarded.token(aud='other')}")


def test_a_token_bound_to_a_certificate(guarded: Guarded) -> None:
    token = guarded.token(cnf={"x5t#S256": thumbprint(OURS)})
    assert guarded.lets_in(f"Bearer {token}", Client_Cert=client_cert(OURS))
    for shown in ({}, {"Client_Cert": client_cert(OTHER)}, {"Client_Cert": "x"}):
        assert not guarded.lets_in(f"Bearer {token}", **shown)


def test_a_certificate_from_nobody_trusted(hub: str, world: World) -> None:
    token = demo.mint(world.folder / "demo-issuer", "bank-icbc", cnf={"x5t#S256": thumbprint(OURS)})
    headers = {"Authorization": f"Bearer {token}", "Client-Cert": client_cert(OURS), "X-Forwarded-For": "127.0.0.1"}
    assert httpx.post(f"{hub}/graphql", json={"query": WHO}, headers=headers).status_code == 401


def test_a_token_bound_to_a_key(guarded: Guarded) -> None:
    token = guarded.token(cnf={"jkt": KEY.thumbprint()})
    once_only = guarded.proof(token)
    assert guarded.lets_in(f"DPoP {token}", DPoP=once_only)
    assert not guarded.lets_in(f"DPoP {token}", DPoP=once_only), "replayed"
    assert not guarded.lets_in(f"DPoP {token}"), "without a proof"
    assert not guarded.lets_in(f"Bearer {token}", DPoP=guarded.proof(token)), "stolen"
    assert not guarded.lets_in(f"DPoP {token}", DPoP=guarded.proof(token, htm="GET"))
    assert not guarded.lets_in(f"DPoP {token}", DPoP=guarded.proof(token, htu="https://evil.example/graphql"))
    assert not guarded.lets_in(f"DPoP {guarded.token()}", DPoP=guarded.proof(token)), "not bound"
    refused = guarded.asked(f"DPoP {token}", DPoP="x")
    assert refused.headers["www-authenticate"].startswith('DPoP realm="innograph", error="invalid_dpop_proof"')
    assert 'algs="ES256 EdDSA"' in refused.headers["www-authenticate"]
    address = f"{guarded.url}/graphql?query=%7Bme%7Bsubject%7D%7D"
    headers = {"Authorization": f"DPoP {token}", "DPoP": guarded.proof(token, htm="GET")}
    assert httpx.get(address, headers=headers).json()["data"] == {"me": {"subject": "bank-icbc"}}
    twice = [("Authorization", f"DPoP {token}"), *[("DPoP", guarded.proof(token)) for _ in range(2)]]
    assert httpx.post(f"{guarded.url}/graphql", json={"query": WHO}, headers=twice).status_code == 401


def test_a_key_until_it_is_revoked(guarded: Guarded, world: World) -> None:
    key = new_key(world)
    time.sleep(0.5)
    assert guarded.lets_in(f"Bearer {key}")
    assert not guarded.lets_in(f"Bearer {key[:-1]}")
    assert not guarded.lets_in(f"Bearer {api_keys.make().text}")
    assert not guarded.lets_in(f"Bearer {new_key(world, days=-1)}")
    prefix = key.split("_")[1]

    def noted() -> bool:
        found: list[Key] = []

        async def read(engine: Any) -> None:
            found.extend(await Keys(engine).all())

        asyncio.run(once(world.store_url, read))
        return any(kept.prefix == prefix and kept.last_used_at for kept in found)

    assert eventually(noted)

    async def revoke(engine: Any) -> None:
        await Keys(engine).revoke(prefix)

    asyncio.run(once(world.store_url, revoke))
    time.sleep(1)
    assert not guarded.lets_in(f"Bearer {key}"), "everywhere within a second"


def test_issuers_and_clients_change_while_the_hub_runs(guarded: Guarded) -> None:
    plain, own = f"Bearer {guarded.token()}", guarded.token(cnf={"jkt": KEY.thumbprint()})
    assert guarded.lets_in(plain)
    guarded.declare('bound = "dpop"')
    assert eventually(lambda: not guarded.lets_in(plain))
    assert guarded.lets_in(f"DPoP {own}", DPoP=guarded.proof(own))
    guarded.identity.write_text("[")
    time.sleep(1.1)
    assert guarded.lets_in(f"DPoP {own}", DPoP=guarded.proof(own)), "what was known is used"
    guarded.declare()
    assert eventually(lambda: guarded.lets_in(plain))


def test_an_issuer_whose_keys_cannot_be_read_is_no_readers_fault(guarded: Guarded, world: World) -> None:
    guarded.identity.write_text(IDENTITY.format(issuer=demo.ISSUER, keys="http://127.0.0.1:1/jwks", bound=""))
    assert eventually(lambda: guarded.asked(f"Bearer {guarded.token()}").status_code == 503)
    refused = guarded.asked(f"Bearer {guarded.token()}")
    assert refused.headers["retry-after"] == "5"
    assert refused.json()["errors"][0]["extensions"]["code"] == "IDENTITY_UNAVAILABLE"
    assert "www-authenticate" not in refused.headers
    assert httpx.post(f"{guarded.url}/graphql", json={"query": WHO}).json()["data"]["me"]["subject"] == "anonymous"
