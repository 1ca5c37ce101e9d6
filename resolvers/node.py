"""Query.node, nodes and _entities: from an identity in the whole graph to the thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from codes.uscc import MalformedUscc, normalise
from resolvers import managers
from resolvers.binding import Batch, Entry
from resolvers.edition import by_identity as editions
from resolvers.fetching import by_keys, existing
from resolvers.request import Ask
from resolvers.scheme import by_identity
from resolvers.source import shown

COLLECTION_OF = {
    "Policy": "policies",
    "LoanProduct": "loan_products",
    "Fund": "funds",
    "TechnologyManager": "technology_managers",
    "TechnologyManagerNetwork": "networks",
    "Zone": "zones",
}


async def _nodes(ask: Ask, ids: Sequence[str], collections: Mapping[str, str]) -> Sequence[Any]:
    """Return the things: one fetch for each type among the ids; None for an identity that nothing has."""
    by_type: dict[str, list[str]] = {}
    for identity in ids:
        type_name, _, local = identity.partition(":")
        by_type.setdefault(type_name, []).append(local)
    found: dict[str, Any] = {}
    for type_name, locals_ in by_type.items():
        values = await _of_type(ask, type_name, locals_, collections)
        found.update({f"{type_name}:{local}": value for local, value in zip(locals_, values, strict=True)})
    return [found[identity] if ":" in identity else None for identity in ids]


def batches(collections: Mapping[str, str]) -> Mapping[str, Batch]:
    """Return what answers Query.node, nodes and _entities where these types' records are found by id."""

    async def node(ask: Ask, id: str) -> Sequence[Any]:
        return await _nodes(ask, [id], collections)

    async def nodes(ask: Ask, ids: Sequence[str]) -> Sequence[Any]:
        return [await _nodes(ask, ids, collections)]

    async def entities(ask: Ask, representations: Sequence[str]) -> Sequence[Any]:
        return await nodes(ask, representations)  # they are read as identities

    return {
        "Query._entities": Batch(entities, entry=Entry("representations")),
        "Query.node": Batch(node, entry=Entry("id")),
        "Query.nodes": Batch(nodes, entry=Entry("ids")),
    }


async def _of_type(ask: Ask, type_name: str, local_ids: list[str], collections: Mapping[str, str]) -> Sequence[Any]:
    if type_name == "Enterprise":
        codes = [_code(local) for local in local_ids]
        values = await existing(ask, [code for code in codes if code], None)
        known = dict(zip([code for code in codes if code], values, strict=True))
        return [known.get(code) if code else None for code in codes]
    if type_name == "Source":
        opened = ask.hub.sources
        found = [opened.sources.get(local) for local in local_ids]
        return [shown(one, opened) if one else None for one in found]
    if type_name == "Scheme":
        return [by_identity(ask, local) for local in local_ids]
    if type_name == "Edition":
        return await editions(ask, local_ids)
    if type_name == "TechnologyManager":
        return await managers.by_ids(ask, local_ids, ask.selection.needs(type_name) | {"id"})
    if type_name in collections:
        return await by_keys(ask, collections[type_name], local_ids, ask.selection.needs(type_name) | {"id"})
    return [None] * len(local_ids)


def _code(local: str) -> str | None:
    try:
        return normalise(local)
    except MalformedUscc:
        return None


BATCHES = batches(COLLECTION_OF)
