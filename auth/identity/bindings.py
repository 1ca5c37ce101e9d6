"""What a token is bound to (RFC 7800 `cnf`), and whether who shows it has that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auth.identity.certificates import Certificates
from auth.identity.config import Issuer
from auth.identity.proofs import Proofs
from auth.identity.refusals import BadToken, ProofWanted
from auth.identity.shown import Shown
from auth.identity.tokens import Claims

_CERTIFICATE, _KEY = "x5t#S256", "jkt"


@dataclass(frozen=True)
class Bindings:
    """Checks that a token is shown by whom it was made for."""

    certificates: Certificates = field(default_factory=Certificates)
    proofs: Proofs = field(default_factory=Proofs)

    async def check(self, claims: Claims, issuer: Issuer, token: str, proving: bool, shown: Shown) -> None:
        """Raise BadToken or Unavailable unless whatever the token is bound to is there.

        `proving` says that it came by the scheme DPoP.
        """
        bound = _confirmation(claims)
        _check_demanded(bound, issuer)
        if _CERTIFICATE in bound:
            self.certificates.check(bound[_CERTIFICATE], shown)
        if _KEY in bound:
            if not proving:
                raise ProofWanted("stolen", "The token is bound to a key; send it as DPoP, with a proof.")
            if not shown.proven:
                await self.proofs.check(bound[_KEY], token, shown)
        elif proving or shown.headers.get("dpop"):
            raise BadToken("not_bound", "The token is not bound to a key; send it as Bearer, without a proof.")


def _confirmation(claims: Claims) -> Mapping[str, Any]:
    if "cnf" not in claims:
        return {}
    bound = claims["cnf"]
    if not isinstance(bound, dict) or not bound or not bound.keys() <= {_CERTIFICATE, _KEY}:
        raise BadToken("unknown_binding", "The token is bound to something other than a certificate or a DPoP key.")
    return bound


def _check_demanded(bound: Mapping[str, Any], issuer: Issuer) -> None:
    if issuer.bound == "certificate" and _CERTIFICATE not in bound:
        raise BadToken("unbound", "Tokens of this issuer must be bound to a certificate.")
    if issuer.bound == "dpop" and _KEY not in bound:
        raise ProofWanted("unbound", "Tokens of this issuer must be bound to a DPoP key.")
    if issuer.bound == "any" and not bound:
        raise ProofWanted("unbound", "Tokens of this issuer must be bound to a certificate or a DPoP key.")
