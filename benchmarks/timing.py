"""CPU time of requests in process."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

Contender = Callable[[str, dict[str, Any]], Awaitable[bytes]]
"""Answers a query with variables."""

_SECONDS = 0.15
"""Each contender's share of a round, roughly."""


async def milliseconds(ask: Contender, query: str, asked: list[dict[str, Any]]) -> float:
    """Return the CPU time of one request, over as many as fill the share of a round."""
    count = 0
    began = time.process_time()
    while (taken := time.process_time() - began) < _SECONDS:
        for given in asked:
            await ask(query, given)
        count += len(asked)
    return taken * 1000 / count
