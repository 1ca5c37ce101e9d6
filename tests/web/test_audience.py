"""The schema cut to what an audience can see, as text and by introspection."""

from __future__ import annotations

import httpx
import pytest
from graphql import (
    GraphQLObjectType,
    build_client_schema,
    build_schema,
    get_introspection_query,
    validate_schema,
)

from codes.access import Role


def _text(hub: str, audience: str = "") -> httpx.Response:
    return httpx.get(f"{hub}/schema.graphql", params={"audience": audience} if audience else {}, timeout=30)


def _fields(text: str) -> set[str]:
    enterprise = build_schema(text).type_map["Enterprise"]
    assert isinstance(enterprise, GraphQLObjectType)
    return set(enterprise.fields)


def test_an_audience_is_told_what_it_can_see(hub: str) -> None:
    whole, bank, anonymous = (_text(hub, audience).text for audience in ("", "bank", "anonymous"))
    for text in (bank, anonymous):
        assert validate_schema(build_schema(text)) == []
    fields = {name: _fields(text) for name, text in (("whole", whole), ("bank", bank), ("anonymous", anonymous))}
    assert "filings" in fields["bank"]
    assert fields["anonymous"] < fields["bank"] < fields["whole"]
    assert not {"filings", "workforce", "accessLog"} & fields["anonymous"]
    assert "type Filing " not in anonymous


@pytest.mark.parametrize("role", [role.value.lower() for role in Role if role is not Role.ANONYMOUS][::4])
def test_the_text_of_every_audience_is_a_schema(hub: str, role: str) -> None:
    assert validate_schema(build_schema(_text(hub, role).text)) == []


def test_an_audience_that_is_none_is_refused(hub: str) -> None:
    refused = _text(hub, "everybody")
    assert refused.status_code == 400
    assert "There is no audience 'everybody'" in refused.text


def _introspect(hub: str, query: str) -> httpx.Response:
    return httpx.post(f"{hub}/graphql", json={"query": query}, headers={"Hub-Audience": "bank"}, timeout=30)


def test_introspection_tells_an_audience_the_same(hub: str) -> None:
    answered = _introspect(hub, get_introspection_query()).json()
    told = build_client_schema(answered["data"])
    assert set(told.type_map) == set(build_schema(_text(hub, "bank").text).type_map)
    assert "consents" not in told.type_map["Enterprise"].fields  # type: ignore[attr-defined]  # an object type
    refused = _introspect(hub, "{ __schema { queryType { name } } zones { id } }").json()
    assert "leave other fields" in refused["errors"][0]["message"]
