"""Tokens: those that must be believed, and the many that must not."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from auth.identity import demo
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.shown import Shown
from auth.principal import ANONYMOUS
from codes.access import Purpose, Role
from tests.auth.forging import NOW, bearer, changed, encoded, flipped, known, part, signed


def doubled(issuer: Path) -> str:
    """Claims in which a name occurs twice, rightly signed."""
    head = part({"alg": "ES256", "typ": "at+jwt", "kid": "demo"})
    token = signed(issuer)
    body = base64.urlsafe_b64decode(token.split(".")[1] + "==").decode()
    twice = encoded(('{"iss": "https://other.invalid", ' + body[1:]).encode())
    return f"{head}.{twice}.{token.split('.')[2]}"


FORGED: dict[str, Callable[[Path], str]] = {
    "unsigned": lambda i: f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{signed(i).split('.')[1]}.",
    "unsigned, in odd case": lambda i: f"{part({'alg': 'nOnE', 'typ': 'at+jwt'})}.{signed(i).split('.')[1]}.",
    "signature taken off": lambda i: signed(i).rpartition(".")[0] + ".",
    "public key as secret": lambda i: signed(i, {"alg": "HS256"}, (i / "public.pem").read_bytes()),
    "algorithm not the issuer's": lambda i: signed(i, {"alg": "RS256"}, RSAKey.generate_key(2048)),
    "another key of the same kind": lambda i: signed(i, key=ECKey.generate_key("P-256")),
    "signature changed": lambda i: flipped(signed(i)),
    "claims changed": lambda i: ".".join((signed(i).split(".")[0], signed(i, sub="x").split(".")[1], "AAAA")),
    "key address in the header": lambda i: signed(i, {"jku": "https://evil.invalid/jwks"}),
    "certificate address": lambda i: signed(i, {"x5u": "https://evil.invalid/cert"}),
    "certificate in the header": lambda i: signed(i, {"x5c": ["MIIB"]}),
    "key in the header": lambda i: signed(i, {"jwk": ECKey.generate_key("P-256").as_dict(private=False)}),
    "critical extension": lambda i: signed(i, {"crit": ["exp"]}),
    "unencoded payload": lambda i: signed(i, {"b64": False, "crit": ["b64"]}),
    "key name that is a path": lambda i: signed(i, {"kid": "../../../../dev/null"}, ECKey.generate_key("P-256")),
    "key name that is no text": lambda i: signed(i, {"kid": {"a": 1}}),
    "no type": lambda i: signed(i, {"typ": None}),
    "an identity token": lambda i: signed(i, {"typ": "JWT"}),
    "other audience": lambda i: signed(i, aud="other"),
    "no audience": lambda i: signed(i, aud=None),
    "audience almost ours": lambda i: signed(i, aud=["innograph.evil"]),
    "other issuer": lambda i: signed(i, iss="https://other.invalid"),
    "issuer with a slash more": lambda i: signed(i, iss=demo.ISSUER + "/"),
    "issuer that is no text": lambda i: signed(i, iss=[demo.ISSUER]),
    "expired": lambda i: signed(i, exp=NOW - 61),
    "never expiring": lambda i: signed(i, exp=None),
    "expiring when NaN comes": lambda i: signed(i, exp=float("nan")),
    "expiring at infinity": lambda i: signed(i, exp=float("inf")),
    "expiry that is no time": lambda i: signed(i, exp="tomorrow"),
    "not valid yet": lambda i: signed(i, nbf=NOW + 61),
    "made in the future": lambda i: signed(i, iat=NOW + 3600),
    "no subject": lambda i: signed(i, sub=None),
    "endless subject": lambda i: signed(i, sub="x" * 201),
    "unknown client": lambda i: signed(i, client_id="bank-nobody"),
    "no client": lambda i: signed(i, client_id=None),
    "client of another kind": lambda i: signed(i, client_id="portal"),
    "role that its client may not have": lambda i: signed(i, roles=["OPERATOR"]),
    "role that nobody knows": lambda i: signed(i, roles=["KING"]),
    "no role": lambda i: signed(i, roles=None),
    "another organisation": lambda i: signed(i, org="boc"),
    "enterprise that is no code": lambda i: signed(i, enterprise="1234"),
    "claims twice": doubled,
    "four parts": lambda i: signed(i) + ".AAAA",
    "two parts": lambda i: signed(i).rpartition(".")[0],
    "rubbish": lambda _: "not.a.token",
    "line break": lambda i: signed(i)[:20] + "\r\n" + signed(i)[20:],
    "bound to what is not known": lambda i: signed(i, cnf={"kid": "x"}),
    "bound to nothing": lambda i: signed(i, cnf={}),
    "bound by a text": lambda i: signed(i, cnf="jkt"),
    "key set in the header": lambda i: signed(i, {"jwks": {"keys": []}}),
    "signature of zeros": lambda i: signed(i).rpartition(".")[0] + "." + encoded(bytes(64)),
    "huge": lambda i: signed(i, padding="x" * 9000),
}


@pytest.mark.parametrize("forgery", FORGED)
async def test_a_forged_token_is_not_believed_and_not_repeated(issuer: Path, forgery: str) -> None:
    token = FORGED[forgery](issuer)
    with pytest.raises(Unauthenticated) as refused:
        await known(issuer, token)
    assert refused.value.challenge.startswith('Bearer realm="innograph", error="invalid_token"')
    assert token[:40] not in str(refused.value) + refused.value.challenge


@pytest.mark.parametrize(
    "claims",
    [{}, {"aud": ["other", "innograph"]}, {"exp": NOW - 30}, {"nbf": NOW + 30}, {"roles": ["BANK", "OPERATOR"]}],
    ids=str,
)
async def test_a_good_token_is_believed(issuer: Path, claims: dict[str, Any]) -> None:
    reader = await known(issuer, signed(issuer, **claims))
    assert (reader.subject, reader.organisation, reader.roles) == ("bank-icbc", "icbc", frozenset((Role.BANK,)))
    assert reader.purposes == {Purpose.PRE_LOAN, Purpose.MONITORING}


@pytest.mark.parametrize("name", demo.NAMES)
async def test_each_reader_of_the_demo_has_a_token(issuer: Path, name: str) -> None:
    assert (await known(issuer, demo.mint(issuer, name, now=NOW))).client == name


async def test_without_a_token_a_reader_is_anonymous(issuer: Path) -> None:
    assert await Authenticator(demo.identity(issuer)).principal(Shown({})) is ANONYMOUS


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "Bearer a, Bearer b"])
async def test_another_scheme_is_refused(issuer: Path, header: str) -> None:
    with pytest.raises(Unauthenticated):
        await Authenticator(demo.identity(issuer)).principal(Shown({"authorization": header}))


async def test_a_token_that_was_believed_expires_all_the_same(issuer: Path) -> None:
    now = [NOW]
    subject = Authenticator(demo.identity(issuer), lambda: now[0])
    shown = bearer(signed(issuer))
    assert (await subject.principal(shown)).client == "bank-icbc"
    now[0] += 661
    with pytest.raises(Unauthenticated, match="expired"):
        await subject.principal(shown)


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", RSAKey.generate_key(2048)),
        ("PS256", RSAKey.generate_key(2048)),
        ("ES256", ECKey.generate_key("P-256")),
        ("EdDSA", OKPKey.generate_key("Ed25519")),
    ],
)
async def test_each_algorithm_is_understood_and_only_by_its_own_issuer(
    issuer: Path, tmp_path: Path, algorithm: str, key: Any
) -> None:
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=False))
    token = signed(issuer, {"alg": algorithm, "kid": None}, key)
    own = changed(issuer, keys=str(tmp_path / "key.pem"), algorithms=(algorithm,))
    subject = Authenticator(own, lambda: NOW)
    assert (await subject.principal(bearer(token))).client == "bank-icbc"
    for forged in (flipped(token), signed(issuer, {"alg": algorithm, "kid": None}, type(key).generate_key())):
        with pytest.raises(Unauthenticated):
            await subject.principal(bearer(forged))
    with pytest.raises(Unauthenticated):
        await known(issuer, token)


LIMITED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "officer-eastlake": ({"zones": ["east-lake"]}, {"zones": ["east-lake", "nanchang-high-tech"]}),
    "partner-managers": ({"networks": ["technology-managers"]}, {"networks": ["others"]}),
    "fund-nssf": ({"funds": ["nssf-zhongguancun"]}, {"funds": ["another"]}),
    "enterprise-chujingling": ({}, {"enterprise": "91000000MAX000023M"}),
}


@pytest.mark.parametrize("name", LIMITED)
async def test_a_token_claims_nothing_that_its_client_does_not_have(issuer: Path, name: str) -> None:
    good, bad = LIMITED[name]
    reader = await known(issuer, demo.mint(issuer, name, now=NOW, **good))
    assert all(getattr(reader, claim) == frozenset(value) for claim, value in good.items())
    with pytest.raises(Unauthenticated, match="client's"):
        await known(issuer, demo.mint(issuer, name, now=NOW, **bad))
    none = await known(issuer, demo.mint(issuer, name, now=NOW, zones=None, networks=None, funds=None, enterprise=None))
    assert not none.zones | none.networks | none.funds
    assert none.enterprise is None
