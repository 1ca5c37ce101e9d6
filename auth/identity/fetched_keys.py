"""The public keys of an issuer that offers them at an address (RFC 7517 §5), asked for beside the tokens' way."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import httpx
import structlog
from joserfc import jwk

from auth.identity.config import Algorithm, IdentityMisconfigured, Issuer
from auth.identity.keys import Ring, of_jwks
from auth.identity.refusals import Unavailable

_log = structlog.get_logger()

_REFRESH = 300.0
"""Seconds between two looks: as long may an issuer's key be believed that it has withdrawn."""
_RETRY = 30.0
"""Seconds between two looks while the address fails."""
_PAUSE = 10.0
"""Seconds between two looks for a key that is not known, however many tokens name one."""
_PATIENCE = 5.0
"""Seconds that a look may take."""
_LARGEST = 262_144
"""Bytes of a key set."""
_MOST_WAITING = 32
"""Requests that wait for a look; the others are told to come again, lest they take all the room there is."""


class FetchedKeys:
    """The keys at an address. Those that were known stay while the address fails."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float], refresh: float = _REFRESH) -> None:
        """Ask nothing yet."""
        self._issuer = issuer
        self._clock = clock
        self._refresh = refresh
        self._ring = Ring()
        self._problem = "no keys have been asked for"
        self._asked = -math.inf
        self._waiting = 0
        self._fetching: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._client: httpx.AsyncClient | None = None

    def find(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Return a key that is known."""
        return self._ring.find(algorithm, kid)

    async def seek(self, algorithm: Algorithm, kid: str | None) -> jwk.Key | None:
        """Look whether the issuer has got a new key, unless that was done just now; raise Unavailable."""
        if self._fetching is not None or self._clock() - self._asked >= _PAUSE:
            if self._waiting >= _MOST_WAITING:
                raise Unavailable("The issuer is being asked for its keys; ask again.")
            self._waiting += 1
            try:
                await self.ready()
            finally:
                self._waiting -= 1
        if self._problem:
            raise Unavailable("The issuer's keys cannot be read now; ask again.")
        return self.find(algorithm, kid)

    def begin(self) -> None:
        """Look now and then at intervals."""
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())

    async def ready(self) -> None:
        """Wait for the look that is under way; begin one if there is none."""
        if self._fetching is None:
            self._asked = self._clock()
            self._fetching = asyncio.create_task(self._renew())
        await asyncio.shield(self._fetching)  # who leaves does not end it for the others

    def stop(self) -> None:
        """Begin no more looks; one that is under way ends by itself, as others may wait for it."""
        if self._keeping is not None:
            self._keeping.cancel()

    async def aclose(self) -> None:
        """Break off what is under way."""
        self.stop()
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait((self._fetching,))
        if self._client is not None:
            await self._client.aclose()

    async def _keep(self) -> None:
        while True:
            await self.ready()
            await asyncio.sleep(_RETRY if self._problem else self._refresh)

    async def _renew(self) -> None:
        place = f"issuer {self._issuer.issuer}: {self._issuer.keys}"
        try:
            async with asyncio.timeout(_PATIENCE):
                self._ring = of_jwks(await self._read(), self._issuer.algorithms, place)
        except (httpx.HTTPError, OSError, TimeoutError, ValueError) as error:
            self._tell(str(error) if isinstance(error, IdentityMisconfigured) else f"{place}: {type(error).__name__}")
        else:
            if self._problem:
                _log.info("identity.keys_read", issuer=self._issuer.issuer, keys=len(self._ring.keys))
            self._problem = ""
        finally:
            self._fetching = None

    async def _read(self) -> bytes:
        if self._client is None:
            self._client = _client()
        async with self._client.stream("GET", self._issuer.keys) as response:
            if response.status_code != 200:
                raise IdentityMisconfigured(f"{self._issuer.keys}: answers {response.status_code}, and no keys.")
            content = b""
            # Raw: nothing is unpacked, so that a small answer cannot become a large one.
            async for piece in response.aiter_raw():
                content += piece
                if len(content) > _LARGEST:
                    raise IdentityMisconfigured(f"{self._issuer.keys}: gives more than {_LARGEST:,} bytes of keys.")
            return content

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            instead = "those known before are used" if self._ring.keys else "tokens of this issuer are answered 503"
            _log.warning("identity.keys_unreadable", problem=problem, instead=instead)
        self._problem = problem


def _client() -> httpx.AsyncClient:
    """Return a client that follows nobody to elsewhere, and keeps nothing open between two looks."""
    return httpx.AsyncClient(
        follow_redirects=False,
        timeout=_PATIENCE,
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"},
    )
