"""Tokens and proofs made by hand, so that nothing of them is refused before the hub sees it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, OKPKey, RSAKey

from auth.identity import demo
from auth.identity.authenticator import Authenticator
from auth.identity.config import Identity
from auth.identity.shown import Shown
from auth.principal import Principal

NOW = 1_800_000_000.0
HUB = "https://hub.example/graphql"


async def known(issuer: Path, token: str, now: float = NOW) -> Principal:
    """Whom the demo's issuer means by a token."""
    return await Authenticator(demo.identity(issuer), lambda: now).principal(bearer(token))


def bearer(token: str, **headers: str) -> Shown:
    """A request with a token."""
    return Shown({"authorization": f"Bearer {token}", **headers}, "POST", "https", "/graphql")


def changed(issuer: Path, **changes: Any) -> Identity:
    """The demo's identity, its issuer changed."""
    declared = demo.identity(issuer)
    return declared.model_copy(update={"issuers": {"demo": declared.issuers["demo"].model_copy(update=changes)}})


def signed(issuer: Path, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
    """A token of the demo's bank, with other headers, claims or another key; None leaves one out."""
    payload = {
        "iss": demo.ISSUER, "aud": "innograph", "sub": "bank-icbc", "client_id": "bank-icbc", "roles": ["BANK"],
        "iat": NOW, "exp": NOW + 600, **claims,
    }  # fmt: skip
    heading = {"alg": "ES256", "typ": "at+jwt", "kid": "demo", **(header or {})}
    own = ECKey.import_key((issuer / "private.pem").read_bytes())
    return compact(_given(heading), _given(payload), key or own)


def proof(key: Any, token: str, header: dict[str, Any] | None = None, signer: Any = None, **claims: Any) -> str:
    """A proof of possession of a key for a token, with other headers or claims, or signed by another key."""
    heading = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False), **(header or {})}
    ath = encoded(hashlib.sha256(token.encode()).digest())
    payload = {"jti": uuid.uuid4().hex, "htm": "POST", "htu": HUB, "iat": NOW, "ath": ath, **claims}
    return compact(_given(heading), _given(payload), signer or key)


def compact(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """Sign by the key's own algorithm, whatever the header says."""
    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{encoded(_signature(text.encode(), key, header.get('alg')))}"


def _signature(text: bytes, key: Any, algorithm: Any) -> bytes:
    if isinstance(key, bytes):
        return hmac.new(key, text, hashlib.sha256).digest()
    made = key.get_op_key("sign")
    if isinstance(key, RSAKey):
        padding = PSS(MGF1(SHA256()), 32) if algorithm == "PS256" else PKCS1v15()
        return bytes(made.sign(text, padding, SHA256()))
    if isinstance(key, OKPKey):
        return bytes(made.sign(text))
    r, s = decode_dss_signature(made.sign(text, ECDSA(SHA256())))
    return bytes(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def part(value: dict[str, Any]) -> str:
    """A part of a token."""
    return encoded(json.dumps(value).encode())


def encoded(raw: bytes) -> str:
    """Text of bytes, as tokens have it."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def flipped(token: str) -> str:
    """The token with another letter in its signature."""
    return token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
