"""Access tokens (RFC 9068): who made one, for whom, until when; nothing is believed before the signature is checked."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from cachetools import LRUCache
from joserfc import jwk, jws
from joserfc.errors import JoseError

from auth.identity.config import Algorithm, Identity, Issuer
from auth.identity.fetched_keys import FetchedKeys
from auth.identity.keys import FileKeys, Keys, signed_claims
from auth.identity.refusals import BadToken
from auth.principal import Principal

_LARGEST = 8192
"""Bytes of a token."""
SKEW = 60
"""Seconds by which clocks may differ."""
_LONGEST = 200
"""Characters of a subject."""
_HEADERS = frozenset(("alg", "typ", "kid"))
"""What a token's header may hold: nothing that says where its key is to be found (RFC 8725 §3.10)."""
_REMEMBERED = 10_000

Claims = Mapping[str, Any]


@dataclass(slots=True)
class Checked:
    """A token whose signature was checked, and the key that it was checked with."""

    claims: Claims
    issuer: Issuer
    keys: Keys
    key: jwk.Key
    algorithm: Algorithm
    kid: str | None
    begins: float
    ends: float
    """Between these moments its times are good."""
    reader: Principal | None = None
    """Whom it means, once somebody who knows the clients has found that out."""


class Tokens:
    """Checks tokens, and remembers those that were checked."""

    def __init__(self, identity: Identity, clock: Callable[[], float], before: Tokens | None = None) -> None:
        """Read the issuers' keys, unless they are known from before; raise IdentityMisconfigured."""
        self._clock = clock
        self._audience = identity.audience
        self._issuers: dict[str, tuple[Issuer, Keys]] = {}
        for entry in identity.issuers.values():
            known = before and before.known_keys(entry)
            self._issuers[entry.issuer] = entry, known or (FetchedKeys if entry.fetched else FileKeys)(entry, clock)
        self._checked: LRUCache[bytes, Checked] = LRUCache(_REMEMBERED)

    def known_keys(self, issuer: Issuer) -> Keys | None:
        """Return the keys of an issuer that had the same place for them, and the same algorithms."""
        before, keys = self._issuers.get(issuer.issuer, (None, None))
        same = before and (before.keys, before.algorithms) == (issuer.keys, issuer.algorithms)
        return keys if same else None

    @property
    def keys(self) -> Sequence[Keys]:
        """Where the issuers' keys come from."""
        return [keys for _, keys in self._issuers.values()]

    def know(self, token: str) -> bool:
        """Say whether a token's signature was found good before."""
        return len(token) <= _LARGEST and _digest(token) in self._checked

    async def checked(self, token: str) -> Checked:
        """Return a token that may be believed now; raise BadToken, Unavailable."""
        if len(token) > _LARGEST:
            raise BadToken("too_large", f"The token is larger than {_LARGEST} bytes.")
        digest = _digest(token)
        known = self._checked.get(digest)
        if known is None or known.keys.find(known.algorithm, known.kid) is not known.key:
            known = self._checked[digest] = await self._verified(token)
        elif not known.begins <= self._clock() < known.ends:
            self._check_times(known.claims)
        return known

    async def _verified(self, token: str) -> Checked:
        issuer, keys = self._issuer(token)
        algorithm, kid = self._named(token, issuer)
        key = keys.find(algorithm, kid) or await keys.seek(algorithm, kid)
        if key is None:
            raise BadToken("unknown_key", "The token names a key that its issuer does not have.")
        claims = signed_claims(token, key, algorithm)
        if claims is None:
            raise BadToken("bad_signature", "The token's signature is not its issuer's.")
        if claims.get("iss") != issuer.issuer:
            raise BadToken("wrong_issuer", "The token names another issuer than it did.")
        self._check_claims(claims)
        self._check_times(claims)
        begins = max(claims.get("nbf", 0), claims.get("iat", 0)) - SKEW
        return Checked(claims, issuer, keys, key, algorithm, kid, begins, claims["exp"] + SKEW)

    def _issuer(self, token: str) -> tuple[Issuer, Keys]:
        claimed = _table(parts(token).payload)
        found = self._issuers.get(claimed["iss"]) if is_text(claimed.get("iss")) else None
        if found is None:
            raise BadToken("wrong_issuer", "The token's issuer is not registered here.")
        return found

    def _named(self, token: str, issuer: Issuer) -> tuple[Algorithm, str | None]:
        """Return algorithm and key that a token names, if its issuer may use them."""
        header = parts(token).headers()
        if not header.keys() <= _HEADERS:
            raise BadToken("header", "The token's header holds more than alg, typ and kid.")
        if header.get("alg") not in issuer.algorithms:
            raise BadToken("wrong_algorithm", "The token is signed by an algorithm that its issuer does not use.")
        if str(header.get("typ", "")).lower() not in issuer.types:
            raise BadToken("wrong_type", f"The token is of another type than {issuer.types[0]}.")
        kid = header.get("kid")
        if kid is not None and not is_text(kid):
            raise BadToken("unknown_key", "The token names its key by something that is no text.")
        return header["alg"], kid

    def _check_claims(self, claims: Claims) -> None:
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if self._audience not in audiences:
            raise BadToken("wrong_audience", f"The token is not made for {self._audience}.")
        if not is_text(claims.get("sub")):
            raise BadToken("no_subject", "The token names no subject.")

    def _check_times(self, claims: Claims) -> None:
        now = self._clock()
        for name in ("exp", "nbf", "iat"):
            value = claims.get(name)
            required = name == "exp"
            if (value is None and not required) or is_time(value):
                continue
            raise BadToken("no_times", f"The token's {name} is missing or no time.")
        if now >= claims["exp"] + SKEW:
            raise BadToken("expired", "The token has expired; get a new one.")
        if claims.get("nbf", 0) > now + SKEW or claims.get("iat", 0) > now + SKEW:
            raise BadToken("not_yet", "The token is not valid yet.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def parts(token: str) -> jws.CompactSignature:
    """Return header and payload of a token, of which nothing is believed yet; raise BadToken."""
    try:
        return jws.extract_compact(token.encode("ascii"))
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadToken("malformed", "The token is no signed JSON Web Token.") from error


def is_time(value: Any) -> TypeGuard[float]:
    """Say whether a claim is a moment."""
    # Python reads NaN and Infinity as numbers of JSON; compared with the clock, they would never expire.
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_text(value: Any) -> bool:
    """Say whether a claim is a text of a bounded length."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST


def _table(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload, object_pairs_hook=_unrepeated)
    except (ValueError, RecursionError) as error:
        raise BadToken("malformed", "The token's claims cannot be read.") from error
    if not isinstance(found, dict):
        raise BadToken("malformed", "The token's claims are no JSON object.")
    return found


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim occurs twice")
    return found
