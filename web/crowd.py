"""How many requests are at work at once, and whose turn it is to begin.

What a loop has to do it does in rounds, and it looks at its connections once a round: if hundreds of requests begin in
one, nobody is answered for as long as all of them take, not even those who are to be refused. So few begin in a round.
Those that wait for their turn count among those at work; one more than may be at work is refused before anything of it
is read, and so is one whose turn would not come for too long.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import lru_cache
from types import TracebackType

import orjson

from web.body import Unacceptable
from web.sending import ALWAYS, Whole, content_type

OVERLOADED = "OVERLOADED"

_AFTER = 1.0
"""Seconds for which a refusal is remembered, and after which a reader may come again."""
_ROUND = 0.01
"""Seconds that a round should take; fewer requests begin in the next one if it took longer."""
_MOST_IN_A_ROUND = 32
_WEIGHT = 0.1
"""Of the last round, in what is known of those before."""
_LIKELY = 0.5
"""Seconds: a request that would wait for longer, by what others took lately, is refused at once."""
_UNCOUNTED = 16
"""Requests that begin before anybody looks how many do so in a round: most rounds have one or two."""

_MESSAGE = "The hub is at work on as many requests as it takes at once; ask again in a second."
_REFUSAL = orjson.dumps({"errors": [{"message": _MESSAGE, "extensions": {"code": OVERLOADED}}]})
_REFUSAL_HEADERS = ((b"content-length", b"%d" % len(_REFUSAL)), (b"retry-after", b"%.0f" % _AFTER), *ALWAYS)


@lru_cache(maxsize=8)
def _refusal(media_type: str) -> Whole:
    return Whole(503, (*_REFUSAL_HEADERS, content_type(f"{media_type}; charset=utf-8")), _REFUSAL)


class Crowd:
    """Counts who is inside its `with`; refuses whom there is no room for."""

    def __init__(self, most: int) -> None:
        """Let so many in at once."""
        self._most = most
        self._inside = 0
        self._refused = -_AFTER
        self._queue: deque[asyncio.Future[None]] = deque()
        self._begun_in_this_round = 0
        self._in_a_round = _MOST_IN_A_ROUND
        self._round_began = 0.0
        self._in_rounds = False
        self._each = 0.0
        """Seconds of a round for each request that begins in it, lately."""

    @property
    def inside(self) -> int:
        """How many are inside."""
        return self._inside

    @property
    def overloaded(self) -> bool:
        """Whether there is no room, or was none a second ago."""
        return self._inside >= self._most or time.monotonic() - self._refused < _AFTER

    @property
    def queueing(self) -> bool:
        """Whether a request that comes now has to wait for its turn."""
        if self._queue:
            return True
        if not self._in_rounds:
            return False
        return self._begun_in_this_round >= self._in_a_round or time.monotonic() - self._round_began > _ROUND

    @property
    def is_full(self) -> bool:
        """Whether there is no room for one more, or its turn would likely not come for too long."""
        return self._inside >= self._most or len(self._queue) * self._each > _LIKELY

    def refusal(self, media_type: str) -> Whole:
        """Return the answer where there is no room; what it takes is lost to those who are served."""
        self._refused = time.monotonic()
        return _refusal(media_type)

    def __enter__(self) -> None:
        """Let one in; raise Unacceptable (503) if there is no room for it (`is_full`)."""
        if self.is_full:
            self._refused = time.monotonic()
            raise Unacceptable(503, _MESSAGE, {"Retry-After": f"{_AFTER:.0f}"}, OVERLOADED)
        self._inside += 1

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Make room."""
        self._inside -= 1

    def begin(self) -> bool:
        """Begin at once; return False where one has to wait for one's `turn`."""
        if self.queueing:
            return False
        self._begun_in_this_round += 1
        if not self._in_rounds and self._begun_in_this_round > _UNCOUNTED:
            self._in_rounds = True
            self._begun_in_this_round = 0
            self._round_began = time.monotonic()
            asyncio.get_running_loop().call_soon(self._next_round)
        return True

    async def turn(self) -> None:
        """Wait until it is one's turn: whoever was let in is served, since to be refused after a wait helps nobody."""
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        await turn

    def _next_round(self) -> None:
        now = time.monotonic()
        if now - self._round_began > _ROUND:
            self._in_a_round = max(1, self._in_a_round // 2)
        else:
            self._in_a_round = min(_MOST_IN_A_ROUND, self._in_a_round + 1)
        if self._begun_in_this_round:
            each = (now - self._round_began) / self._begun_in_this_round
            self._each += (each - self._each) * _WEIGHT
        self._round_began = now
        self._begun_in_this_round = 0
        while self._queue and self._begun_in_this_round < self._in_a_round:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                self._begun_in_this_round += 1
        if self._begun_in_this_round:
            asyncio.get_running_loop().call_soon(self._next_round)
        else:
            self._in_rounds = False
