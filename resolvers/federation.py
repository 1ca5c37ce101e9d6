"""Query._service: what a gateway is told of the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.binding import Batch
from resolvers.request import Ask
from schema.federation import Service


async def _service(ask: Ask) -> Sequence[Any]:
    return [Service(sdl=await asyncio.to_thread(ask.hub.subgraph))]


BATCHES: Mapping[str, Batch] = {"Query._service": Batch(_service)}
