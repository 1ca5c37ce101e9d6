"""The compiled engine held against the reference, on random questions over a schema with everything that hurts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
import strawberry
import structlog.testing

from codes.kinds import Sharing
from connectors.config import SourceConfig, SourcesConfig
from connectors.policy import BreakerPolicy, Policy
from resolvers.binding import Graph
from resolvers.execution.engine import Engine
from resolvers.execution.operation import Operation
from resolvers.request import Hub
from tests.differential.comparing import difference
from tests.differential.queries import Generator
from tests.differential.torture import Values, build_schema, graph
from tests.everything import VOLATILE
from tests.world import CHUJINGLING, World, asking, empty_hub, hub_schema

# When a null takes a whole object with it, graphql-core drops the resolvers of its other fields without awaiting them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine '_(batched|grouped):RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHUNKS = 24
QUERIES = 90
"""Of each chunk: 2,160 in all."""
TIMES = 4
"""That the engine is asked each: what goes out is made, then written, then lists are joined of it, then taken."""


def engines(schema: strawberry.Schema, answers: Graph, hub: Hub) -> tuple[Engine, Engine]:
    """Return the reference and the engine that is held against it; each document is validated once for both."""
    reference, subject = Engine(schema, answers, hub, compiled=False), Engine(schema, answers, hub)
    reference.documents = subject.documents
    return reference, subject


async def answered(engine: Engine, text: str, variables: dict[str, Any]) -> Any:
    """Ask an engine."""
    return orjson.loads((await engine.answer(Operation(text, variables, None, {}, {}, False))).body)


def bad_share(chunk: int) -> float:
    """Return the share of bad values in a chunk."""
    return (0.0, 0.01, 0.04, 0.15)[chunk % 4]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of failures are wanted here; each would be logged with its traceback."""
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_questions_have_the_same_answer_both_ways(chunk: int) -> None:
    schema = build_schema()
    generator = Generator(schema._schema, chunk)
    seen: Counter[str] = Counter()

    async def run() -> None:
        for number in range(QUERIES):
            if number % 15 == 0:
                values = Values(chunk * 1000 + number, bad_share(chunk))
                pair = engines(schema, graph(values), empty_hub())
            text, variables = generator.operation(pair[0].documents)
            reference = await answered(pair[0], text, variables)
            for _ in range(TIMES):
                subject = await answered(pair[1], text, variables)
                found = difference(reference, subject)
                assert found is None, f"chunk {chunk}, question {number}\n{text}\n{variables}\n{found}"
            seen["asked"] += 1
            seen["written"] += len(pair[1].texts)
            seen["errors"] += bool(reference.get("errors"))
            seen["compiled"] += "data" not in subject or subject["extensions"]["engine"] == "compiled"
            seen["absences"] += bool(reference.get("extensions", {}).get("absences"))

    asyncio.run(run())
    assert seen["asked"] == QUERIES
    assert seen["compiled"] == QUERIES
    assert seen["written"] > QUERIES
    if bad_share(chunk) > 0.02:
        assert seen["errors"] > QUERIES / 10
        assert seen["absences"] > 0


UNREACHABLE = "http://127.0.0.1:9"
IDS = (
    f"Enterprise:{CHUJINGLING}",
    "Zone:east-lake",
    "Zone:nowhere",
    "Policy:x",
    "nonsense",
    "Source:sw-income-tax",
    "Scheme:national-18-demo@1.0-demo",
    "national-2-demo",
)
ARGUMENTS: Mapping[str, tuple[Any, ...]] = {
    "USCC": (CHUJINGLING, "91000000MAX000023M", "91000000NKNWN0004T", "nonsense"),
    "ID": IDS,
    "String": ("科技", "ckl", "east-lake", "发明", ""),
    "Int": (1, 2, 3, 0),
    "Date": ("2021-06-30", "2030-01-01"),
    "_Any": (
        {"__typename": "Enterprise", "uscc": CHUJINGLING},
        {"__typename": "Enterprise", "id": f"Enterprise:{CHUJINGLING}"},
        {"__typename": "Zone", "id": "Zone:nowhere"},
        {"__typename": "Nothing", "id": "x"},
    ),
}


