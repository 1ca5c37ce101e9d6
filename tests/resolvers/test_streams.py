"""Streams of answers without a transport: what sources tell of their health, and both ways of answering an event."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
import pytest

from auth.principal import ANONYMOUS
from connectors.errors import SourceTimeout
from connectors.sources import Source
from resolvers import live
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.graph import GRAPH
from schema.graph import build_schema
from tests.world import Asker

HEALTH = """subscription($source: ID!) { told: sourceHealthChanged(source: $source) {
    __typename id late kind lastFailure { code message } feeds { collection } ... on Node { renamed: id } } }"""


def operation(query: str, **variables: Any) -> Operation:
    return Operation(query, variables, None, {}, {}, False, principal=ANONYMOUS)


def source(ask: Asker) -> Source:
    return ask.hub.sources.sources["sw-income-tax"]


async def test_a_source_tells_when_it_fails_and_when_it_answers_again(
    ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_LOOK", 0.01)
    begun, asked = asyncio.Event(), operation(HEALTH, source="Source:sw-income-tax")

    async def renewed() -> Operation:
        return asked

    engine = Engine(build_schema(), GRAPH, ask.hub)
    first = Operation(HEALTH, asked.variables, None, {}, {}, False, begun=begun.set)
    async with aclosing(engine.answers(first, renewed)) as answers, asyncio.timeout(10):
        telling = asyncio.ensure_future(anext(answers))
        await begun.wait()
        await asyncio.sleep(0.05)
        assert not telling.done()
        source(ask).state.failed(SourceTimeout("sw-income-tax", "it took too long"))
        told = orjson.loads((await telling).body)["data"]["told"]
        assert told["lastFailure"] == {"code": "SOURCE_TIMEOUT", "message": "it took too long"}
        telling = asyncio.ensure_future(anext(answers))
        await asyncio.sleep(0.05)
        source(ask).state.failed(SourceTimeout("sw-income-tax", "it took too long again"))
        await asyncio.sleep(0.05)
        assert not telling.done(), "it fails as it did before"
        source(ask).state.succeeded(datetime(2023, 1, 1, tzinfo=UTC))
        assert orjson.loads((await telling).body)["data"]["told"]["id"] == "Source:sw-income-tax"


async def test_what_happens_as_it_begins_is_told(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_LOOK", 0.01)
    failing = partial(source(ask).state.failed, SourceTimeout("sw-income-tax", "it took too long"))
    asked = Operation(HEALTH, {"source": "sw-income-tax"}, None, {}, {}, False, begun=failing)

    async def renewed() -> Operation:
        return asked

    engine = Engine(build_schema(), GRAPH, ask.hub)
    async with aclosing(engine.answers(asked, renewed)) as answers, asyncio.timeout(10):
        told = orjson.loads((await anext(answers)).body)["data"]["told"]
    assert told["lastFailure"]["code"] == "SOURCE_TIMEOUT"


async def test_both_ways_of_execution_tell_the_same(ask: Asker) -> None:
    for rules in (None, ask.guarded().engine._rules):
        by_plan, by_reference = [
            await Engine(build_schema(), GRAPH, ask.hub, compiled=compiled, rules=rules).answer(
                operation(HEALTH, source="sw-income-tax"), source(ask)
            )
            for compiled in (True, False)
        ]
        plan, reference = orjson.loads(by_plan.body), orjson.loads(by_reference.body)
        assert plan["extensions"].pop("engine") == "compiled"
        assert reference["extensions"].pop("engine").startswith("reference")
        assert plan == reference
        assert plan["data"]["told"]["renamed"] == "Source:sw-income-tax"


async def test_a_subscription_is_no_question(ask: Asker) -> None:
    engine = Engine(build_schema(), GRAPH, ask.hub)
    answer = await engine.answer(operation(HEALTH, source="sw-income-tax"))
    assert answer.kind_refused


async def test_a_preview_tells_what_an_event_would_touch(ask: Asker) -> None:
    asked = operation(HEALTH, source="sw-income-tax")
    previewed = Operation(asked.query, asked.variables, None, {}, {"hub-preview": "true"}, False)

    async def renewed() -> Operation:
        return previewed

    found = [orjson.loads(one.body) async for one in ask.guarded().engine.answers(previewed, renewed)]
    assert len(found) == 1
    assert found[0]["extensions"]["preview"]["cost"] >= 1
