"""Tokens bound to a key (DPoP): of use once a proof, to whoever has the key, for the request that it was made for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from auth.identity import demo, replays
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.bindings import Bindings
from auth.identity.certificates import Certificates
from auth.identity.proofs import Proofs
from auth.identity.refusals import Unavailable
from auth.identity.replays import Replays
from auth.identity.shown import Shown
from settings import Settings
from tests.auth.certifying import certificate, thumbprint
from tests.auth.forging import HUB, NOW, bearer, changed, compact, encoded, flipped, part, proof, signed

KEY, OTHER = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")


def subject(issuer: Path, public_url: str | None = "https://hub.example", **given: Any) -> Authenticator:
    replays, clock = given.get("replays", Replays(None, lambda: 0.0)), given.get("clock", lambda: NOW)
    proofs = Proofs(public_url, replays, clock, by_host=given.get("by_host", False))
    return Authenticator(demo.identity(issuer), lambda: NOW, bindings=Bindings(Certificates(), proofs))


def bound(issuer: Path, key: Any = KEY) -> str:
    return signed(issuer, cnf={"jkt": key.thumbprint()})


def dpop(token: str, made: str, **headers: str) -> Shown:
    """A request with a token and a proof."""
    return Shown({"authorization": f"DPoP {token}", "dpop": made, **headers}, "POST", "https", "/graphql")


@pytest.mark.parametrize("key", [KEY, OKPKey.generate_key("Ed25519")], ids=["ES256", "EdDSA"])
async def test_whoever_has_the_key_is_believed_each_time_anew(issuer: Path, key: Any) -> None:
    token, hub = bound(issuer, key), subject(issuer)
    algorithm = "ES256" if isinstance(key, ECKey) else "EdDSA"
    for made in (NOW - 59, NOW, NOW + 59):
        given = dpop(token, proof(key, token, {"alg": algorithm}, iat=made))
        assert (await hub.principal(given)).client == "bank-icbc"
        lower = replace(given, headers={**given.headers, "authorization": f"dpop {token}"})
        with pytest.raises(Unauthenticated, match="shown before"):
            await hub.principal(lower)


@pytest.mark.parametrize(
    "htu",
    [HUB, HUB + "?query=x", HUB + "#x", "HTTPS://HUB.example/graphql", "https://hub.example:443/graphql"],
)
async def test_addresses_are_compared_by_what_they_mean(issuer: Path, htu: str) -> None:
    token = bound(issuer)
    assert (await subject(issuer).principal(dpop(token, proof(KEY, token, htu=htu)))).client == "bank-icbc"


async def test_a_hub_that_does_not_know_where_it_is_checks_no_proof(issuer: Path) -> None:
    token = bound(issuer)
    with pytest.raises(Unauthenticated, match="HUB_PUBLIC_URL") as refused:
        await subject(issuer, None).principal(dpop(token, proof(KEY, token), host="hub.example"))
    assert refused.value.reason == "no_address"


async def test_in_a_demonstration_it_is_wherever_it_was_asked(issuer: Path) -> None:
    token, hub = bound(issuer), subject(issuer, None, by_host=True)
    for host, htu, good in (
        ("hub.example", HUB, True),
        ("hub.example:443", HUB, True),
        ("other.example", HUB, False),
        ("", HUB, False),
    ):
        given = dpop(token, proof(KEY, token, htu=htu), host=host)
        if good:
            assert (await hub.principal(given)).client == "bank-icbc"
        else:
            with pytest.raises(Unauthenticated):
                await hub.principal(given)
    prefixed = subject(issuer, "https://portal.example/innograph/")
    given = dpop(token, proof(KEY, token, htu="https://portal.example/innograph/graphql"), host="hub.example")
    assert (await prefixed.principal(given)).client == "bank-icbc"


@pytest.mark.parametrize("address", ["hub.example", "ftp://hub.example", "https://hub.example/?a=b", "https://a b/"])
def test_a_public_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        Settings(public_url=address)


def jwk_of(key: Any, **changes: Any) -> dict[str, Any]:
    return {"jwk": {**key.as_dict(private=False), **changes}}


FORGED: dict[str, Callable[[str], str]] = {
    "unsigned": lambda t: f"{part({'typ': 'dpop+jwt', 'alg': 'none', **jwk_of(KEY)})}.{proof(KEY, t).split('.')[1]}.",
    "secret": lambda t: compact(
        {"typ": "dpop+jwt", "alg": "HS256", "jwk": OctKey.import_key("x" * 32).as_dict()}, {}, b"x" * 32
    ),
    "another algorithm": lambda t: proof(KEY, t, {"alg": "ES384"}),
    "an algorithm of another kind": lambda t: proof(KEY, t, {"alg": "EdDSA"}),
    "RSA": lambda t: proof(RSAKey.generate_key(2048), t, {"alg": "RS256"}),
    "another type": lambda t: proof(KEY, t, {"typ": "at+jwt"}),
    "no type": lambda t: proof(KEY, t, {"typ": None}),
    "the token itself": lambda t: t,
    "no key": lambda t: proof(KEY, t, {"jwk": None}),
    "key that is no key": lambda t: proof(KEY, t, {"jwk": "x"}),
    "key that is a list": lambda t: proof(KEY, t, {"jwk": [KEY.as_dict(private=False)]}),
    "key of no kind": lambda t: proof(KEY, t, jwk_of(KEY, kty=["EC"])),
    "key off its curve": lambda t: proof(KEY, t, jwk_of(KEY, x=encoded(b"\1" * 32))),
    "private key": lambda t: proof(KEY, t, {"jwk": KEY.as_dict(private=True)}),
    "key for another curve": lambda t: proof(KEY, t, {"jwk": ECKey.generate_key("P-384").as_dict(private=False)}),
    "key at an address": lambda t: proof(KEY, t, {"jku": "https://evil.invalid"}),
    "named key": lambda t: proof(KEY, t, {"kid": "x"}),
    "critical extension": lambda t: proof(KEY, t, {"crit": ["exp"]}),
    "another's key": lambda t: proof(OTHER, t),
    "signed by another's key": lambda t: proof(KEY, t, signer=OTHER),
    "signature changed": lambda t: flipped(proof(KEY, t)),
    "signature taken off": lambda t: proof(KEY, t).rpartition(".")[0] + ".",
    "another method": lambda t: proof(KEY, t, htm="GET"),
    "method in another case": lambda t: proof(KEY, t, htm="post"),
    "no method": lambda t: proof(KEY, t, htm=None),
    "another host": lambda t: proof(KEY, t, htu="https://evil.example/graphql"),
    "another port": lambda t: proof(KEY, t, htu="https://hub.example:8443/graphql"),
    "another path": lambda t: proof(KEY, t, htu="https://hub.example/other"),
    "path in another case": lambda t: proof(KEY, t, htu="https://hub.example/GraphQL"),
    "without encryption": lambda t: proof(KEY, t, htu="http://hub.example/graphql"),
    "host behind a name": lambda t: proof(KEY, t, htu="https://hub.example@evil.example/graphql"),
    "name before the host": lambda t: proof(KEY, t, htu="https://evil@hub.example/graphql"),
    "no address": lambda t: proof(KEY, t, htu=None),
    "address that is none": lambda t: proof(KEY, t, htu="https://[hub/graphql"),
    "address that is no text": lambda t: proof(KEY, t, htu=[HUB]),
    "old": lambda t: proof(KEY, t, iat=NOW - 61),
    "from the future": lambda t: proof(KEY, t, iat=NOW + 61),
    "made never": lambda t: proof(KEY, t, iat=None),
    "made at NaN": lambda t: proof(KEY, t, iat=float("nan")),
    "made at no time": lambda t: proof(KEY, t, iat="now"),
    "for another token": lambda t: proof(KEY, t + "x"),
    "for no token": lambda t: proof(KEY, t, ath=None),
    "for a token by number": lambda t: proof(KEY, t, ath=1),
    "no name": lambda t: proof(KEY, t, jti=None),
    "empty name": lambda t: proof(KEY, t, jti=""),
    "endless name": lambda t: proof(KEY, t, jti="x" * 201),
    "name that is no text": lambda t: proof(KEY, t, jti=["x"]),
    "two": lambda t: f"{proof(KEY, t)}, {proof(KEY, t)}",
    "none": lambda t: "",
    "rubbish": lambda t: "not.a.proof",
    "no ASCII": lambda t: "é.é.é",
    "huge": lambda t: proof(KEY, t, padding="x" * 5000),
}


@pytest.mark.parametrize("forgery", FORGED)
async def test_a_forged_proof_is_not_believed_and_not_repeated(issuer: Path, forgery: str) -> None:
    token = bound(issuer)
    made = FORGED[forgery](token)
    with pytest.raises(Unauthenticated) as refused:
        await subject(issuer).principal(dpop(token, made))
    challenge = refused.value.challenge
    assert challenge.startswith('DPoP realm="innograph", error="invalid_dpop_proof", error_description="')
    assert challenge.endswith('", algs="ES256 EdDSA"')
    assert not made or made[:40] not in challenge


async def test_a_stolen_token_is_of_no_use_as_bearer(issuer: Path) -> None:
    token = bound(issuer)
    for shown in (bearer(token), bearer(token, dpop=proof(KEY, token))):
        with pytest.raises(Unauthenticated, match="send it as DPoP") as refused:
            await subject(issuer).principal(shown)
        assert refused.value.challenge.startswith('Bearer realm="innograph", error="invalid_token"')
        assert refused.value.challenge.endswith('DPoP realm="innograph", algs="ES256 EdDSA"')


@pytest.mark.parametrize("thumb", [1, [], "", "x", KEY.thumbprint().lower(), KEY.thumbprint() + "="], ids=range(6))
async def test_thumbprints_are_compared_to_the_letter(issuer: Path, thumb: Any) -> None:
    token = signed(issuer, cnf={"jkt": thumb})
    with pytest.raises(Unauthenticated, match="another key"):
        await subject(issuer).principal(dpop(token, proof(KEY, token)))


async def test_a_token_that_is_not_bound_wants_no_proof(issuer: Path) -> None:
    token = signed(issuer)
    for shown in (dpop(token, proof(KEY, token)), dpop(token, ""), bearer(token, dpop=proof(KEY, token))):
        with pytest.raises(Unauthenticated, match="send it as Bearer"):
            await subject(issuer).principal(shown)


async def test_a_token_bound_to_both_wants_both(issuer: Path) -> None:
    token = signed(issuer, cnf={"jkt": KEY.thumbprint(), "x5t#S256": thumbprint(certificate("bank-icbc"))})
    with pytest.raises(Unauthenticated, match="bound to a certificate"):
        await subject(issuer).principal(dpop(token, proof(KEY, token)))


async def test_an_issuer_may_demand_proofs(issuer: Path) -> None:
    token = bound(issuer)
    bindings = Bindings(Certificates(), Proofs("https://hub.example", clock=lambda: NOW))
    for demanded, good in (("dpop", True), ("any", True), ("certificate", False)):
        hub = Authenticator(changed(issuer, bound=demanded), lambda: NOW, bindings=bindings)
        if good:
            assert (await hub.principal(dpop(token, proof(KEY, token)))).client == "bank-icbc"
        else:
            with pytest.raises(Unauthenticated, match="must be bound to a certificate"):
                await hub.principal(dpop(token, proof(KEY, token)))


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


async def test_a_proof_is_remembered_as_long_as_it_would_be_believed(issuer: Path) -> None:
    for start in range(0, 240, 7):
        clock = Clock(NOW + start)
        hub = subject(issuer, replays=Replays(None, clock), clock=clock)
        token = signed(issuer, exp=NOW + 10_000, cnf={"jkt": KEY.thumbprint()})
        given = dpop(token, proof(KEY, token, iat=clock() + 59))
        assert (await hub.principal(given)).client == "bank-icbc"
        for _ in range(13):
            clock.now += 10
            with pytest.raises(Unauthenticated):
                await hub.principal(given)


async def test_where_too_many_proofs_come_none_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "_MOST", 3)
    clock = Clock(0.0)
    memory = Replays(None, clock)
    assert [await memory.is_first(bytes([number])) for number in (1, 2, 3, 1)] == [True, True, True, False]
    with pytest.raises(Unavailable):
        await memory.is_first(b"4")
    clock.now += 240
    assert await memory.is_first(b"4")
