"""Deprecations say what takes their place and until when, and each client's use of them is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import strawberry
from graphql import build_schema as build_from_sdl
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.principal import ANONYMOUS, Principal
from resolvers.binding import Batch, Graph
from resolvers.execution.deprecated import deprecated_in
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.usage import Usage
from schema.deprecations import Undated, deprecated, deprecations
from schema.graph import build_schema
from store.deprecated_uses import DeprecatedUses, Used
from store.engine import open_store
from store.upgrade import upgrade
from tests.world import empty_hub

LAST = date(2099, 6, 30)


@strawberry.type
class Query:
    """What can be asked."""

    new: int
    old: int = strawberry.field(deprecation_reason=deprecated("Query.new", LAST))


GRAPH = Graph({"Query.new": Batch(lambda _ask: [1]), "Query.old": Batch(lambda _ask: [1])}, {}, {}, {})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_store(f"sqlite+aiosqlite:///{tmp_path}/store.sqlite")
    await upgrade(engine)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize("compiled", [True, False])
async def test_it_is_counted_which_client_asks_for_what_is_deprecated(store: AsyncEngine, compiled: bool) -> None:
    usage = Usage(DeprecatedUses(store), lambda: date(2026, 11, 30), gathered=0.01)
    engine = Engine(strawberry.Schema(Query), GRAPH, replace(empty_hub(), usage=usage), compiled=compiled)
    bank = Principal("bank:clerk", "icbc", frozenset(), client="bank-icbc")
    for query, reader in (("{ old }", bank), ("{ a: old }", bank), ("{ new }", bank), ("{ old }", ANONYMOUS)):
        await engine.answer(Operation(query, {}, None, {}, {}, read_only=False, principal=reader))
    await usage.aclose()
    await DeprecatedUses(store).add({("Query.old", "bank-icbc", date(2026, 12, 1)): 5})
    assert await DeprecatedUses(store).all() == [
        Used("Query.old", "anonymous", 1, date(2026, 11, 30)),
        Used("Query.old", "bank-icbc", 7, date(2026, 12, 1)),
    ]


def test_arguments_values_and_fields_of_inputs_are_found_too() -> None:
    from graphql import parse

    schema = build_from_sdl("""
        enum Stage { SEED @deprecated LATE }
        input Filter { old: Int @deprecated new: Int }
        type Query { a(day: Int @deprecated, stage: Stage, filter: Filter): Int }
    """)
    asked = parse("{ a(stage: LATE, filter: { new: 1 }) b: a(day: 1) c: a(stage: SEED, filter: { old: 1 }) }")
    assert deprecated_in(schema, asked) == {"Query.a(day:)", "Stage.SEED", "Filter.old"}


@pytest.mark.parametrize(
    "reason", ["no longer", "Use `Query.new` instead; it stays until soon.", deprecated("Query.none", LAST)]
)
def test_a_deprecation_without_date_or_successor_ends_the_start(reason: str) -> None:
    schema = build_from_sdl(f'type Query {{ new: Int old: Int @deprecated(reason: "{reason}") }}')
    with pytest.raises(Undated, match=r"Query\.old is deprecated "):
        deprecations(schema)


def test_nothing_in_the_schema_has_stayed_longer_than_it_was_said_to() -> None:
    assert [one for one in deprecations(build_schema()._schema) if one.until < date.today()] == []