def broken(found: SourcesConfig) -> SourcesConfig:
    """Return a configuration with some sources out of reach and one that is not shared.

    Each fetch is made once, and made: what is repeated or refused goes by what was asked before.
    """
    steady = Policy(retries=0, breaker=BreakerPolicy(of=1_000_000, least=1_000_000))
    changed: dict[str, dict[str, Any]] = {
        "zs-patents": {"options": {**found.sources["zs-patents"].options, "url": UNREACHABLE}},
        "banks": {"options": {**found.sources["banks"].options, "url": UNREACHABLE}},
        "sw-income-tax": {
            "options": {**found.sources["sw-income-tax"].options, "url": "sqlite+aiosqlite:////nowhere/tax.sqlite"}
        },
        "kj-awards": {"sharing": Sharing.NEVER},
    }
    sources = {name: replace(source, policy=steady, **changed.get(name, {})) for name, source in found.sources.items()}
    return replace(found, sources=sources)


def uncached(found: SourcesConfig) -> SourcesConfig:
    """Return a configuration that keeps nothing from one question to the next."""

    def of(source: SourceConfig) -> SourceConfig:
        entries = {name: replace(entry, cache=0.0) for name, entry in source.collections.items()}
        return replace(source, collections=entries)

    return replace(found, sources={name: of(source) for name, source in found.sources.items()})


@pytest.mark.parametrize("chunk", range(4))
@pytest.mark.parametrize("change", [lambda found: found, broken], ids=["whole", "broken"])
async def test_the_hubs_own_graph_has_the_same_answers_and_costs_the_same_fetches(
    world: World, chunk: int, change: Callable[[SourcesConfig], SourcesConfig]
) -> None:
    generator = Generator(hub_schema()._schema, 7000 + chunk, ARGUMENTS, VOLATILE)
    nulls = 0
    async with asking(world, lambda found: uncached(change(found))) as ask:
        reference = ask.by_reference()
        for number in range(25):
            text, variables = generator.operation(ask.engine.documents)
            expected = await reference(text, variables)
            reply = await ask(text, variables)
            for again in (reply, await ask(text, variables), await ask(text, variables)):
                found = difference(expected.body, again.body)
                assert found is None, f"chunk {chunk}, question {number}\n{text}\n{variables}\n{found}"
            if expected.data is not None:  # where all became null, graphql-core gives up what it was fetching
                assert reply.fetches == expected.fetches, f"chunk {chunk}, question {number}\n{text}\n{variables}"
            nulls += bool(reply.errors or reply.absences())
    assert nulls > 3


SCORES = f"""{{ enterprisesByUscc(usccs: ["{CHUJINGLING}", "91000000MAX000023M", "91000000NKNWN0004T", "nonsense"]) {{
    score(scheme: "national-18-demo", live: true) ... finished: score ... }} }}"""


@pytest.mark.parametrize("change", [lambda found: found, broken], ids=["whole", "broken"])
async def test_scores_are_the_same_both_ways(world: World, change: Callable[[SourcesConfig], SourcesConfig]) -> None:
    generator = Generator(hub_schema()._schema, 1907, ARGUMENTS, VOLATILE)
    async with asking(world, lambda found: uncached(change(found))) as ask:
        reference = ask.by_reference()
        for number in range(40):
            text, variables = generator.operation_below("Score", SCORES, ask.engine.documents)
            expected = await reference(text, variables)
            reply = await ask(text, variables)
            found = difference(expected.body, reply.body)
            assert found is None, f"question {number}\n{text}\n{variables}\n{found}"
            assert reply.data is None or reply.fetches == expected.fetches, text
