"""partner: another party's GraphQL, its errors and its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from connectors import partner
from connectors.contract import Scan
from connectors.errors import SourceError
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


async def test_a_list_without_pages_is_read_at_once(url: str) -> None:
    connector = partner.connect(declared({"url": url}, ALIASES))
    pages: list[Any] = [rows.groups async for rows in connector.scan(Scan("things", ("code", "n")))]
    assert pages == [[[("A", 1)]]]
    await connector.aclose()
