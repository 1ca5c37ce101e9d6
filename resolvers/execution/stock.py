"""The reference way: graphql-core walks the operation object by object, over the batch resolvers through aiodataloader.

Every field of the Strawberry schema gets its resolver here, from what `resolvers.binding` says of it. An object whose
type has groups travels with the selection below it (`Scoped`), so that a group is fetched once with exactly the fields
that are asked of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import strawberry
from aiodataloader import DataLoader
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
)

from connectors.outcomes import Absent, Incomplete
from resolvers.binding import Batch, Graph, Group, Grouped, Part, is_awaited
from resolvers.execution.arguments import Convert, converter
from resolvers.execution.selection import Answers, FieldSelection, OperationScope
from resolvers.request import Ask, Request

Info = GraphQLResolveInfo[Any]
Resolver = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Scoped:
    """An object and the selection below it."""

    value: Any
    selection: FieldSelection


@dataclass
class StockContext:
    """One operation's state: the request, its loaders and selections, and the batches under way."""

    request: Request
    answers: Answers
    scope: OperationScope | None = None
    loaders: dict[tuple[int, str], DataLoader[Any, Any]] = field(default_factory=dict)
    selections: dict[int, FieldSelection] = field(default_factory=dict)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def selection(self, info: Info) -> FieldSelection:
        """Return the selection below the field that is being resolved, the same value for all its parents."""
        place = id(info.field_nodes[0])
        found = self.selections.get(place)
        if found is None:
            if self.scope is None:
                values = info.variable_values.coerced
                self.scope = OperationScope(info.schema, self.answers, info.fragments, values)
            found = self.selections[place] = FieldSelection(self.scope, info.field_nodes)
        return found

    def load(
        self, place: tuple[int, str], parent: Any, batch: Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]
    ) -> Any:
        """Add a parent to the batch of a place in the operation; await its own answer."""
        loader = self.loaders.get(place)
        if loader is None:

            async def tracked(parents: list[Any]) -> list[Any]:
                task = asyncio.current_task()
                assert task is not None, "aiodataloader dispatches a batch in a task of its own"
                self.tasks.add(task)
                try:
                    return list(await batch(parents))
                finally:
                    self.tasks.discard(task)

            loader = self.loaders[place] = DataLoader(tracked, cache=False)
        return loader.load(parent)

    def cancel(self) -> None:
        """Cancel the batches that are still under way: nobody waits for them any more."""
        for task in self.tasks:
            task.cancel()


def attach(schema: strawberry.Schema, graph: Graph, answers: Answers) -> None:
    """Give every field of the schema its resolver, and every interface its way to tell a value's type."""
    core = schema._schema
    for type_ in core.type_map.values():
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            type_.resolve_type = lambda value, _info, _type: graph.type_of(_bare(value))
        if isinstance(type_, GraphQLObjectType) and type_.name in answers:
            type_.is_type_of = None
            for core_field in type_.fields.values():
                named = get_named_type(core_field.type)
                scoped = named.name in graph.groups or is_abstract_type(named)
                core_field.resolve = _resolver(
                    converter(schema, core_field),
                    scoped,
                    type_ in (core.query_type, core.mutation_type, core.subscription_type),
                )


def _resolver(convert: Convert, scoped: bool, root: bool) -> Resolver:
    """Return what resolves a field by the answer that the reader's rights give it."""

    def resolve(source: Any, info: Info, /, **given: Any) -> Any:
        answer = info.context.answers[info.parent_type.name][info.field_name]
        if isinstance(answer, Batch):
            return _batched(answer, source, info, convert(given), scoped, root)
        if isinstance(answer, Grouped):
            return _grouped(answer.group, answer.part, source, info)
        return _read(answer, source, info, scoped)

    return resolve


async def _batched(answer: Batch, source: Any, info: Info, given: dict[str, Any], scoped: bool, root: bool) -> Any:
    context: StockContext = info.context
    selection = context.selection(info)

    async def batch(parents: Sequence[Any]) -> Sequence[Any]:
        found = answer.resolve(Ask(context.request, parents, selection), **given)
        return await found if is_awaited(found) else found

    if root:
        (value,) = await batch([source])  # what happened, in a subscription; otherwise None
    else:
        value = await context.load((id(info.field_nodes[0]), info.parent_type.name), _bare(source), batch)
    return _settled(value, info, selection if scoped else None)


async def _grouped(group: Group, part: Part, source: Scoped, info: Info) -> Any:
    context: StockContext = info.context
    selection = source.selection
    type_name = info.parent_type.name

    async def batch(parents: Sequence[Any]) -> Sequence[Any]:
        wanted = selection.part_needs(type_name, group.name)
        found = group.resolve(Ask(context.request, parents, selection), wanted)
        return await found if is_awaited(found) else found

    record = await context.load((id(selection), f"{type_name}.{group.name}"), source.value, batch)
    value = record if isinstance(record, Absent) else part.value(context.request, record)
    return _settled(value, info, None)


def _read(part: Part, source: Any, info: Info, scoped: bool) -> Any:
    context: StockContext = info.context
    value = part.value(context.request, _bare(source))
    return _settled(value, info, context.selection(info) if scoped else None)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Scoped) else value


def _settled(value: Any, info: Info, selection: FieldSelection | None) -> Any:
    """Turn absences into noted nulls, and let objects with groups travel with their selection."""
    if isinstance(value, list | tuple):
        if isinstance(value, Incomplete):
            info.context.request.note_absence(info.path.as_list(), Absent.INCOMPLETE, value.missing)
        if selection is not None or any(isinstance(item, Absent) for item in value):
            return [_settled_item(item, info, [place], selection) for place, item in enumerate(value)]
        return value
    return _settled_item(value, info, [], selection)


def _settled_item(value: Any, info: Info, place: list[str | int], selection: FieldSelection | None) -> Any:
    if isinstance(value, Absent):
        info.context.request.note_absence([*info.path.as_list(), *place], value)
        return None
    if selection is None or value is None or isinstance(value, Exception):
        return value
    return Scoped(value, selection)
