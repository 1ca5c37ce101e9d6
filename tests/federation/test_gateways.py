"""The hub in a federation beside a partner's subgraph: composed by two composers, asked through two gateways."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from auth.identity import demo
from server import create_app
from settings import Settings
from tests.npm import printed, workplace
from tests.running import serve
from tests.world import DEMO_SOURCES, World

_FOLDER = Path(__file__).parent / "gateways"


@pytest.fixture(scope="module")
def federated(world: World, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What composers and gateways made of a hub that tells them what needs a token, and of one that does not."""
    folder = tmp_path_factory.mktemp("federation")
    with ExitStack() as serving:
        urls = []
        for security in (True, False):
            settings = Settings(
                sources=DEMO_SOURCES, store_url=world.store_url, data_dir=folder, subgraph_security=security
            )
            urls.append(f"{serving.enter_context(serve(create_app(settings, world.environment)))}/graphql")
        command = ["node", "federation.mjs", *urls, demo.mint(folder / "demo-issuer", "officer-eastlake")]
        place = workplace(_FOLDER, folder / "gateways")
        return json.loads(printed(command, place, 240).splitlines()[-1])


@pytest.mark.parametrize("hub", ["telling", "silent"])
@pytest.mark.parametrize("composer", ["apollo", "guild"])
def test_it_is_composed_with_a_partners(federated: Any, composer: str, hub: str) -> None:
    composed = federated["composed"][hub][composer]
    assert composed["errors"] == []
    for said in ("@authenticated", "@requiresScopes(scopes: "):
        assert (said in composed["supergraph"]) is (hub == "telling")
    for said in ('@tag(name: "filings")', "listSize(", "cost(weight: "):
        assert said in composed["supergraph"]


@pytest.mark.parametrize("gateway", ["apollo", "hive"])
def test_gateways_answer_from_both_and_a_hundred_things_cost_each_source_one_fetch(
    federated: Any, gateway: str
) -> None:
    hundred = federated["gateways"][gateway]["hundred"]
    visits = hundred["data"]["visits"]
    assert len(visits) == 100
    assert all(visit["enterprise"]["name"] for visit in visits)
    assert all(visit["enterprise"]["zone"]["parks"] for visit in visits if visit["enterprise"]["zone"])
    (call,) = hundred["calls"]
    assert len(call["sources"]) > 5
    assert {source["source"]: source["calls"] for source in call["sources"] if source["calls"] > 1} == {}
    # an officer sees the filings of the enterprises of its own zone, and of no others
    seen = [visit["enterprise"] for visit in visits if visit["enterprise"]["filings"]]
    assert {enterprise["zone"]["name"] for enterprise in seen} == {"武汉东湖新技术开发区"}
    assert {error["extensions"]["code"] for error in call["errors"]} == {"FORBIDDEN"}


@pytest.mark.parametrize("gateway", ["apollo", "hive"])
def test_gateways_ask_the_partner_of_what_the_hub_has_found(federated: Any, gateway: str) -> None:
    both = federated["gateways"][gateway]["both"]
    assert both["errors"] == []
    assert both["data"]["enterprise"]["name"]
    assert both["data"]["enterprise"]["visits"][0]["note"].startswith("visited ")


def test_apollos_gateway_refuses_a_graph_that_says_what_needs_a_token(federated: Any) -> None:
    assert "authenticated/v0.1 is for: SECURITY" in federated["refused"]
