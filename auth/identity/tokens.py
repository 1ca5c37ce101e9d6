"""Access tokens (RFC 9068): who made one, for whom, until when; nothing is believed before the signature is checked."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from cachetools import LRUCache
from joserfc import jws, jwt
from joserfc.errors import JoseError

from auth.identity.config import Identity, Issuer
from auth.identity.keys import Keys

_LARGEST = 8192
"""Bytes of a token."""
_SKEW = 60
"""Seconds by which clocks may differ."""
_LONGEST = 200
"""Characters of a subject."""
_HEADERS = frozenset(("alg", "typ", "kid"))
"""What a token's header may hold: nothing that says where its key is to be found (RFC 8725 §3.10)."""
_REMEMBERED = 10_000


class BadToken(Exception):
    """A token that is not believed: a word for the reason, and the reason in words. It never holds the token."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


Claims = Mapping[str, Any]


class Tokens:
    """Checks tokens, and remembers those that were checked."""

    def __init__(self, identity: Identity, clock: Callable[[], float]) -> None:
        """Read the issuers' keys; raise IdentityMisconfigured."""
        self._clock = clock
        self._audience = identity.audience
        self._issuers = {entry.issuer: (entry, Keys(entry, clock)) for entry in identity.issuers.values()}
        self._checked: LRUCache[bytes, tuple[Claims, Any]] = LRUCache(_REMEMBERED)

    def claims(self, token: str) -> tuple[Claims, Issuer]:
        """Return what a token says, and who says it; raise BadToken."""
        if len(token) > _LARGEST:
            raise BadToken("too_large", f"The token is larger than {_LARGEST} bytes.")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._checked.get(digest)
        if known:
            claims, key = known
            issuer, keys = self._issuers[claims["iss"]]
            if keys.find(*self._named(token, issuer)) is key:
                self._check_times(claims)
                return claims, issuer
        claims, issuer, key = self._verified(token)
        self._checked[digest] = (claims, key)
        return claims, issuer

    def _verified(self, token: str) -> tuple[Claims, Issuer, Any]:
        issuer, keys = self._issuer(token)
        algorithm, kid = self._named(token, issuer)
        key = keys.find(algorithm, kid)
        if key is None:
            raise BadToken("unknown_key", "The token names a key that its issuer does not have.")
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
        except (JoseError, ValueError) as error:
            raise BadToken("bad_signature", "The token's signature is not its issuer's.") from error
        if claims.get("iss") != issuer.issuer:
            raise BadToken("wrong_issuer", "The token names another issuer than it did.")
        self._check_claims(claims)
        self._check_times(claims)
        return claims, issuer, key

    def _issuer(self, token: str) -> tuple[Issuer, Keys]:
        payload = self._parts(token).payload
        try:
            claimed = json.loads(payload, object_pairs_hook=_unrepeated)
        except (ValueError, RecursionError) as error:
            raise BadToken("malformed", "The token's claims cannot be read.") from error
        found = (
            self._issuers.get(claimed["iss"]) if isinstance(claimed, dict) and _is_text(claimed.get("iss")) else None
        )
        if found is None:
            raise BadToken("wrong_issuer", "The token's issuer is not registered here.")
        return found

    def _named(self, token: str, issuer: Issuer) -> tuple[Any, str | None]:
        """Return algorithm and key that a token names, if its issuer may use them."""
        header = self._parts(token).headers()
        if not header.keys() <= _HEADERS:
            raise BadToken("header", "The token's header holds more than alg, typ and kid.")
        if header.get("alg") not in issuer.algorithms:
            raise BadToken("wrong_algorithm", "The token is signed by an algorithm that its issuer does not use.")
        if str(header.get("typ", "")).lower() not in issuer.types:
            raise BadToken("wrong_type", f"The token is of another type than {issuer.types[0]}.")
        kid = header.get("kid")
        if kid is not None and not _is_text(kid):
            raise BadToken("unknown_key", "The token names its key by something that is no text.")
        return header["alg"], kid

    def _parts(self, token: str) -> jws.CompactSignature:
        try:
            return jws.extract_compact(token.encode("ascii"))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadToken("malformed", "The token is no signed JSON Web Token.") from error

    def _check_claims(self, claims: Claims) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self._audience not in audiences:
            raise BadToken("wrong_audience", f"The token is not made for {self._audience}.")
        if not _is_text(claims.get("sub")):
            raise BadToken("no_subject", "The token names no subject.")

    def _check_times(self, claims: Claims) -> None:
        now = self._clock()
        for name in ("exp", "nbf", "iat"):
            value = claims.get(name)
            required = name == "exp"
            if (value is None and not required) or _is_time(value):
                continue
            raise BadToken("no_times", f"The token's {name} is missing or no time.")
        if now >= claims["exp"] + _SKEW:
            raise BadToken("expired", "The token has expired; get a new one.")
        if claims.get("nbf", 0) > now + _SKEW or claims.get("iat", 0) > now + _SKEW:
            raise BadToken("not_yet", "The token is not valid yet.")


def _is_time(value: Any) -> bool:
    """Python reads NaN and Infinity as numbers of JSON; compared with the clock, they would never expire."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim occurs twice")
    return found
