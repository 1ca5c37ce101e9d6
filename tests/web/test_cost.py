"""Cost over HTTP: spent once it is known, refused with a time to come again, and told in every answer."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.running import serve
from tests.world import DEMO_SOURCES, World

PAGE = "query($n: Int) { enterprises(first: $n) { nodes { uscc } } }"
GRAPHQL = "application/graphql-response+json"
CLIENT = httpx.Client()  # fast enough to spend units before others are set free


@pytest.fixture
def url(world: World) -> Iterator[str]:
    """A hub whose anonymous readers may spend 100 units a minute, and 60 at once."""
    settings = Settings(
        sources=DEMO_SOURCES, store_url=world.store_url, data_dir=world.folder, rate_address=100, cost_limit=60
    )
    with serve(create_app(settings, world.environment)) as found:
        yield found


def asked(url: str, query: str, first: int | None = None, **headers: str) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return CLIENT.post(f"{url}/graphql", json={"query": query, "variables": {"n": first}}, headers=given)


def is_spent(url: str) -> bool:
    """Whether nothing is left but what a second or two set free, should a minute end just now."""
    return 429 in [asked(url, "{ __typename }").status_code for _ in range(12)]


def test_a_request_spends_what_it_costs(url: str) -> None:
    for count, cost in ((40, 51), (10, 21)):
        answer = asked(url, PAGE, count)
        assert answer.status_code == 200
        assert answer.json()["extensions"]["cost"] == cost
    refused = asked(url, PAGE, 20)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert "costs 31 units, of 100" in error["message"]
    # 72 units and one for the refused request are spent: 27 are left.
    assert asked(url, PAGE, 15).status_code == 200
    assert is_spent(url)


@pytest.mark.parametrize(
    ("query", "first"), [("{", None), ("{ nothing }", None), (PAGE, 1000), ("", None), ("mutation { nothing }", None)]
)
def test_what_is_refused_spends_one(url: str, query: str, first: int | None) -> None:
    assert [asked(url, query, first).status_code for _ in range(100)].count(429) == 0
    assert is_spent(url)


def test_a_preview_spends_one(url: str) -> None:
    for _ in range(5):
        answer = asked(url, PAGE, 1000, Hub_Preview="true", Accept=GRAPHQL)
        assert answer.status_code == 200
        assert answer.json()["data"] is None
        assert answer.json()["extensions"]["preview"]["cost"] == 1030
    assert asked(url, PAGE, 40).status_code == 200


def test_what_is_too_dear_is_the_readers_error(url: str) -> None:
    refused = asked(url, PAGE, 1000, Accept=GRAPHQL)
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["extensions"] == {
        "code": "COST_LIMIT",
        "cost": 1030,
        "limit": 60,
        "dearest": [
            {"path": "enterprises.nodes", "cost": 1020},
            {"path": "enterprises", "cost": 10},
        ],
    }


def test_what_no_minute_has_room_for_is_refused_for_good(world: World) -> None:
    settings = Settings(sources=DEMO_SOURCES, store_url=world.store_url, data_dir=world.folder, rate_address=30)
    with serve(create_app(settings, world.environment)) as url:
        refused = asked(url, PAGE, 20)
        assert refused.status_code == 429
        assert "ask for less at a time" in refused.json()["errors"][0]["message"]
        assert asked(url, PAGE, 10).status_code == 200
