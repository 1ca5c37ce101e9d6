"""Nouns of others: types with resolvers that an installed distribution adds to the graph (`innograph.schema`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import entry_points

from connectors.catalogue import COLLECTIONS, Catalogue, Collection
from connectors.errors import SourcesMisconfigured
from resolvers import data_objections
from resolvers.binding import Batch, Graph, Group, Owned, Part
from resolvers.source import source_part
from schema.declared import Added


@dataclass(frozen=True)
class Plugin:
    """What an entry point of the group `innograph.schema` names: collections, types, fields, and what answers them.

    Each type and field says by `@data` what it holds, as those of the hub do; rights, price and audit go by that.
    """

    name: str
    collections: Sequence[Collection] = ()
    types: Sequence[type] = ()
    """Strawberry types; those that show records are in `records` too."""
    fields: Mapping[str, type] = field(default_factory=dict)
    """By type of the graph, a Strawberry type whose fields it gets, each answered in `batches` or `parts`."""
    batches: Mapping[str, Batch] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    groups: Mapping[str, tuple[Group, ...]] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    owned: Mapping[str, Owned] = field(default_factory=dict)

    @property
    def added(self) -> Added:
        """What the schema gets."""
        return Added(self.types, self.fields, f"plug-in {self.name}")


@cache
def installed() -> tuple[Plugin, ...]:
    """Return the plug-ins that are installed, by name; raise SourcesMisconfigured for one that is none."""
    found = []
    for point in sorted(entry_points(group="innograph.schema"), key=lambda one: one.name):
        plugin = point.load()
        if not isinstance(plugin, Plugin):
            problem = f"{point.value} is no resolvers.plugins.Plugin"
            raise SourcesMisconfigured(f"plug-in {point.name}", problem, "Uninstall it, or ask its maker.")
        found.append(plugin)
    return tuple(found)


def catalogue() -> Catalogue:
    """Return the collections that the hub knows, those of plug-ins included."""
    found = dict(COLLECTIONS)
    for plugin in installed():
        for collection in plugin.collections:
            if collection.name in found:
                problem = f"{collection.name!r} is a collection already"
                raise SourcesMisconfigured(f"plug-in {plugin.name}", problem, "Ask its maker to rename it.")
            found[collection.name] = collection
    return found


def with_plugins(graph: Graph, known: Catalogue, plugins: Sequence[Plugin]) -> Graph:
    """Return a graph with the answers of plug-ins."""
    for one in plugins:
        sourced = {name: source_part() for name in (f"{type_}.source" for type_ in one.records)}
        graph = replace(
            graph,
            batches={**graph.batches, **data_objections.beside(one.records, known), **one.batches},
            parts={**graph.parts, **sourced, **one.parts},
            groups={**graph.groups, **{name: (*graph.groups.get(name, ()), *g) for name, g in one.groups.items()}},
            records={**graph.records, **one.records},
            owned={**graph.owned, **one.owned},
            catalogue=known,
        )
    return graph
