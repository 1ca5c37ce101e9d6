"""From a request's headers to its principal."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from auth.identity.config import Client, Identity, Issuer
from auth.identity.tokens import BadToken, Claims, Tokens
from auth.principal import ANONYMOUS, Principal
from codes import uscc
from codes.access import DataGroup, Role


class Unauthenticated(Exception):
    """Who asks could not be made sure: the answer is 401 with this challenge (RFC 6750 §3)."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        self.challenge = f'Bearer realm="innograph", error="invalid_token", error_description="{message}"'
        super().__init__(message)


class Authenticator:
    """Knows readers by their tokens."""

    def __init__(self, identity: Identity, clock: Callable[[], float] = time.time) -> None:
        """Read the issuers' keys; raise IdentityMisconfigured."""
        self._identity = identity
        self._tokens = Tokens(identity, clock)

    def principal(self, headers: Mapping[str, str]) -> Principal:
        """Return who asks by the header Authorization, anonymous without; raise Unauthenticated."""
        given = headers.get("authorization")
        if not given:
            return ANONYMOUS
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer" or not token or set(token) & set(" ,"):
            raise Unauthenticated("scheme", "Send one token, as Authorization: Bearer and the token.")
        try:
            claims, issuer = self._tokens.claims(token)
            return self._of(claims, issuer, token)
        except BadToken as bad:
            raise Unauthenticated(bad.reason, str(bad)) from bad

    def _of(self, claims: Claims, issuer: Issuer, token: str) -> Principal:
        name = claims.get("client_id", claims.get("azp"))
        client = self._identity.clients.get(name) if isinstance(name, str) else None
        if client is None or not isinstance(name, str):
            raise BadToken("unknown_client", "The token's client is not registered here.")
        return Principal(
            subject=claims["sub"],
            organisation=_organisation(claims, client),
            roles=_roles(claims, issuer, client),
            client=name,
            scopes=_scopes(claims),
            purposes=client.purposes,
            enterprise=_enterprise(claims),
            zones=_texts(claims, "zones"),
            networks=_texts(claims, "networks"),
            funds=_texts(claims, "funds"),
            credential=str(claims.get("jti") or hashlib.sha256(token.encode()).hexdigest()[:12]),
        )


def _organisation(claims: Claims, client: Client) -> str:
    if claims.get("org", client.organisation) != client.organisation:
        raise BadToken("wrong_organisation", "The token names another organisation than its client's.")
    return client.organisation


def _roles(claims: Claims, issuer: Issuer, client: Client) -> frozenset[Role]:
    try:
        named = frozenset(Role(name) for name in _texts(claims, "roles"))
    except ValueError:
        raise BadToken("unknown_role", "The token names a role that the hub does not know.") from None
    roles = named & issuer.roles & client.roles
    if not roles:
        raise BadToken("no_role", "The token names no role that its issuer and client may give.")
    return roles


def _scopes(claims: Claims) -> frozenset[str] | None:
    scope: Any = claims.get("scope")
    if scope is None:
        return None
    known = {group.value for group in DataGroup}
    return frozenset(word.upper() for word in str(scope).split()) & known


def _enterprise(claims: Claims) -> str | None:
    code = claims.get("enterprise")
    if code is None:
        return None
    try:
        return uscc.normalise(code)
    except (uscc.MalformedUscc, TypeError, AttributeError):
        raise BadToken("wrong_enterprise", "The token's enterprise is no unified social credit code.") from None


def _texts(claims: Claims, name: str) -> frozenset[str]:
    found = claims.get(name, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise BadToken("malformed", f"The token's {name} are no list of texts.")
    return frozenset(found)
