"""Scores of published editions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.outcomes import Absent
from resolvers.request import Ask


async def published(ask: Ask, scheme: str | None, edition: str | None) -> Sequence[Any]:
    """Return each parent's score in an edition, the latest of its zone if none is named."""
    return [Absent.NOT_PUBLISHED] * len(ask.parents)
