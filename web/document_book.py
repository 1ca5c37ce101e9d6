"""The trusted documents of the store, at hand: read once, then only what has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from sqlalchemy.exc import SQLAlchemyError

from auth.principal import Principal
from resolvers.lookout import Lookout
from store.documents import TrustedDocument, TrustedDocuments
from web.body import Unacceptable

_log = structlog.get_logger()

ANONYMOUS_CLIENT = "anonymous"
"""The client for whom documents are registered that everybody may ask."""
_PATIENCE = 2.0
"""Seconds that a look may take."""
_FAILURES = (SQLAlchemyError, OSError, TimeoutError)


def client_of(principal: Principal) -> str:
    """Return the client whose documents a reader may ask."""
    return principal.client or ANONYMOUS_CLIENT


class DocumentBook:
    """The trusted documents by client and hash, and the newest of each name."""

    def __init__(
        self,
        documents: TrustedDocuments,
        compiled: Callable[[TrustedDocument], None] = lambda _document: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read nothing yet; what is new is `compiled` before anybody asks it."""
        self._documents = documents
        self._compiled = compiled
        self._by_client: dict[str, dict[str, TrustedDocument]] = {}
        self._lookout = Lookout(self._changed, self._take, clock)

    async def of(self, client: str) -> Mapping[str, TrustedDocument]:
        """Return a client's documents by hash, as they were at most half a second ago; raise Unacceptable (503).

        Those that everybody may ask are among them.
        """
        try:
            await self._lookout.look()
        except _FAILURES as error:
            message = "The hub's store does not answer, and trusted documents cannot be looked up; ask again."
            raise Unacceptable(503, message, {"Retry-After": "1"}, "UNAVAILABLE") from error
        own, everybodys = self._by_client.get(client, {}), self._by_client.get(ANONYMOUS_CLIENT, {})
        return {**everybodys, **own} if own and everybodys else own or everybodys

    async def newest(self, principal: Principal) -> Sequence[TrustedDocument]:
        """Return what a reader may ask by name: the newest document of each, its client's own first."""
        found = {one.name: one for one in (await self.of(client_of(principal))).values()}
        return sorted(found.values(), key=lambda one: one.name)

    async def named(self, principal: Principal, name: str) -> TrustedDocument | None:
        """Return the document that a reader may ask by a name."""
        return next((one for one in await self.newest(principal) if one.name == name), None)

    async def _changed(self, since: int) -> tuple[int, Sequence[TrustedDocument]]:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._documents.changed(since)
        except _FAILURES as error:
            _log.warning("documents.store_failed", error=type(error).__name__)
            raise

    def _take(self, news: Sequence[TrustedDocument]) -> None:
        for one in news:
            own = self._by_client.setdefault(one.client, {})
            own.pop(one.hash, None)
            if one.removed_at is None:
                own[one.hash] = one
                self._compiled(one)


class NoDocuments(DocumentBook):
    """The book of a hub without a store: nothing is registered."""

    def __init__(self) -> None:
        """Hold nothing."""

    async def of(self, client: str) -> Mapping[str, TrustedDocument]:
        """Return nothing."""
        return {}
