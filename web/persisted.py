"""Documents that are named and not sent: trusted ones by client, and those that somebody has sent before.

Automatic persisted queries follow Apollo's protocol (`extensions.persistedQuery`); `documentId` is that of the draft of
GraphQL over HTTP, as `sha256:` and the hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog
from cachetools import LRUCache
from redis.asyncio import Redis
from redis.exceptions import RedisError

from auth.principal import Principal
from resolvers.execution.errors import PERSISTED_QUERY_NOT_FOUND
from resolvers.execution.limits import MOST_CHARACTERS
from web.body import Unacceptable
from web.document_book import DocumentBook, client_of

_log = structlog.get_logger()

_HASH = re.compile(r"[0-9a-f]{64}")
_KEPT_BYTES = 16_000_000
"""About how many bytes of documents one process keeps that were sent to it."""
_SHARED_SECONDS = 3600
"""Seconds for which Redis keeps one since it was last asked for."""
_PATIENCE = 0.25
"""Seconds that a question waits for Redis."""
_REST = 5.0
"""Seconds for which a Redis that failed is left alone."""


class NotPersisted(Unacceptable):
    """Nobody has sent a document of this hash: the client sends it, and the hub keeps it."""

    def __init__(self) -> None:
        super().__init__(400, "PersistedQueryNotFound", code=PERSISTED_QUERY_NOT_FOUND)  # clients look for this word


class Asked(msgspec.Struct, frozen=True):
    """A request's parameters with the document that they name."""

    given: Mapping[str, Any]
    untrusted: bool
    """The reader's client may ask trusted documents only, and this is none."""


class Persisted:
    """Finds documents by their hash."""

    def __init__(
        self, book: DocumentBook, redis_url: str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Keep nothing yet, and connect to nothing."""
        self.book = book
        self._kept: LRUCache[str, str] = LRUCache(_KEPT_BYTES, getsizeof=lambda text: 4 * len(text) + 200)
        self._redis = Redis.from_url(redis_url.removeprefix("redis+")) if redis_url else None
        self._clock = clock
        self._rests_until = -math.inf

    def plain(self, given: Mapping[str, Any], principal: Principal) -> Asked | None:
        """Return the parameters if their document is sent with them, and nothing is said of its hash; else None."""
        named = given.get("extensions") or given.get("documentId") is not None
        return None if named else Asked(given, principal.trusted_only)

    async def asked(self, given: Mapping[str, Any], principal: Principal) -> Asked:
        """Return the parameters with the document that they name; raise Unacceptable where there is none."""
        digest = _digest(given)
        text = given.get("query")
        if digest is None:
            return Asked(given, principal.trusted_only)
        if not text:
            trusted = (await self.book.of(client_of(principal))).get(digest)
            if trusted is not None:
                return Asked({**given, "query": trusted.text}, untrusted=False)
            if principal.trusted_only:
                return Asked(given, untrusted=True)
            return Asked({**given, "query": await self._found(digest, principal)}, untrusted=False)
        if not isinstance(text, str) or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() != digest:
            raise Unacceptable(
                400, "The hash is not the SHA-256 of the query; send the hash of the text as it is sent."
            )
        if not principal.trusted_only and len(text) <= MOST_CHARACTERS:
            await self._keep(digest, text, principal)
        return Asked(given, principal.trusted_only)

    async def aclose(self) -> None:
        """Close the connections to Redis."""
        if self._redis is not None:
            await self._redis.aclose()

    async def _found(self, digest: str, principal: Principal) -> str:
        text = self._kept.get(digest)
        if text is None and self._redis is not None and principal.client:
            found = await self._shared(self._redis.getex(_key(digest), ex=_SHARED_SECONDS))
            text = found.decode() if found else None
            if text is not None and hashlib.sha256(text.encode()).hexdigest() == digest:
                self._kept[digest] = text
        if text is None:
            raise NotPersisted
        return text

    async def _keep(self, digest: str, text: str, principal: Principal) -> None:
        """Keep a document here; for others too if its reader is known, or strangers could fill what they share."""
        self._kept[digest] = text
        if self._redis is not None and principal.client:
            await self._shared(self._redis.set(_key(digest), text.encode(), ex=_SHARED_SECONDS))

    async def _shared(self, command: Any) -> Any:
        """Return what Redis answers; None if it does not, and then the client sends the document again."""
        if self._clock() < self._rests_until:
            command.close()
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                return await command
        except (RedisError, OSError, TimeoutError) as error:
            self._rests_until = self._clock() + _REST
            _log.warning("documents.redis_failed", error=type(error).__name__, instead="each hub keeps its own")
            return None


def _key(digest: str) -> str:
    return f"innograph:document:{digest}"


def _digest(given: Mapping[str, Any]) -> str | None:
    """Return the hash of the document that is named; None if none is. Raise Unacceptable for what is no hash."""
    named = given.get("documentId")
    if named is not None:
        if isinstance(named, str) and _HASH.fullmatch(found := named.removeprefix("sha256:").lower()):
            return found
        raise Unacceptable(400, "documentId is no hash; write sha256: and 64 hexadecimal digits.")
    extensions = given.get("extensions")
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if persisted is None:
        return None
    told = persisted if isinstance(persisted, dict) else {}
    digest = str(told.get("sha256Hash")).lower()
    if told.get("version") != 1 or not _HASH.fullmatch(digest):
        raise Unacceptable(400, "extensions.persistedQuery is not understood; give version 1 and sha256Hash.")
    return digest
