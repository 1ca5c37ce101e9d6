"""Proofs of possession (RFC 9449, DPoP): whoever shows a token bound to a key shows that it has the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwk

from auth.identity.config import Algorithm
from auth.identity.keys import fits, imported, signed_claims
from auth.identity.refusals import BadProof, BadToken
from auth.identity.replays import KEPT, Replays
from auth.identity.shown import Shown
from auth.identity.tokens import is_text, is_time, parts

ALGORITHMS: tuple[Algorithm, ...] = ("ES256", "EdDSA")
"""Those whose keys are of one size: a stranger's RSA key may be made so that checking it takes long."""

_LARGEST = 4096
"""Bytes of a proof."""
_AGE = KEPT / 2
"""Seconds by which a proof's time may lie before or after now."""
_HEADERS = frozenset(("typ", "alg", "jwk"))
_PORTS = {"https": ":443", "http": ":80"}


@dataclass(frozen=True)
class Proofs:
    """Checks the proofs that come with tokens."""

    public_url: str | None = None
    """Where readers reach the hub."""
    replays: Replays = field(default_factory=Replays)
    clock: Callable[[], float] = time.time
    by_host: bool = False
    """Without an address, to believe that the hub is wherever the header Host says: whoever asks writes that."""

    async def check(self, thumbprint: Any, token: str, shown: Shown) -> None:
        """Raise BadProof unless the request comes with a new proof of the key of a thumbprint (`jkt`)."""
        proof = shown.headers.get("dpop")
        if not proof:
            raise BadProof("no_proof", "The token came without the header DPoP.")
        if len(proof) > _LARGEST:
            raise BadProof("bad_proof", f"The proof is larger than {_LARGEST} bytes.")
        key, claims = _read(proof)
        if not isinstance(thumbprint, str) or not _same(key.thumbprint(), thumbprint):
            raise BadProof("other_key", "The proof is by another key than the one that the token is bound to.")
        if not _same(claims.get("ath"), _digest(token)):
            raise BadProof("other_token", "The proof is for another token.")
        self._check_request(claims, shown)
        identity = claims.get("jti")
        if not is_text(identity):
            raise BadProof("bad_proof", "The proof has no jti.")
        if not await self.replays.is_first(hashlib.sha256(f"{thumbprint} {identity}".encode()).digest()):
            raise BadProof("replayed", "The proof was shown before; make one for each request.")

    def _check_request(self, claims: Mapping[str, Any], shown: Shown) -> None:
        if claims.get("htm") != shown.method:
            raise BadProof("other_method", "The proof is for another method.")
        here = self.public_url
        if here is None:
            if not self.by_host:
                raise BadProof("no_address", "The hub checks no proofs: its operators have to set HUB_PUBLIC_URL.")
            here = f"{shown.scheme}://{shown.headers.get('host', '')}"
        asked, meant = _address(here.rstrip("/") + shown.path), _address(claims.get("htu"))
        if asked is None or asked != meant:
            raise BadProof("other_address", "The proof is for another address.")
        made = claims.get("iat")
        if not is_time(made) or abs(self.clock() - made) > _AGE:
            raise BadProof("old_proof", "The proof is not of this minute; make one for each request.")


def _read(proof: str) -> tuple[jwk.Key, Mapping[str, Any]]:
    """Return the key and the claims of a proof that is signed by the key it holds."""
    try:
        header = parts(proof).headers()
    except BadToken as bad:
        raise BadProof("bad_proof", "The proof is no signed JSON Web Token.") from bad
    algorithm: Any = header.get("alg")
    if header.keys() != _HEADERS or header["typ"] != "dpop+jwt" or algorithm not in ALGORITHMS:
        wanted = " or ".join(ALGORITHMS)
        raise BadProof("bad_proof", f"The proof's header holds other than typ dpop+jwt, alg {wanted}, and jwk.")
    key = imported(header["jwk"])
    if key is None or not fits(key, algorithm):
        raise BadProof("bad_proof", "The proof holds no public key for its algorithm.")
    claims = signed_claims(proof, key, algorithm)
    if claims is None:
        raise BadProof("bad_proof", "The proof is not signed by the key that it holds.")
    return key, claims


def _address(given: Any) -> tuple[str, str, str] | None:
    """Return scheme, host and path of an address: what two of them must have in common (RFC 9449 §4.3)."""
    if not isinstance(given, str):
        return None
    try:
        found = urlsplit(given)
    except ValueError:
        return None
    scheme = found.scheme.lower()
    return scheme, found.netloc.lower().removesuffix(_PORTS.get(scheme, "")), found.path or "/"


def _digest(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode("ascii")).digest()).decode().rstrip("=")


def _same(given: Any, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
