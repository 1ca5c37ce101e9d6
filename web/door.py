"""The door to the graph: who asks, and whether it has asked for too much this minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Scope

from auth.addresses import Proxies
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.limits import RateLimited, RateLimits, of_address, of_organisation
from auth.principal import Principal
from web.body import Unacceptable

UNAUTHENTICATED = "UNAUTHENTICATED"

_UNITS = 1
"""What a request costs."""


@dataclass(frozen=True)
class Door:
    """Lets readers in."""

    authenticator: Authenticator
    limits: RateLimits
    proxies: Proxies

    async def enter(self, scope: Scope, headers: Mapping[str, str]) -> Principal:
        """Return who asks; raise Unacceptable for a token that is not believed (401) or too many requests (429)."""
        try:
            principal = self.authenticator.principal(headers)
        except Unauthenticated as refused:
            challenge = {"WWW-Authenticate": refused.challenge}
            raise Unacceptable(401, str(refused), challenge, UNAUTHENTICATED) from refused
        try:
            await self.limits.spend(self._spender(principal, scope, headers), _UNITS)
        except RateLimited as limited:
            after = {"Retry-After": str(limited.retry_after_seconds)} if limited.retry_after_seconds else {}
            raise Unacceptable(429, str(limited), after, limited.code) from limited
        return principal

    def _spender(self, principal: Principal, scope: Scope, headers: Mapping[str, str]) -> str:
        if principal.organisation:
            return of_organisation(principal.organisation)
        peer = scope.get("client")
        return of_address(self.proxies.caller(peer[0], headers) if peer else "")
