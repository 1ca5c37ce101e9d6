"""The door to the graph: who asks, and whether it has asked for too much this minute.

A request costs a unit, whatever becomes of it, and what it costs more as soon as that is known, before any source is
asked: all at once, so that hubs which count together in Redis ask it once. A credential that is not believed costs its
address as much as a hundred requests, of a budget of its own. Where so much is not left, none that is new is looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from starlette.types import Scope

from auth.addresses import Proxies, one_caller
from auth.audit.record import Kind, Outcome, Record, now
from auth.identity.authenticator import Authenticator, Unauthenticated
from auth.identity.refusals import Unavailable
from auth.identity.shown import Shown
from auth.limits import DONE, RateLimited, RateLimits, of_address, of_disbelieved, of_organisation
from auth.principal import ANONYMOUS, Principal
from resolvers.auditing import Auditor, AuditUnavailable
from web.body import Unacceptable

UNAUTHENTICATED = "UNAUTHENTICATED"

_HTTP: Mapping[str, str] = {"ws": "http", "wss": "https"}
_LEAST = 1
"""What a request costs at least."""
_DISBELIEVED = 100
"""What a credential costs that is not believed: a signature is checked for it, and a record may be written."""


class Purse:
    """What one reader pays from, for one request; whoever answers it has it `settle`, whatever became of it."""

    __slots__ = ("_limits", "_paid", "key")

    def __init__(self, limits: RateLimits, key: str) -> None:
        """Nothing has been paid."""
        self._limits = limits
        self.key = key
        self._paid = 0

    def check(self, cost: int) -> None:
        """Raise Unacceptable (429) if it is known that the minute has too little left for a cost."""
        try:
            self._limits.check(self.key, cost)
        except RateLimited as limited:
            raise _too_much(limited) from limited

    def spend(self, cost: int) -> Awaitable[None]:
        """Pay what has not been paid of a cost; raise Unacceptable (429) if the minute has too little left."""
        if cost <= self._paid:
            return DONE
        try:
            paying = self._limits.spend(self.key, cost, self._paid)
        except RateLimited as limited:
            raise _too_much(limited) from limited
        if paying is not DONE:
            return self._pay(paying, cost)
        self._paid = cost
        return DONE

    async def _pay(self, paying: Awaitable[None], cost: int) -> None:
        try:
            await paying
        except RateLimited as limited:
            raise _too_much(limited) from limited
        self._paid = cost

    @property
    def owes(self) -> bool:
        """Whether not even that has been paid which each request costs."""
        return self._paid < _LEAST

    async def settle(self) -> None:
        """Pay what each request costs."""
        # where even that is too much, this request is over, and the next is turned away
        with suppress(Unacceptable):
            await self.spend(_LEAST)


def _shown(scope: Scope, headers: Mapping[str, str]) -> Shown:
    """Return what a request shows; a WebSocket is asked for by GET, at the address of its HTTP."""
    scheme = _HTTP.get(scope["scheme"], scope["scheme"])
    return Shown(headers, scope.get("method", "GET"), scheme, scope["path"], _peer(scope))


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


def _too_much(limited: RateLimited) -> Unacceptable:
    after = {"Retry-After": str(limited.retry_after_seconds)} if limited.retry_after_seconds else {}
    return Unacceptable(429, str(limited), after, limited.code)


@dataclass(frozen=True)
class Door:
    """Lets readers in."""

    authenticator: Authenticator
    limits: RateLimits
    proxies: Proxies
    auditor: Auditor | None = None
    """None: nothing is recorded."""

    async def enter(self, scope: Scope, headers: Mapping[str, str]) -> tuple[Principal, Purse]:
        """Return who asks, and what it pays from.

        Raises Unacceptable: not believed (401), not to be found out now (503), nothing left of the minute (429). Who is
        not believed is recorded, so many of one caller in a minute and the rest counted; or else the answer is 503.
        The purse is to be settled once the request is over.
        """
        principal = ANONYMOUS
        if headers.get("authorization"):
            principal = await self._known(_shown(scope, headers))
        purse = Purse(self.limits, self._spender(principal, _peer(scope), headers))
        purse.check(_LEAST)
        return principal, purse

    async def again(self, scope: Scope, headers: Mapping[str, str]) -> tuple[Principal, Purse]:
        """Return as `enter` does who has entered before on the same connection, and asks for more.

        Raises Unacceptable if it is not believed any longer (401), or that cannot be found out now (503).
        """
        shown, principal = replace(_shown(scope, headers), proven=True), ANONYMOUS
        if headers.get("authorization"):
            try:
                principal = await self.authenticator.principal(shown)
            except Unavailable as closed:
                raise Unacceptable(503, str(closed), code=closed.code) from closed
            except Unauthenticated as refused:
                raise Unacceptable(401, str(refused), code=UNAUTHENTICATED) from refused
        return principal, Purse(self.limits, self._spender(principal, shown.peer, headers))

    def stranger(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """Return the key under which is counted who has not said yet who it is."""
        return of_address(self._caller(_shown(scope, headers).peer, headers))

    async def aclose(self) -> None:
        """Close what is open to elsewhere."""
        await self.authenticator.aclose()
        await self.limits.aclose()

    async def _known(self, shown: Shown) -> Principal:
        if not self.authenticator.knows(shown):
            purse, cost = self._doubt(shown)
            purse.check(cost)
        try:
            return await self.authenticator.principal(shown)
        except Unavailable as closed:
            after = {"Retry-After": str(closed.retry_after_seconds)}
            raise Unacceptable(503, str(closed), after, closed.code) from closed
        except Unauthenticated as refused:
            purse, cost = self._doubt(shown)
            await purse.spend(cost)
            await self._record(refused.reason, shown)
            challenge = {"WWW-Authenticate": refused.challenge}
            raise Unacceptable(401, str(refused), challenge, UNAUTHENTICATED) from refused

    def _doubt(self, shown: Shown) -> tuple[Purse, int]:
        """Return what is paid for a credential that is not believed, and from what."""
        key = of_disbelieved(self._caller(shown.peer, shown.headers))
        return Purse(self.limits, key), min(_DISBELIEVED, self.limits.most(key))

    def _spender(self, principal: Principal, peer: str, headers: Mapping[str, str]) -> str:
        if principal.organisation:
            return of_organisation(principal.organisation)
        return of_address(self._caller(peer, headers))

    def _caller(self, peer: str, headers: Mapping[str, str]) -> str:
        return self.proxies.caller(peer, headers) if peer else ""

    async def _record(self, reason: str, shown: Shown) -> None:
        if self.auditor is None:
            return
        address = self._caller(shown.peer, shown.headers)
        try:
            record = Record(now(), Kind.DOOR, Outcome.REFUSED, address=address, reason=reason)
            await self.auditor.refuse(one_caller(address), record)
        except AuditUnavailable as error:
            after = {"Retry-After": str(error.retry_after_seconds)}
            raise Unacceptable(503, str(error), after, error.code) from error
