"""partner: another party's GraphQL, its errors and its words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from codes.kinds import SourceState
from connectors import partner
from connectors.assurance import Assurance
from connectors.config import parse
from connectors.contract import Scan
from connectors.errors import SourceError
from connectors.sources import Sources
from resolvers.source import shown
from tests.connectors.declaring import declared, fetch
from tests.connectors.services import partner_service
from tests.running import serve

RECORDS = [{"code": "A", "n": 1, "label": None, "place": {"city": "武汉"}}]
ALIASES = {"batch": {"style": "aliases", "field": "thing", "argument": "code", "type": "ID!"}, "scan": {"field": "all"}}
LISTED = {"batch": {"style": "list", "field": "things", "argument": "codes", "type": "[String!]!"}}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(partner_service(RECORDS)) as address:
        yield f"{address}/graphql"


def test_dotted_columns_become_nested_selections() -> None:
    assert partner.selection(["id", "a.b", "a.c.d", "e"]) == "id a { b c { d } } e"


async def test_an_error_under_one_alias_costs_that_key_alone(url: str) -> None:
    connector = partner.connect(declared({"url": url}, ALIASES))
    found = await connector.fetch(fetch(["A", "broken", "nobody"], "place.city"))
    assert found.groups == [[("A", "武汉")], [], []]
    assert {place: failure.message for place, failure in found.failures.items()} == {1: "this one is broken"}
    await connector.aclose()


async def test_an_error_of_the_whole_list_costs_the_batch(url: str) -> None:
    connector = partner.connect(declared({"url": url}, LISTED))
    with pytest.raises(SourceError, match="the list is broken"):
        await connector.fetch(fetch(["A", "broken"], "n"))
    await connector.aclose()


async def test_a_field_that_the_partner_does_not_have_is_named(url: str) -> None:
    connector = partner.connect(declared({"url": url}, LISTED))
    with pytest.raises(SourceError, match="surname"):
        await connector.fetch(fetch(["A"], "surname"))
    await connector.aclose()


async def test_what_the_partner_no_longer_has_is_told_by_its_schema(url: str) -> None:
    good = partner.connect(declared({"url": url}, LISTED))
    health = await good.check()
    assert (health.ok, health.detail) == (True, "answers, and has what is used of it")
    await good.aclose()
    batch = {"batch": {"style": "list", "field": "things", "argument": "ids"}, "scan": {"field": "gone"}}
    source = declared({"url": url}, batch)
    things = replace(source.collections["things"], columns=("code", "place.town", "surname"))
    bad = partner.connect(replace(source, collections={"things": things}))
    health = await bad.check()
    assert not health.ok
    told = "its schema has no Query.things(ids:), Place.town, Thing.surname, Query.gone; ask the partner"
    assert told in health.detail
    await bad.aclose()


PARTNER = """
[sources.partner]
kind = "partner"
title = "p"
owner = "o"
sharing = "UNCONDITIONAL"
url = "URL"
[sources.partner.collections.registration]
key = "code"
batch = { style = "list", field = "things", argument = "codes" }
fields = { name = "label", address = "place.street" }
"""


async def test_what_is_gone_is_known_behind_the_start(url: str) -> None:
    sources = Sources(parse(PARTNER.replace("URL", url), Path("sources.toml")))
    assurance = Assurance(lambda: sources)
    with capture_logs() as logs:
        assurance.open()
        async with asyncio.timeout(10):
            while not sources.sources["partner"].state.lacking:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
    await assurance.aclose()
    health = shown(sources.sources["partner"], sources).health
    assert health
    assert (health.state, health.lacking) == (SourceState.AILING, ["Place.street"])
    assert [(one["event"], one["missing"]) for one in logs] == [("source.lacking", ("Place.street",))]
    await sources.aclose()


async def test_a_list_without_pages_is_read_at_once(url: str) -> None:
    connector = partner.connect(declared({"url": url}, ALIASES))
    pages: list[Any] = [rows.groups async for rows in connector.scan(Scan("things", ("code", "n")))]
    assert pages == [[[("A", 1)]]]
    await connector.aclose()
