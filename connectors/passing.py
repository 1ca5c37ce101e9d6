"""Who asks, passed on to a source behind HTTP: by a token exchanged for the reader's own, or by a signed statement.

What a source answers then may be for that reader alone: its connector says so (`Capabilities.personal`), and nothing
of it is kept for another request or shared with one.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Annotated, Literal, Protocol

import httpx
from cachetools import LRUCache
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey
from pydantic import Field

from connectors.contract import Caller
from connectors.errors import SourceError, SourcesMisconfigured, SourceTimeout, SourceUnavailable
from connectors.http_auth import certificates
from connectors.options import Options

_MARGIN = 30.0
"""Seconds before its end at which a token is no longer used."""
_LONGEST = 300.0
"""Seconds for which an exchanged token is used at most, whatever it says: a reader may have lost its rights."""
_READERS = 1000
"""Tokens that are kept."""
_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
_TYPE = "innograph-caller+jwt"


class _Exchange(Options):
    kind: Literal["exchange"]
    token_url: str
    client_id: str
    client_secret: str
    audience: str | None = None
    resource: str | None = None
    scope: str | None = None


class _Statement(Options):
    kind: Literal["statement"]
    key: str
    issuer: str
    audience: str
    header: str = Field("Hub-Caller", pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    seconds: int = Field(60, ge=5, le=300)


IdentityOptions = Annotated[_Exchange | _Statement, Field(discriminator="kind")]


class Passing(Protocol):
    """What tells one source who asks."""

    async def headers(self, caller: Caller, deadline: float) -> Mapping[str, str]:
        """Return the headers that tell it; raise SourceFailure if they are not to be had by then."""


class TokenExchange:
    """OAuth 2.0 token exchange (RFC 8693): a token for this source in the place of the reader's."""

    def __init__(self, source: str, options: _Exchange, secret: Callable[[str], str]) -> None:
        """Ask for no token yet."""
        self._source = source
        self._url = secret(options.token_url)
        self._client = httpx.BasicAuth(secret(options.client_id), secret(options.client_secret))
        asked = {"audience": options.audience, "resource": options.resource, "scope": options.scope}
        self._request = {
            "grant_type": _GRANT,
            "subject_token_type": _ACCESS_TOKEN,
            "requested_token_type": _ACCESS_TOKEN,
            **{name: value for name, value in asked.items() if value},
        }
        self._kept: LRUCache[bytes, tuple[Mapping[str, str], float]] = LRUCache(_READERS)
        """By the digest of the reader's whole token, so that nobody gets what another's was exchanged for."""

    async def headers(self, caller: Caller, deadline: float) -> Mapping[str, str]:
        """Return the header with a token that was exchanged for the reader's."""
        if caller.token is None:
            raise SourceError(self._source, "is asked with the reader's token, and this reader has shown none")
        digest = sha256(caller.token.encode()).digest()
        kept = self._kept.get(digest)
        if kept is None or time.monotonic() >= kept[1]:
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    kept = self._kept[digest] = await self._exchanged(caller.token)
            except (TimeoutError, httpx.TimeoutException) as error:
                raise SourceTimeout(self._source, "did not get a token in time from its token service") from error
            except httpx.HTTPError as error:
                problem = f"its token service cannot be reached ({type(error).__name__})"
                raise SourceUnavailable(self._source, problem) from error
        return kept[0]

    async def _exchanged(self, token: str) -> tuple[Mapping[str, str], float]:
        async with httpx.AsyncClient(auth=self._client, verify=certificates(), trust_env=False) as client:
            response = await client.post(self._url, data={**self._request, "subject_token": token})
        if response.status_code >= 500:
            raise SourceUnavailable(self._source, f"its token service answered HTTP {response.status_code}")
        if response.status_code != 200:
            problem = f"its token service does not exchange this reader's token (HTTP {response.status_code})"
            raise SourceError(self._source, problem)
        try:
            answer = response.json()
            if answer["token_type"].lower() != "bearer":
                raise ValueError("no token that is shown by itself")
            headers = {"Authorization": f"Bearer {answer['access_token']}"}
            lasts = min(float(answer.get("expires_in", 0)) - _MARGIN, _LONGEST)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise SourceError(self._source, "its token service answered no bearer token") from error
        return headers, time.monotonic() + lasts


class Statement:
    """A short-lived JWT by the hub (RFC 7519): for which organisation, to what purpose, which operation it asks."""

    def __init__(self, options: _Statement, key: ECKey | OKPKey) -> None:
        """Sign by this key."""
        self._options = options
        self._key = key
        self._header = {
            "alg": "ES256" if isinstance(key, ECKey) else "Ed25519",
            "typ": _TYPE,
            "kid": key.thumbprint(),
        }

    async def headers(self, caller: Caller, _deadline: float) -> Mapping[str, str]:
        """Return the header with a statement of now."""
        now = int(time.time())
        claims = {
            "iss": self._options.issuer,
            "aud": self._options.audience,
            "sub": caller.organisation,
            "purpose": caller.purpose,
            "operation": caller.operation,
            "iat": now,
            "exp": now + self._options.seconds,
            "jti": uuid.uuid4().hex,
        }
        signed = jwt.encode(self._header, claims, self._key, algorithms=[self._header["alg"]])
        return {self._options.header: signed}


def passing(source: str, options: IdentityOptions, secret: Callable[[str], str], where: str) -> Passing:
    """Return what tells a source who asks; raise SourcesMisconfigured for a key that cannot sign."""
    if isinstance(options, _Exchange):
        return TokenExchange(source, options, secret)
    return Statement(options, _key(options.key, secret, f"{where}.identity.key"))


def _key(reference: str, secret: Callable[[str], str], where: str) -> ECKey | OKPKey:
    if not reference.startswith(("env:", "file:")):
        raise SourcesMisconfigured(where, "is a secret written out", "Refer to it: file:PATH or env:NAME.")
    text = secret(reference)
    remedy = "Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out PATH."
    try:
        found = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError) as error:
        raise SourcesMisconfigured(where, "is no private key in PEM without a password", remedy) from error
    if isinstance(found, Ed25519PrivateKey):
        return OKPKey.import_key(text)
    if isinstance(found, EllipticCurvePrivateKey) and isinstance(found.curve, SECP256R1):
        return ECKey.import_key(text)
    raise SourcesMisconfigured(where, "is neither a P-256 nor an Ed25519 key", remedy)
