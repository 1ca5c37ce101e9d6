"""Schemes: all of them, one by its code and version, and the hub's source behind each of their data sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from resolvers.binding import Batch, Part
from resolvers.fetching import local_id
from resolvers.request import Ask
from resolvers.scores.schemes import shown
from resolvers.source import source_of
from schema.scheme import Scheme


def schemes(ask: Ask) -> Sequence[list[Scheme]]:
    """Answer Query.schemes."""
    return [[shown(scheme).whole for scheme in ask.hub.schemes.all()]]


def scheme(ask: Ask, id: str, version: str | None = None) -> Sequence[Any]:
    """Answer Query.scheme."""
    return [by_identity(ask, local_id("Scheme", id), version)]


def by_identity(ask: Ask, local: str, version: str | None = None) -> Scheme | None:
    """Return a scheme by its code, or its code and version; None if there is none."""
    found = ask.hub.schemes.find(local, version, ask.hub.today())
    return shown(found).whole if found else None


BATCHES: Mapping[str, Batch] = {"Query.schemes": Batch(schemes), "Query.scheme": Batch(scheme)}
PARTS: Mapping[str, Part] = {"DataSource.source": Part(("id",), source_of)}
