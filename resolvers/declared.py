"""The graph of a hub whose operator has declared facets: answered in batches, guarded and priced like all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import strawberry
from strawberry.utils.str_converters import to_camel_case

from codes.facets import Facet, FacetField, Misdeclared
from codes.uscc import MalformedUscc, normalise
from connectors.config import SourcesConfig
from connectors.errors import SourcesMisconfigured
from connectors.outcomes import Absent
from resolvers import data_objections, managers, node
from resolvers.binding import OF_ENTERPRISE, Batch, Graph, Part
from resolvers.fetching import by_keys, children, existing, facet
from resolvers.offers import listing, single
from resolvers.pages import total_count
from resolvers.plugins import installed, with_plugins
from resolvers.request import Ask, Request
from resolvers.scores.seeing import READS
from resolvers.source import source_part
from schema.graph import build_schema


def graph_of(config: SourcesConfig, graph: Graph) -> tuple[strawberry.Schema, Graph]:
    """Return the schema and the graph with what a configuration declares and plug-ins bring.

    Raise SourcesMisconfigured where that contradicts the schema.
    """
    plugins = installed()
    graph = with_plugins(graph, config.catalogue, plugins)
    if not config.facets and not plugins:
        return _own(), graph
    try:
        schema = build_schema(config.facets, [one.added for one in plugins])
    except Misdeclared as error:
        raise SourcesMisconfigured(error.where, error.problem, error.remedy) from error
    for one in config.facets:
        _check_key(one, graph, config)
    return schema, extended(graph, config)


@cache
def _own() -> strawberry.Schema:
    """The hub's own schema, made once: a configuration that is read anew mostly adds nothing to it."""
    return build_schema()


def extended(graph: Graph, config: SourcesConfig) -> Graph:
    """Return a graph with the answers to what a configuration declares."""
    facets = config.facets
    records = {one.type_name: one.collection for one in facets}
    found = {**node.COLLECTION_OF, **{one.type_name: one.collection for one in facets if one.is_root}}
    own = tuple(one.collection for one in facets if one.key == OF_ENTERPRISE.need)
    batches = {name: _scoring(batch, own) for name, batch in graph.batches.items()}
    batches |= {**node.batches(found), **data_objections.beside(records, config.catalogue)}
    parts: dict[str, Part] = {f"{name}.source": source_part() for name in records}
    for one in facets:
        batches |= dict(_batches(one, found))
        if one.is_root:
            parts[f"{one.type_name}.id"] = Part(("id",), _identity(one.type_name))
    return replace(
        graph,
        batches=batches,
        parts={**graph.parts, **parts},
        records={**graph.records, **records},
        catalogue=config.catalogue,
    )


def _check_key(one: Facet, graph: Graph, config: SourcesConfig) -> None:
    """Raise SourcesMisconfigured for a facet of something whose records do not have its key."""
    if one.is_root or one.parent == "Enterprise":
        return
    name = graph.records.get(one.parent) or _collection_of(config.facets, one.parent)
    if name is None:
        problem = f"{one.parent} shows no records of a collection"
        raise SourcesMisconfigured(one.where, problem, "Declare it of Enterprise, or of a type that shows records.")
    if config.catalogue[name].kind(one.by) is None and one.by != config.catalogue[name].key:
        problem = f"the records of {one.parent} have no field {one.by!r}"
        raise SourcesMisconfigured(one.where, problem, "Name one that they have, as `by`.")


def _collection_of(facets: Sequence[Facet], type_name: str) -> str | None:
    return next((one.collection for one in facets if one.type_name == type_name), None)


def _scoring(batch: Batch, own: tuple[str, ...]) -> Batch:
    """Return a batch that is as strictly shared as whatever a score may be made of, with what is declared."""
    return replace(batch, reads=(*batch.reads, *own)) if own and set(READS) <= set(batch.reads) else batch


def _batches(one: Facet, found: Mapping[str, str]) -> Iterator[tuple[str, Batch]]:
    if one.is_root:
        yield f"Query.{one.field}", listing(one.collection, one.type_name, (), lambda _record: (), _takes_all, ())
        yield f"Query.{one.single}", single(one.collection, one.type_name)
        yield f"{one.type_name}Connection.totalCount", Batch(total_count)
    elif one.parent == "Enterprise":
        yield f"Enterprise.{one.field}", facet(one.collection, one.type_name)
    else:
        yield f"{one.parent}.{one.field}", children(one.collection, one.type_name, one.by)
    for field in one.fields.values():
        if field.leads_to is not None:
            yield f"{one.type_name}.{to_camel_case(field.name)}", _leading(field, field.leads_to, found)


def _takes_all(_record: Any, _filter: Any) -> bool:
    return True


def _leading(field: FacetField, type_name: str, found: Mapping[str, str]) -> Batch:
    """Return the resolver of a field that holds the key of another object."""
    name, collection = field.name, found.get(type_name)

    async def resolve(ask: Ask) -> Sequence[Any]:
        keys = [getattr(parent, name) for parent in ask.parents]
        if collection is None:
            return await _enterprises(ask, keys)
        needs = ask.selection.needs(type_name)
        if collection == managers.COLLECTION:
            return await managers.by_ids(ask, keys, needs)
        return await by_keys(ask, collection, keys, needs)

    return Batch(resolve, frozenset((name,)), (collection or "registration",))


async def _enterprises(ask: Ask, keys: Sequence[Any]) -> Sequence[Any]:
    """Return the enterprise of each credit code; a source's own that cannot be read as one is UNREADABLE."""
    codes = [_code(key) if isinstance(key, str) else key for key in keys]
    asked = list(dict.fromkeys(code for code in codes if isinstance(code, str)))
    found = dict(zip(asked, await existing(ask, asked, None), strict=True))
    return [found[code] if isinstance(code, str) else code for code in codes]


def _code(key: str) -> str | Absent:
    try:
        return normalise(key)
    except MalformedUscc:
        return Absent.UNREADABLE


def _identity(type_name: str) -> Any:
    def read(_request: Request, local: str) -> str:
        return f"{type_name}:{local}"

    return read
