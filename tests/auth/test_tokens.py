"""Tokens: those that must be believed, and the many that must not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, KeySet, RSAKey

from auth.identity import config, demo
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.config import IdentityMisconfigured
from auth.principal import ANONYMOUS, Principal
from codes.access import Purpose, Role

NOW = 1_800_000_000.0


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo issuer."""
    folder = tmp_path_factory.mktemp("issuer")
    demo.make_issuer(folder)
    return folder


def known(issuer: Path, token: str, now: float = NOW) -> Principal:
    return Authenticator(demo.identity(issuer), lambda: now).principal({"authorization": f"Bearer {token}"})


def signed(issuer: Path, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
    """A token of the demo's bank, with other headers, claims or another key."""
    payload = {
        "iss": demo.ISSUER, "aud": "innograph", "sub": "bank-icbc", "client_id": "bank-icbc", "roles": ["BANK"],
        "iat": NOW, "exp": NOW + 600, **claims,
    }  # fmt: skip
    heading = {"alg": "ES256", "typ": "at+jwt", "kid": "demo", **(header or {})}
    own = ECKey.import_key((issuer / "private.pem").read_bytes())
    return compact(
        {name: value for name, value in heading.items() if value is not None},
        {name: value for name, value in payload.items() if value is not None},
        key or own,
    )


def compact(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """Sign by hand, so that nothing of a header is refused before the hub sees it."""
    head, body = part(header), part(claims)
    if isinstance(key, bytes):
        signature = hmac.new(key, f"{head}.{body}".encode(), hashlib.sha256).digest()
        return f"{head}.{body}.{encoded(signature)}"
    if isinstance(key, RSAKey):
        made = key.get_op_key("sign")
        return f"{head}.{body}.{encoded(made.sign(f'{head}.{body}'.encode(), PKCS1v15(), SHA256()))}"
    r, s = decode_dss_signature(key.get_op_key("sign").sign(f"{head}.{body}".encode(), ECDSA(SHA256())))
    return f"{head}.{body}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def part(value: dict[str, Any]) -> str:
    return encoded(json.dumps(value).encode())


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def flipped(token: str) -> str:
    return token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]


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
    "huge": lambda i: signed(i, padding="x" * 9000),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_token_is_not_believed_and_not_repeated(issuer: Path, forgery: str) -> None:
    token = FORGED[forgery](issuer)
    with pytest.raises(Unauthenticated) as refused:
        known(issuer, token)
    assert refused.value.challenge.startswith('Bearer realm="innograph", error="invalid_token"')
    assert token[:40] not in str(refused.value) + refused.value.challenge


@pytest.mark.parametrize(
    "claims",
    [{}, {"aud": ["other", "innograph"]}, {"exp": NOW - 30}, {"nbf": NOW + 30}, {"roles": ["BANK", "OPERATOR"]}],
    ids=str,
)
def test_a_good_token_is_believed(issuer: Path, claims: dict[str, Any]) -> None:
    reader = known(issuer, signed(issuer, **claims))
    assert (reader.subject, reader.organisation, reader.roles) == ("bank-icbc", "icbc", frozenset((Role.BANK,)))
    assert reader.purposes == {Purpose.PRE_LOAN, Purpose.MONITORING}


@pytest.mark.parametrize("name", demo.NAMES)
def test_each_reader_of_the_demo_has_a_token(issuer: Path, name: str) -> None:
    assert known(issuer, demo.mint(issuer, name, now=NOW)).client == name


def test_without_a_token_a_reader_is_anonymous(issuer: Path) -> None:
    assert Authenticator(demo.identity(issuer)).principal({}) is ANONYMOUS


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "Bearer a, Bearer b"])
def test_another_scheme_is_refused(issuer: Path, header: str) -> None:
    with pytest.raises(Unauthenticated):
        Authenticator(demo.identity(issuer)).principal({"authorization": header})


def test_a_token_that_was_believed_expires_all_the_same(issuer: Path) -> None:
    now = [NOW]
    subject = Authenticator(demo.identity(issuer), lambda: now[0])
    headers = {"authorization": f"Bearer {signed(issuer)}"}
    assert subject.principal(headers).client == "bank-icbc"
    now[0] += 661
    with pytest.raises(Unauthenticated, match="expired"):
        subject.principal(headers)


def test_keys_change_without_a_restart(issuer: Path, tmp_path: Path) -> None:
    first, second = (ECKey.generate_key("P-256", {"kid": name}) for name in ("first", "second"))
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KeySet([first]).as_dict(private=False)))
    declared = demo.identity(issuer)
    changed = declared.issuers["demo"].model_copy(update={"keys": str(keys)})
    now = [NOW]
    subject = Authenticator(declared.model_copy(update={"issuers": {"demo": changed}}), lambda: now[0])

    def believes(name: str, key: ECKey) -> bool:
        try:
            subject.principal({"authorization": f"Bearer {signed(issuer, {'kid': name}, key)}"})
        except Unauthenticated:
            return False
        return True

    old = {"authorization": f"Bearer {signed(issuer, {'kid': 'first'}, first)}"}
    assert subject.principal(old).client == "bank-icbc"
    assert not believes("second", second)
    keys.write_text(json.dumps(KeySet([second]).as_dict(private=False)) + " ")
    now[0] += 2
    assert believes("second", second)
    with pytest.raises(Unauthenticated):
        subject.principal(old)
    keys.write_text("{")
    now[0] += 2
    with structlog.testing.capture_logs() as logged:
        assert believes("second", second)
        now[0] += 2
        assert believes("second", second)
    assert [entry["event"] for entry in logged] == ["identity.keys_unreadable"], "said once"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[issuers.x]\nissuer = "x"\nkeys = "k.pem"\nalgorithms = ["HS256"]\nroles = ["BANK"]', "algorithms"),
        ('[issuers.x]\nissuer = "x"\nkeys = "k.pem"\nalgorithms = ["none"]\nroles = ["BANK"]', "algorithms"),
        ('[clients.x]\ntitle = "x"\norganisation = ""\nroles = []', "organisation"),
        ('[clients.x]\ntitle = "x"\norganisation = "x"\nroles = ["KING"]', "roles"),
        ("surprise = 1", "surprise"),
    ],
)
def test_a_file_of_issuers_that_cannot_be_used_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "identity.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IdentityMisconfigured, match=problem):
        config.load(path)


def test_a_file_of_private_or_small_keys_is_refused(tmp_path: Path, issuer: Path) -> None:
    (tmp_path / "k.pem").write_bytes((issuer / "private.pem").read_bytes())
    path = tmp_path / "identity.toml"
    path.write_text('[issuers.x]\nissuer = "x"\nkeys = "k.pem"\nalgorithms = ["ES256"]\nroles = ["BANK"]')
    with pytest.raises(IdentityMisconfigured, match="no public key"):
        Authenticator(config.load(path))
