"""What a connection of the hub's own gives beyond ASGI, found by whose methods `receive` and `send` are.

Whoever wraps one of these is not passed over: what is wrapped is nobody's method, and messages are exchanged as ever.
"""

from __future__ import annotations

from abc import abstractmethod

from starlette.types import Receive, Send

Header = tuple[bytes, bytes]


class Direct:
    """One request and its answer, where they are read and written."""

    @abstractmethod
    def at_hand(self) -> bytes | None:
        """Return the body if all of it has come; it will not be received again."""

    @abstractmethod
    def is_gone(self) -> bool:
        """Say whether the caller has left, which costs less than to look out for it."""

    @abstractmethod
    def write_whole(self, status: int, headers: tuple[Header, ...], content: bytes) -> bool:
        """Write a response, its length before these headers, head and body in one packet; say whether that was done.

        It is not where the server has to look at it, or at whoever asks.
        """


def direct(call: Receive | Send) -> Direct | None:
    """Return whose method this is; None for that of any other server, or of whoever stands in between."""
    owner = getattr(call, "__self__", None)
    return owner if isinstance(owner, Direct) else None
