"""Random questions by random readers: both ways through the engine record the same looks and refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from auth.audit.record import Record
from auth.principal import Principal
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from store.engine import open_store
from store.upgrade import upgrade
from tests.auditing import auditor_over, records
from tests.differential.queries import Generator
from tests.differential.test_access import random_rules
from tests.differential.test_differential import ARGUMENTS
from tests.everything import VOLATILE
from tests.world import Asker, hub_schema

pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine '_(batched|grouped):RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHUNKS = 3
QUESTIONS = 250
ASKED = ("enterprise", "enterprisesByUscc", "enterprises", "node", "nodes")
READERS = (
    "enterprise-chujingling", "enterprise-zhongjiali", "officer-eastlake", "officer-nanchang",
    "portal", "bank-icbc", "bank-boc",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What is refused a thousand times need not be logged as often."""
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_both_ways_record_the_same(
    ask: Asker, readers: Mapping[str, Principal], chunk: int, tmp_path: Path
) -> None:
    engine = open_store(f"sqlite+aiosqlite:///{tmp_path}/audit.sqlite")
    await upgrade(engine)
    auditor = auditor_over(engine, tmp_path, patience=30)
    hub, strict = replace(ask.hub, auditor=auditor), random_rules(chunk, tmp_path / "access.toml")
    ways = [
        replace(ask, hub=hub, engine=Engine(hub_schema(), GRAPH, hub, compiled=compiled, rules=strict))
        for compiled in (True, False)
    ]
    documents = ways[1].engine.documents = ways[0].engine.documents
    schema = hub_schema()._schema
    assert schema.query_type is not None
    others = frozenset(f"Query.{name}" for name in schema.query_type.fields if name not in ASKED)
    generator = Generator(schema, 7000 + chunk, ARGUMENTS, VOLATILE | others)
    compared = size = 0
    for number in range(QUESTIONS):
        text, variables = generator.operation(documents)
        reader = readers[READERS[number % len(READERS)]]
        told: list[list[object]] = []
        for way in ways:
            reply = await way(text, variables, principal=reader, headers={"hub-purpose": "PRE_LOAN"})
            told.append([said(record) for record in await records(auditor, size)])
            size += len(told[-1])
        if any(takes_more_with_it(reply.data, error.get("path", [])) for error in reply.errors):
            continue  # graphql-core drops what lies beside; the engine has asked for it already
        assert told[0] == told[1], f"chunk {chunk}, question {number}\n{text}\n{variables}"
        compared += bool(told[0])
    assert compared > QUESTIONS / 20, compared
    await auditor.aclose()
    await engine.dispose()


def takes_more_with_it(data: Any, path: list[str | int]) -> bool:
    """Say whether a null stands above the field that an error is of."""
    for step in path[:-1]:
        if data is None:
            return True
        data = data[step]
    return data is None


def said(record: Record) -> object:
    """What a record says, but for its time, and for sources, which are fewer once caches are filled."""
    return record.looks, record.withheld, record.consents, record.operation, record.organisation
