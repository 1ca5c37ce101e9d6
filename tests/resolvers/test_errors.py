"""Faults of the hub's own: masked with a trace id that the log has too; a map that does not fit the schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from resolvers.binding import Batch, BindingError, Graph, Part, bind
from resolvers.execution.engine import Engine
from resolvers.graph import GRAPH
from resolvers.request import Ask
from schema.graph import build_schema
from store.directory import Directory
from store.engine import open_store
from tests.world import CHUJINGLING, Asker


async def _broken(_ask: Ask) -> Sequence[Any]:
    raise RuntimeError("password=sesame")


async def _short(_ask: Ask) -> Sequence[Any]:
    return []


def _with(name: str, batch: Batch) -> Graph:
    return replace(GRAPH, batches={**GRAPH.batches, name: batch})


async def test_an_unexpected_error_is_masked_and_found_in_the_log(ask: Asker) -> None:
    graph = _with("Enterprise.awards", Batch(_broken, reads=("awards",)))
    broken = replace(ask, engine=Engine(build_schema(), graph, ask.hub))
    structlog.reset_defaults()
    with capture_logs() as logged:
        reply = await broken("{ enterprises(first: 2) { nodes { name awards { name } } } }")
    assert [node["awards"] for node in reply.data["enterprises"]["nodes"]] == [None, None]
    assert all(node["name"] for node in reply.data["enterprises"]["nodes"])
    assert "sesame" not in str(reply.body)
    traces = {error["extensions"]["traceId"] for error in reply.errors}
    assert {error["extensions"]["code"] for error in reply.errors} == {"INTERNAL_SERVER_ERROR"}
    assert traces <= {entry.get("trace_id") for entry in logged}
    assert all(
        trace in reply.errors[n]["message"] for n, trace in enumerate(e["extensions"]["traceId"] for e in reply.errors)
    )


async def test_without_the_store_what_needs_it_is_not_available_and_the_rest_is(ask: Asker) -> None:
    store = open_store("postgresql+asyncpg://hub@127.0.0.1:1/hub")
    gone = replace(ask, hub=replace(ask.hub, directory=Directory(store))).guarded()
    structlog.reset_defaults()
    with capture_logs() as logged:
        reply = await gone(
            f'{{ enterprises(first: 2) {{ nodes {{ name }} }} enterprise(uscc: "{CHUJINGLING}") {{ name }} }}'
        )
    assert reply.data["enterprise"]["name"]
    assert reply.codes() == {"enterprises": "SOURCE_UNAVAILABLE"}
    assert reply.errors[0]["extensions"]["source"] == "hub"
    assert "ConnectionRefusedError" in reply.errors[0]["message"]
    assert [entry["event"] for entry in logged if "exc_info" in entry] == []
    await store.dispose()


async def test_a_resolver_that_answers_too_few_is_a_fault_not_a_shift(ask: Asker) -> None:
    short = replace(
        ask, engine=Engine(build_schema(), _with("Enterprise.awards", Batch(_short, reads=("awards",))), ask.hub)
    )
    reply = await short("{ enterprises(first: 2) { nodes { awards { name } } } }")
    assert {error["extensions"]["code"] for error in reply.errors} == {"INTERNAL_SERVER_ERROR"}


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (_with("Enterprise.nothing", Batch(_broken)), "Enterprise.nothing, which the schema does not have"),
        (replace(GRAPH, records={**GRAPH.records, "Nothing": "awards"}), "Nothing"),
        (replace(GRAPH, parts={**GRAPH.parts, "Policy.zonee": Part(("x",))}), "Policy.zonee"),
        (
            replace(GRAPH, batches={n: b for n, b in GRAPH.batches.items() if n != "Query.zone"}),
            "Query.zone is declared in schema/ and has no resolver",
        ),
        (
            replace(GRAPH, batches={n: b for n, b in GRAPH.batches.items() if n != "Zone.figures"}),
            "Zone.figures is no field of the collection 'zones'",
        ),
        (
            replace(GRAPH, batches={**GRAPH.batches, "Enterprise.awards": Batch(_broken)}),
            "Enterprise.awards gives records of 'awards'; name it",
        ),
    ],
)
def test_a_map_that_does_not_fit_the_schema_stops_the_start(graph: Graph, words: str) -> None:
    with pytest.raises(BindingError, match=words):
        bind(build_schema(), graph)
