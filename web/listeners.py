"""Who listens: how many connections of each reader, how long each may be silent, and when all have to go."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from web.body import Unacceptable

TOO_MANY_LISTENERS = "TOO_MANY_LISTENERS"


class Closing:
    """Tells those who listen that the hub is about to end."""

    def __init__(self) -> None:
        """It goes on."""
        self._begun = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether it is ending: what comes now is still answered."""
        return self._begun.is_set()

    def begin(self) -> None:
        """Have everybody leave, and come again."""
        self._begun.set()

    async def wait(self) -> None:
        """Wait until everybody has to leave."""
        await self._begun.wait()


@dataclass(frozen=True)
class Bounds:
    """What those who listen may do."""

    connections: int = 100
    """Of an organisation, or of the anonymous readers of an address."""
    operations: int = 50
    """At once over one connection."""
    heartbeat: float = 15.0
    """Seconds after which each side shows that it is there, and the reader's identity is looked at again."""
    begin: float = 10.0
    """Seconds within which a connection must say who it is, and within which what is sent must be taken."""
    message: int = 1_000_000
    """Bytes of what a reader sends."""


@dataclass(frozen=True)
class Listeners:
    """Counts the connections of each reader."""

    bounds: Bounds
    closing: Closing
    _connections: Counter[str] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """How many connections listen."""
        return self._connections.total()

    @contextmanager
    def one(self, key: str) -> Iterator[None]:
        """Count a connection of a reader; raise Unacceptable (429) if it has as many as it may."""
        if self._connections[key] >= self.bounds.connections:
            message = f"{self.bounds.connections:,} connections listen already, as many as may; close one of them."
            raise Unacceptable(429, message, code=TOO_MANY_LISTENERS)
        self._connections[key] += 1
        try:
            yield
        finally:
            self._connections[key] -= 1
            if not self._connections[key]:
                del self._connections[key]
